import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AddressReach, judgeAddress } from '../../src/kube/address-rules.ts';

/* biome-ignore format: one kind per line reads better as a table */
const CASES: readonly (readonly [reach: AddressReach, kind: RegExp, addresses: readonly string[]])[] = [
  ['public', /public/, ['8.8.8.8', '1.1.1.1', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '169.253.255.255', '192.0.1.0', '198.17.255.255', '198.20.0.0', '223.255.255.255', '11.0.0.0', '9.255.255.255', '126.255.255.255', '128.0.0.0']],
  ['public', /public/, ['2600::1', '2a00:1450:4001::200e', '2606:4700:4700::1111', '2001:200::1', '3ffe::1', '::ffff:8.8.8.8', '::ffff:808:808', '::ffff:0:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1']],
  ['private', /loopback/, ['127.0.0.1', '127.255.255.255', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::FFFF:7F00:1', '::ffff:0:127.0.0.1', '64:ff9b::127.0.0.1', '2002:7f00:1::', '::127.0.0.1']],
  ['private', /private/, ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255', '::ffff:10.0.0.1', '64:ff9b::192.168.1.1', '2002:ac10:1::9']],
  ['private', /carrier-grade/, ['100.64.0.0', '100.127.255.255', '::ffff:100.64.0.1']],
  ['private', /link-local/, ['169.254.0.0', '169.254.255.255', 'fe80::1', 'febf::1', 'fe80::1%eth0', '::ffff:169.254.1.1']],
  ['private', /unique-local/, ['fc00::', 'fd12:3456::1', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']],
  ['private', /site-local/, ['fec0::1']],
  ['private', /documentation/, ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1', '3fff:fff::1', '::ffff:192.0.2.1']],
  ['private', /benchmarking/, ['198.18.0.0', '198.19.255.255']],
  ['private', /reserved/, ['192.0.0.1', '240.0.0.0', '255.255.255.254', '2001::1', '2001:1ff::1', '4000::1', '100::1', '5f00::1', '1::']],
  ['private', /relay/, ['192.88.99.1']],
  ['private', /local NAT64/, ['64:ff9b:1::8.8.8.8']],
  ['private', /compatible/, ['::8.8.8.8']],
  ['never', /metadata/, ['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '64:ff9b:1::a9fe:a9fe', '2002:a9fe:a9fe::']],
  ['never', /unspecified/, ['0.0.0.0', '0.1.2.3', '::', '0:0:0:0:0:0:0:0', '::ffff:0.0.0.0', '64:ff9b::', '2002::']],
  ['never', /multicast/, ['224.0.0.1', '239.255.255.255', 'ff00::', 'ff02::1', 'ff0e::1', '::ffff:224.0.0.1', '2002:e000:1::']],
  ['never', /broadcast/, ['255.255.255.255', '::ffff:255.255.255.255']],
  ['never', /not an IP address/, ['', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '1.2.3.4.5', '[::1]', '127.0.0.1:80', ':::', '1:2:3']],
];

describe('judging addresses', () => {
  for (const [reach, kind, addresses] of CASES) {
    for (const address of addresses) {
      it(`takes ${JSON.stringify(address)} for ${reach} (${kind.source})`, () => {
        const verdict = judgeAddress(address);
        assert.equal(verdict.reach, reach);
        assert.match(verdict.kind, kind);
      });
    }
  }
});
