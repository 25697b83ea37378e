import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId, nextPageToken, walkPages } from './making.ts';
import { assertRefused } from './refusal.ts';

const KEYS = [{ name: 'Go 1', description: 'x first' }, { name: 'go 2' }, { name: 'Alpha' }, { name: 'same' }, { name: 'same' }];
let world: World;
let account: TestAccount;
let user: TestUser;
let serviceId: Wire;
let grouped: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  for (const members of KEYS) await makeApiKey(world, user.token, user.iamId, members);
  serviceId = await makeServiceId(world, account, { apikey: { name: 'of a service', store_value: true } });
  const group = { account_id: account.id, name: 'group' };
  const { body } = await world.expect(201, 'POST', '/v1/serviceid_groups', { token: account.owner, body: group });
  grouped = await makeServiceId(world, account, { group_id: body.id, apikey: { name: 'of a group' } });
  await makeServiceId(world, await world.account(), { apikey: { name: 'of another account' } });
});
after(() => world[Symbol.asyncDispose]());

// The user's first key, named `test`, is the one that signed the user in.
const OWN_NAMES = ['test', ...KEYS.map(({ name }) => name)];
const list = (query: string, token = user.token) => world.call('GET', `/v1/apikeys?${query}`, { token });
const namesOf = (body: Wire): string[] => body.apikeys.map(({ name }: { name: string }) => name);
const own = (query = '') => list(`account_id=${account.id}&iam_id=${user.iamId}&${query}`);
const all = (query = '') => list(`account_id=${account.id}&scope=account&pagesize=100&${query}`, account.owner);

test('the list shows the keys of the caller, oldest first, without their values', async () => {
  for (const reply of [await own(), await list(`account_id=${account.id}`), await own('scope=entity'), await own('type=user')]) {
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(namesOf(reply.body), OWN_NAMES);
    assert.deepEqual([reply.body.offset, reply.body.limit], [0, 20]);
    assert.equal(typeof reply.body.first, 'string');
    for (const key of reply.body.apikeys) assert.deepEqual([key.apikey, key.iam_id], ['', user.iamId]);
  }
});

test('the keys of a service ID are listed under its iam id', async () => {
  const { status, body } = await list(`account_id=${account.id}&iam_id=${serviceId.iam_id}`, account.owner);
  assert.equal(status, 200);
  assert.deepEqual(namesOf(body), ['of a service']);
});

test('scope=account shows the keys of all identities of the account, by type where one is asked for', async () => {
  const everything = namesOf((await all()).body);
  for (const name of [...OWN_NAMES, 'of a service', 'of a group']) assert.ok(everything.includes(name), name);
  assert.ok(!everything.includes('of another account'));
  const ofServices = namesOf((await all('type=serviceid')).body);
  assert.ok(ofServices.includes('of a service') && !ofServices.includes('Alpha'));
  const ofUsers = namesOf((await all('type=user')).body);
  assert.ok(ofUsers.includes('Alpha') && !ofUsers.includes('of a service'));
});

test('group_id shows the keys of the service IDs in that group', async () => {
  const path = `/v1/serviceids/${grouped.id}?show_group_id=true`;
  const { group_id } = (await world.expect(200, 'GET', path, { token: account.owner })).body;
  assert.deepEqual(namesOf((await all(`type=serviceid&group_id=${group_id}`)).body), ['of a group']);
});

test('a page of 100 has no next and no previous', async () => {
  const { body } = await own('pagesize=100');
  assert.equal(body.limit, 100);
  assert.ok(!('next' in body) && !('previous' in body));
});

test('a walk one by one shows every key once', async () => {
  const pages = await walkPages(world, user.token, (await own('pagesize=1')).body);
  assert.deepEqual(pages.flatMap(namesOf), OWN_NAMES);
  assert.equal(new Set(pages.map((page) => page.apikeys[0].id)).size, OWN_NAMES.length);
  const sorted = await walkPages(world, user.token, (await own('pagesize=2&sort=name&order=desc&include_history=true')).body);
  assert.deepEqual(sorted.flatMap(namesOf), [...OWN_NAMES].sort().reverse());
  for (const page of sorted) for (const key of page.apikeys) assert.ok(key.history.length > 0);
});

test('sort and order are applied, unknown ones refused', async () => {
  assert.deepEqual(namesOf((await own('sort=name')).body), [...OWN_NAMES].sort());
  assert.deepEqual(namesOf((await own('sort=created_at&order=desc')).body), [...OWN_NAMES].reverse());
  for (const sort of ['description', 'created_by']) assert.equal((await own(`sort=${sort}`)).status, 200);
  for (const query of ['sort=modified_at', 'sort=color', 'sort=__proto__', 'order=up']) {
    assertRefused(await own(query), 400, 'invalid_parameter', 'BXNIM0106E');
  }
});

test('a filter finds what it says', async () => {
  const find = async (filter: string) => namesOf((await own(`filter=${encodeURIComponent(filter)}`)).body);
  assert.deepEqual(await find('name co "Go"'), ['Go 1']);
  assert.deepEqual(await find('name co_ci "GO" and description sw "x" or name ew "pha"'), ['Go 1', 'Alpha']);
  assertRefused(await own(`filter=${encodeURIComponent('name eq "x"')}`), 400, 'invalid_parameter', 'BXNIM0106E');
  assertRefused(await own(`filter=${encodeURIComponent('apikey sw "x"')}`), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('a parameter that is out of range or unknown is refused', async () => {
  for (const query of ['pagesize=0', 'pagesize=101', 'pagesize=x', 'scope=all', 'scope=__proto__', 'type=profile', 'include_history=x']) {
    assertRefused(await own(query), 400, 'invalid_parameter', 'BXNIM0106E');
  }
  assertRefused(await list('account_id=invalid'), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('a page token carries the whole query, and no right to read', async () => {
  const { body } = await list(`account_id=${account.id}&scope=account&type=user&pagesize=1`, account.owner);
  const token = nextPageToken(body);
  const alone = await list(`pagetoken=${token}`, account.owner);
  assert.equal(alone.status, 200);
  assert.equal(alone.body.offset, 1);
  assertRefused(await list(`pagetoken=${token}`), 403, 'insufficient_permissions');
  assertRefused(await list(`pagetoken=${token}`, (await world.account()).owner), 403, 'insufficient_permissions');
});

test("the page token of somebody's own keys shows nobody else's", async () => {
  const token = nextPageToken((await own('pagesize=1')).body);
  const other = await world.user(account.id);
  const reply = await list(`pagetoken=${token}`, other.token);
  assert.ok(reply.status === 403 || reply.status === 400, `${reply.status} ${reply.text}`);
});

test('a forged page token and one of another list are refused', async () => {
  const token = nextPageToken((await own('pagesize=1')).body);
  for (const forged of ['x', 'AAAA', token.slice(0, -4), `${token}AAAA`, 'x'.repeat(5000), '%00']) {
    assertRefused(await list(`pagetoken=${forged}`), 400, 'invalid_parameter', 'BXNIM0106E');
  }
  const serviceIds = await world.call('GET', `/v1/serviceids?pagetoken=${token}`, { token: account.owner });
  assertRefused(serviceIds, 400, 'invalid_parameter', 'BXNIM0106E');
});
