import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CallOptions, ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { createCalls, refused as refusedIn, when } from './calls.ts';

let world: World;
let account: TestAccount;
let list: string;

before(async () => {
  world = await startWorld();
  account = await world.account();
  list = `/v2/groups?account_id=${account.id}`;
});
after(() => world[Symbol.asyncDispose]());

const asOwner = (body?: unknown, headers: Readonly<Record<string, string>> = {}) => ({ token: account.owner, body, headers });
const refused = (status: number, code: string, method: string, path: string, options: CallOptions) =>
  refusedIn(world, status, code, method, path, options);

describe('creating an access group', () => {
  it('AG-01, AG-02: answers 201 with the group and its ETag, and reads it back', async () => {
    const made = await world.expect(201, 'POST', list, asOwner({ name: 'g1' }));
    assert.equal(made.body.name, 'g1');
    assert.equal(made.body.account_id, account.id);
    assert.match(made.body.id, /^AccessGroupId-[0-9a-f]{8}-[0-9a-f]{4}-4/);
    assert.ok(made.headers.get('etag'));
    const { id } = made.body;
    const read = await world.expect(200, 'GET', `/v2/groups/${id}`, asOwner());
    assert.equal(read.body.description, '');
    assert.equal(read.headers.get('etag'), made.headers.get('etag'));
    assert.equal(read.body.href, `${world.url}/v2/groups/${id}`);
    assert.equal(read.body.created_by_id, account.ownerIamId);
    assert.match(read.body.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(!('is_federated' in read.body) && !('crn' in read.body));
    assert.deepEqual(read.body, made.body);
  });

  it('AG-03: refuses a request without account_id', () => refused(400, 'missing_field', 'POST', '/v2/groups', asOwner({ name: 'g' })));

  it('AG-04: refuses a group without a name', () => refused(400, 'missing_field', 'POST', list, asOwner({ description: 'x' })));

  it('AG-05, AG-06, AG-07: takes names up to 100 and descriptions up to 250 characters', async () => {
    await refused(400, 'invalid_field', 'POST', list, asOwner({ name: 'n'.repeat(101) }));
    await refused(400, 'invalid_field', 'POST', list, asOwner({ name: 'long', description: 'd'.repeat(251) }));
    await world.expect(201, 'POST', list, asOwner({ name: 'n'.repeat(100), description: 'd'.repeat(250) }));
  });

  it('AG-08: refuses a name that exists in other letters, and keeps the letters of the first', async () => {
    const group = await world.group(account, 'Mixed Case');
    await refused(409, 'conflict', 'POST', list, asOwner({ name: 'mIXED cASE' }));
    assert.equal((await world.expect(200, 'GET', `/v2/groups/${group.id}`, asOwner())).body.name, 'Mixed Case');
    const other = await world.account();
    await world.expect(201, 'POST', `/v2/groups?account_id=${other.id}`, { token: other.owner, body: { name: 'Mixed Case' } });
    await world.group(account, 'Stra\u00dfe \u00c9t\u00e9');
    for (const name of ['STRASSE \u00c9T\u00c9', 'stra\u00dfe e\u0301te\u0301'])
      await refused(409, 'conflict', 'POST', list, asOwner({ name }));
  });

  it('refuses the reserved name in any letters, and what reads like it', async () => {
    for (const name of ['Public Access', 'public access', ' Public  Access ', 'Ｐｕｂｌｉｃ Access', 'public\u200baccess'])
      await refused(400, 'reserved_value', 'POST', list, asOwner({ name }));
    const made = await world.group(account);
    const rename = asOwner({ name: 'PUBLIC ACCESS' }, { 'if-match': '*' });
    await refused(400, 'reserved_value', 'PATCH', `/v2/groups/${made.id}`, rename);
  });

  it('ignores fields that it does not know', async () => {
    await world.expect(201, 'POST', list, asOwner({ name: 'with more', colour: 'blue' }));
  });

  it('refuses a body that is not JSON or not an object', async () => {
    const headers = { 'content-type': 'application/json' };
    await refused(400, 'invalid_body', 'POST', list, asOwner('{"name":', headers));
    await refused(400, 'invalid_body', 'POST', list, asOwner('[]', headers));
  });
});

describe('changing an access group', () => {
  it('AG-09, AG-10: changes name and description under the current ETag only', async () => {
    const made = await world.expect(201, 'POST', list, asOwner({ name: 'before' }));
    const path = `/v2/groups/${made.body.id}`;
    const first = made.headers.get('etag') ?? '';
    const change = asOwner({ name: 'after', description: 'd' }, { 'if-match': first });
    const changed = await world.expect(200, 'PATCH', path, change);
    assert.deepEqual([changed.body.name, changed.body.description], ['after', 'd']);
    assert.notEqual(changed.headers.get('etag'), first);
    await refused(409, 'etag_mismatch', 'PATCH', path, change);
    assert.deepEqual((await world.expect(200, 'GET', path, asOwner())).body, changed.body);
  });

  it('AG-11: refuses a change without If-Match', async () => {
    const { id } = await world.group(account);
    await refused(400, 'missing_field', 'PATCH', `/v2/groups/${id}`, asOwner({ name: 'x' }));
  });

  it('AG-12: an empty description clears it and leaves the name', async () => {
    const made = await world.expect(201, 'POST', list, asOwner({ name: 'described', description: 'words' }));
    const headers = { 'if-match': made.headers.get('etag') ?? '' };
    const changed = await world.expect(200, 'PATCH', `/v2/groups/${made.body.id}`, asOwner({ description: '' }, headers));
    assert.deepEqual([changed.body.name, changed.body.description], ['described', '']);
  });

  it('an empty body changes nothing; the own name in other letters is no conflict; a taken name is one', async () => {
    const made = await world.expect(201, 'POST', list, asOwner({ name: 'own name' }));
    const path = `/v2/groups/${made.body.id}`;
    const headers = { 'if-match': made.headers.get('etag') ?? '' };
    assert.deepEqual((await world.expect(200, 'PATCH', path, asOwner({}, headers))).body, made.body);
    await world.group(account, 'taken name');
    await refused(409, 'conflict', 'PATCH', path, asOwner({ name: 'Taken Name' }, headers));
    const renamed = await world.expect(200, 'PATCH', path, asOwner({ name: 'Own Name' }, headers));
    assert.equal(renamed.body.name, 'Own Name');
  });

  it('AG-71: adding a member does not touch last_modified_at', async () => {
    const group = await world.group(account);
    const { iam_id } = await world.profile(account);
    await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, asOwner({ members: [{ iam_id, type: 'profile' }] }));
    assert.deepEqual((await world.expect(200, 'GET', `/v2/groups/${group.id}`, asOwner())).body, group);
  });
});

