/** IBM Cloud's published limits of policies and roles. What fills an account is written in one transaction before its server starts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { VersionedDocument } from '../../../src/access/policies/policy.ts';
import { addPolicy, newPolicy } from '../../../src/access/policies/policy-changes.ts';
import { systemContext } from '../../../src/identity/system-caller.ts';
import { createSystemClock } from '../../../src/kernel/clock.ts';
import { createIds } from '../../../src/kernel/ids.ts';
import { openEmbeddedStore } from '../../../src/store/embedded/store.ts';
import { startWorld, type TestAccount, type TestUser, type World } from '../../support/world.ts';
import { assertRefused, attribute, bodyV1, bodyV2, clause, createPolicyCalls, ids, type PolicyCalls } from './making.ts';

const sources = { clock: createSystemClock(), ids: createIds() };

/** An account, a user of it, and calls as its owner. */
interface Setting {
  readonly account: TestAccount;
  readonly user: TestUser;
  readonly calls: PolicyCalls;
}

let first: World;
let world: World;
let settings: readonly Setting[];

const many = <T>(count: number, make: (index: number) => T): readonly T[] => Array.from({ length: count }, (_, index) => make(index));

const one = (account: TestAccount, iamId: string, tag: number) => {
  const attributes = [attribute('accountId', account.id), attribute('serviceType', 'service')];
  return bodyV1(account.id, iamId, { resources: [{ attributes, tags: [attribute('n', String(tag))] }] });
};
const two = (account: TestAccount, iamId: string, tag: number) => {
  const attributes = [clause('accountId', account.id), clause('serviceType', 'service')];
  return bodyV2(account.id, iamId, { resource: { attributes, tags: [clause('n', String(tag))] } });
};

before(async () => {
  first = await startWorld();
  const accounts = await Promise.all(many(4, () => first.account()));
  const users = await Promise.all(accounts.map((account) => first.user(account.id)));
  await first.server.close();
  await fill(first.dir, accounts, users);
  world = await startWorld({ dir: first.dir, settings: { 'limits-set': 'ibm' } });
  settings = await Promise.all(
    accounts.map(async (account, index) => {
      const user = users[index];
      assert.ok(user);
      return { account, user, calls: createPolicyCalls(world, account, await world.login(account.ownerApiKey)) };
    }),
  );
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
});

/** Leaves the first account two policies short of its limit, the user of the second one short, the third one short of its limit of tags. */
async function fill(dir: string, accounts: readonly TestAccount[], users: readonly TestUser[]): Promise<void> {
  const store = await openEmbeddedStore({ dataDir: join(dir, 'data'), mode: 'open', clock: sources.clock });
  try {
    const [full, ofSubject, ofTags] = accounts;
    assert.ok(full && ofSubject && ofTags);
    const documents: readonly (readonly [account: TestAccount, versioned: VersionedDocument])[] = [
      ...many(4018, (index) => [full, { apiVersion: 2, document: bodyV2(full.id, `iam-Profile-${index % 5}`) }] as const),
      ...many(999, () => [ofSubject, { apiVersion: 1, document: bodyV1(ofSubject.id, users[1]?.iamId ?? '') }] as const),
      ...many(499, (index) => {
        const iamId = users[2]?.iamId ?? '';
        const versioned: VersionedDocument =
          index % 2 === 0 ? { apiVersion: 1, document: one(ofTags, iamId, index) } : { apiVersion: 2, document: two(ofTags, iamId, index) };
        return [ofTags, versioned] as const;
      }),
    ];
    await store.mutate(systemContext(sources.ids, full.id), async (tx) => {
      for (const [account, versioned] of documents) await addPolicy(tx, newPolicy(sources, account.id, versioned, 'IBMid-filling'));
    });
  } finally {
    await store.close();
  }
}

function setting(index: number): Setting {
  const found = settings[index];
  assert.ok(found);
  return found;
}

