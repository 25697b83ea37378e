import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const NAMES = ['Alpha', 'beta', 'Gamma', 'delta', 'Epsilon', 'zeta'];
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
  for (const name of NAMES) await world.profile(account, name);
  await world.profile(await world.account(), 'of another account');
});
after(() => world[Symbol.asyncDispose]());

const list = (query: string) => world.call('GET', `/v1/profiles?${query}`, { token: account.owner });
const ofAccount = (query = '') => list(`account_id=${account.id}&${query}`);
const namesOf = (body: Wire): string[] => body.profiles.map(({ name }: { name: string }) => name);

/** Follows `next` from a first page to the last one. */
async function walk(first: Wire): Promise<Wire[]> {
  const pages = [first];
  for (let page = first; page.next !== undefined; pages.push(page)) {
    const { pathname, search } = new URL(page.next);
    page = (await world.expect(200, 'GET', pathname + search, { token: account.owner })).body;
  }
  return pages;
}

test('P29: the list shows the profiles of the account, oldest first, from offset 0 with a limit of 20', async () => {
  const { status, body, headers } = await ofAccount();
  assert.equal(status, 200);
  assert.equal(body.offset, 0);
  assert.equal(body.limit, 20);
  assert.ok(body.first.startsWith(`${world.url}/v1/profiles?`));
  assert.deepEqual(namesOf(body), NAMES);
  assert.equal(headers.get('etag'), null);
});

test('P29: an account without profiles has an empty list', async () => {
  const empty = await world.account();
  const { body } = await world.expect(200, 'GET', `/v1/profiles?account_id=${empty.id}`, { token: empty.owner });
  assert.deepEqual(body.profiles, []);
  assert.deepEqual(Object.keys(body).sort(), ['first', 'limit', 'offset', 'profiles']);
});

test('P30: pagesize is echoed as limit; without a further page there is no next and no previous', async () => {
  const { body } = await ofAccount('pagesize=100');
  assert.equal(body.limit, 100);
  assert.ok(!('next' in body));
  assert.ok(!('previous' in body));
});

test('P31: a walk one by one shows every profile once', async () => {
  const pages = await walk((await ofAccount('pagesize=1')).body);
  assert.deepEqual(pages.flatMap(namesOf), NAMES);
  assert.ok(!('next' in (pages.at(-1) ?? {})));
  assert.equal(typeof pages[1].previous, 'string');
  assert.deepEqual(
    pages.map(({ offset, limit }) => [offset, limit]),
    NAMES.map((_, index) => [index, 1]),
  );
});

test('P31: previous and first lead back', async () => {
  const pages = await walk((await ofAccount('pagesize=2&sort=name')).body);
  for (const [link, expected] of [
    [pages[2].previous, pages[1]],
    [pages[2].first, pages[0]],
  ]) {
    const { pathname, search } = new URL(link);
    const { body } = await world.expect(200, 'GET', pathname + search, { token: account.owner });
    assert.deepEqual(namesOf(body), namesOf(expected));
  }
});

test('P31: a walk keeps filter, order and history of its first page', async () => {
  const query = `pagesize=2&sort=name&order=desc&include_history=true&filter=${encodeURIComponent('name co "a"')}`;
  const pages = await walk((await ofAccount(query)).body);
  assert.deepEqual(pages.flatMap(namesOf), ['zeta', 'delta', 'beta', 'Gamma', 'Alpha']);
  for (const page of pages) for (const profile of page.profiles) assert.equal(profile.history.length, 1);
});

test('P32: a page token alone is enough, and wins over what stands beside it', async () => {
  const token = new URL((await ofAccount('pagesize=2')).body.next).searchParams.get('pagetoken') ?? '';
  const alone = await list(`pagetoken=${token}`);
  assert.equal(alone.status, 200);
  assert.deepEqual(namesOf(alone.body), NAMES.slice(2, 4));
  assert.deepEqual((await ofAccount(`pagetoken=${token}&pagesize=1&sort=name`)).body.profiles, alone.body.profiles);
});

test('P32: a page token does not carry the right to read', async () => {
  const token = new URL((await ofAccount('pagesize=2')).body.next).searchParams.get('pagetoken') ?? '';
  const other = await world.account();
  assertRefused(await world.call('GET', `/v1/profiles?pagetoken=${token}`, { token: other.owner }), 403, 'insufficient_permissions');
});

