import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let profile: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown, ifMatch?: string, token = account.owner) =>
  world.call(method, `/v1/profiles/${path}`, {
    token,
    ...(body !== undefined && { body }),
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  });
const create = (body: unknown, id: string = profile.id) => call('POST', `${id}/rules`, body);
const replace = (rule: Wire, ifMatch: string | undefined, body: unknown) => call('PUT', `${profile.id}/rules/${rule.id}`, body, ifMatch);
const read = (rule: Wire) => call('GET', `${profile.id}/rules/${rule.id}`);

const CONDITION = { claim: 'blueGroups', operator: 'EQUALS', value: '"{\'cloud-docs-dev\'}"' };
const SAML = { type: 'Profile-SAML', realm_name: 'https://sdk.test.realm/1234', expiration: 43200, conditions: [CONDITION] };
const CR = { type: 'Profile-CR', cr_type: 'IKS_SA', conditions: [{ claim: 'namespace', operator: 'EQUALS', value: 'default' }] };

async function make(body: unknown = SAML, id: string = profile.id): Promise<Wire> {
  const reply = await create(body, id);
  assert.equal(reply.status, 201, reply.text);
  return reply.body;
}

test('R1: a SAML rule is echoed byte for byte, with its tag and dates', async () => {
  const { status, headers, body, text } = await create(SAML);
  assert.equal(status, 201, text);
  const { id, entity_tag, created_at, modified_at, ...echoed } = body;
  assert.deepEqual(echoed, SAML);
  assert.match(id, /^ClaimRule-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.match(entity_tag, /^1-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), entity_tag);
  assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
  assert.equal(modified_at, created_at);
});

test('R2: GET returns the rule as it was created', async () => {
  const made = await make();
  const { status, body, headers } = await read(made);
  assert.equal(status, 200);
  assert.deepEqual(body, made);
  assert.equal(headers.get('etag'), made.entity_tag);
});

test('R3: the list has every rule once', async () => {
  const { id } = await world.profile(account);
  const [first, second] = [await make(SAML, id), await make(CR, id)];
  const list = await call('GET', `${id}/rules`);
  assert.equal(list.status, 200);
  assert.deepEqual(Object.keys(list.body), ['rules']);
  assert.equal(list.body.rules.length, 2);
  for (const rule of [first, second]) {
    assert.deepEqual(
      list.body.rules.filter((listed: Wire) => listed.id === rule.id),
      [rule],
    );
  }
});

test('R3: a profile without rules has an empty list', async () => {
  assert.deepEqual((await call('GET', `${(await world.profile(account)).id}/rules`)).body, { rules: [] });
});

