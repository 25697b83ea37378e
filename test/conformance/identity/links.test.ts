import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let profile: Wire;
let crn: string;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
  crn = `crn:v1:staging:public:iam-identity::a/${account.id}::computeresource:Fake-Compute-Resource`;
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown) =>
  world.call(method, `/v1/profiles/${path}`, { token: account.owner, ...(body !== undefined && { body }) });
const create = (body: unknown, id: string = profile.id) => call('POST', `${id}/links`, body);
const serviceAccount = (name: string, rest: Record<string, unknown> = {}) => ({
  cr_type: 'ROKS_SA',
  link: { crn, namespace: 'default', name },
  ...rest,
});

test('L1: a link is echoed with its tag and dates', async () => {
  const sent = serviceAccount('nice name', { name: 'nice link' });
  const { status, body, headers } = await create(sent);
  assert.equal(status, 201);
  const { id, entity_tag, created_at, modified_at, ...echoed } = body;
  assert.deepEqual(echoed, sent);
  assert.match(id, /^link-[0-9a-f-]{36}$/);
  assert.match(entity_tag, /^1-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), entity_tag);
  assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
  assert.equal(modified_at, created_at);
  assert.equal(headers.get('podpass-warning'), null);
});

test('L2: GET returns the link as it was created', async () => {
  const { body } = await create(serviceAccount('l2'));
  const found = await call('GET', `${profile.id}/links/${body.id}`);
  assert.equal(found.status, 200);
  assert.deepEqual(found.body, body);
  assert.equal(found.headers.get('etag'), body.entity_tag);
});

test('L3: the list contains a link once', async () => {
  const { body } = await create(serviceAccount('l3'));
  const list = await call('GET', `${profile.id}/links`);
  assert.equal(list.status, 200);
  assert.deepEqual(Object.keys(list.body), ['links']);
  assert.deepEqual(
    list.body.links.filter(({ id }: { id: string }) => id === body.id),
    [body],
  );
});

test('L3: a profile without links has an empty list', async () => {
  assert.deepEqual((await call('GET', `${(await world.profile(account)).id}/links`)).body, { links: [] });
});

test('L4: DELETE answers 204, and the link is gone', async () => {
  const { body } = await create(serviceAccount('l4'));
  const reply = await call('DELETE', `${profile.id}/links/${body.id}`);
  assert.equal(reply.status, 204);
  assert.equal(reply.text, '');
  assertRefused(await call('GET', `${profile.id}/links/${body.id}`), 404, 'not_found');
  assertRefused(await call('DELETE', `${profile.id}/links/${body.id}`), 404, 'not_found');
  assert.equal((await create(serviceAccount('l4'))).status, 201);
});

test('L5, L6, L7: a Code Engine link is made, deleted by its parameters, and then not found', async () => {
  const link = { crn, component_name: 'test_component_name', component_type: 'test_component_type' };
  const { status, body } = await create({ name: 'Great link', cr_type: 'CE', link });
  assert.equal(status, 201);
  assert.deepEqual(body.link, link);
  const query = new URLSearchParams({ type: 'CE', ...link });
  assert.equal((await call('DELETE', `${profile.id}/links?${query}`)).status, 204);
  assertRefused(await call('GET', `${profile.id}/links/${body.id}`), 404, 'not_found');
  assertRefused(await call('DELETE', `${profile.id}/links?${query}`), 404, 'not_found');
});

