/** Claim rules that are not made: bad bodies, and the order in which refusals are told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const UNKNOWN = 'Profile-00000000-0000-4000-8000-000000000000';
let world: World;
let account: TestAccount;
let profile: Wire;
let rule: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account);
  rule = (await world.expect(201, 'POST', `/v1/profiles/${profile.id}/rules`, { token: account.owner, body: SAML })).body;
});
after(() => world[Symbol.asyncDispose]());

const CONDITION = { claim: 'namespace', operator: 'EQUALS', value: 'default' };
const SAML = { type: 'Profile-SAML', realm_name: 'testString', expiration: 43200, conditions: [CONDITION] };
const CR = { type: 'Profile-CR', cr_type: 'IKS_SA', conditions: [CONDITION] };
const withCondition = (overrides: object) => ({ ...CR, conditions: [{ ...CONDITION, ...overrides }] });

const post = (body: unknown, id: string = profile.id) =>
  world.call('POST', `/v1/profiles/${id}/rules`, { token: account.owner, body, headers: { 'content-type': 'application/json' } });
const put = (body: unknown, ifMatch: string | undefined = '*', path = `${profile.id}/rules/${rule.id}`) =>
  world.call('PUT', `/v1/profiles/${path}`, { token: account.owner, body, headers: { 'if-match': ifMatch } });
const count = async () => (await world.expect(200, 'GET', `/v1/profiles/${profile.id}/rules`, { token: account.owner })).body.rules.length;

/** Refused as a creation and as a replacement, and nothing is changed by either. */
async function assertBad(body: unknown, code: 'missing_parameter' | 'invalid_parameter', names?: RegExp): Promise<void> {
  const before = await count();
  for (const reply of [await post(body), await put(body)]) {
    assertRefused(reply, 400, code);
    if (names) assert.match(told(reply), names);
  }
  assert.equal(await count(), before);
  assert.deepEqual((await world.call('GET', `/v1/profiles/${profile.id}/rules/${rule.id}`, { token: account.owner })).body, rule);
}

const told = ({ body }: Reply<Wire>) => `${body.errors[0].message} ${body.errors[0].details ?? ''}`;

test('R7: an empty type and realm are a bad request even under an unknown profile', async () => {
  assertRefused(await post({ ...SAML, type: '', realm_name: '' }, UNKNOWN), 400, 'missing_parameter');
  assertRefused(await post({ ...SAML, type: '', realm_name: '' }, 'invalid'), 400, 'missing_parameter');
});

test('R8: PUT with an empty type is a bad request even under unknown ids', async () => {
  assertRefused(await put({ ...SAML, type: '' }, 'x', 'InvalidID/rules/InvalidID'), 400, 'missing_parameter');
});

test('R12: an unknown cr_type is refused', async () => {
  await assertBad({ ...CR, cr_type: 'XYZ' }, 'invalid_parameter', /cr_type/);
  await assertBad({ ...CR, cr_type: 'roks_sa' }, 'invalid_parameter', /cr_type/);
  await assertBad({ ...CR, cr_type: 7 }, 'invalid_parameter', /cr_type/);
});

test('R13: a SAML rule without its realm or its expiration is refused', async () => {
  await assertBad({ ...SAML, realm_name: undefined }, 'missing_parameter', /realm_name/);
  await assertBad({ ...SAML, realm_name: '' }, 'missing_parameter', /realm_name/);
  await assertBad({ ...SAML, expiration: undefined }, 'missing_parameter', /expiration/);
});

for (const expiration of [0, -1, 86_401, 1.5, '43200', true, null, [43_200]]) {
  test(`R13: the expiration ${JSON.stringify(expiration)} is refused`, async () => {
    await assertBad({ ...SAML, expiration }, 'invalid_parameter', /expiration/);
  });
}

test('an expiration of 1 and of 86,400 seconds is accepted', async () => {
  for (const expiration of [1, 86_400]) assert.equal((await post({ ...SAML, expiration })).body.expiration, expiration);
});

