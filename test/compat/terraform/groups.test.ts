/** `ibm_iam_access_group`, `_members`, `_dynamic_rule`, `_account_settings` and the data source of groups. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertForgotten, assertNoDrift, configureProvider, type Provider } from './provider.ts';

let world: World;
let account: TestAccount;
let provider: Provider;

before(async () => {
  world = await startWorld();
  account = await world.account();
  provider = await configureProvider(world, account);
});
after(() => world[Symbol.asyncDispose]());

/** The provider keeps the tag of its last read and sends it with the next change. */
async function readGroup(groupId: string, configured: object): Promise<{ readonly group: Wire; readonly tag: string }> {
  const { body, headers } = await provider.expect(200, 'GET', `/v2/groups/${groupId}?show_crn=true`);
  assertNoDrift('accessGroup', configured, body);
  assert.ok(body.crn, 'the provider hands the CRN to the tagging API');
  return { group: body, tag: headers.get('etag') ?? '' };
}

async function applyGroup(configured: { readonly name: string; readonly description?: string }): Promise<string> {
  const { body } = await provider.expect(201, 'POST', `/v2/groups?account_id=${provider.accountId}`, configured);
  await readGroup(body.id, configured);
  return body.id;
}

/** Reads every member as the provider does: 100 at a time, until it holds as many as there are in all. */
async function readMembers(groupId: string): Promise<readonly Wire[]> {
  const members: Wire[] = [];
  for (let offset = 0; ; offset += 100) {
    const from = offset === 0 ? '' : `&offset=${offset}`;
    const { body } = await provider.expect(200, 'GET', `/v2/groups/${groupId}/members?limit=100${from}`);
    members.push(...body.members);
    if (members.length >= body.total_count) return members;
    assert.ok(body.members.length > 0, 'the provider asks forever');
  }
}

/** Ids of an account's service IDs or profiles, by which the provider translates the ids of members. */
async function translations(path: string, list: string): Promise<ReadonlyMap<string, string>> {
  const { body } = await provider.expect(200, 'GET', `${path}?account_id=${provider.accountId}&pagesize=100`);
  return new Map(body[list].map((each: Wire) => [each.iam_id, each.id]));
}

test('AG-72: ibm_iam_access_group lives, changes and dies without a diff (replay)', async () => {
  const configured = { name: 'tf group', description: 'made by Terraform' };
  const groupId = await applyGroup(configured);
  const { tag } = await readGroup(groupId, configured);
  // An update sends what is configured under the tag of the last read.
  const changed = { name: 'tf group, renamed', description: 'changed' };
  const updated = await provider.expect(200, 'PATCH', `/v2/groups/${groupId}`, changed, { 'if-match': tag });
  assert.equal((await readGroup(groupId, changed)).tag, updated.headers.get('etag'));
  const cleared = { name: changed.name, description: '' };
  await provider.expect(200, 'PATCH', `/v2/groups/${groupId}`, cleared, { 'if-match': updated.headers.get('etag') ?? '' });
  await readGroup(groupId, { name: changed.name });
  // Destroying always forces.
  await provider.expect(204, 'DELETE', `/v2/groups/${groupId}?force=true`);
  await assertForgotten(provider, `/v2/groups/${groupId}?show_crn=true`);
  assert.equal((await provider.send('DELETE', `/v2/groups/${groupId}?force=true`)).status, 404);
});

test('AG-72: ibm_iam_access_group_members grows, shrinks and dies without a diff (replay)', async () => {
  const groupId = await applyGroup({ name: 'tf members' });
  const user = await world.user(account.id);
  const body = { account_id: account.id, name: 'tf service' };
  const service = (await world.expect(201, 'POST', '/v1/serviceids', { token: account.owner, body })).body;
  const profiles = [await world.profile(account), await world.profile(account)];
  const members = [
    { iam_id: user.iamId, type: 'user' },
    { iam_id: service.iam_id, type: 'service' },
    ...profiles.map(({ iam_id }) => ({ iam_id, type: 'profile' })),
  ];
  const configured = members.map((member) => member.iam_id).sort();
  const read = async () => (await readMembers(groupId)).map((member) => member.iam_id).sort();
  await provider.expect(207, 'PUT', `/v2/groups/${groupId}/members`, { members });
  assert.deepEqual(await read(), configured);
  // What is configured are ids of service IDs and profiles, not those of members: the lists of the account translate them.
  const serviceIds = await translations('/v1/serviceids/', 'serviceids');
  const profileIds = await translations('/v1/profiles', 'profiles');
  assert.equal(serviceIds.get(service.iam_id), service.id);
  for (const profile of profiles) assert.equal(profileIds.get(profile.iam_id), profile.id);
  // Shrinking deletes one by one, growing adds in one call.
  await provider.expect(204, 'DELETE', `/v2/groups/${groupId}/members/${profiles[0]?.iam_id}`);
  assert.deepEqual(
    await read(),
    configured.filter((id) => id !== profiles[0]?.iam_id),
  );
  await provider.expect(207, 'PUT', `/v2/groups/${groupId}/members`, { members: members.slice(2, 3) });
  assert.deepEqual(await read(), configured);
  for (const { iam_id } of members) await provider.expect(204, 'DELETE', `/v2/groups/${groupId}/members/${iam_id}`);
  assert.deepEqual(await readMembers(groupId), []);
  await provider.expect(404, 'DELETE', `/v2/groups/${groupId}/members/${user.iamId}`);
});

