/** The list of addresses from which an account lets its users sign in: addresses, networks (CIDR) and patterns such as `10.0.*.*`. */
import { BlockList, isIP, isIPv6 } from 'node:net';

export interface IpAllowList {
  /** Whether the list lets this address in. An empty list lets every address in; any other lets none in that is not an IP address. */
  allows(address: string): boolean;
}

/** A list has at most this many entries. */
const MAX_ENTRIES = 1000;

const PREFIX_BITS = { ipv4: 32, ipv6: 128 } as const;
/** A prefix or an octet: no sign, no leading zero. */
const NUMBER = /^(?:0|[1-9]\d{0,2})$/;
const ANY = '*';

/** The address in its one spelling, without a zone (`fe80::1%eth0`); IPv4 for an IPv6 address that stands for one (`::ffff:10.0.0.1`). */
function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 0xff]).join('.');
}

/** The octets of a pattern, `*` for any; undefined where the text is no pattern. */
function readPattern(text: string): readonly string[] | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.includes(ANY)) return undefined;
  return octets.every((octet) => octet === ANY || (NUMBER.test(octet) && Number(octet) <= 255)) ? octets : undefined;
}

/** Adds an address or a network to `networks`; false where the text is neither. */
function addNetwork(networks: BlockList, text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return false;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (prefix === undefined) {
    networks.addAddress(address, family);
    return true;
  }
  if (!NUMBER.test(prefix) || Number(prefix) > PREFIX_BITS[family]) return false;
  networks.addSubnet(address, Number(prefix), family);
  return true;
}

/** Reads a comma-separated list; undefined where an entry is no address, network or pattern. The empty text is the list that allows all. */
export function readIpAllowList(text: string): IpAllowList | undefined {
  if (text === '') return { allows: () => true };
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.length > MAX_ENTRIES) return undefined;
  // A block list takes an address of IPv4 for the one of IPv6 that it is mapped to: `::/0` holds every address of both.
  const networks = new BlockList();
  const patterns: (readonly string[])[] = [];
  for (const entry of entries) {
    const pattern = readPattern(entry);
    if (pattern) patterns.push(pattern);
    else if (!addNetwork(networks, entry)) return undefined;
  }
  // `*.*.*.*` is how clients write "anywhere", which includes addresses of IPv6.
  const anywhere = patterns.some((pattern) => pattern.every((octet) => octet === ANY));
  return {
    allows(source) {
      const address = plainAddress(source);
      if (isIP(address) === 0) return false;
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (anywhere || networks.check(address, family)) return true;
      if (family === 'ipv6') return false;
      const octets = address.split('.');
      return patterns.some((pattern) => pattern.every((octet, index) => octet === ANY || octet === octets[index]));
    },
  };
}