test('a forged, truncated or foreign page token is refused', async () => {
  const token = new URL((await ofAccount('pagesize=2')).body.next).searchParams.get('pagetoken') ?? '';
  const bytes = Buffer.from(token, 'base64url');
  const changed = Buffer.from(bytes.toString('latin1').replace('"offset":2', '"offset":0'), 'latin1');
  const unsigned = Buffer.concat([Buffer.alloc(16), bytes.subarray(16)]);
  for (const forged of ['x', 'AAAA', token.slice(0, 20), token.slice(0, -4), 'x'.repeat(5000), '%00']) {
    assertRefused(await list(`pagetoken=${forged}`), 400, 'invalid_parameter', 'BXNIM0106E');
  }
  assert.notDeepEqual(changed, bytes);
  for (const forged of [changed, unsigned]) {
    assertRefused(await list(`pagetoken=${forged.toString('base64url')}`), 400, 'invalid_parameter', 'BXNIM0106E');
  }
});

test('the page token of another list is refused', async () => {
  const user = await world.user(account.id);
  for (const serviceName of ['iam-identity', 'iam-groups', 'containers-kubernetes']) {
    await world.policy(account, user.iamId, ['crn:v1:bluemix:public:iam::::role:Viewer'], { serviceName });
  }
  const path = `/v1/policies?account_id=${account.id}&limit=1`;
  const { body } = await world.expect(200, 'GET', path, { token: account.owner });
  const token = body.next?.start ?? new URL(body.next?.href ?? world.url).searchParams.get('start');
  assert.equal(typeof token, 'string', JSON.stringify(body));
  assertRefused(await list(`pagetoken=${token}`), 400, 'invalid_parameter', 'BXNIM0106E');
});

for (const pagesize of ['0', '101', 'abc', '-1', '1.5', '1e1', '10&pagesize=20']) {
  test(`P33: pagesize=${pagesize} is refused`, async () => {
    assertRefused(await ofAccount(`pagesize=${pagesize}`), 400, 'invalid_parameter', 'BXNIM0106E');
  });
}

test('P34: a list without account_id and without page token is refused', async () => {
  for (const query of ['', 'name=Alpha', 'account_id=']) assertRefused(await list(query), 400, 'missing_parameter');
});

test('P34: a malformed account id is a bad request; another account is forbidden', async () => {
  assertRefused(await list('account_id=invalid'), 400, 'invalid_parameter', 'BXNIM0106E');
  const other = await world.account();
  assertRefused(await list(`account_id=${other.id}`), 403, 'insufficient_permissions');
});

test('P35: name finds the one profile of exactly that name', async () => {
  assert.deepEqual(namesOf((await ofAccount('name=Alpha')).body), ['Alpha']);
  for (const name of ['Alph', 'alpha', 'Alpha%20', '%25', 'A*']) assert.deepEqual(namesOf((await ofAccount(`name=${name}`)).body), []);
});

test('P39: sort=name&order=desc sorts by name, descending', async () => {
  const sorted = [...NAMES].sort();
  assert.deepEqual(namesOf((await ofAccount('sort=name&order=desc')).body), [...sorted].reverse());
  assert.deepEqual(namesOf((await ofAccount('sort=name&order=asc')).body), sorted);
  for (const sort of ['description', 'created_at', 'modified_at']) assert.equal((await ofAccount(`sort=${sort}`)).status, 200);
});

test('P40: an unknown sort or order is refused', async () => {
  for (const query of ['sort=color', 'sort=__proto__', 'order=up']) {
    assertRefused(await ofAccount(query), 400, 'invalid_parameter', 'BXNIM0106E');
  }
});

test('P41: include_history=true shows a history with its six members on every profile', async () => {
  const { body } = await ofAccount('include_history=true');
  assert.equal(body.profiles.length, NAMES.length);
  for (const { history } of body.profiles) {
    assert.ok(history.length > 0);
    for (const record of history) {
      assert.deepEqual(Object.keys(record).sort(), ['action', 'iam_id', 'iam_id_account', 'message', 'params', 'timestamp']);
      assert.match(record.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  }
  for (const profile of (await ofAccount()).body.profiles) assert.ok(!('history' in profile));
});

test('P42: a slash before the query changes nothing and redirects nowhere', async () => {
  const query = `account_id=${account.id}`;
  const plain = await world.call('GET', `/v1/profiles?${query}`, { token: account.owner });
  const headers = { 'content-type': 'application/json' };
  const slashed = await world.call('GET', `/v1/profiles/?${query}`, { token: account.owner, headers });
  assert.equal(slashed.status, 200);
  assert.deepEqual(slashed.body.profiles, plain.body.profiles);
});