test('W-66: the 4021st policy of an account is refused, and with one deleted it is made', async () => {
  const { account, user, calls } = setting(0);
  await calls.made(1, bodyV1(account.id, user.iamId));
  const last = await calls.made(2, bodyV2(account.id, user.iamId));
  assert.equal((await calls.list(1, '&limit=1')).policies.length, 1);
  const refused = await calls.create(1, bodyV1(account.id, user.iamId));
  assert.match(assertRefused(refused, 422, 'unable_to_process').message, /exceeds the maximum policies quota of 4020/);
  assertRefused(await calls.create(2, bodyV2(account.id, user.iamId)), 422, 'unable_to_process');
  assert.equal((await calls.put(2, last.id, '*', bodyV2(account.id, user.iamId))).status, 200, 'a replacement is none more');
  await calls.remove(2, last.id);
  await calls.made(2, bodyV2(account.id, user.iamId));
  assertRefused(await calls.setState(last.id, 'active'), 422, 'unable_to_process');
});

test('of many policies at once no more are made than there is room for', async () => {
  const { account, user, calls } = setting(0);
  for (const id of ids(await calls.list(2, `&iam_id=${user.iamId}`))) await calls.remove(1, id);
  const replies = await Promise.all(many(6, () => calls.create(1, bodyV1(account.id, user.iamId))));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [201, 201, 422, 422, 422, 422]);
});

test('a subject has a thousand policies, and is given no more by creating, restoring or replacing', async () => {
  const { account, user, calls } = setting(1);
  const last = await calls.made(1, bodyV1(account.id, user.iamId));
  const refused = await calls.create(1, bodyV1(account.id, user.iamId));
  assert.match(assertRefused(refused, 422, 'unable_to_process').message, /subject exceeds the maximum policies quota of 1000/);
  const { id } = await calls.made(1, bodyV1(account.id, account.ownerIamId));
  assertRefused(await calls.put(1, id, '*', bodyV1(account.id, user.iamId)), 422, 'unable_to_process');
  assert.equal((await calls.put(1, last.id, '*', bodyV1(account.id, user.iamId))).status, 200);
  await calls.remove(1, last.id);
  assert.equal((await calls.put(1, id, '*', bodyV1(account.id, user.iamId))).status, 200);
  assertRefused(await calls.setState(last.id, 'active'), 422, 'unable_to_process');
  assert.equal(ids(await calls.list(1, `&iam_id=${user.iamId}`)).length, 1000);
});

test('an account has five hundred policies with access tags', async () => {
  const { account, user, calls } = setting(2);
  const last = await calls.made(1, one(account, user.iamId, 1000));
  for (const reply of [await calls.create(1, one(account, user.iamId, 1001)), await calls.create(2, two(account, user.iamId, 1002))]) {
    assert.match(assertRefused(reply, 422, 'unable_to_process').message, /quota of 500 for policies with access tags/);
  }
  const { id } = await calls.made(1, bodyV1(account.id, user.iamId));
  assertRefused(await calls.put(1, id, '*', one(account, user.iamId, 1001)), 422, 'unable_to_process');
  assert.equal((await calls.put(1, last.id, '*', one(account, user.iamId, 1001))).status, 200);
});

test('an account has forty custom roles', async () => {
  const { account, calls } = setting(3);
  const token = await world.login(account.ownerApiKey);
  const kms = ['list', 'wrap', 'unwrap', 'rewrap', 'readmetadata', 'listkeyversions'];
  const create = (index: number) =>
    world.call('POST', '/v2/roles', {
      token,
      body: {
        name: `Role${index}`,
        display_name: `Role ${index}`,
        account_id: account.id,
        service_name: 'kms',
        actions: kms.filter((_, bit) => (((index + 1) >> bit) & 1) === 1).map((action) => `kms.secrets.${action}`),
      },
    });
  const replies = await Promise.all(many(40, create));
  assert.ok(replies.every(({ status }) => status === 201));
  assert.match(assertRefused(await create(40), 422, 'unable_to_process').message, /40 custom roles/);
  assert.equal((await calls.list(1)).policies.length, 0);
});
