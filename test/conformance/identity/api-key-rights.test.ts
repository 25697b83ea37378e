/** Who may do what to API keys. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf, type Reply, ROLE, SERVICE_ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId, makeUserWith, setAccountSettings } from './making.ts';
import { assertRefused } from './refusal.ts';

const IDENTITY_ROLE = (name: string) => `crn:v1:bluemix:public:iam-identity::::serviceRole:${name}`;
let world: World;
let account: TestAccount;
let serviceId: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  serviceId = await makeServiceId(world, account);
});
after(() => world[Symbol.asyncDispose]());

const create = (token: string, iamId: string, members: Readonly<Record<string, unknown>> = {}) =>
  world.call('POST', '/v1/apikeys', { token, body: { name: crypto.randomUUID(), iam_id: iamId, ...members } });
const get = (token: string, id: string) => world.call('GET', `/v1/apikeys/${id}`, { token });
const update = (token: string, id: string) =>
  world.call('PUT', `/v1/apikeys/${id}`, { token, headers: { 'if-match': '*' }, body: { description: crypto.randomUUID() } });
const set = (token: string, id: string, method: string, state: string) => world.call(method, `/v1/apikeys/${id}/${state}`, { token });
const remove = (token: string, id: string) => world.call('DELETE', `/v1/apikeys/${id}`, { token });
const list = (token: string, query: string) => world.call('GET', `/v1/apikeys?account_id=${account.id}&${query}`, { token });
const assertAnswer = (reply: Reply<Wire>, permitted: boolean) => {
  if (permitted) assert.ok(reply.status < 300, `${reply.status} ${reply.text}`);
  else assertRefused(reply, 403, 'insufficient_permissions');
};

test('a member manages their own keys without any role', async () => {
  const user = await world.user(account.id);
  const made = await create(user.token, user.iamId);
  assertAnswer(made, true);
  const { id } = made.body;
  for (const reply of [
    await get(user.token, id),
    await list(user.token, `iam_id=${user.iamId}`),
    await update(user.token, id),
    await set(user.token, id, 'POST', 'lock'),
    await set(user.token, id, 'DELETE', 'lock'),
    await set(user.token, id, 'POST', 'disable'),
    await set(user.token, id, 'DELETE', 'disable'),
    await remove(user.token, id),
  ]) {
    assertAnswer(reply, true);
  }
});

test('a service ID sees in a list which keys sign it in, without their values, and manages none of them', async () => {
  const { iam_id: iamId, apikey } = await makeServiceId(world, account, { apikey: { name: 'own', store_value: true } });
  const token = await world.login(apikey.apikey);
  const { status, body } = await list(token, '');
  assert.equal(status, 200);
  assert.deepEqual(
    body.apikeys.map((key: Wire) => [key.id, key.iam_id, key.apikey]),
    [[apikey.id, iamId, '']],
  );
  assertAnswer(await list(token, `iam_id=${serviceId.iam_id}`), false);
  assertAnswer(await list(token, 'scope=account'), false);
  for (const reply of [
    await get(token, apikey.id),
    await update(token, apikey.id),
    await remove(token, apikey.id),
    await create(token, iamId),
  ]) {
    assertAnswer(reply, false);
  }
});

for (const [role, may] of [
  ['Administrator', 'create read update delete'],
  ['Operator', 'create read update delete'],
  ['Editor', 'read update'],
  ['Viewer', ''],
  [undefined, ''],
] as const) {
  test(`${role ?? 'a member without a role'} may do this to the keys of a service ID: ${may || 'nothing'}`, async () => {
    const { token } = role === undefined ? await world.user(account.id) : await makeUserWith(world, account, ROLE(role));
    const { id } = await makeApiKey(world, account.owner, serviceId.iam_id);
    const permitted = (action: string) => may.split(' ').includes(action);
    assertAnswer(await create(token, serviceId.iam_id), permitted('create'));
    assertAnswer(await get(token, id), permitted('read'));
    assertAnswer(await list(token, `iam_id=${serviceId.iam_id}`), permitted('read'));
    assertAnswer(await update(token, id), permitted('update'));
    assertAnswer(await set(token, id, 'POST', 'lock'), permitted('update'));
    if (permitted('update')) assertAnswer(await set(token, id, 'DELETE', 'lock'), true);
    assertAnswer(await set(token, id, 'POST', 'disable'), permitted('update'));
    assertAnswer(await remove(token, id), permitted('delete'));
  });
}

test('the keys of another user are not for a member without a role, and stay as they are', async () => {
  const [user, other] = [await world.user(account.id), await world.user(account.id)];
  const made = await makeApiKey(world, other.token, other.iamId);
  const before = (await get(other.token, made.id)).body;
  for (const reply of [
    await get(user.token, made.id),
    await update(user.token, made.id),
    await set(user.token, made.id, 'POST', 'lock'),
    await set(user.token, made.id, 'POST', 'disable'),
    await remove(user.token, made.id),
    await list(user.token, `iam_id=${other.iamId}`),
    await list(user.token, 'scope=account'),
  ]) {
    assertRefused(reply, 403, 'insufficient_permissions');
  }
  assert.deepEqual((await get(other.token, made.id)).body, before);
});

test('nobody makes a key that signs in as another user, neither the owner nor an Administrator', async () => {
  const user = await world.user(account.id);
  const administrator = await makeUserWith(world, account, ROLE('Administrator'));
  assertRefused(await create(administrator.token, account.ownerIamId), 403, 'insufficient_permissions');
  assertRefused(await create(administrator.token, user.iamId), 403, 'insufficient_permissions');
  assertRefused(await create(account.owner, user.iamId), 403, 'insufficient_permissions');
});

test('an API key reviewer and a Service Configuration Reader review all keys, without values', async () => {
  for (const role of [IDENTITY_ROLE('ApiKeyReviewer'), SERVICE_ROLE('ServiceConfigurationReader')]) {
    const { token } = await makeUserWith(world, account, role);
    const { status, body, text } = await list(token, 'scope=account&pagesize=100');
    assert.equal(status, 200, text);
    assert.ok(body.apikeys.some((key: { iam_id: string }) => key.iam_id === account.ownerIamId));
    for (const key of body.apikeys) assert.equal(key.apikey, '');
    assertRefused(await create(token, serviceId.iam_id), 403, 'insufficient_permissions');
  }
});

test('a stored value of a service ID is shown to who may get the key, an unstored one to nobody', async () => {
  const stored = await makeApiKey(world, account.owner, serviceId.iam_id, { store_value: true });
  const bare = await makeApiKey(world, account.owner, serviceId.iam_id);
  const editor = await makeUserWith(world, account, ROLE('Editor'));
  const member = await world.user(account.id);
  for (const token of [account.owner, editor.token]) {
    assert.equal((await get(token, stored.id)).body.apikey, stored.apikey);
    assert.equal((await get(token, bare.id)).body.apikey, '');
  }
  const refused = await get(member.token, stored.id);
  assertRefused(refused, 403, 'insufficient_permissions');
  assert.ok(!refused.text.includes(stored.apikey));
  const read = await get(account.owner, stored.id);
  const events = await world.events(account, read.headers.get('x-request-id') ?? '');
  assert.ok(!JSON.stringify(events).includes(stored.apikey));
});

test('a service ID is named by its iam id or its id, and answered with its iam id', async () => {
  for (const iamId of [serviceId.iam_id, serviceId.id]) {
    const made = await create(account.owner, iamId);
    assert.deepEqual([made.status, made.body.iam_id, made.body.created_by], [201, serviceId.iam_id, account.ownerIamId]);
    const claims = claimsOf(await world.login(made.body.apikey));
    assert.deepEqual([claims.iam_id, claims.account.bss], [serviceId.iam_id, account.id]);
  }
});

test('a key of another account is not found, whatever is done', async () => {
  const { id } = await makeApiKey(world, account.owner, serviceId.iam_id, { store_value: true });
  const unknown = `ApiKey-${crypto.randomUUID()}`;
  const { owner: token } = await world.account();
  const attempts = [
    get,
    update,
    remove,
    (by: string, key: string) => set(by, key, 'POST', 'lock'),
    (by: string, key: string) => set(by, key, 'POST', 'disable'),
  ];
  for (const attempt of attempts) {
    const [foreign, absent] = [await attempt(token, id), await attempt(token, unknown)];
    assertRefused(foreign, 404, 'not_found');
    assertRefused(absent, 404, 'not_found');
    assert.deepEqual(JSON.parse(JSON.stringify(foreign.body.errors).replaceAll(id, unknown)), absent.body.errors);
  }
  assertRefused(await list(token, 'scope=account'), 403, 'insufficient_permissions');
  assertRefused(await create(token, serviceId.iam_id, { account_id: account.id }), 403, 'insufficient_permissions');
});

test('where the account restricts it, a user needs the role of a User API key creator for a key of their own', async () => {
  const restricted = await world.account();
  const [member, creator] = [await world.user(restricted.id), await makeUserWith(world, restricted, IDENTITY_ROLE('UserApiKeyCreator'))];
  const before = await makeApiKey(world, member.token, member.iamId);
  await setAccountSettings(world, restricted, { restrict_create_platform_apikey: 'RESTRICTED' });
  for (const [token, iamId] of [
    [member.token, member.iamId],
    [restricted.owner, restricted.ownerIamId],
  ] as const) {
    assertRefused(await create(token, iamId), 403, 'insufficient_permissions');
  }
  assertAnswer(await create(creator.token, creator.iamId), true);
  await world.login(before.apikey);
  assertAnswer(await remove(member.token, before.id), true);
  const ofService = await makeServiceId(world, restricted);
  assertAnswer(await create(restricted.owner, ofService.iam_id), true);
  await setAccountSettings(world, restricted, { restrict_create_platform_apikey: 'NOT_RESTRICTED' });
  assertAnswer(await create(member.token, member.iamId), true);
});
