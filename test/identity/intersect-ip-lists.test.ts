import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { intersectIpLists } from '../../src/identity/settings/intersect-ip-lists.ts';
import { readIpAllowList } from '../../src/identity/settings/ip-allow-list.ts';

const NOBODY = '0.0.0.0';

for (const [lists, expected] of [
  [[], ''],
  [['', ''], ''],
  [['', '10.0.0.1, 10.0.0.2'], '10.0.0.1, 10.0.0.2'],
  [['*.*.*.*', ''], '*.*.*.*'],
  [['10.0.0.0/8', '*.*.*.*'], '10.0.0.0/8'],
  [['*.*.*.*,10.0.0.1', '2001:db8::/32'], '2001:db8::/32'],
  [['10.0.0.0/8', '10.0.0.0/8'], '10.0.0.0/8'],
  [['10.0.0.0/8', '10.1.2.3,192.0.2.1'], '10.1.2.3'],
  [['10.1.2.3/8', '10.0.0.0/16'], '10.0.0.0/16'],
  [['10.*.7.*', '10.3.*.*'], '10.3.7.0/24'],
  [['10.*.7.*', '*.3.*.9'], '10.3.7.9'],
  [['10.*.7.*', '10.*.*.*'], '10.*.7.*'],
  [['10.*.*.*', '*.20.*.*'], '10.20.0.0/16'],
  [['10.16.0.0/14', '10.*.7.*'], '10.16.7.*,10.17.7.*,10.18.7.*,10.19.7.*'],
  [['10.0.0.1,10.0.0.2', '10.0.0.2,10.0.0.3', '10.0.0.0/30'], '10.0.0.2'],
  [['2001:DB8::/32', '2001:db8:0:1::/64,2001:db9::1'], '2001:db8:0:1::/64'],
  [['::1', '::/0'], '::1'],
  [['::ffff:10.0.0.1', '10.0.0.0/8'], '10.0.0.1'],
  [['0.0.0.0/0', '10.0.0.0/8'], '10.0.0.0/8'],
  [['0.0.0.0/0', '2001:db8::/32'], NOBODY],
  [['10.0.0.0/8', '::/0'], '10.0.0.0/8'],
  [['::ffff:10.0.0.0/104', '10.1.0.0/16'], '10.1.0.0/16'],
  [['10.0.0.1', '10.0.0.2'], NOBODY],
] as const) {
  test(`${JSON.stringify(lists)} share ${JSON.stringify(expected)}`, () => {
    assert.equal(intersectIpLists(lists), expected);
    assert.ok(readIpAllowList(expected));
  });
}

// Few values in each place, so that entries overlap.
const octet = fc.constantFrom('0', '1', '3', '128', '255');
const v4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const pattern = fc.array(fc.oneof(octet, fc.constant('*')), { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'));
const v6 = fc.array(fc.constantFrom('0', '1', 'db8'), { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));
const entry = fc.oneof(
  v4,
  pattern,
  fc.tuple(v4, fc.nat(32)).map(([address, prefix]) => `${address}/${prefix}`),
  v6,
  fc.tuple(v6, fc.nat(128)).map(([address, prefix]) => `${address}/${prefix}`),
);
const list = fc.oneof(
  { weight: 1, arbitrary: fc.constant('') },
  { weight: 9, arbitrary: fc.array(entry, { minLength: 1, maxLength: 4 }).map((entries) => entries.join(',')) },
);

test('an address is allowed by the intersection exactly where every list allows it', () => {
  fc.assert(
    fc.property(fc.array(list, { maxLength: 3 }), fc.array(fc.oneof(v4, v6), { minLength: 1, maxLength: 20 }), (lists, addresses) => {
      const together = readIpAllowList(intersectIpLists(lists));
      for (const address of addresses.filter((each) => each !== NOBODY)) {
        const everywhere = lists.every((each) => readIpAllowList(each)?.allows(address));
        assert.equal(together?.allows(address), everywhere, `${address} in ${JSON.stringify(lists)}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('long lists give a list that is not too long to be read', () => {
  const wide = Array.from({ length: 500 }, (_, index) => `${index % 250}.*.${Math.floor(index / 250)}.*`).join(',');
  const high = Array.from({ length: 500 }, (_, index) => `*.${index % 250}.*.${Math.floor(index / 250)}`).join(',');
  assert.ok(readIpAllowList(intersectIpLists([wide, high])));
});
