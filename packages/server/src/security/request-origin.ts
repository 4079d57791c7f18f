import { CoreError } from '@labelwright/core/model/errors';
import type { FastifyRequest } from 'fastify';

export interface OriginRules {
  /** Names that the server answers to, lower case, without port. Undefined: any, where a login protects it. */
  readonly hosts: ReadonlySet<string> | undefined;
  /** Where users reach the server when a proxy stands before it: `https://labels.example.org`. */
  readonly publicOrigin: string | undefined;
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** On loopback, the Host header must name this machine: another name that resolves to it is an attack by the owner of that name (DNS rebinding). */
export function originRules(isLoopback: boolean, publicUrl: string | undefined, hosts: readonly string[] = []): OriginRules {
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl);
  const names = [...hosts.map((name) => name.toLowerCase()), ...(publicOrigin ? [publicOrigin.hostname] : [])];
  return {
    hosts: isLoopback || names.length > 0 ? new Set([...loopbackNames, ...names]) : undefined,
    publicOrigin: publicOrigin?.origin,
  };
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isUnsafe(method: string): boolean {
  return !safe.has(method);
}

/** @throws CoreError 'bad-host', 'cross-site' */
export function checkOrigin(request: FastifyRequest, { hosts, publicOrigin }: OriginRules): void {
  const host = request.headers.host ?? '';
  if (hosts && !hosts.has(nameOf(host))) throw new CoreError('bad-host', 'The server is not known under this name: see --public-url');
  const site = request.headers['sec-fetch-site'];
  const isOurPage = site === undefined || site === 'same-origin' || site === 'none';
  if (request.url.startsWith('/api/') && !isOurPage) throw crossSite();
  const { origin } = request.headers;
  if (isUnsafe(request.method) && origin !== undefined && origin !== publicOrigin && hostOf(origin) !== host.toLowerCase())
    throw crossSite();
}

function crossSite(): CoreError {
  return new CoreError('cross-site', 'The request comes from another site');
}

/** '[::1]:4477' → '[::1]' */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
