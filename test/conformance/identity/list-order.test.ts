/** In which order the lists of the identity API come, by every member that they can be sorted by. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createManualClock } from '../../../src/kernel/clock.ts';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeEnterprise, makeServiceId, walkPages } from './making.ts';
import { createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

/** Objects as they are made one after another; the last is changed last but one, the first last. */
const OBJECTS = [
  { name: 'delta', description: 'b' },
  { name: 'Alpha', description: 'd' },
  { name: 'beta' },
  { name: 'Gamma', description: 'a' },
  { name: 'alpha', description: 'B' },
] as const;
const NAMES = OBJECTS.map(({ name }) => name);
const BY_NAME = ['Alpha', 'Gamma', 'alpha', 'beta', 'delta'];
// An absent description comes before all that there are.
const BY_DESCRIPTION = ['beta', 'alpha', 'Gamma', 'delta', 'Alpha'];
const BY_CHANGE = ['Alpha', 'beta', 'Gamma', 'alpha', 'delta'];

const clock = createManualClock(Date.now());
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld({ clock });
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
});

const put = (path: string, body: unknown, token = account.owner) =>
  world.expect(200, 'PUT', path, { token, headers: { 'if-match': '*' }, body });

/** Insists on an order, and on the other way about, of the whole list and of its pages of two. */
async function assertOrder(list: string, member: string, limit: string, sort: string, names: readonly string[]): Promise<void> {
  for (const [order, expected] of [
    ['asc', names],
    ['desc', names.toReversed()],
  ] as const) {
    const query = sort === '' ? `${list}&order=${order}` : `${list}&sort=${sort}&order=${order}`;
    const namesOf = (page: Wire): string[] => page[member].map(({ name }: Wire) => name);
    const whole = (await world.expect(200, 'GET', query, { token: account.owner })).body;
    assert.deepEqual(namesOf(whole), expected, `${query} as one page`);
    const first = (await world.expect(200, 'GET', `${query}&${limit}=2`, { token: account.owner })).body;
    assert.deepEqual((await walkPages(world, account.owner, first)).flatMap(namesOf), expected, `${query} in pages`);
  }
}

test('profiles are sorted by name, description, creation or change, and by creation where nothing is said', async () => {
  const made: Wire[] = [];
  for (const members of OBJECTS) {
    clock.advance(1);
    const body = { ...members, account_id: account.id };
    made.push((await world.expect(201, 'POST', '/v1/profiles', { token: account.owner, body })).body);
  }
  for (const { id } of [made[4], made[0]]) {
    clock.advance(1);
    await put(`/v1/profiles/${id}`, { email: 'changed' });
  }
  const list = `/v1/profiles?account_id=${account.id}`;
  for (const [sort, names] of [
    ['', NAMES],
    ['created_at', NAMES],
    ['modified_at', BY_CHANGE],
    ['name', BY_NAME],
    ['description', BY_DESCRIPTION],
  ] as const) {
    await assertOrder(list, 'profiles', 'pagesize', sort, names);
  }
});

test('what was made in one millisecond is sorted by id, in either order, and stands on one page each', async () => {
  const template = (await createTemplateCalls(world, account, PROFILE_TEMPLATES).create()).body;
  const serviceId = await makeServiceId(world, account);
  for (let count = 1; count < 6; count++) {
    await world.profile(account);
    await makeServiceId(world, account);
    await createTemplateCalls(world, account, PROFILE_TEMPLATES).create();
  }
  for (let count = 0; count < 6; count++) await makeApiKey(world, account.owner, serviceId.iam_id);
  assert.equal(template.created_at, new Date(clock.now()).toISOString());
  for (const [path, member, size, length] of [
    ['/v1/profiles', 'profiles', 'pagesize', 5],
    ['/v1/serviceids', 'serviceids', 'pagesize', 6],
    [`/v1/apikeys?iam_id=${serviceId.iam_id}`, 'apikeys', 'pagesize', 6],
    ['/v1/profile_templates', 'profile_templates', 'limit', 6],
  ] as const) {
    const list = `${path}${path.includes('?') ? '&' : '?'}account_id=${account.id}&${size}=`;
    const ids = async (query: string): Promise<string[]> => {
      const { body } = await world.expect(200, 'GET', list + query, { token: account.owner });
      return (await walkPages(world, account.owner, body)).flatMap((page) => page[member].map(({ id }: Wire) => id));
    };
    const all = (await ids('100')).toSorted();
    assert.deepEqual([all.length, new Set(all).size], [length, length], path);
    assert.deepEqual(await ids('1'), all, path);
    assert.deepEqual(await ids('1&order=desc'), all.toReversed(), path);
  }
});

