import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId, nextPageToken, walkPages } from './making.ts';
import { assertRefused } from './refusal.ts';

const SERVICE_IDS = [
  { name: 'Go 1', description: 'x first' },
  { name: 'go 2' },
  { name: 'Alpha', description: 'a' },
  { name: 'beta', description: 'B' },
  { name: 'same' },
  { name: 'same' },
];
const NAMES = SERVICE_IDS.map(({ name }) => name);
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
  for (const members of SERVICE_IDS) await makeServiceId(world, account, members);
  await makeServiceId(world, await world.account(), { name: 'of another account' });
});
after(() => world[Symbol.asyncDispose]());

const list = (query: string, token = account.owner) => world.call('GET', `/v1/serviceids?${query}`, { token });
const ofAccount = (query = '') => list(`account_id=${account.id}&${query}`);
const namesOf = (body: Wire): string[] => body.serviceids.map(({ name }: { name: string }) => name);
const find = async (query: string) => namesOf((await ofAccount(query)).body);

test('the list shows the service IDs of the account, oldest first, from offset 0 with a limit of 20', async () => {
  const { status, body, headers } = await ofAccount();
  assert.equal(status, 200);
  assert.deepEqual([body.offset, body.limit], [0, 20]);
  assert.deepEqual(Object.keys(body).sort(), ['first', 'limit', 'offset', 'serviceids']);
  assert.ok(body.first.startsWith(`${world.url}/v1/serviceids`));
  assert.deepEqual(namesOf(body), NAMES);
  assert.equal(headers.get('etag'), null);
  for (const item of body.serviceids) {
    const { body: single } = await world.expect(200, 'GET', `/v1/serviceids/${item.id}`, { token: account.owner });
    assert.deepEqual(item, single);
  }
});

test('an account without service IDs has an empty list', async () => {
  const empty = await world.account();
  assert.deepEqual((await list(`account_id=${empty.id}`, empty.owner)).body.serviceids, []);
});

test('S4: a name finds the service IDs of exactly that name, on one page', async () => {
  const { status, body } = await ofAccount('name=Alpha&pagesize=100');
  assert.equal(status, 200);
  assert.deepEqual(namesOf(body), ['Alpha']);
  assert.deepEqual([body.offset, body.limit], [0, 100]);
  assert.ok(!('next' in body) && !('previous' in body));
  assert.deepEqual(await find('name=same'), ['same', 'same']);
  for (const name of ['Alph', 'alpha', '%25', 'A*', 'Alpha%20']) assert.deepEqual(await find(`name=${name}`), [], name);
});

test('a slash before the query changes nothing', async () => {
  const slashed = await world.call('GET', `/v1/serviceids/?account_id=${account.id}`, { token: account.owner });
  assert.equal(slashed.status, 200);
  assert.deepEqual(namesOf(slashed.body), NAMES);
});

test('a walk one by one shows every service ID once, and leads back', async () => {
  const pages = await walkPages(world, account.owner, (await ofAccount('pagesize=1')).body);
  assert.deepEqual(pages.flatMap(namesOf), NAMES);
  assert.equal(new Set(pages.map((page) => page.serviceids[0].id)).size, NAMES.length);
  assert.deepEqual(
    pages.map(({ offset }) => offset),
    NAMES.map((_, index) => index),
  );
  assert.ok(!('previous' in (pages[0] ?? {})));
  const { pathname, search } = new URL(pages[2]?.previous);
  assert.deepEqual((await world.expect(200, 'GET', pathname + search, { token: account.owner })).body.serviceids, pages[1]?.serviceids);
});

test('a walk keeps the query of its first page, and a page token alone is enough', async () => {
  const query = `pagesize=2&sort=name&order=desc&include_history=true&show_group_id=true&filter=${encodeURIComponent('name co "a"')}`;
  const pages = await walkPages(world, account.owner, (await ofAccount(query)).body);
  assert.deepEqual(pages.flatMap(namesOf), ['same', 'same', 'beta', 'Alpha']);
  for (const page of pages) {
    for (const item of page.serviceids) {
      assert.equal(item.history.length, 1);
      assert.match(item.group_id, /^ServiceIdGroup-/);
    }
  }
  const token = nextPageToken(pages[0]);
  const alone = await list(`pagetoken=${token}`);
  assert.deepEqual(namesOf(alone.body), ['beta', 'Alpha']);
  assert.deepEqual(namesOf((await ofAccount(`pagetoken=${token}&pagesize=1&sort=created_at`)).body), ['beta', 'Alpha']);
});

test('sort and order are applied, unknown ones refused', async () => {
  assert.deepEqual(await find('sort=name&order=asc'), [...NAMES].sort());
  assert.deepEqual(await find('sort=name&order=desc'), [...NAMES].sort().reverse());
  assert.deepEqual(await find('sort=created_at&order=desc'), [...NAMES].reverse());
  for (const sort of ['description', 'modified_at']) assert.equal((await ofAccount(`sort=${sort}`)).status, 200);
  for (const query of ['sort=color', 'sort=__proto__', 'sort=created_by', 'order=up']) {
    assertRefused(await ofAccount(query), 400, 'invalid_parameter', 'BXNIM0106E');
  }
});

