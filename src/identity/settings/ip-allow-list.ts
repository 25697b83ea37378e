/** The list of addresses from which an account lets its users sign in: addresses, networks (CIDR) and patterns such as `10.0.*.*`. */
import { BlockList, isIP, isIPv4 } from 'node:net';

export interface IpAllowList {
  /** Whether the list lets this address in. An empty list lets every address in; any other lets none in that is not an IP address. */
  allows(address: string): boolean;
}

/** A list has at most this many entries. */
const MAX_ENTRIES = 1000;

const PREFIX_BITS = { 4: 32, 6: 128 } as const;
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;
const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const ANY = '*';

/** `::ffff:10.0.0.1`, in either spelling, and addresses with a zone (`fe80::1%eth0`) are the address itself. */
function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(bare) ?? [];
  if (high === undefined || low === undefined) return bare;
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 0xff]).join('.');
}

/** The octets of a pattern, `*` for any; undefined where the text is no pattern. */
function readPattern(text: string): readonly string[] | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.includes(ANY)) return undefined;
  return octets.every((octet) => octet === ANY || (OCTET.test(octet) && Number(octet) <= 255)) ? octets : undefined;
}

/** Adds an address or a network to `list`; false where the text is neither. */
function addNetwork(list: BlockList, text: string): boolean {
  const [network = '', prefix, ...rest] = text.split('/');
  const version = isIP(network);
  if ((version !== 4 && version !== 6) || network.includes('%') || rest.length > 0) return false;
  if (prefix === undefined) {
    const address = plainAddress(network);
    list.addAddress(address, isIPv4(address) ? 'ipv4' : 'ipv6');
    return true;
  }
  if (!PREFIX.test(prefix) || Number(prefix) > PREFIX_BITS[version]) return false;
  list.addSubnet(network, Number(prefix), version === 4 ? 'ipv4' : 'ipv6');
  return true;
}

/** Reads a comma-separated list; undefined where an entry is no address, network or pattern. The empty text is the list that allows all. */
export function readIpAllowList(text: string): IpAllowList | undefined {
  if (text === '') return { allows: () => true };
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.length > MAX_ENTRIES) return undefined;
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
      const version = isIP(address);
      if (version === 0) return false;
      if (anywhere || networks.check(address, version === 4 ? 'ipv4' : 'ipv6')) return true;
      if (version === 6) return false;
      const octets = address.split('.');
      return patterns.some((pattern) => pattern.every((octet, index) => octet === ANY || octet === octets[index]));
    },
  };
}