test('AG-72: ibm_iam_access_group_members reads more members than fit on a page (replay)', async () => {
  const groupId = await applyGroup({ name: 'tf many members' });
  const ids: string[] = [];
  for (let number = 0; number < 105; number += 1) ids.push((await world.profile(account)).iam_id);
  for (let start = 0; start < ids.length; start += 50) {
    const members = ids.slice(start, start + 50).map((iam_id) => ({ iam_id, type: 'profile' }));
    await provider.expect(207, 'PUT', `/v2/groups/${groupId}/members`, { members });
  }
  const read = await readMembers(groupId);
  assert.deepEqual(read.map((member) => member.iam_id).sort(), ids.sort());
});

test('AG-72: ibm_iam_access_group_members is forgotten with its group (replay)', async () => {
  const groupId = await applyGroup({ name: 'tf deleted under it' });
  await world.expect(204, 'DELETE', `/v2/groups/${groupId}`, { token: account.owner });
  await assertForgotten(provider, `/v2/groups/${groupId}/members?limit=100`);
});

test('AG-72: ibm_iam_access_group_dynamic_rule lives, changes and dies without a diff (replay)', async () => {
  const groupId = await applyGroup({ name: 'tf rules' });
  const rules = `/v2/groups/${groupId}/rules`;
  const read = async (ruleId: string, configured: object) => {
    const { body, headers } = await provider.expect(200, 'GET', `${rules}/${ruleId}`);
    assertNoDrift('groupRule', configured, body);
    return headers.get('etag') ?? '';
  };
  // The provider puts every value that is configured into quotes, and takes them off again when it reads.
  const condition = (operator: string, value: string) => ({ claim: 'blueGroups', operator, value: `"${value}"` });
  const configured = {
    name: 'newrule',
    expiration: 4,
    realm_name: 'https://idp.example.org/SAML2',
    conditions: [condition('CONTAINS', 'test-bluegroup-saml'), condition('IN', 'a,b')],
  };
  const { body: made } = await provider.expect(201, 'POST', rules, configured);
  const tag = await read(made.id, configured);
  const changed = { ...configured, name: 'changed', expiration: 5, conditions: [condition('NOT_EQUALS_IGNORE_CASE', 'other')] };
  await provider.expect(200, 'PUT', `${rules}/${made.id}`, changed, { 'if-match': tag });
  await read(made.id, changed);
  await provider.expect(204, 'DELETE', `${rules}/${made.id}`);
  await assertForgotten(provider, `${rules}/${made.id}`);
});

test('AG-72: ibm_iam_access_group_account_settings reads what it set (replay)', async () => {
  const settings = `/v2/groups/settings?account_id=${provider.accountId}`;
  for (const isEnabled of [false, true]) {
    await provider.expect(200, 'PATCH', settings, { public_access_enabled: isEnabled });
    assert.equal((await provider.expect(200, 'GET', settings)).body.public_access_enabled, isEnabled);
  }
});

test('AG-72: the data source of groups finds one by its name, with members and rules (replay)', async () => {
  const groupId = await applyGroup({ name: 'tf Data Source' });
  await applyGroup({ name: 'tf data source, another' });
  const groups: Wire[] = [];
  for (let offset = 0; ; offset += 100) {
    const query = `account_id=${provider.accountId}&hide_public_access=true&show_crn=true&limit=100&offset=${offset}`;
    const { body } = await provider.expect(200, 'GET', `/v2/groups?${query}`);
    groups.push(...body.groups);
    if (groups.length >= body.total_count) break;
  }
  // The provider compares names exactly.
  assert.deepEqual(
    groups.filter((group) => group.name === 'tf Data Source').map((group) => [group.id, group.crn !== '']),
    [[groupId, true]],
  );
  assert.deepEqual((await provider.expect(200, 'GET', `/v2/groups/${groupId}/members`)).body.members, []);
  assert.deepEqual((await provider.expect(200, 'GET', `/v2/groups/${groupId}/rules`)).body, { rules: [] });
});
