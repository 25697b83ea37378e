/** Who may do what with access groups: roles on the whole account and on one group, and accounts that are not the caller's. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CallOptions, ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { createCalls, refused as refusedIn, when } from './calls.ts';

let world: World;
let account: TestAccount;
let calls: ReturnType<typeof createCalls>;

before(async () => {
  world = await startWorld();
  account = await world.account();
  calls = createCalls(world, account);
});
after(() => world[Symbol.asyncDispose]());

const refused = (status: number, code: string, method: string, path: string, options: CallOptions) =>
  refusedIn(world, status, code, method, path, options);
const forbidden = (method: string, path: string, options: CallOptions) => refused(403, 'insufficient_permissions', method, path, options);
const userWith = (role: string, resource: Readonly<Record<string, string>> = {}) => calls.userWith(ROLE(role), resource);
const onGroup = (id: string) => ({ resourceType: 'access-group', resource: id });
const listed = async (token: string, query = ''): Promise<Wire> => (await world.expect(200, 'GET', calls.list + query, { token })).body;
const idsOf = (page: Wire): string[] => page.groups.map((group: Wire) => group.id);

describe('roles on access groups', () => {
  it('AG-62, AG-63: a Viewer reads everything and changes nothing', async () => {
    const { token, iamId } = await userWith('Viewer');
    const group = await calls.group();
    const { id } = await calls.rule(group, [when('a', 'EQUALS', 'b')]);
    await world.expect(200, 'GET', calls.list, { token });
    for (const path of [group, `${group}/members`, `${group}/rules`, `${group}/rules/${id}`])
      await world.expect(200, 'GET', path, { token });
    await world.expect(404, 'HEAD', `${group}/members/${iamId}`, { token });
    await world.expect(200, 'GET', `/v2/groups/settings?account_id=${account.id}`, { token });
    const rule = { expiration: 1, realm_name: 'r', conditions: [when('a', 'EQUALS', 'b')] };
    const headers = { 'if-match': '*' };
    const members = [{ iam_id: iamId, type: 'user' }];
    await forbidden('POST', calls.list, { token, body: { name: 'not mine' } });
    await forbidden('PATCH', group, { token, headers, body: { name: 'not mine' } });
    await forbidden('DELETE', group, { token });
    await forbidden('PUT', `${group}/members`, { token, body: { members } });
    await forbidden('DELETE', `${group}/members/${iamId}`, { token });
    await forbidden('POST', `${group}/members/delete`, { token, body: { members: [iamId] } });
    await forbidden('POST', `${group}/rules`, { token, body: rule });
    await forbidden('PUT', `${group}/rules/${id}`, { token, headers, body: rule });
    await forbidden('DELETE', `${group}/rules/${id}`, { token });
  });

  it('an Editor makes, changes, fills and deletes groups', async () => {
    const { token, iamId } = await userWith('Editor');
    const { id } = (await world.expect(201, 'POST', calls.list, { token, body: { name: 'an editor made it' } })).body;
    const members = [{ iam_id: iamId, type: 'user' }];
    await world.expect(207, 'PUT', `/v2/groups/${id}/members`, { token, body: { members } });
    const rule = { expiration: 1, realm_name: 'r', conditions: [when('a', 'EQUALS', 'b')] };
    await world.expect(201, 'POST', `/v2/groups/${id}/rules`, { token, body: rule });
    await world.expect(204, 'DELETE', `/v2/groups/${id}?force=true`, { token });
  });

  it('AG-64: an Operator may do nothing at all, not even list', async () => {
    const { token, iamId } = await userWith('Operator');
    const group = await calls.group();
    await forbidden('GET', calls.list, { token });
    for (const path of [group, `${group}/members`, `${group}/rules`]) await forbidden('GET', path, { token });
    assert.equal((await world.expect(403, 'HEAD', `${group}/members/${iamId}`, { token })).text, '');
    await forbidden('GET', `/v2/groups/settings?account_id=${account.id}`, { token });
  });

  it('AG-64b: a Viewer of one group lists exactly that group, whatever the page and the search', async () => {
    const { id } = await world.group(account, 'the one that is seen');
    const { token } = await userWith('Viewer', onGroup(id));
    const page = await listed(token);
    assert.deepEqual([page.total_count, idsOf(page)], [1, [id]]);
    assert.deepEqual(idsOf(await listed(token, '&search=name:ONE THAT')), [id]);
    const nothing = await listed(token, '&search=name:another');
    assert.deepEqual([nothing.total_count, nothing.groups], [0, []]);
    const beyond = await listed(token, '&offset=1');
    assert.deepEqual([beyond.total_count, beyond.groups, 'next' in beyond], [1, [], false]);
    const none = await listed(token, '&limit=0');
    assert.deepEqual([none.total_count, none.groups], [1, []]);
    await forbidden('GET', await calls.group(), { token });
    await forbidden('POST', calls.list, { token, body: { name: 'not mine' } });
  });

  it('an Editor of one group adds even themselves to it, and to no other', async () => {
    const [own, other] = [await world.group(account), await world.group(account)];
    const { token, iamId } = await userWith('Editor', onGroup(own.id));
    const members = [{ iam_id: iamId, type: 'user' }];
    await world.expect(207, 'PUT', `/v2/groups/${own.id}/members`, { token, body: { members } });
    await forbidden('PUT', `/v2/groups/${other.id}/members`, { token, body: { members } });
  });

  it('AG-65: an Editor reads the settings and does not change them', async () => {
    const { token } = await userWith('Editor');
    const settings = `/v2/groups/settings?account_id=${account.id}`;
    await world.expect(200, 'GET', settings, { token });
    await forbidden('PATCH', settings, { token, body: { public_access_enabled: false } });
    const { token: administrator } = await userWith('Administrator');
    await world.expect(200, 'PATCH', settings, { token: administrator, body: { public_access_enabled: true } });
  });
});

describe('accounts of others', () => {
  it('a group of the own account is forbidden, one of another account is not there, whatever is asked of it', async () => {
    const group = await calls.group();
    const rule = await calls.rule(group, [when('a', 'EQUALS', 'b')]);
    const { token } = await world.user(account.id);
    await forbidden('GET', group, { token });
    const other = { token: (await world.account()).owner };
    const headers = { 'if-match': '*' };
    const body = { expiration: 1, realm_name: 'r', conditions: [when('a', 'EQUALS', 'b')] };
    const gone = (method: string, path: string, options: CallOptions = {}) =>
      refused(404, 'not_found', method, path, { ...other, ...options });
    for (const path of [group, `${group}/members`, `${group}/rules`, `${group}/rules/${rule.id}`]) await gone('GET', path);
    await gone('PATCH', group, { headers, body: { name: 'mine now' } });
    await gone('DELETE', `${group}?force=true`);
    await gone('PUT', `${group}/members`, { body: { members: [{ iam_id: account.ownerIamId, type: 'user' }] } });
    await gone('POST', `${group}/members/delete`, { body: { members: [account.ownerIamId] } });
    await gone('POST', `${group}/rules`, { body });
    await gone('PUT', `${group}/rules/${rule.id}`, { headers, body });
    await gone('DELETE', `${group}/rules/${rule.id}`);
    assert.equal((await world.expect(404, 'HEAD', `${group}/members/${account.ownerIamId}`, other)).text, '');
  });

  it('says the same of a group of another account as of one that there is not', async () => {
    const group = await calls.group();
    const { owner } = await world.account();
    const unknown = `/v2/groups/AccessGroupId-${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`;
    const [foreign, absent] = [await world.call('GET', group, { token: owner }), await world.call('GET', unknown, { token: owner })];
    const without = (reply: typeof foreign, path: string) =>
      reply.text.replaceAll(path.split('/')[3] ?? '', 'ID').replaceAll(reply.headers.get('transaction-id') ?? '', 'TRACE');
    assert.equal(without(foreign, group), without(absent, unknown));
  });

  it('what names an account is refused in one that the caller has nothing to do with, or that does not exist', async () => {
    const { owner: token } = await world.account();
    for (const id of [account.id, 'f'.repeat(32)]) {
      await forbidden('POST', `/v2/groups?account_id=${id}`, { token, body: { name: 'foreign' } });
      await forbidden('GET', `/v2/groups?account_id=${id}`, { token });
      await forbidden('GET', `/v2/groups/settings?account_id=${id}`, { token });
      await forbidden('PATCH', `/v2/groups/settings?account_id=${id}`, { token, body: { public_access_enabled: false } });
      const all = `/v2/groups/_allgroups/members/${account.ownerIamId}?account_id=${id}`;
      await forbidden('PUT', all, { token, body: { type: 'user', groups: ['AccessGroupId-x'] } });
      await forbidden('DELETE', all, { token });
    }
  });
});

describe('the frame of every call', () => {
  it('AG-66, AG-67: repeats the Transaction-Id, or makes one', async () => {
    const headers = { 'transaction-id': 't-1' };
    const reply = await world.expect(404, 'GET', '/v2/groups/AccessGroupId-none', calls.asOwner(undefined, headers));
    assert.equal(reply.headers.get('transaction-id'), 't-1');
    assert.equal(reply.body.trace, 't-1');
    assert.ok((await world.expect(200, 'GET', calls.list, calls.asOwner())).headers.get('transaction-id'));
  });

  it('AG-68: refuses a call without a token', async () => {
    for (const path of [calls.list, '/v2/groups/AccessGroupId-none', `/v2/groups/settings?account_id=${account.id}`])
      await refused(401, 'invalid_token', 'GET', path, {});
  });
});