describe('deleting an access group', () => {
  const withMember = async () => {
    const group = await world.group(account);
    const user = await world.user(account.id);
    await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, asOwner({ members: [{ iam_id: user.iamId, type: 'user' }] }));
    return { path: `/v2/groups/${group.id}`, group, user };
  };

  it('AG-59: refuses a group with members or rules, which stays', async () => {
    const { path } = await withMember();
    await refused(409, 'group_not_empty', 'DELETE', path, asOwner());
    await refused(409, 'group_not_empty', 'DELETE', `${path}?force=false`, asOwner());
    await world.expect(200, 'GET', path, asOwner());
    const calls = createCalls(world, account);
    const ruled = await calls.group();
    const rule = await calls.rule(ruled, [when('a', 'EQUALS', 'b')]);
    await refused(409, 'group_not_empty', 'DELETE', ruled, asOwner());
    await world.expect(204, 'DELETE', `${ruled}/rules/${rule.id}`, asOwner());
    await world.expect(204, 'DELETE', ruled, asOwner());
  });

  it("AG-60: force deletes it with its policies, and the members' access at the next decision", async () => {
    const { path, group, user } = await withMember();
    const policy = await world.policy(account, group.id, [ROLE('Viewer')], { serviceName: 'iam-groups' });
    await createCalls(world, account).rule(path, [when('a', 'EQUALS', 'b')]);
    await world.expect(200, 'GET', list, { token: user.token });
    const deleted = await world.expect(204, 'DELETE', `${path}?force=true`, asOwner());
    await world.expect(403, 'GET', list, { token: user.token });
    const error = await refused(404, 'not_found', 'GET', path, asOwner());
    assert.ok(error.message.includes(group.id));
    for (const part of ['members', 'rules']) await refused(404, 'not_found', 'GET', `${path}/${part}`, asOwner());
    const { policies } = (await world.expect(200, 'GET', `/v1/policies?account_id=${account.id}`, asOwner())).body;
    assert.ok(!policies.some(({ id }: Wire) => id === policy.id));
    assert.equal((await world.expect(200, 'GET', `/v1/policies/${policy.id}`, asOwner())).body.state, 'deleted');
    const events = await world.events(account, deleted.headers.get('x-request-id') ?? '');
    assert.deepEqual(events.map(({ type }: Wire) => type).sort(), ['iam-am.policy.delete', 'iam-groups.group.delete']);
  });

  it('deletes an empty group without force, its policies included, and answers 404 for one that is gone', async () => {
    const { id } = await world.group(account);
    const policy = await world.policy(account, id, [ROLE('Viewer')], { serviceName: 'iam-groups' });
    await world.expect(204, 'DELETE', `/v2/groups/${id}`, asOwner());
    await refused(404, 'not_found', 'DELETE', `/v2/groups/${id}`, asOwner());
    assert.equal((await world.expect(200, 'GET', `/v1/policies/${policy.id}`, asOwner())).body.state, 'deleted');
  });

  it('leaves the name free for another group', async () => {
    const first = await world.group(account, 'name used twice');
    await world.expect(204, 'DELETE', `/v2/groups/${first.id}`, asOwner());
    assert.notEqual((await world.group(account, 'name used twice')).id, first.id);
  });

  it('AG-61: refuses to delete the Public Access group', () =>
    refused(400, 'reserved_value', 'DELETE', '/v2/groups/AccessGroupId-PublicAccess?force=true', asOwner()));
});
