/** Service IDs over IBM's Node SDK: the steps of its own suite, then what the suites of the other languages ask for beside them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { claimsOf } from '../../support/world.ts';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, pagesOf, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("service IDs over IBM's Node SDK", () => {
  let suite: Suite;
  let serviceId: string;
  let keyId: string;
  let keyValue: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  const read = async (id: string) => (await suite.identity.getServiceId({ id })).result;

  it('creates one with an API key whose value is stored', async () => {
    const response = await suite.identity.createServiceId({
      accountId: suite.accountId,
      name: NAMES.serviceId,
      description: 'of a suite',
      apikey: { name: 'its key', store_value: true, expires_at: '2049-01-02T18:30:00+0000' },
    });
    assert.equal(response.status, 201);
    const { result } = response;
    assert.match(result.id, /^ServiceId-/);
    assert.equal(result.iam_id, `iam-${result.id}`);
    assert.equal(result.apikey?.name, 'its key');
    assert.equal(result.apikey.iam_id, result.iam_id);
    assert.ok(result.apikey.apikey.length >= 32);
    assert.ok(!('group_id' in result));
    tagOf(response);
    serviceId = result.id;
    keyId = result.apikey.id;
    keyValue = result.apikey.apikey;
  });

  it('gets it with history and activity, and without its key', async () => {
    const response = await suite.identity.getServiceId({ id: serviceId, includeHistory: true, includeActivity: true });
    assert.equal(response.status, 200);
    const { result } = response;
    assert.equal(result.id, serviceId);
    assert.equal(result.name, NAMES.serviceId);
    assert.equal(result.description, 'of a suite');
    assert.equal(result.account_id, suite.accountId);
    assert.equal(result.locked, false);
    assert.deepEqual(result.unique_instance_crns, []);
    assert.ok(result.history && result.history.length > 0);
    assert.equal(result.activity?.authn_count, 0);
    assert.ok(!('apikey' in result));
    tag = tagOf(response);
  });

  it('gets the stored value of its key, which signs the service ID in', async () => {
    const { world, identity } = suite;
    assert.equal((await identity.getApiKey({ id: keyId })).result.apikey, keyValue);
    const claims = claimsOf(await world.login(keyValue));
    assert.equal(claims.sub_type, 'ServiceId');
    assert.equal(claims.iam_id, `iam-${serviceId}`);
    assert.equal((await identity.getServiceId({ id: serviceId, includeActivity: true })).result.activity?.authn_count, 1);
  });

  it('lists it by its name', async () => {
    const { status, result } = await suite.identity.listServiceIds({ accountId: suite.accountId, name: NAMES.serviceId, pagesize: 100 });
    assert.equal(status, 200);
    assert.deepEqual(
      result.serviceids.map(({ id }) => id),
      [serviceId],
    );
    assert.equal(result.offset, 0);
    assert.equal(result.limit, 100);
    assert.equal(result.next, undefined);
    assert.ok(!('next' in result));
  });

  it('updates it', async () => {
    const response = await suite.identity.updateServiceId({ id: serviceId, ifMatch: tag, description: 'updated' });
    assert.equal(response.status, 200);
    assert.equal(response.result.description, 'updated');
    assert.equal(response.result.name, NAMES.serviceId);
    assert.notEqual(tagOf(response), tag);
    await assert.rejects(suite.identity.updateServiceId({ id: serviceId, ifMatch: tag, description: 'late' }), refusal(409));
  });

  it('locks it, which keeps it as it is, and unlocks it', async () => {
    const { identity } = suite;
    assert.equal((await identity.lockServiceId({ id: serviceId })).status, 204);
    assert.equal((await read(serviceId)).locked, true);
    await assert.rejects(identity.updateServiceId({ id: serviceId, ifMatch: '*', description: 'x' }), refusal(422, 'invalid_state'));
    await assert.rejects(identity.deleteServiceId({ id: serviceId }), refusal(422, 'invalid_state'));
    assert.equal((await identity.unlockServiceId({ id: serviceId })).status, 204);
    assert.equal((await read(serviceId)).locked, false);
  });

  it('deletes it with its key', async () => {
    const response = await suite.identity.deleteServiceId({ id: serviceId });
    assert.equal(response.status, 204);
    assertEmpty(response);
    await assert.rejects(read(serviceId), refusal(404));
    await assert.rejects(suite.identity.getApiKey({ id: keyId }), refusal(404));
  });

  it('walks over service IDs one by one, and finds them by name and filter together', async () => {
    const { identity, accountId } = suite;
    const made: string[] = [];
    for (let index = 0; index < 3; index += 1) made.push((await identity.createServiceId({ accountId, name: NAMES.serviceId })).result.id);
    const pages = await pagesOf((page) => identity.listServiceIds({ accountId, name: NAMES.serviceId, pagesize: 1, ...page }));
    assert.deepEqual(
      pages.map(({ result }) => result.serviceids.length),
      [1, 1, 1],
    );
    const walked = pages.flatMap(({ result }) => result.serviceids).map(({ id }) => id);
    assert.deepEqual([...walked].sort(), [...made].sort());
    const found = async (name: string, filter: string) =>
      (await identity.listServiceIds({ accountId, name, filter })).result.serviceids.length;
    assert.equal(await found(NAMES.serviceId, 'name co "Node"'), 3);
    assert.equal(await found(NAMES.serviceId, 'name co "Python"'), 0);
    assert.equal(await found('Node', 'name co "Node"'), 0);
    for (const id of made) await identity.deleteServiceId({ id });
  });

  it('keeps the instances that it is bound to, and a lock from the beginning', async () => {
    const { identity, accountId } = suite;
    const crn = `crn:v1:bluemix:public:cloud-object-storage:global:a/${accountId}:00000000-0000-4000-8000-000000000000::`;
    const { result } = await identity.createServiceId({ accountId, name: NAMES.serviceId, uniqueInstanceCrns: [crn], entityLock: 'true' });
    assert.equal(result.locked, true);
    assert.deepEqual(result.unique_instance_crns, [crn]);
    assert.ok(!('description' in result));
    await identity.unlockServiceId({ id: result.id });
    const { result: freed } = await identity.updateServiceId({ id: result.id, ifMatch: '*', uniqueInstanceCrns: [] });
    assert.deepEqual(freed.unique_instance_crns, []);
    await identity.deleteServiceId({ id: result.id });
  });

  it('is told what is wrong', async () => {
    const { identity } = suite;
    await assert.rejects(identity.createServiceId({ accountId: 'InvalidAccountId', name: 'x' }), refusal(400));
    await assert.rejects(identity.getServiceId({ id: 'InvalidServiceId' }), refusal(404));
    await assert.rejects(identity.updateServiceId({ id: 'InvalidServiceId', ifMatch: 'x', name: 'x' }), refusal(404));
    await assert.rejects(identity.deleteServiceId({ id: 'InvalidServiceId' }), refusal(404));
  });

  it('drove every operation', () => assertDriven(suite, 'service-ids'));
});