test('L8: deletion by parameters without a type, or with an unknown one, is refused', async () => {
  assertRefused(await call('DELETE', `${profile.id}/links?crn=${encodeURIComponent(crn)}`), 400, 'missing_parameter');
  assertRefused(await call('DELETE', `${profile.id}/links`), 400, 'missing_parameter');
  assertRefused(await call('DELETE', `${profile.id}/links?type=dummy`), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('L9: deletion by parameters that fit two links is refused, and both remain', async () => {
  const { id } = await world.profile(account);
  await create(serviceAccount('one'), id);
  await create(serviceAccount('two'), id);
  assertRefused(await call('DELETE', `${id}/links?type=ROKS_SA&namespace=default`), 400, 'invalid_parameter', 'BXNIM0106E');
  assert.equal((await call('GET', `${id}/links`)).body.links.length, 2);
  assert.equal((await call('DELETE', `${id}/links?type=ROKS_SA&namespace=default&name=two`)).status, 204);
  const { links } = (await call('GET', `${id}/links`)).body;
  assert.deepEqual(
    links.map((link: Wire) => link.link.name),
    ['one'],
  );
});

test('L9: deletion by parameters touches no link that differs in one of them', async () => {
  const { id } = await world.profile(account);
  await create(serviceAccount('one'), id);
  for (const query of ['type=IKS_SA', 'type=ROKS_SA&namespace=', 'type=ROKS_SA&name=On', 'type=ROKS_SA&component_name=one']) {
    assertRefused(await call('DELETE', `${id}/links?${query}`), 404, 'not_found');
  }
  assert.equal((await call('GET', `${id}/links`)).body.links.length, 1);
});

test('L10: a link without a name gets none', async () => {
  const { status, body } = await create(serviceAccount('l10'));
  assert.equal(status, 201);
  assert.ok(!('name' in body));
});

test("L11: an IKS_SA link to the profile's own CRN is accepted", async () => {
  const { status } = await create({ cr_type: 'IKS_SA', link: { crn: profile.crn, namespace: 'default', name: 'default' } });
  assert.equal(status, 201);
});

test('L14: a valid link for an unknown profile is not found', async () => {
  assertRefused(await create(serviceAccount('x'), 'invalid'), 404, 'not_found');
});

test('L15: a link of an unknown profile is not found, nor an unknown link, nor one of another profile', async () => {
  const other = await world.profile(account);
  const { body } = await create(serviceAccount('l15'));
  for (const method of ['GET', 'DELETE']) {
    for (const path of ['invalid/links/invalid', `${profile.id}/links/invalid`, `${other.id}/links/${body.id}`]) {
      assertRefused(await call(method, path), 404, 'not_found');
    }
  }
  assert.equal((await call('GET', `${profile.id}/links/${body.id}`)).status, 200);
});

for (const crType of ['VSI', 'PVS', 'BMS']) {
  test(`L16: a ${crType} link needs only a CRN`, async () => {
    const { status, body } = await create({ cr_type: crType, link: { crn } });
    assert.equal(status, 201);
    assert.deepEqual(body.link, { crn });
  });
}

test('L16: a VSI link keeps the further members that it was sent with', async () => {
  const link = { crn, namespace: 'default', name: 'default' };
  assert.deepEqual((await create({ cr_type: 'VSI', link })).body.link, link);
});

test('L24: there is no update of a link', async () => {
  const { body } = await create(serviceAccount('l24'));
  assertRefused(await call('PUT', `${profile.id}/links/${body.id}`, serviceAccount('other')), 404, 'not_found');
  assert.deepEqual((await call('GET', `${profile.id}/links/${body.id}`)).body, body);
});

test("L27: the profile's tag is unchanged by its links", async () => {
  const made = await world.profile(account);
  const { body } = await create(serviceAccount('l27'), made.id);
  assert.deepEqual((await call('GET', made.id)).body, made);
  await call('DELETE', `${made.id}/links/${body.id}`);
  assert.deepEqual((await call('GET', made.id)).body, made);
});

test('creation and deletion of a link are audited as changes of the profile, with the kind', async () => {
  const made = await create(serviceAccount('audited'));
  const removed = await call('DELETE', `${profile.id}/links/${made.body.id}`);
  for (const [reply, operation] of [
    [made, 'create'],
    [removed, 'delete'],
  ] as const) {
    const [event] = await world.events(account, reply.headers.get('x-request-id') ?? '');
    assert.equal(event.data.action, 'iam-identity.account-profile.update');
    assert.deepEqual(event.data.requestData, { kind: 'link', operation });
  }
});