test('service IDs are sorted by name, description, creation or change, and by creation where nothing is said', async () => {
  const made: Wire[] = [];
  for (const members of OBJECTS) {
    clock.advance(1);
    made.push(await makeServiceId(world, account, members));
  }
  for (const { id } of [made[4], made[0]]) {
    clock.advance(1);
    await put(`/v1/serviceids/${id}`, { unique_instance_crns: ['crn:v1:a:b:c:::::d'] });
  }
  for (const [sort, names] of [
    ['', NAMES],
    ['created_at', NAMES],
    ['modified_at', BY_CHANGE],
    ['name', BY_NAME],
    ['description', BY_DESCRIPTION],
  ] as const) {
    await assertOrder(`/v1/serviceids?account_id=${account.id}`, 'serviceids', 'pagesize', sort, names);
  }
});

test('API keys are sorted by name, description, creation or creator, and by creation where nothing is said', async () => {
  const { iam_id } = await makeServiceId(world, account);
  const creators = ['c', 'a', 'b', 'e', 'd'].map((letter) => `IBMid-${letter}-${account.id.slice(0, 8)}`);
  for (const [index, members] of OBJECTS.entries()) {
    const user = await world.user(account.id, creators[index]);
    await world.policy(account, user.iamId, ['crn:v1:bluemix:public:iam::::role:Administrator'], { serviceName: 'iam-identity' });
    clock.advance(1);
    await makeApiKey(world, user.token, iam_id, members);
  }
  for (const [sort, names] of [
    ['', NAMES],
    ['created_at', NAMES],
    ['name', BY_NAME],
    ['description', BY_DESCRIPTION],
    ['created_by', ['Alpha', 'beta', 'delta', 'alpha', 'Gamma']],
  ] as const) {
    await assertOrder(`/v1/apikeys?account_id=${account.id}&iam_id=${iam_id}`, 'apikeys', 'pagesize', sort, names);
  }
});

test('groups of service IDs come in the order in which they were made, the default group first', async () => {
  for (const name of NAMES) {
    clock.advance(1);
    await world.expect(201, 'POST', '/v1/serviceid_groups', { token: account.owner, body: { account_id: account.id, name } });
  }
  const { body } = await world.expect(200, 'GET', `/v1/serviceid_groups?account_id=${account.id}`, { token: account.owner });
  assert.deepEqual(
    body.serviceid_groups.map(({ name }: Wire) => name),
    ['default', ...NAMES],
  );
});

describe('enterprise templates', () => {
  test('are sorted by name, creation or change, and by creation where nothing is said', async () => {
    const calls = createTemplateCalls(world, account, PROFILE_TEMPLATES);
    const made: Wire[] = [];
    for (const { name } of OBJECTS) {
      clock.advance(1);
      made.push((await calls.create({ name })).body);
    }
    for (const { id } of [made[4], made[0]]) {
      clock.advance(1);
      assert.equal((await calls.update(id, 1, { description: 'changed' }, '*')).status, 200);
    }
    for (const [sort, names] of [
      ['', NAMES],
      ['created_at', NAMES],
      ['last_modified_at', BY_CHANGE],
      ['name', BY_NAME],
    ] as const) {
      await assertOrder(`/v1/profile_templates?account_id=${account.id}`, 'profile_templates', 'limit', sort, names);
    }
  });

  test('have assignments that are sorted by template, creation or change, and by creation where nothing is said', async () => {
    const { root, child } = await makeEnterprise(world);
    const calls = createTemplateCalls(world, root, PROFILE_TEMPLATES);
    const made: Wire[] = [];
    for (let count = 0; count < 4; count++) {
      clock.advance(1);
      const template = await calls.committed({ profile: { name: `profile ${count}` } });
      made.push((await calls.assign(template.id, 1, child.id)).body);
    }
    clock.advance(1);
    assert.equal((await calls.move(made[0].id, 1, '*')).status, 202);
    const ids = (assignments: readonly Wire[]) => assignments.map(({ id }) => id);
    const byTemplate = made.toSorted((one, other) => (one.template_id < other.template_id ? -1 : 1));
    for (const [sort, expected] of [
      ['', made],
      ['sort=created_at', made],
      ['sort=last_modified_at', [...made.slice(1), made[0]]],
      ['sort=template_id', byTemplate],
    ] as const) {
      for (const order of ['asc', 'desc']) {
        const { body } = await calls.assignments(`account_id=${root.id}&limit=3&order=${order}&${sort}`);
        assert.deepEqual([body.offset, body.limit], [0, 3]);
        const pages = await walkPages(world, root.owner, body);
        const walked = pages.flatMap(({ assignments }) => ids(assignments));
        assert.deepEqual(walked, order === 'asc' ? ids(expected) : ids(expected).toReversed(), `${sort} ${order}`);
        assert.equal(typeof pages[1].previous, 'string');
      }
    }
    assert.equal((await calls.assignments(`account_id=${root.id}`)).body.limit, 20);
  });
});
