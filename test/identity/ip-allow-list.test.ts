import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readIpAllowList } from '../../src/identity/settings/ip-allow-list.ts';

interface Row {
  readonly list: string;
  readonly address: string;
  readonly allowed: boolean;
}

const row = (list: string, address: string, allowed: boolean): Row => ({ list, address, allowed });

const ROWS: readonly Row[] = [
  row('', '203.0.113.7', true),
  row('203.0.113.7', '203.0.113.7', true),
  row('203.0.113.7', '203.0.113.8', false),
  row('203.0.113.7, 198.51.100.0/24', '198.51.100.200', true),
  row('198.51.100.0/24', '198.51.101.1', false),
  row('198.51.100.77/24', '198.51.100.1', true),
  row('0.0.0.0/0', '203.0.113.7', true),
  row('0.0.0.0/0', '2001:db8::1', false),
  row('2001:db8::1', '2001:db8:0:0:0:0:0:1', true),
  row('2001:db8::/32', '2001:db8:ffff::1', true),
  row('2001:db8::/32', '2001:db9::1', false),
  row('::/0', '2001:db8::1', true),
  row('10.0.*.*', '10.0.255.1', true),
  row('10.0.*.*', '10.1.0.1', false),
  row('10.*.7.*', '10.200.7.9', true),
  row('10.*.7.*', '10.200.8.9', false),
  row('*.*.*.*', '203.0.113.7', true),
  row('*.*.*.*', '::1', true),
  row('10.*.*.*', '::1', false),
  row('127.0.0.1', '::ffff:127.0.0.1', true),
  row('127.0.0.1', '::ffff:7f00:1', true),
  row('127.0.0.*', '::FFFF:127.0.0.9', true),
  row('::ffff:127.0.0.1', '127.0.0.1', true),
  row('0:0:0:0:0:FFFF:7f00:1', '127.0.0.1', true),
  row('::/0', '203.0.113.7', true),
  row('::ffff:203.0.113.0/120', '203.0.113.7', true),
  row('::ffff:203.0.113.0/120', '203.0.114.7', false),
  row('::ffff:203.0.113.0/120', '::ffff:203.0.113.7', true),
  row('2001:DB8:0::1', '2001:db8::1', true),
  row('fe80::/10', 'fe80::1%eth0', true),
  row('127.0.0.1', '::1', false),
  row('*.*.*.*', '', false),
  row('*.*.*.*', 'localhost', false),
];

for (const { list, address, allowed } of ROWS) {
  test(`'${list}' ${allowed ? 'lets' : 'does not let'} '${address}' in`, () => {
    assert.equal(readIpAllowList(list)?.allows(address), allowed);
  });
}

const UNREADABLE = [
  ' ',
  ',',
  '10.0.0.1,',
  '10.0.0.1,,10.0.0.2',
  '10.0.0.1;10.0.0.2',
  '10.0.0',
  '10.0.0.256',
  '010.0.0.1',
  '10.0.0.1/33',
  '10.0.0.1/-1',
  '10.0.0.1/08',
  '10.0.0.1/',
  '10.0.0.1/8/8',
  '2001:db8::/129',
  'fe80::1%eth0',
  '10.0.*',
  '10.0.*.*/16',
  '10.0.1*.1',
  '10.0.256.*',
  '*',
  '2001:db8::*',
  'example.com',
  new Array(1001).fill('10.0.0.1').join(','),
];

for (const list of UNREADABLE) {
  test(`'${list.slice(0, 40)}' is not a list of addresses`, () => assert.equal(readIpAllowList(list), undefined));
}

test('reads a list of a thousand entries', () => {
  const list = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join(',');
  assert.equal(readIpAllowList(list)?.allows('10.0.3.231'), true);
  assert.equal(readIpAllowList(list)?.allows('10.0.3.232'), false);
});