test('a filter finds what it says, together with a name too', async () => {
  const filtered = (filter: string, more = '') => find(`${more}filter=${encodeURIComponent(filter)}`);
  assert.deepEqual(await filtered('name co "Go"'), ['Go 1']);
  assert.deepEqual(await filtered('name sw_ci "GO"'), ['Go 1', 'go 2']);
  assert.deepEqual(await filtered('name ew "1" and description sw "x" or name co_ci "BETA"'), ['Go 1', 'beta']);
  assert.deepEqual(await filtered('name co "Go"', 'name=Alpha&'), []);
  assert.deepEqual(await filtered('name co "Go"', 'name=Go%201&'), ['Go 1']);
  for (const filter of ['name eq "x"', 'color co "x"', 'name co x', 'name co "x" and', '(', '__proto__ co "x"']) {
    assertRefused(await ofAccount(`filter=${encodeURIComponent(filter)}`), 400, 'invalid_parameter', 'BXNIM0106E');
  }
});

test('S9: show_group_id shows the group in a list, in one service ID, at its creation and after its change', async () => {
  const shown = (await ofAccount('show_group_id=true')).body.serviceids;
  for (const { group_id } of shown) assert.match(group_id, /^ServiceIdGroup-/);
  for (const item of (await ofAccount('show_group_id=false')).body.serviceids) assert.ok(!('group_id' in item));
  const path = `/v1/serviceids/${shown[0].id}`;
  const token = account.owner;
  const headers = { 'if-match': '*' };
  assert.equal((await world.call('GET', `${path}?show_group_id=true`, { token })).body.group_id, shown[0].group_id);
  assert.ok(!('group_id' in (await world.call('GET', path, { token })).body));
  const changed = await world.call('PUT', `${path}?show_group_id=true`, { token, headers, body: { description: 'y' } });
  assert.equal(changed.body.group_id, shown[0].group_id);
  const body = { account_id: (await world.account()).id, name: 's9' };
  assertRefused(await world.call('POST', '/v1/serviceids?show_group_id=true', { token, body }), 403, 'insufficient_permissions');
  const made = await world.call('POST', '/v1/serviceids?show_group_id=true', { token, body: { ...body, account_id: account.id } });
  assert.equal(made.body.group_id, shown[0].group_id);
  await world.expect(204, 'DELETE', `/v1/serviceids/${made.body.id}`, { token });
});

test('include_history=true shows a history on every service ID', async () => {
  for (const { history } of (await ofAccount('include_history=true')).body.serviceids) assert.equal(history[0].action, 'CREATE');
});

test('a parameter that is out of range or no boolean is refused', async () => {
  for (const query of ['pagesize=0', 'pagesize=101', 'pagesize=abc', 'pagesize=1.5', 'include_history=perhaps', 'show_group_id=2']) {
    assertRefused(await ofAccount(query), 400, 'invalid_parameter', 'BXNIM0106E');
  }
});

test('a list without account_id and without page token is refused', async () => {
  for (const query of ['', 'name=Alpha', 'account_id=']) assertRefused(await list(query), 400, 'missing_parameter');
  assertRefused(await list('account_id=invalid'), 400, 'invalid_parameter', 'BXNIM0106E');
});

test('another account, and a page of another account, are forbidden', async () => {
  const token = nextPageToken((await ofAccount('pagesize=1')).body);
  const other = await world.account();
  assertRefused(await list(`account_id=${account.id}`, other.owner), 403, 'insufficient_permissions');
  assertRefused(await list(`pagetoken=${token}`, other.owner), 403, 'insufficient_permissions');
});

test('a forged page token and one of another list are refused', async () => {
  const token = nextPageToken((await ofAccount('pagesize=1')).body);
  for (let count = 0; count < 2; count++) await world.profile(account);
  const profiles = await world.expect(200, 'GET', `/v1/profiles?account_id=${account.id}&pagesize=1`, { token: account.owner });
  const keys = await world.expect(200, 'GET', `/v1/apikeys?account_id=${account.id}&scope=account&pagesize=1`, { token: account.owner });
  const others = [profiles, keys].filter(({ body }) => 'next' in body).map(({ body }) => nextPageToken(body));
  assert.ok(others.length > 0);
  for (const forged of ['x', 'AAAA', token.slice(0, -4), `${token}AAAA`, 'x'.repeat(5000), '%00', ...others]) {
    assertRefused(await list(`pagetoken=${forged}`), 400, 'invalid_parameter', 'BXNIM0106E');
  }
  assertRefused(
    await world.call('GET', `/v1/profiles?pagetoken=${token}`, { token: account.owner }),
    400,
    'invalid_parameter',
    'BXNIM0106E',
  );
});
