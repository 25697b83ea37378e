/** Which events of the audit log a change leaves behind, by their published names. A read and a refused change leave none of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeEnterprise, makeServiceId } from './making.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown): Promise<Reply<Wire>> =>
  world.call(method, path, { token: account.owner, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });

async function eventsOf(reply: Reply<Wire>, of = account): Promise<Wire[]> {
  return world.events(of, reply.headers.get('x-request-id') ?? '');
}

/** Insists on exactly these events, without the name of the service, in any order. */
async function assertEvents(reply: Reply<Wire>, actions: readonly string[], of = account): Promise<Wire[]> {
  assert.ok(reply.status < 300, reply.text);
  const events = await eventsOf(reply, of);
  assert.deepEqual(events.map(({ data }) => data.action).sort(), actions.map((action) => `iam-identity.${action}`).sort());
  for (const { type, data } of events) {
    assert.equal(type, data.action);
    assert.deepEqual([data.outcome, data.initiator.id], ['success', of.ownerIamId]);
    assert.ok(data.target.id !== '' && data.target.typeURI.startsWith('iam-identity/'), JSON.stringify(data.target));
  }
  return events;
}

test('a profile: create, update, delete, the last with all that hung on it', async () => {
  const made = await call('POST', '/v1/profiles', { name: 'audited', account_id: account.id });
  const path = `/v1/profiles/${made.body.id}`;
  await assertEvents(made, ['account-profile.create']);
  const [changed] = await assertEvents(await call('PUT', path, { description: 'new' }), ['account-profile.update']);
  assert.deepEqual([changed.data.before.description, changed.data.after.description], [null, 'new']);
  await world.link(account, made.body.id, made.body.crn);
  await call('POST', `${path}/identities/user`, { type: 'user', identifier: 'IBMid-1' });
  const [removed] = await assertEvents(await call('DELETE', path), ['account-profile.delete']);
  assert.equal(removed.data.target.id, made.body.crn);
  assert.deepEqual([removed.data.before.links.length, removed.data.before.identities.length], [1, 1]);
});

test('what changes nothing leaves no event', async () => {
  const profile = await world.profile(account);
  const path = `/v1/profiles/${profile.id}`;
  for (const reply of [await call('PUT', path, {}), await call('PUT', `${path}/identities`, {}), await call('GET', path)]) {
    await assertEvents(reply, []);
  }
});

test('a refused change leaves a failure that names the missing action, and no success', async () => {
  const profile = await world.profile(account);
  const { token, iamId } = await world.user(account.id);
  const reply = await world.call('DELETE', `/v1/profiles/${profile.id}`, { token });
  assert.equal(reply.status, 403);
  let events: Wire[] = [];
  const deadline = Date.now() + 5000;
  while (events.length === 0 && Date.now() < deadline) events = await eventsOf(reply);
  assert.deepEqual(
    events.map(({ data }) => [data.action, data.outcome, data.initiator.id, data.reason.reasonCode]),
    [['iam-identity.profile.delete', 'failure', iamId, 403]],
  );
});

test('a service ID with an API key: an event for each, at the creation and at the end', async () => {
  const body = { account_id: account.id, name: 'audited', apikey: { name: 'first' } };
  const made = await call('POST', '/v1/serviceids', body);
  await assertEvents(made, ['account-serviceid.create', 'serviceid-apikey.create']);
  const path = `/v1/serviceids/${made.body.id}`;
  await assertEvents(await call('PUT', path, { description: 'new' }), ['account-serviceid.update']);
  await assertEvents(await call('POST', '/v1/apikeys', { iam_id: made.body.iam_id, name: 'second' }), ['serviceid-apikey.create']);
  const removed = await call('DELETE', path);
  await assertEvents(removed, ['account-serviceid.delete', 'serviceid-apikey.delete', 'serviceid-apikey.delete']);
});

test('a switched state is an update that says which call switched it', async () => {
  const serviceId = await makeServiceId(world, account, { apikey: { name: 'switched' } });
  const own = (await call('POST', '/v1/apikeys', { iam_id: account.ownerIamId, name: 'switched' })).body;
  for (const [path, action, calls] of [
    [`/v1/serviceids/${serviceId.id}`, 'account-serviceid.update', ['POST lock', 'DELETE lock']],
    [`/v1/apikeys/${serviceId.apikey.id}`, 'serviceid-apikey.update', ['POST lock', 'DELETE lock', 'POST disable', 'DELETE disable']],
    [`/v1/apikeys/${own.id}`, 'user-apikey.update', ['POST lock', 'DELETE lock', 'POST disable', 'DELETE disable']],
  ] as const) {
    const operations: string[] = [];
    for (const each of calls) {
      const [method = '', state] = each.split(' ');
      const [event] = await assertEvents(await call(method, `${path}/${state}`), [action]);
      operations.push(event.data.requestData.operation);
    }
    assert.deepEqual(operations, ['lock', 'unlock', 'disable', 'enable'].slice(0, calls.length));
  }
});

for (const kind of [PROFILE_TEMPLATES, ACCOUNT_SETTINGS_TEMPLATES]) {
  const name = kind.list.slice(0, -1).replaceAll('_', '-');
  test(`${name}: create, update, assign, assignment-update, remove, delete`, async () => {
    const { root, child } = await makeEnterprise(world);
    const calls = createTemplateCalls(world, root, kind);
    const part = { [kind.part]: kind === PROFILE_TEMPLATES ? { name: 'audited' } : { mfa: 'TOTP' } };
    const insist = (reply: Reply<Wire>, verb: string) => assertEvents(reply, [`${name}.${verb}`], root);
    /** The account below has an event of its own. */
    const insistOnBoth = async (reply: Reply<Wire>, verb: string, below: string) => {
      await insist(reply, verb);
      const action = kind === PROFILE_TEMPLATES ? `account-profile.${below}` : 'account-settings.update';
      await assertEvents(reply, [action], child);
    };
    const made = await calls.create(part);
    const { id } = made.body;
    await insist(made, 'create');
    await insist(await calls.update(id, 1, { description: 'new' }, '*'), 'update');
    await insist(await calls.commit(id, 1), 'update');
    await insist(await calls.createVersion(id, part), 'create');
    await insist(await calls.commit(id, 2), 'update');
    const assigned = await calls.assign(id, 1, child.id);
    await insistOnBoth(assigned, 'assign', 'create');
    await insistOnBoth(await calls.move(assigned.body.id, 2, '*'), 'assignment-update', 'update');
    await insistOnBoth(await calls.unassign(assigned.body.id), 'remove', 'delete');
    await insist(await calls.remove(id, 1), 'delete');
    await insist(await calls.removeAll(id), 'delete');
  });
}
