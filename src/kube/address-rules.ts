/**
 * Which network addresses an issuer's host may lead to. Every address is judged by the special-purpose registries of
 * IANA; forms of IPv6 that carry an IPv4 address (mapped, translated, NAT64, 6to4) are judged by what they carry.
 * Nothing here resolves or connects.
 */
import { isIPv4, isIPv6 } from 'node:net';

/** `public`: anybody may be sent there. `private`: only by consent. `never`: no cluster can be there. */
export type AddressReach = 'public' | 'private' | 'never';

export interface AddressVerdict {
  readonly reach: AddressReach;
  /** What the address is, with its article: `a loopback address`. */
  readonly kind: string;
}

interface AddressRule {
  readonly prefix: readonly number[];
  readonly bits: number;
  readonly verdict: AddressVerdict;
  /** Offset of the IPv4 address that an address of this range carries; the worse of the two verdicts holds. */
  readonly carriesIPv4At?: number;
}

const PUBLIC: AddressVerdict = Object.freeze({ reach: 'public', kind: 'a public address' });
const RESERVED: AddressVerdict = Object.freeze({ reach: 'private', kind: 'a reserved address' });
const NOT_AN_ADDRESS: AddressVerdict = Object.freeze({ reach: 'never', kind: 'something that is not an IP address' });
const SEVERITY: Readonly<Record<AddressReach, number>> = Object.freeze({ public: 0, private: 1, never: 2 });

const rule = (range: string, reach: AddressReach, kind: string, carriesIPv4At?: number): AddressRule => {
  const [prefix = '', bits = ''] = range.split('/');
  const verdict = Object.freeze({ reach, kind });
  return Object.freeze({
    prefix: readBytes(prefix) ?? [],
    bits: Number(bits),
    verdict,
    ...(carriesIPv4At === undefined ? {} : { carriesIPv4At }),
  });
};

// The first rule that holds decides: exact addresses stand before the ranges they lie in.
/* biome-ignore format: one range per line reads better as a table */
const IPV4_RULES: readonly AddressRule[] = [
  rule('169.254.169.254/32', 'never', 'a cloud metadata address'),
  rule('169.254.170.2/32', 'never', 'a cloud metadata address'),
  rule('169.254.170.23/32', 'never', 'a cloud metadata address'),
  rule('100.100.100.200/32', 'never', 'a cloud metadata address'),
  rule('168.63.129.16/32', 'never', 'a cloud metadata address'),
  rule('0.0.0.0/8', 'never', 'an unspecified address'),
  rule('255.255.255.255/32', 'never', 'the broadcast address'),
  rule('224.0.0.0/4', 'never', 'a multicast address'),
  rule('127.0.0.0/8', 'private', 'a loopback address'),
  rule('10.0.0.0/8', 'private', 'a private address'),
  rule('172.16.0.0/12', 'private', 'a private address'),
  rule('192.168.0.0/16', 'private', 'a private address'),
  rule('100.64.0.0/10', 'private', 'a carrier-grade NAT address'),
  rule('169.254.0.0/16', 'private', 'a link-local address'),
  rule('192.0.0.0/24', 'private', 'a reserved address'),
  rule('192.0.2.0/24', 'private', 'a documentation address'),
  rule('198.51.100.0/24', 'private', 'a documentation address'),
  rule('203.0.113.0/24', 'private', 'a documentation address'),
  rule('192.88.99.0/24', 'private', 'a 6to4 relay address'),
  rule('198.18.0.0/15', 'private', 'a benchmarking address'),
  rule('240.0.0.0/4', 'private', 'a reserved address'),
];

/* biome-ignore format: one range per line reads better as a table */
const IPV6_RULES: readonly AddressRule[] = [
  rule('fd00:ec2::254/128', 'never', 'a cloud metadata address'),
  rule('fd00:ec2::23/128', 'never', 'a cloud metadata address'),
  rule('fd20:ce::254/128', 'never', 'a cloud metadata address'),
  rule('::/128', 'never', 'an unspecified address'),
  rule('ff00::/8', 'never', 'a multicast address'),
  rule('::1/128', 'private', 'a loopback address'),
  rule('::ffff:0:0/96', 'public', 'an IPv4-mapped address', 12),
  rule('::ffff:0:0:0/96', 'public', 'an IPv4-translated address', 12),
  rule('64:ff9b::/96', 'public', 'a NAT64 address', 12),
  rule('64:ff9b:1::/48', 'private', 'a local NAT64 address', 12),
  rule('::/96', 'private', 'an IPv4-compatible address', 12),
  rule('2002::/16', 'public', 'a 6to4 address', 2),
  rule('fc00::/7', 'private', 'a unique-local address'),
  rule('fe80::/10', 'private', 'a link-local address'),
  rule('fec0::/10', 'private', 'a site-local address'),
  rule('2001:db8::/32', 'private', 'a documentation address'),
  rule('3fff::/20', 'private', 'a documentation address'),
  rule('2001::/23', 'private', 'a reserved address'),
  rule('2000::/3', 'public', 'a public address'),
];

/** Judges one IP address as a resolver or a URL spells it (without brackets; a zone such as `%eth0` is left aside). */
export function judgeAddress(address: string): AddressVerdict {
  const bytes = readBytes(address);
  return bytes === undefined ? NOT_AN_ADDRESS : judgeBytes(bytes);
}

function judgeBytes(bytes: readonly number[]): AddressVerdict {
  const isFour = bytes.length === 4;
  const found = (isFour ? IPV4_RULES : IPV6_RULES).find((candidate) => isInside(bytes, candidate));
  if (found === undefined) return isFour ? PUBLIC : RESERVED;
  if (found.carriesIPv4At === undefined) return found.verdict;
  const carried = judgeBytes(bytes.slice(found.carriesIPv4At, found.carriesIPv4At + 4));
  return SEVERITY[carried.reach] >= SEVERITY[found.verdict.reach] ? carried : found.verdict;
}

function isInside(bytes: readonly number[], { prefix, bits }: AddressRule): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : (0xff << (8 - (bits - bit))) & 0xff;
    if (((bytes[bit / 8] ?? 0) & mask) !== ((prefix[bit / 8] ?? 0) & mask)) return false;
  }
  return true;
}

function readBytes(address: string): readonly number[] | undefined {
  if (isIPv4(address)) return address.split('.').map(Number);
  if (!isIPv6(address)) return undefined;
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const front = readGroups(head);
  const back = readGroups(tail ?? '');
  return [...front, ...new Array<number>(16 - front.length - back.length).fill(0), ...back];
}

function readGroups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
