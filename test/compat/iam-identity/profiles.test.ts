/** Trusted profiles over IBM's Node SDK: the steps of its own suite, then what the suites of the other languages ask for beside them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Wire } from '../../support/world.ts';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, clientOf, pagesOf, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("trusted profiles over IBM's Node SDK", () => {
  const [name1, name2] = NAMES.profiles;
  let suite: Suite;
  let profileId1: string;
  let profileId2: string;
  let iamId1: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  it('creates two', async () => {
    const { identity, accountId } = suite;
    const one = await identity.createProfile({ name: name1, description: 'the first', accountId });
    assert.equal(one.status, 201);
    assert.match(one.result.id, /^Profile-/);
    assert.equal(one.result.iam_id, `iam-${one.result.id}`);
    tagOf(one);
    const two = await identity.createProfile({ name: name2, description: 'the second', accountId });
    assert.equal(two.status, 201);
    profileId1 = one.result.id;
    iamId1 = one.result.iam_id;
    profileId2 = two.result.id;
  });

  it('gets one with its activity', async () => {
    const response = await suite.identity.getProfile({ profileId: profileId1, includeActivity: true });
    assert.equal(response.status, 200);
    const { result } = response;
    assert.equal(result.id, profileId1);
    assert.equal(result.name, name1);
    assert.equal(result.iam_id, iamId1);
    assert.equal(result.account_id, suite.accountId);
    assert.ok(result.crn.endsWith(`::profile:${profileId1}`));
    assert.equal(result.activity?.authn_count, 0);
    tag = tagOf(response);
  });

  it('lists both in pages of a hundred', async () => {
    const { identity, accountId } = suite;
    const pages = await pagesOf((page) => identity.listProfiles({ accountId, pagesize: 100, includeHistory: false, ...page }));
    for (const { result } of pages) assert.equal(result.limit, 100);
    const found = pages.flatMap(({ result }) => result.profiles).filter(({ name }) => name === name1 || name === name2);
    assert.deepEqual(found.map(({ id }) => id).sort(), [profileId1, profileId2].sort());
  });

  it('updates one', async () => {
    const response = await suite.identity.updateProfile({ profileId: profileId1, ifMatch: tag, description: 'updated' });
    assert.equal(response.status, 200);
    assert.equal(response.result.description, 'updated');
    assert.equal(response.result.name, name1);
    assert.notEqual(tagOf(response), tag);
  });

  it('clears what is optional with an empty text', async () => {
    const { identity } = suite;
    const { result } = await identity.updateProfile({ profileId: profileId1, ifMatch: '*', email: 'tf_email_47' });
    assert.equal(result.email, 'tf_email_47');
    const { result: cleared } = await identity.updateProfile({ profileId: profileId1, ifMatch: '*', description: '', email: '' });
    assert.ok(!('description' in cleared) && !('email' in cleared));
  });

  it('walks over profiles one by one, and finds them by a filter', async () => {
    const { identity, accountId } = suite;
    const pages = await pagesOf((page) => identity.listProfiles({ accountId, pagesize: 1, ...page }));
    const walked = pages.flatMap(({ result }) => result.profiles).map(({ id }) => id);
    assert.deepEqual([...walked].sort(), [profileId1, profileId2].sort());
    const found = async (filter: string) =>
      (await identity.listProfiles({ accountId, filter })).result.profiles.map(({ name }) => name).sort();
    assert.deepEqual(await found('name co "Node"'), [name1, name2]);
    assert.deepEqual(await found('name co "Python"'), []);
    assert.deepEqual(await found('name co "Node" and description sw "the second"'), [name2]);
    const { result } = await identity.listProfiles({ accountId, includeHistory: true, sort: 'name', order: 'desc' });
    assert.deepEqual(
      result.profiles.map(({ name }) => name),
      [name2, name1],
    );
    for (const { history } of result.profiles) assert.ok(history && history.length > 0);
  });

  it('deletes both', async () => {
    for (const profileId of [profileId1, profileId2]) {
      const response = await suite.identity.deleteProfile({ profileId });
      assert.equal(response.status, 204);
      assertEmpty(response);
      await assert.rejects(suite.identity.getProfile({ profileId }), refusal(404));
    }
  });

  it('is told that an account is not one', async () => {
    for (const accountId of ['invalid', 'InvalidID', 'Account-InvalidId']) {
      await assert.rejects(suite.identity.createProfile({ name: name1, description: 'x', accountId }), refusal(400));
    }
  });

  it('is told that a profile is not there, also with a tag that is none', async () => {
    const { identity } = suite;
    await assert.rejects(identity.getProfile({ profileId: 'invalid' }), refusal(404, 'not_found'));
    await assert.rejects(identity.updateProfile({ profileId: 'invalid', ifMatch: 'invalid', description: 'invalid' }), refusal(404));
    await assert.rejects(identity.deleteProfile({ profileId: 'invalid' }), refusal(404));
  });

  it('is told with 403 what it may not do, in the details where the client hides the message', async () => {
    const { world, accountId } = suite;
    const { apikey } = await world.user(accountId);
    await assert.rejects(clientOf(world, apikey).createProfile({ name: name1, accountId }), (error: Wire) => {
      refusal(403, 'insufficient_permissions')(error);
      assert.match(error.message, /^Access is denied/);
      assert.match(error.result.errors[0].details, /iam-identity\.profile\.create/);
      return true;
    });
  });

  it('drove every operation', () => assertDriven(suite, 'profiles'));
});
