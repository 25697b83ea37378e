/** Histories: on which replies they stand, what their records say, and that nothing shows one unasked. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestUser, type Wire, type World } from '../../support/world.ts';
import { type Enterprise, makeEnterprise, makeServiceId, setAccountSettings } from './making.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

let world: World;
let enterprise: Enterprise;
let serviceId: Wire;
let user: TestUser;
/** Addresses of replies with a history, with the way from the body to the object that has it. */
const SINGLE: [path: string, actions: readonly string[], find: (body: Wire) => Wire][] = [];
const LISTS: [path: string, actions: readonly string[], find: (body: Wire) => Wire][] = [];

const put = (path: string, body: unknown) =>
  world.expect(200, 'PUT', path, { token: enterprise.root.owner, headers: { 'if-match': '*' }, body });

before(async () => {
  world = await startWorld();
  enterprise = await makeEnterprise(world);
  const { root, child } = enterprise;
  user = await world.user(root.id);
  const profile = await world.profile(root);
  await put(`/v1/profiles/${profile.id}`, { description: 'changed' });
  serviceId = await makeServiceId(world, root, { apikey: { name: 'key' } });
  const key = `/v1/apikeys/${serviceId.apikey.id}`;
  await put(`/v1/serviceids/${serviceId.id}`, { description: 'changed' });
  await put(key, { description: 'changed' });
  await world.expect(204, 'POST', `${key}/lock`, { token: root.owner });
  await setAccountSettings(world, root, { mfa: 'TOTP' });
  const self = (body: Wire) => body;
  const query = `account_id=${root.id}`;
  SINGLE.push(
    [`/v1/profiles/${profile.id}?`, ['CREATE', 'UPDATE'], self],
    [`/v1/serviceids/${serviceId.id}?`, ['CREATE', 'UPDATE'], self],
    [`${key}?`, ['CREATE', 'UPDATE', 'LOCK'], self],
    ['/v1/apikeys/details?', ['CREATE', 'UPDATE', 'LOCK'], self],
  );
  LISTS.push(
    [`/v1/profiles?${query}`, ['CREATE', 'UPDATE'], ({ profiles }) => profiles[0]],
    [`/v1/serviceids?${query}`, ['CREATE', 'UPDATE'], ({ serviceids }) => serviceids[0]],
    [`/v1/apikeys?${query}&iam_id=${serviceId.iam_id}`, ['CREATE', 'UPDATE', 'LOCK'], ({ apikeys }) => apikeys[0]],
  );
  for (const kind of [PROFILE_TEMPLATES, ACCOUNT_SETTINGS_TEMPLATES]) {
    const calls = createTemplateCalls(world, root, kind);
    const template = await calls.committed({ [kind.part]: kind === PROFILE_TEMPLATES ? { name: 'managed' } : { mfa: 'LEVEL1' } });
    const { id } = (await calls.assign(template.id, 1, child.id)).body;
    await calls.move(id, 1, '*');
    SINGLE.push(
      [`${kind.templates}/${template.id}?`, ['CREATE', 'COMMIT'], self],
      [`${kind.templates}/${template.id}/versions/1?`, ['CREATE', 'COMMIT'], self],
      [`${kind.assignments}${id}?`, ['CREATE', 'UPDATE'], self],
    );
    LISTS.push(
      [`${kind.templates}?${query}`, ['CREATE', 'COMMIT'], (body) => body[kind.list][0]],
      [`${kind.templates}/${template.id}/versions?`, ['CREATE', 'COMMIT'], (body) => body[kind.list][0]],
      [`${kind.assignments}?${query}`, ['CREATE', 'UPDATE'], ({ assignments }) => assignments[0]],
    );
  }
});
after(() => world[Symbol.asyncDispose]());

const get = async (path: string): Promise<Wire> => {
  const options = { token: enterprise.root.owner, headers: { 'iam-apikey': serviceId.apikey.apikey } };
  return (await world.expect(200, 'GET', path, options)).body;
};

function assertHistory(history: Wire, actions: readonly string[], path: string): void {
  assert.deepEqual(
    history.map(({ action }: Wire) => action),
    actions,
    path,
  );
  const { root } = enterprise;
  let last = '';
  for (const record of history) {
    assert.deepEqual(Object.keys(record).sort(), ['action', 'iam_id', 'iam_id_account', 'message', 'params', 'timestamp'], path);
    assert.deepEqual([record.iam_id, record.iam_id_account], [root.ownerIamId, root.id], path);
    assert.match(record.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, path);
    assert.match(record.message, /^[A-Z].*\.$/, path);
    assert.ok(
      record.params.every((param: unknown) => typeof param === 'string' && /^[a-z_]+$/.test(param)),
      path,
    );
    assert.ok(record.timestamp >= last, 'the newest comes last');
    last = record.timestamp;
  }
}

test('a single object shows its history where that is asked for, and only there', async () => {
  assert.equal(SINGLE.length, 10);
  for (const [path, actions, find] of SINGLE) {
    assertHistory(find(await get(`${path}include_history=true`)).history, actions, path);
    for (const query of ['', 'include_history=false']) assert.ok(!('history' in find(await get(path + query))), path);
  }
});

test('a list shows the histories of its objects where that is asked for, and only there', async () => {
  assert.equal(LISTS.length, 9);
  for (const [path, actions, find] of LISTS) {
    assertHistory(find(await get(`${path}&include_history=true`)).history, actions, path);
    for (const query of ['', '&include_history=false']) assert.ok(!('history' in find(await get(path + query))), path);
  }
});

test('the settings of an account always have the member, which is empty where nobody asked', async () => {
  const settings = `/v1/accounts/${enterprise.root.id}/settings/identity`;
  const effective = `/v1/accounts/${enterprise.root.id}/effective_settings/identity`;
  assertHistory((await get(`${settings}?include_history=true`)).history, ['UPDATE'], settings);
  assertHistory((await get(`${effective}?include_history=true`)).account.history, ['UPDATE'], effective);
  for (const query of ['', '?include_history=false']) {
    assert.deepEqual((await get(settings + query)).history, []);
    assert.deepEqual((await get(effective + query)).account.history, []);
    assert.ok(!('history' in (await get(effective + query)).effective));
  }
  assert.deepEqual((await put(settings, { mfa: 'TOTP' })).body.history, []);
});

test('what an administrator of the installation made has a history from the start', async () => {
  const headers = { 'iam-apikey': user.apikey };
  const { body } = await world.expect(200, 'GET', '/v1/apikeys/details?include_history=true', { token: user.token, headers });
  assert.deepEqual([body.iam_id, body.account_id, body.created_by, body.locked], [user.iamId, enterprise.root.id, user.iamId, false]);
  assert.deepEqual(
    body.history.map(({ action, iam_id }: Wire) => [action, iam_id]),
    [['CREATE', 'IBMid-admin']],
  );
});

test('the record of a change names the members that changed, as the wire spells them', async () => {
  const path = `/v1/serviceids/${(await makeServiceId(world, enterprise.root, { description: 'first' })).id}`;
  await put(path, { name: 'renamed', unique_instance_crns: ['crn:v1:a:b:c:::::d'] });
  await put(path, { description: '' });
  const { history } = await get(`${path}?include_history=true`);
  assert.deepEqual(
    history.map(({ params }: Wire) => params),
    [['name', 'description'], ['name', 'unique_instance_crns'], ['description']],
  );
});
