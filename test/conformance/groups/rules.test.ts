/** Dynamic rules as objects: made, read, replaced and deleted. What they make of users is in the checks of sign-ins. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CallOptions, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { createCalls, refused as refusedIn, when } from './calls.ts';

let world: World;
let account: TestAccount;
let calls: ReturnType<typeof createCalls>;
let group: string;

before(async () => {
  world = await startWorld();
  account = await world.account();
  calls = createCalls(world, account);
  group = await calls.group();
});
after(() => world[Symbol.asyncDispose]());

const CONDITIONS = [{ claim: 'isManager', operator: 'EQUALS', value: '"true"' }];
const RULE = { name: 'r', expiration: 12, realm_name: 'https://idp', conditions: CONDITIONS };

const refused = (status: number, code: string, method: string, path: string, options: CallOptions) =>
  refusedIn(world, status, code, method, path, options);
const bad = (members: Readonly<Record<string, unknown>>, code = 'invalid_field') =>
  refused(400, code, 'POST', `${group}/rules`, calls.asOwner({ ...RULE, ...members }));
const badCondition = (members: Readonly<Record<string, unknown>>, code = 'invalid_field') =>
  bad({ conditions: [{ ...CONDITIONS[0], ...members }] }, code);

describe('making a dynamic rule', () => {
  it('AG-43: answers 201 with the rule and its ETag', async () => {
    const made = await world.expect(201, 'POST', `${group}/rules`, calls.asOwner(RULE));
    assert.match(made.body.id, /^ClaimRule-[0-9a-f]{8}-[0-9a-f]{4}-4/);
    const { id, created_at, last_modified_at, ...rest } = made.body;
    assert.deepEqual(rest, {
      ...RULE,
      access_group_id: group.split('/')[3],
      account_id: account.id,
      created_by_id: account.ownerIamId,
      last_modified_by_id: account.ownerIamId,
    });
    assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.equal(last_modified_at, created_at);
    const read = await world.expect(200, 'GET', `${group}/rules/${id}`, calls.asOwner());
    assert.deepEqual(read.body, made.body);
    assert.equal(read.headers.get('etag'), made.headers.get('etag'));
    assert.match(made.headers.get('etag') ?? '', /^1-[0-9a-f]{32}$/);
  });

  it('keeps values byte for byte, whatever they hold', async () => {
    const values = ['"Admins"', 'true', '["a","b"]', 'bare', '"a \\"quoted\\" one"', '{"a": 1}', '  "spaced"  ', '"\\u00e9"', 'é', '.*'];
    const conditions = values.map((value) => ({ claim: '__proto__', operator: 'IN', value }));
    const { body } = await world.expect(201, 'POST', `${group}/rules`, calls.asOwner({ ...RULE, conditions }));
    assert.deepEqual(body.conditions, conditions);
  });

  it('needs no name', async () => {
    const { name: _, ...unnamed } = RULE;
    const { body } = await world.expect(201, 'POST', `${group}/rules`, calls.asOwner(unnamed));
    assert.ok(!('name' in body));
  });

  it('AG-44: takes an expiration of 1 to 24 whole hours', async () => {
    for (const expiration of [0, 25, -1, 1.5, '12', null]) await bad({ expiration });
    await bad({ expiration: undefined }, 'missing_field');
    for (const expiration of [1, 24]) await calls.rule(await calls.group(), CONDITIONS, { expiration });
  });

  it('AG-45: takes the operators of the contract', async () => {
    const error = await badCondition({ operator: 'LIKE' });
    assert.ok(error.message.includes('EQUALS_IGNORE_CASE'));
    for (const operator of ['equals', '', '__proto__', 'constructor'])
      await badCondition({ operator }, operator ? 'invalid_field' : 'missing_field');
    for (const operator of ['EQUALS', 'NOT_EQUALS', 'EQUALS_IGNORE_CASE', 'NOT_EQUALS_IGNORE_CASE', 'IN', 'CONTAINS'])
      await calls.rule(await calls.group(), [{ claim: 'c', operator, value: '"v"' }]);
  });

  it('refuses what is missing, of another type or too long, and misspelt members of a condition', async () => {
    await bad({ realm_name: undefined }, 'missing_field');
    await bad({ realm_name: '' }, 'missing_field');
    await bad({ realm_name: 'r'.repeat(1001) });
    await bad({ name: 'n'.repeat(301) });
    await bad({ conditions: undefined }, 'missing_field');
    for (const conditions of [[], {}, 'x', [null], ['x'], Array.from({ length: 101 }, () => CONDITIONS[0])]) await bad({ conditions });
    for (const member of ['claim', 'operator', 'value']) await badCondition({ [member]: undefined }, 'missing_field');
    await badCondition({ value: true });
    await badCondition({ value: ['a'] });
    await badCondition({ claim: 'c'.repeat(301) });
    await badCondition({ value: 'v'.repeat(1001) });
    await badCondition({ operator: 'CONTAINS', value: '""' });
    const error = await badCondition({ vlaue: '"x"' });
    assert.ok(error.message.includes('conditions[0].vlaue'), error.message);
    await bad({ conditions: Array.from({ length: 60 }, () => when('c', 'EQUALS', 'v'.repeat(300))) });
  });

  it('belongs to a group that there is, and not to the Public Access group', async () => {
    await refused(404, 'not_found', 'POST', '/v2/groups/AccessGroupId-none/rules', calls.asOwner(RULE));
    for (const [method, path] of [
      ['POST', ''],
      ['GET', ''],
      ['GET', '/ClaimRule-x'],
      ['DELETE', '/ClaimRule-x'],
    ] as const) {
      const options = calls.asOwner(method === 'POST' ? RULE : undefined);
      await refused(400, 'reserved_value', method, `/v2/groups/AccessGroupId-PublicAccess/rules${path}`, options);
    }
  });
});

describe('dynamic rules that there are', () => {
  it('AG-47: are listed with their group, the oldest first', async () => {
    const own = await calls.group();
    assert.deepEqual((await world.expect(200, 'GET', `${own}/rules`, calls.asOwner())).body, { rules: [] });
    const made = [await calls.rule(own, CONDITIONS, { name: 'z' }), await calls.rule(own, CONDITIONS, { name: 'a' })];
    const { rules } = (await world.expect(200, 'GET', `${own}/rules`, calls.asOwner())).body;
    assert.deepEqual(new Set(rules.map((rule: Wire) => rule.id)), new Set(made.map((rule) => rule.id)));
    assert.deepEqual(rules[0].created_at <= rules[1].created_at, true);
  });

  it('AG-48, AG-49: are replaced as a whole under their current ETag only', async () => {
    const made = await world.expect(201, 'POST', `${group}/rules`, calls.asOwner(RULE));
    const path = `${group}/rules/${made.body.id}`;
    const { name: _, ...unnamed } = RULE;
    const other = { ...unnamed, expiration: 1, realm_name: 'https://other', conditions: [when('b', 'IN', ['c'])] };
    const headers = { 'if-match': made.headers.get('etag') ?? '' };
    const replaced = await world.expect(200, 'PUT', path, calls.asOwner(other, headers));
    const { id, created_at, created_by_id, account_id, access_group_id } = made.body;
    assert.deepEqual(replaced.body, {
      ...{ ...other, id, created_at, created_by_id, account_id, access_group_id },
      last_modified_at: replaced.body.last_modified_at,
      last_modified_by_id: account.ownerIamId,
    });
    assert.notEqual(replaced.headers.get('etag'), made.headers.get('etag'));
    await refused(409, 'etag_mismatch', 'PUT', path, calls.asOwner(RULE, headers));
    await refused(400, 'missing_field', 'PUT', path, calls.asOwner(RULE));
    await refused(400, 'missing_field', 'PUT', path, calls.asOwner({ ...RULE, realm_name: undefined }, headers));
    assert.deepEqual((await world.expect(200, 'GET', path, calls.asOwner())).body, replaced.body);
  });

  it('AG-50: are deleted once', async () => {
    const { id } = await calls.rule(group, CONDITIONS);
    const path = `${group}/rules/${id}`;
    await world.expect(204, 'DELETE', path, calls.asOwner());
    const error = await refused(404, 'not_found', 'GET', path, calls.asOwner());
    assert.ok(error.message.includes(id));
    await refused(404, 'not_found', 'DELETE', path, calls.asOwner());
    await refused(404, 'not_found', 'PUT', path, calls.asOwner(RULE, { 'if-match': '*' }));
  });

  it('are found under their own group alone', async () => {
    const { id } = await calls.rule(group, CONDITIONS);
    const other = await calls.group();
    for (const method of ['GET', 'DELETE']) await refused(404, 'not_found', method, `${other}/rules/${id}`, calls.asOwner());
    await world.expect(200, 'GET', `${group}/rules/${id}`, calls.asOwner());
  });

  it('do not touch what their group says of its last change', async () => {
    const own = await calls.group();
    const before = (await world.expect(200, 'GET', own, calls.asOwner())).body;
    await calls.rule(own, CONDITIONS);
    assert.deepEqual((await world.expect(200, 'GET', own, calls.asOwner())).body, before);
  });
});
