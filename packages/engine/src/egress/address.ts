import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Whom an IP address belongs to. `private`: this machine or its network, for those who say that they mean it (a model server at home).
 *  `forbidden`: nobody's model server: cloud metadata, link-local, multicast, tunnels, reserved. */
export type AddressKind = 'public' | 'private' | 'forbidden';

const ownNetworks = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  ownNetworks.addSubnet(network, prefix, 'ipv4');
ownNetworks.addAddress('::1', 'ipv6');
ownNetworks.addSubnet('fc00::', 7, 'ipv6');

const nobodys = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  nobodys.addSubnet(network, prefix, 'ipv4');
// Metadata services outside the link-local range: Alibaba, AWS over IPv6, Azure's wire server.
nobodys.addAddress('100.100.100.200', 'ipv4');
nobodys.addAddress('168.63.129.16', 'ipv4');
nobodys.addAddress('fd00:ec2::254', 'ipv6');

/** IPv6 that is in use on the internet; all else is local, multicast or reserved. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
/** In it, but tunnels (Teredo, 6to4: they embed an IPv4 address of anyone's choice), documentation, benchmarks. */
const tunnels6 = new BlockList();
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  tunnels6.addSubnet(network, prefix, 'ipv6');

export function addressKind(address: string): AddressKind {
  const plain = address.split('%', 1)[0];
  if (isIPv4(plain)) return kindOf4(plain);
  if (!isIPv6(plain)) return 'forbidden';
  const embedded = embeddedIPv4(plain);
  if (embedded !== undefined) return kindOf4(embedded);
  if (nobodys.check(plain, 'ipv6')) return 'forbidden';
  if (ownNetworks.check(plain, 'ipv6')) return 'private';
  return global6.check(plain, 'ipv6') && !tunnels6.check(plain, 'ipv6') && !isIsatap(plain) ? 'public' : 'forbidden';
}

function kindOf4(address: string): AddressKind {
  if (nobodys.check(address, 'ipv4')) return 'forbidden';
  return ownNetworks.check(address, 'ipv4') ? 'private' : 'public';
}

/** The IPv4 address that the system connects to instead: mapped (`::ffff:a.b.c.d`) and NAT64 (`64:ff9b::a.b.c.d`). */
function embeddedIPv4(address: string): string | undefined {
  const groups = groupsOf(address);
  const head = groups.slice(0, 6).join(':');
  if (head !== '0:0:0:0:0:65535' && head !== '100:65435:0:0:0:0') return undefined;
  return [groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255].join('.');
}

function isIsatap(address: string): boolean {
  const groups = groupsOf(address);
  return (groups[4] & 0xfdff) === 0 && groups[5] === 0x5efe;
}

/** The eight 16-bit groups. @param address valid IPv6 */
function groupsOf(address: string): number[] {
  // The URL parser writes every IPv6 address in one way: hexadecimal groups, one `::` at most.
  const [head, tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const numbers = (text: string | undefined): number[] => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const [first, last] = [numbers(head), numbers(tail)];
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}
