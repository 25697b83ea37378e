/** Names of access groups: which are the same, and which read like the one that is reserved. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { foldName, isReservedName, PUBLIC_ACCESS_GROUP, PUBLIC_ACCESS_NAME } from '../../src/groups/group.ts';
import { openTestStore } from '../support/store.ts';

describe('two names', () => {
  for (const [one, other] of [
    ['Admins', 'ADMINS'],
    ['Stra\u00dfe', 'STRASSE'],
    ['\u00c9t\u00e9', 'e\u0301te\u0301'],
    ['\u212aelvin', 'kelvin'],
    ['\uff21dmins', 'admins'],
    ['\ufb01le', 'FILE'],
    ['\u017fecret', 'Secret'],
    // Their capitals are one letter.
    ['\u0131d', 'id'],
    ['\u03a3\u03a3', '\u03c3\u03c2'],
  ] as const) {
    it(`${one} and ${other} are the same`, () => assert.equal(foldName(one), foldName(other)));
  }

  it('that differ in more than case and encoding are not', () => {
    for (const other of ['Admin', 'Admins ', 'Ad mins']) assert.notEqual(foldName('Admins'), foldName(other), other);
  });

  it('stay the same however often they are folded, and whatever their case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        assert.equal(foldName(foldName(name)), foldName(name));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (name) => {
        assert.equal(foldName(name.toUpperCase()), foldName(name));
      }),
    );
  });
});

describe('the reserved name', () => {
  for (const name of [
    'Public Access',
    'PUBLIC ACCESS',
    ' public\u00a0access',
    'public\u200b access',
    'p\uff55blic\taccess',
    'Public\u00adAccess',
  ]) {
    it(`${JSON.stringify(name)} is it`, () => assert.equal(isReservedName(name), true));
  }
  for (const name of ['Public Accesses', 'PublicAccess', 'Public', 'Access Public', 'My Public Access', '']) {
    it(`${JSON.stringify(name)} is not`, () => assert.equal(isReservedName(name), false));
  }

  it('is that of the group in the store', async () => {
    await using test = await openTestStore();
    const account = await test.account();
    const group = await test.store.reads.findPublicAccessGroup(account.id);
    assert.deepEqual([group?.id, group?.name, group?.accountId], [PUBLIC_ACCESS_GROUP, PUBLIC_ACCESS_NAME, account.id]);
  });
});
