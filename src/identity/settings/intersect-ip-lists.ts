/** Several lists of allowed addresses as one: the addresses that are in all of them. */
import { isIPv4 } from 'node:net';

/**
 * What one entry of a list stands for: the addresses that equal `value` in the bits of `mask`. An address of IPv4 is the one of IPv6
 * that it is mapped to (`::ffff:10.0.0.1`), as whoever checks the list has it.
 */
interface Block {
  readonly value: bigint;
  readonly mask: bigint;
}

/** No client has this address: a list of it alone lets nobody in. */
const NOWHERE = '0.0.0.0';
const ANYWHERE = '*.*.*.*';
/** More entries than this are cut off, which lets fewer addresses in, never more. */
const MAX_ENTRIES = 1000;

const ALL_BITS = (1n << 128n) - 1n;
const IPV4_BITS = (1n << 32n) - 1n;
const IPV4_NETWORK: Block = { value: 0xffffn << 32n, mask: ALL_BITS ^ IPV4_BITS };

const prefixMask = (prefix: number): bigint => (ALL_BITS << BigInt(128 - prefix)) & ALL_BITS;

const fromGroups = (groups: readonly number[], width: bigint): bigint =>
  groups.reduce((value, group) => (value << width) | BigInt(group), 0n);

function toGroups(value: bigint, count: number, width: bigint): readonly number[] {
  return Array.from({ length: count }, (_, index) => Number((value >> (BigInt(count - 1 - index) * width)) & ((1n << width) - 1n)));
}

const toOctets = (value: bigint): readonly number[] => toGroups(value, 4, 8n);

/** The one spelling of an IPv6 address that the URL parser writes: lower-case groups, with at most one `::`. */
const canonicalIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

function readIpv6(address: string): bigint {
  const [head = '', tail = ''] = canonicalIpv6(address).split('::');
  const read = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [before, after] = [read(head), read(tail)];
  return fromGroups([...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after], 16n);
}

/** A block of IPv4 addresses: octets of the value and of the mask. */
function ipv4Block(value: readonly number[], mask: bigint): Block {
  const full = IPV4_NETWORK.mask | mask;
  return { value: (IPV4_NETWORK.value | fromGroups(value, 8n)) & full, mask: full };
}

function readBlock(entry: string): Block {
  const [address = '', prefix] = entry.split('/');
  if (address.includes('*')) {
    const octets = address.split('.');
    const mask = octets.map((octet) => (octet === '*' ? 0 : 255));
    return ipv4Block(
      octets.map((octet) => (octet === '*' ? 0 : Number(octet))),
      fromGroups(mask, 8n),
    );
  }
  if (isIPv4(address)) return ipv4Block(address.split('.').map(Number), prefixMask(96 + Number(prefix ?? 32)) & IPV4_BITS);
  const mask = prefixMask(Number(prefix ?? 128));
  return { value: readIpv6(address) & mask, mask };
}

/** The addresses of both, or undefined where they share none. */
function meet(one: Block, other: Block): Block | undefined {
  if (((one.value ^ other.value) & one.mask & other.mask) !== 0n) return undefined;
  return { value: one.value | other.value, mask: one.mask | other.mask };
}

function isIpv4Block({ value, mask }: Block): boolean {
  return (mask & IPV4_NETWORK.mask) === IPV4_NETWORK.mask && (value & IPV4_NETWORK.mask) === IPV4_NETWORK.value;
}

/** How many upper bits a mask fixes, where it fixes no others. */
function prefixOf(mask: bigint): number | undefined {
  const prefix = mask.toString(2).replace(/0+$/, '').length;
  return mask === 0n ? 0 : prefixMask(prefix) === mask ? prefix : undefined;
}

/** The patterns that stand for a block of IPv4 whose octets are each fixed, free, or fixed in their upper bits. */
function printPatterns({ value, mask }: Block): readonly string[] {
  const octets = toOctets(value);
  const choices = toOctets(mask).map((fixed, index) =>
    fixed === 0 ? ['*'] : Array.from({ length: 256 - fixed }, (_, low) => String((octets[index] ?? 0) | low)),
  );
  return choices.reduce((texts, next) => texts.flatMap((text) => next.map((octet) => `${text}.${octet}`)));
}

/** The entries that stand for a block: one, or some patterns where a network and a pattern have cut an octet in two. */
function printBlock(block: Block): readonly string[] {
  const prefix = prefixOf(block.mask);
  if (prefix === undefined) return printPatterns(block);
  if (isIpv4Block(block)) return [`${toOctets(block.value).join('.')}${prefix === 128 ? '' : `/${prefix - 96}`}`];
  const groups = toGroups(block.value, 8, 16n).map((group) => group.toString(16));
  return [`${canonicalIpv6(groups.join(':'))}${prefix === 128 ? '' : `/${prefix}`}`];
}

function meetAll(blocks: readonly Block[], others: readonly Block[]): readonly Block[] {
  const shared = new Map<string, Block>();
  for (const one of blocks) {
    for (const other of others) {
      const block = meet(one, other);
      if (block && shared.size < MAX_ENTRIES) shared.set(`${block.value}/${block.mask}`, block);
    }
  }
  return [...shared.values()];
}

const entriesOf = (list: string): readonly string[] => list.split(',').map((entry) => entry.trim());

/**
 * The list of the addresses that all of these well-formed lists allow, empty where that is every address. A single list comes back as
 * it is; lists that share no address give one that lets nobody in.
 */
export function intersectIpLists(lists: readonly string[]): string {
  const given = [...new Set(lists)].filter((list) => list !== '');
  const strict = given.filter((list) => !entriesOf(list).includes(ANYWHERE));
  if (strict.length <= 1) return strict[0] ?? given[0] ?? '';
  const shared = strict
    .map((list) => entriesOf(list).map(readBlock))
    .reduce<readonly Block[] | undefined>((blocks, next) => (blocks ? meetAll(blocks, next) : next), undefined);
  const printed = (shared ?? []).flatMap(printBlock).slice(0, MAX_ENTRIES);
  return printed.length === 0 ? NOWHERE : printed.join(',');
}