test('R4: PUT with the current tag replaces the rule and moves its tag on', async () => {
  const made = await make({ ...SAML, name: 'first' });
  const conditions = [{ claim: 'blueGroups', operator: 'NOT_EQUALS', value: '"x"' }];
  const { status, body, headers } = await replace(made, made.entity_tag, { ...SAML, name: 'second', expiration: 33200, conditions });
  assert.equal(status, 200);
  assert.equal(body.expiration, 33200);
  assert.equal(body.name, 'second');
  assert.deepEqual(body.conditions, conditions);
  assert.equal(body.id, made.id);
  assert.equal(body.created_at, made.created_at);
  assert.match(body.entity_tag, /^2-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual((await read(made)).body, body);
});

test('PUT replaces the whole rule: what it does not name is gone', async () => {
  const made = await make({ ...SAML, name: 'named' });
  const { body } = await replace(made, '*', CR);
  const { id, entity_tag, created_at, modified_at, ...echoed } = body;
  assert.deepEqual(echoed, { ...CR, expiration: 0 });
  assert.deepEqual((await read(made)).body, body);
});

test('PUT with the same values moves the tag on as well', async () => {
  const made = await make();
  const { status, body } = await replace(made, made.entity_tag, SAML);
  assert.equal(status, 200);
  assert.match(body.entity_tag, /^2-/);
});

test('R5: DELETE answers 204 without a body, and the rule is gone', async () => {
  const made = await make();
  const reply = await call('DELETE', `${profile.id}/rules/${made.id}`, undefined, 'ignored');
  assert.equal(reply.status, 204);
  assert.equal(reply.text, '');
  assertRefused(await read(made), 404, 'not_found');
  assertRefused(await call('DELETE', `${profile.id}/rules/${made.id}`), 404, 'not_found');
  assertRefused(await replace(made, '*', SAML), 404, 'not_found');
});

test('R6: a valid rule for an unknown profile is not found', async () => {
  assertRefused(await create(SAML, 'invalid'), 404, 'not_found');
});

test('R9: a valid PUT under unknown ids is not found, whatever its tag', async () => {
  assertRefused(await call('PUT', 'invalid/rules/invalid', SAML, 'invalid'), 404, 'not_found');
  assertRefused(await call('PUT', `${profile.id}/rules/invalid`, SAML, 'invalid'), 404, 'not_found');
});

test('R10: a Profile-CR rule has expiration 0 and no realm, and takes any claim', async () => {
  const sent = { ...CR, conditions: [{ claim: 'blueGroups', operator: 'CONTAINS', value: '"cloud-docs-dev"' }] };
  const { id, entity_tag, created_at, modified_at, ...echoed } = await make(sent);
  assert.deepEqual(echoed, { ...sent, expiration: 0 });
});

test('R10: a realm and an expiration of a Profile-CR rule are not kept', async () => {
  const made = await make({ ...CR, realm_name: 'testString', expiration: 43200 });
  assert.equal(made.expiration, 0);
  assert.ok(!('realm_name' in made));
  assert.deepEqual((await read(made)).body, made);
});

test('a cr_type of a Profile-SAML rule is not kept', async () => {
  const made = await make({ ...SAML, cr_type: 'ROKS_SA' });
  assert.ok(!('cr_type' in made));
  assert.deepEqual((await read(made)).body, made);
});

test('R11: a Profile-CR rule without cr_type is made, and gets none', async () => {
  const { cr_type: _, ...sent } = CR;
  const made = await make(sent);
  assert.ok(!('cr_type' in made));
});

for (const crType of ['VSI', 'PVS', 'BMS', 'IKS_SA', 'ROKS_SA', 'CE']) {
  test(`R12: a Profile-CR rule for ${crType} is made`, async () => {
    assert.equal((await make({ ...CR, cr_type: crType })).cr_type, crType);
  });
}

for (const operator of ['EQUALS', 'NOT_EQUALS', 'EQUALS_IGNORE_CASE', 'NOT_EQUALS_IGNORE_CASE', 'CONTAINS', 'IN']) {
  test(`R15: the operator ${operator} is accepted`, async () => {
    const conditions = [{ claim: 'name', operator, value: '"a"' }];
    assert.deepEqual((await make({ ...CR, conditions })).conditions, conditions);
    assert.deepEqual((await make({ ...SAML, conditions })).conditions, conditions);
  });
}

for (const value of ['abc', '["a","b"]', '[ "a" ]', 'true', '1.0', '{"a":1}', ' padded ', '"', '\\"', 'ü\u212a💥']) {
  test(`R17: the value ${JSON.stringify(value)} is echoed as it was sent`, async () => {
    const conditions = [{ claim: 'name', operator: 'EQUALS', value }];
    const made = await make({ ...CR, conditions });
    assert.deepEqual(made.conditions, conditions);
    assert.deepEqual((await read(made)).body.conditions, conditions);
  });
}

test('R18: any text is a realm', async () => {
  for (const realm_name of ['testString', 'appid://a.b:c', ' ']) {
    const conditions = [{ claim: 'blueGroups', operator: 'NOT_EQUALS_IGNORE_CASE', value: '"x"' }];
    assert.equal((await make({ ...SAML, realm_name, conditions })).realm_name, realm_name);
  }
});

test('R19: a rule without a name gets none, one with a name keeps it', async () => {
  assert.ok(!('name' in (await make())));
  assert.equal((await make({ ...SAML, name: 'my rule' })).name, 'my rule');
});

test('conditions keep their order, and may be the same twice', async () => {
  const conditions = ['c', 'a', 'b', 'a', 'a'].map((value) => ({ claim: 'namespace', operator: 'NOT_EQUALS', value }));
  const { id } = await make({ ...CR, conditions });
  assert.deepEqual((await read({ id })).body.conditions, conditions);
});

test('the same rule twice is two rules', async () => {
  const { id } = await world.profile(account);
  const [first, second] = [await make({ ...CR, name: 'same' }, id), await make({ ...CR, name: 'same' }, id)];
  assert.notEqual(first.id, second.id);
});

test('R21: PUT with * always matches', async () => {
  const made = await make();
  assert.equal((await replace(made, '*', SAML)).status, 200);
  assert.equal((await replace(made, '*', { ...SAML, expiration: 2 })).status, 200);
});

test('a quoted tag matches as the bare one does', async () => {
  const made = await make();
  assert.equal((await replace(made, `"${made.entity_tag}"`, SAML)).status, 200);
});

test('R22: PUT with a stale tag is a conflict and changes nothing', async () => {
  const made = await make();
  const { body: current } = await replace(made, made.entity_tag, { ...SAML, expiration: 5 });
  for (const stale of [made.entity_tag, profile.entity_tag, 'invalid']) {
    assertRefused(await replace(made, stale, { ...SAML, expiration: 6 }), 409, 'conflict');
  }
  assert.deepEqual((await read(made)).body, current);
});

test('of 100 replacements at once with the same tag exactly one succeeds', async () => {
  const made = await make();
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, index) => replace(made, made.entity_tag, { ...SAML, expiration: index + 1 })),
  );
  const winners = replies.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const reply of replies) if (reply.status !== 200) assertRefused(reply, 409, 'conflict');
  assert.deepEqual((await read(made)).body, winners[0]?.body);
});

test("the profile's tag is unchanged by its rules", async () => {
  const own = await world.profile(account);
  const made = await make(CR, own.id);
  await call('PUT', `${own.id}/rules/${made.id}`, SAML, '*');
  await call('DELETE', `${own.id}/rules/${made.id}`);
  assert.equal((await call('GET', own.id)).body.entity_tag, own.entity_tag);
});

test('P26: the rules of a deleted profile are not found', async () => {
  const own = await world.profile(account);
  const made = await make(SAML, own.id);
  assert.equal((await call('DELETE', own.id)).status, 204);
  assertRefused(await call('GET', `${own.id}/rules`), 404, 'not_found');
  assertRefused(await call('GET', `${own.id}/rules/${made.id}`), 404, 'not_found');
  assertRefused(await create(SAML, own.id), 404, 'not_found');
});
