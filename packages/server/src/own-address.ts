import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Whether nobody but this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** What to type into a browser: where the server listens everywhere, the machine's first address in its network. */
export function addressFor(host: string): string {
  if (host === '0.0.0.0' || host === '::') return firstOwnAddress() ?? 'localhost';
  return isIPv6(host) ? `[${host}]` : host;
}

function firstOwnAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}