test('R14: an unknown operator is refused', async () => {
  for (const operator of ['LIKE', 'equals', 'EQUALS ', 'MATCHES', '__proto__', 'constructor', 7, null]) {
    await assertBad(withCondition({ operator }), 'invalid_parameter', /operator/);
  }
});

test('R16: a rule without conditions is refused', async () => {
  await assertBad({ ...CR, conditions: undefined }, 'missing_parameter', /conditions/);
  for (const body of [CR, SAML]) {
    const reply = await post({ ...body, conditions: [] });
    assert.equal(reply.status, 400, reply.text);
    assert.match(told(reply), /conditions/);
  }
});

test('a type that is no type of a rule is refused', async () => {
  await assertBad({ ...SAML, type: undefined }, 'missing_parameter', /type/);
  for (const type of ['Profile-cr', 'SAML', 'profile-saml', ' Profile-CR', 7, null, ['Profile-CR']]) {
    await assertBad({ ...SAML, ...CR, type }, 'invalid_parameter', /type/);
  }
});

test('a condition that lacks a member, or has an empty one, is refused', async () => {
  for (const member of ['claim', 'operator', 'value']) {
    await assertBad(withCondition({ [member]: undefined }), 'missing_parameter', new RegExp(member));
    await assertBad(withCondition({ [member]: '' }), 'missing_parameter', new RegExp(member));
  }
});

test('a member of a condition that is no text is refused', async () => {
  for (const value of [true, 7, null, ['a'], { a: 1 }]) {
    await assertBad(withCondition({ value }), 'invalid_parameter', /value/);
    await assertBad(withCondition({ claim: value }), 'invalid_parameter', /claim/);
  }
});

test('a second condition is checked as the first one is', async () => {
  await assertBad({ ...CR, conditions: [CONDITION, { ...CONDITION, operator: 'LIKE' }] }, 'invalid_parameter', /operator/);
});

test('conditions that are no list, or no list of objects, are refused', async () => {
  for (const conditions of [CONDITION, 'EQUALS', 7, null, [null], ['x'], [[CONDITION]], [CONDITION, 7]]) {
    await assertBad({ ...CR, conditions }, 'invalid_parameter', /conditions/);
  }
});

test('an unknown member of a condition is refused by its name', async () => {
  const misspelt = { claim: 'name', operator: 'EQUALS', vlaue: 'default' };
  for (const reply of [await post({ ...CR, conditions: [misspelt] }), await put({ ...CR, conditions: [misspelt] })]) {
    assert.equal(reply.status, 400, reply.text);
    assert.match(told(reply), /vlaue/);
  }
  await assertBad(withCondition({ vlaue: 'other' }), 'invalid_parameter', /vlaue/);
  await assertBad(withCondition({ not: true }), 'invalid_parameter', /not/);
  await assertBad({ ...CR, conditions: [CONDITION, { ...CONDITION, Claim: 'x' }] }, 'invalid_parameter', /Claim/);
});

test('__proto__ and its kin are unknown members of a condition', async () => {
  const condition = JSON.stringify(CONDITION).slice(1, -1);
  for (const member of ['"__proto__":{"value":"x"}', '"constructor":{}', '"toString":"x"']) {
    const body = `{"type":"Profile-CR","conditions":[{${condition},${member}}]}`;
    assertRefused(await post(body), 400, 'invalid_parameter');
  }
  assertRefused(await post(`{"type":"Profile-CR","conditions":[{"__proto__":{${condition}}}]}`), 400, 'invalid_parameter');
  const inherited = await post(`{"__proto__":{"type":"Profile-CR"},"conditions":[{${condition}}]}`);
  assertRefused(inherited, 400, 'missing_parameter');
});

test('a member of a condition that comes twice is refused', async () => {
  const condition = '{"claim":"namespace","operator":"NOT_EQUALS","operator":"EQUALS","value":"default"}';
  assertRefused(await post(`{"type":"Profile-CR","conditions":[${condition}]}`), 400, 'invalid_parameter');
});

