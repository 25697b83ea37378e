/** API keys over IBM's Node SDK: the steps of its own suite, then what the suites of the other languages ask for beside them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { claimsOf } from '../../support/world.ts';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, clientOf, pagesOf, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("API keys over IBM's Node SDK", () => {
  let suite: Suite;
  let first: string;
  let second: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  const read = async (id: string) => (await suite.identity.getApiKey({ id })).result;

  it('creates one that expires and one that does not, without naming the account', async () => {
    const { identity, iamId } = suite;
    const expiring = await identity.createApiKey({
      name: NAMES.apiKey,
      iamId,
      description: 'the first',
      expiresAt: '2049-01-02T18:30:00+0000',
    });
    assert.equal(expiring.status, 201);
    assert.match(expiring.result.id, /^ApiKey-/);
    assert.equal(expiring.result.expires_at, '2049-01-02T18:30+0000');
    assert.ok(expiring.result.apikey.length >= 32);
    tagOf(expiring);
    first = expiring.result.id;
    const lasting = await identity.createApiKey({ name: NAMES.apiKey, iamId, description: 'the second' });
    assert.equal(lasting.status, 201);
    assert.ok(!('expires_at' in lasting.result));
    second = lasting.result.id;
  });

  it('gets one with history and activity', async () => {
    const response = await suite.identity.getApiKey({ id: first, includeHistory: true, includeActivity: true });
    assert.equal(response.status, 200);
    const { result } = response;
    assert.equal(result.id, first);
    assert.equal(result.name, NAMES.apiKey);
    assert.equal(result.iam_id, suite.iamId);
    assert.equal(result.account_id, suite.accountId);
    assert.equal(result.created_by, suite.iamId);
    assert.equal(result.locked, false);
    assert.equal(result.disabled, false);
    assert.equal(result.support_sessions, false);
    assert.equal(result.action_when_leaked, 'none');
    assert.equal(result.apikey, '', 'the value of a key of a user is in no reply but the first');
    assert.ok(result.crn.endsWith(`::apikey:${first}`));
    assert.match(result.created_at ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
    assert.ok(result.history && result.history.length > 0);
    assert.equal(result.activity?.authn_count, 0);
    tag = tagOf(response);
  });

  it('finds the key that a caller signs in with by its value', async () => {
    const { identity, iamId, accountId, world } = suite;
    const own = await identity.createApiKey({ name: NAMES.apiKey, iamId });
    const { status, result } = await clientOf(world, own.result.apikey).getApiKeysDetails({
      iamApiKey: own.result.apikey,
      includeHistory: true,
    });
    assert.equal(status, 200);
    assert.equal(result.id, own.result.id);
    assert.equal(result.iam_id, iamId);
    assert.equal(result.account_id, accountId);
    assert.equal(result.created_by, iamId);
    assert.equal(result.locked, false);
    assert.equal(result.apikey, '');
    assert.ok(result.created_at);
    assert.ok(result.history && result.history.length > 0);
    assert.equal((await identity.getApiKeysDetails({ iamApiKey: own.result.apikey })).status, 200);
    assert.equal((await identity.deleteApiKey({ id: own.result.id })).status, 204);
  });

  it('finds the first key that an administrator handed out, too', async () => {
    const { status, result } = await suite.identity.getApiKeysDetails({ iamApiKey: suite.account.ownerApiKey, includeHistory: true });
    assert.equal(status, 200);
    assert.equal(result.iam_id, suite.iamId);
    assert.equal(result.account_id, suite.accountId);
    assert.equal(result.locked, false);
    assert.ok(result.history && result.history.length > 0);
  });

  it('lists both in pages of a hundred', async () => {
    const { identity, accountId, iamId } = suite;
    const pages = await pagesOf((page) => identity.listApiKeys({ accountId, iamId, pagesize: 100, includeHistory: true, ...page }));
    for (const { result } of pages) assert.equal(result.limit, 100);
    const keys = pages.flatMap(({ result }) => result.apikeys).filter(({ name }) => name === NAMES.apiKey);
    assert.deepEqual(keys.map(({ id }) => id).sort(), [first, second].sort());
    for (const { history, apikey } of keys) {
      assert.ok(history && history.length > 0);
      assert.equal(apikey, '');
    }
  });

  it('updates one, to a date of expiry in the past', async () => {
    const expiresAt = '2026-01-02T18:30:00+0000';
    const response = await suite.identity.updateApiKey({ id: first, ifMatch: tag, description: 'updated', expiresAt });
    assert.equal(response.status, 200);
    assert.equal(response.result.description, 'updated');
    assert.equal(response.result.name, NAMES.apiKey);
    assert.equal(response.result.expires_at, '2026-01-02T18:30+0000');
    assert.notEqual(tagOf(response), tag);
    await assert.rejects(suite.identity.updateApiKey({ id: first, ifMatch: tag, description: 'late' }), refusal(409));
  });

  it('locks and unlocks one', async () => {
    assert.equal((await suite.identity.lockApiKey({ id: second })).status, 204);
    assert.equal((await read(second)).locked, true);
    assert.equal((await suite.identity.unlockApiKey({ id: second })).status, 204);
    assert.equal((await read(second)).locked, false);
  });

  it('disables and enables one', async () => {
    assert.equal((await suite.identity.disableApiKey({ id: second })).status, 204);
    assert.equal((await read(second)).disabled, true);
    assert.equal((await suite.identity.enableApiKey({ id: second })).status, 204);
    assert.equal((await read(second)).disabled, false);
  });

  it('deletes both', async () => {
    for (const id of [first, second]) {
      const response = await suite.identity.deleteApiKey({ id });
      assert.equal(response.status, 204);
      assertEmpty(response);
      await assert.rejects(read(id), refusal(404));
    }
  });

  it('walks over keys one by one, and finds them by a filter', async () => {
    const { identity, accountId, iamId } = suite;
    const made: string[] = [];
    for (let index = 0; index < 3; index += 1) made.push((await identity.createApiKey({ name: NAMES.apiKey, iamId })).result.id);
    const pages = await pagesOf((page) => identity.listApiKeys({ accountId, iamId, pagesize: 1, ...page }));
    const walked = pages.flatMap(({ result }) => result.apikeys).map(({ id }) => id);
    assert.equal(new Set(walked).size, walked.length);
    for (const { result } of pages) assert.equal(result.apikeys.length, 1);
    const filtered = (await identity.listApiKeys({ accountId, iamId, filter: 'name co "Node"' })).result.apikeys;
    assert.deepEqual(filtered.map(({ id }) => id).sort(), [...made].sort());
    assert.deepEqual(walked.filter((id) => made.includes(id)).sort(), [...made].sort());
    for (const id of made) await identity.deleteApiKey({ id });
  });

  it('creates one locked and disabled, with a value and an action of its own', async () => {
    const { identity, iamId } = suite;
    const { result } = await identity.createApiKey({
      name: NAMES.apiKey,
      iamId,
      apikey: 'a-value-of-thirty-two-characters',
      supportSessions: true,
      actionWhenLeaked: 'disable',
      entityLock: 'true',
      entityDisable: 'true',
    });
    assert.equal(result.apikey, 'a-value-of-thirty-two-characters');
    assert.equal(result.support_sessions, true);
    assert.equal(result.action_when_leaked, 'disable');
    assert.equal(result.locked, true);
    assert.equal(result.disabled, true);
    await assert.rejects(identity.deleteApiKey({ id: result.id }), refusal(422, 'invalid_state'));
    assert.equal((await identity.unlockApiKey({ id: result.id })).status, 204);
    assert.equal((await identity.deleteApiKey({ id: result.id })).status, 204);
  });

  it('signs a client in', async () => {
    const { identity, iamId, accountId, world } = suite;
    const { result } = await identity.createApiKey({ name: NAMES.apiKey, iamId });
    const claims = claimsOf(await world.login(result.apikey));
    assert.equal(claims.iam_id, iamId);
    assert.equal(claims.account.bss, accountId);
    assert.equal(
      (await clientOf(world, result.apikey).getApiKey({ id: result.id, includeActivity: true })).result.activity?.authn_count,
      2,
    );
    await identity.deleteApiKey({ id: result.id });
  });

  it('is told what is wrong', async () => {
    const { identity, iamId } = suite;
    const strangers = { name: 'x', iamId: 'IAM-InvalidId', accountId: 'Account-InvalidId' };
    await assert.rejects(identity.createApiKey(strangers), refusal(400));
    await assert.rejects(identity.createApiKey({ name: 'x', iamId, apikey: 'x'.repeat(31) }), refusal(400));
    await assert.rejects(identity.createApiKey({ name: 'x', iamId, storeValue: true }), refusal(400));
    await assert.rejects(identity.createApiKey({ name: 'x', iamId, actionWhenLeaked: 'panic' }), refusal(400));
    await assert.rejects(identity.deleteApiKey({ id: 'InvalidApiKey' }), refusal(404));
    await assert.rejects(identity.updateApiKey({ id: 'InvalidApiKey', ifMatch: 'x', name: 'x' }), refusal(404));
  });

  it('drove every operation', () => assertDriven(suite, 'api-keys'));
});
