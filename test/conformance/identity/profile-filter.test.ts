import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const PROFILES = [
  { name: 'Node 1', description: 'x first' },
  { name: 'node 2' },
  { name: 'Python 1', description: 'uses Node' },
  { name: 'say "hi" \\o/' },
  { name: 'Ärger 100%' },
];
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
  for (const profile of PROFILES) {
    await world.expect(201, 'POST', '/v1/profiles', { token: account.owner, body: { ...profile, account_id: account.id } });
  }
});
after(() => world[Symbol.asyncDispose]());

const list = (filter: string, more = '') =>
  world.call('GET', `/v1/profiles?account_id=${account.id}${more}&filter=${encodeURIComponent(filter)}`, { token: account.owner });

async function find(filter: string, more = ''): Promise<string[]> {
  const { status, body, text } = await list(filter, more);
  assert.equal(status, 200, text);
  return body.profiles.map(({ name }: { name: string }) => name);
}

test('P36: name co "Node" shows only the profiles that contain it', async () => {
  assert.deepEqual(await find('name co "Node"'), ['Node 1']);
});

test('P37: case-blind operators, and, or and parentheses combine', async () => {
  assert.deepEqual(await find('name co_ci "node" and (description sw "x" or name ew "1")'), ['Node 1']);
  assert.deepEqual(await find('name co_ci "NODE"'), ['Node 1', 'node 2']);
  assert.deepEqual(await find('name sw_ci "NODE" and name ew_ci "2"'), ['node 2']);
  assert.deepEqual(await find('name sw_ci "ärger"'), [], 'only the letters of ASCII are folded');
  assert.deepEqual(await find('name sw_ci "ÄRGER"'), ['Ärger 100%']);
});

test('P37: and binds tighter than or', async () => {
  assert.deepEqual(await find('name sw "Python" or name sw "Node" and name ew "9"'), ['Python 1']);
  assert.deepEqual(await find('(name sw "Python" or name sw "Node") and name ew "9"'), []);
});

test('P37: a missing description never matches', async () => {
  assert.deepEqual(await find('description co ""'), ['Node 1', 'Python 1']);
});

test('P37: quotes and backslashes in a value are escaped with a backslash', async () => {
  assert.deepEqual(await find('name co "\\"hi\\" \\\\o"'), ['say "hi" \\o/']);
});

test('P37: the wildcards of databases are plain characters', async () => {
  assert.deepEqual(await find('name co "%"'), ['Ärger 100%']);
  assert.deepEqual(await find('name co "_"'), []);
  assert.deepEqual(await find(`name co "' OR 1=1 --"`), []);
});

test('P37: filter and name are combined by and', async () => {
  assert.deepEqual(await find('name co_ci "node"', '&name=node%202'), ['node 2']);
  assert.deepEqual(await find('name co "Python"', '&name=node%202'), []);
});

for (const filter of [
  'name eq "x"',
  'name',
  'name co',
  'name co x',
  'name co "x',
  'name co "x" and',
  'name co "x" description co "y"',
  '(name co "x"',
  'name co "x")',
  'email co "x"',
  '__proto__ co "x"',
  'name co "bad \\n escape"',
  `${'('.repeat(40)}name co "x"${')'.repeat(40)}`,
  `name co "${'x'.repeat(1000)}"`,
]) {
  test(`P38: the filter ${filter.length > 60 ? `${filter.slice(0, 20)}… of ${filter.length} characters` : filter} is refused`, async () => {
    assertRefused(await list(filter), 400, 'invalid_parameter', 'BXNIM0106E');
  });
}