test('unknown members beside the conditions are ignored and not kept', async () => {
  const { status, body } = await post({
    ...CR,
    context: { operation: 'x' },
    foo: 1,
    id: 'ClaimRule-x',
    entity_tag: '9-x',
    profile_id: UNKNOWN,
  });
  assert.equal(status, 201);
  assert.deepEqual(Object.keys(body).sort(), [
    'conditions',
    'cr_type',
    'created_at',
    'entity_tag',
    'expiration',
    'id',
    'modified_at',
    'type',
  ]);
  assert.match(body.id, /^ClaimRule-[0-9a-f]{8}-/);
  assert.match(body.entity_tag, /^1-[0-9a-f]{32}$/);
});

test('a claim has at most 300 characters, a value 1,000', async () => {
  assert.equal((await post(withCondition({ claim: 'c'.repeat(300), value: 'v'.repeat(1000) }))).status, 201);
  await assertBad(withCondition({ claim: 'c'.repeat(301) }), 'invalid_parameter', /claim/);
  await assertBad(withCondition({ value: 'v'.repeat(1001) }), 'invalid_parameter', /value/);
});

test('a rule has at most 100 conditions', async () => {
  assert.equal((await post({ ...CR, conditions: Array.from({ length: 100 }, () => CONDITION) })).status, 201);
  assertRefused(await post({ ...CR, conditions: Array.from({ length: 101 }, () => CONDITION) }), 400, 'invalid_parameter');
  assertRefused(await post({ ...CR, conditions: Array.from({ length: 5000 }, () => CONDITION) }), 400, 'invalid_parameter');
});

test('CONTAINS with nothing to contain is refused', async () => {
  await assertBad(withCondition({ operator: 'CONTAINS', value: '""' }), 'invalid_parameter', /value/);
  await assertBad(withCondition({ operator: 'CONTAINS', value: '' }), 'missing_parameter', /value/);
  assert.equal((await post(withCondition({ operator: 'CONTAINS', value: '"\\""' }))).status, 201);
});

test('a name that is no text, or longer than 300 characters, is refused', async () => {
  for (const name of [7, null, {}, ['x'], 'x'.repeat(301)]) await assertBad({ ...CR, name }, 'invalid_parameter', /name/);
});

test('a realm that is no text is refused', async () => {
  for (const realm_name of [7, null, {}, ['x']]) await assertBad({ ...SAML, realm_name }, 'invalid_parameter', /realm_name/);
});

test('a text of a rule that holds U+0000 is refused', async () => {
  for (const body of [withCondition({ value: 'a\u0000' }), withCondition({ claim: 'a\u0000' }), { ...CR, name: 'a\u0000' }]) {
    await assertBad(body, 'invalid_parameter');
  }
});

test('PUT without If-Match is refused', async () => {
  const path = `/v1/profiles/${profile.id}/rules/${rule.id}`;
  assertRefused(await world.call('PUT', path, { token: account.owner, body: SAML }), 400, 'missing_parameter');
});

test('PUT without type or conditions is refused: it is no partial update', async () => {
  assertRefused(await put({ conditions: [CONDITION] }), 400, 'missing_parameter');
  assertRefused(await put({ type: 'Profile-CR' }), 400, 'missing_parameter');
  assertRefused(await put({}), 400, 'missing_parameter');
});

test('a bad body is told before an unknown rule, and both before a stale tag', async () => {
  assertRefused(await put({ ...SAML, type: 'x' }, 'stale', `${profile.id}/rules/unknown`), 400, 'invalid_parameter');
  assertRefused(await put(SAML, 'stale', `${profile.id}/rules/unknown`), 404, 'not_found');
  assertRefused(await put({ ...SAML, type: 'x' }, 'stale'), 400, 'invalid_parameter');
  assertRefused(await put(SAML, 'stale'), 409, 'conflict');
});
