/** What the audit log says of a creation that brings an account, or an object of it, near one of IBM Cloud's published limits. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeServiceId } from './making.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

const AT_ONCE = 50;
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld({ settings: { 'limits-set': 'ibm' } });
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

type Create = (index: number) => Promise<Reply<Wire>>;
const post = (path: string, body: unknown) => world.call('POST', path, { token: account.owner, body });

/** The warnings in the record of a reply's change. */
async function warningsOf(reply: Reply<Wire>, action: string): Promise<readonly string[] | undefined> {
  assert.ok(reply.status === 200 || reply.status === 201, reply.text);
  const events = await world.events(account, reply.headers.get('x-request-id') ?? '');
  return events.find((event) => event.data.action === action).data.warnings;
}

/** Makes as many as the limit allows, and insists on a warning from nine tenths of it on. */
async function assertWarns(action: string, limit: number, create: Create, already = 0): Promise<void> {
  const quiet = limit * 0.9 - 1;
  for (let made = already; made < quiet - 1; made += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, quiet - 1 - made) }, (_, index) => create(made + index)));
  }
  assert.equal(await warningsOf(await create(quiet), action), undefined, `${action} ${quiet}`);
  const near = await warningsOf(await create(quiet + 1), action);
  assert.deepEqual(near?.length, 1, `${action} ${quiet + 1}`);
  assert.match(near?.[0] ?? '', new RegExp(`^${quiet + 1} of ${limit} .*, which is close to the limit\\.$`));
}

test('trusted profiles of an account', async () => {
  const create: Create = (index) => post('/v1/profiles', { account_id: account.id, name: `profile ${index}` });
  await assertWarns('iam-identity.account-profile.create', 2000, create);
});

test('service IDs of a group', async () => {
  const group = (await post('/v1/serviceid_groups', { account_id: account.id, name: 'nearly full' })).body;
  const create: Create = () => post('/v1/serviceids', { account_id: account.id, name: 'x', group_id: group.id });
  await assertWarns('iam-identity.account-serviceid.create', 2000, create);
});

test('API keys of an identity, up to the last one', async () => {
  const { iam_id } = await makeServiceId(world, account, { apikey: { name: 'first' } });
  const create: Create = () => post('/v1/apikeys', { iam_id, name: 'x' });
  await assertWarns('iam-identity.serviceid-apikey.create', 20, create, 1);
  await create(19);
  const last = await warningsOf(await create(20), 'iam-identity.serviceid-apikey.create');
  assert.match(String(last), /^20 of 20 .*, which is the limit: the next one is refused\.$/);
});

test('links of a profile', async () => {
  const own = await post('/v1/profiles', { account_id: account.id, name: 'linked' });
  const create: Create = (index) =>
    post(`/v1/profiles/${own.body.id}/links`, { cr_type: 'VSI', link: { crn: own.body.crn, name: `n${index}` } });
  await assertWarns('iam-identity.account-profile.update', 100, create);
});

test('templates of an account, and versions of a template', async () => {
  for (const [kind, limit] of [
    [PROFILE_TEMPLATES, 100],
    [ACCOUNT_SETTINGS_TEMPLATES, 10],
  ] as const) {
    const calls = createTemplateCalls(world, account, kind);
    const action = `iam-identity.${kind.list.slice(0, -1).replaceAll('_', '-')}.create`;
    const { id } = (await calls.create()).body;
    await assertWarns(action, limit, () => calls.create(), 1);
    await assertWarns(action, 100, () => calls.createVersion(id), 1);
  }
});
