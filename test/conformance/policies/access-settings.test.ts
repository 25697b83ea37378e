/** The access settings of an account. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused, tagOf, userWith } from './making.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  account = await world.account();
});

const path = (id = account.id) => `/v1/accounts/${id}/settings/access_management`;
const read = (token = account.owner) => world.call('GET', path(), { token });
const types = (identity_types: unknown) => ({ external_account_identity_interaction: { identity_types } });
const patch = (body: unknown, tag: string | undefined = '*', token = account.owner) =>
  world.call('PATCH', path(), { token, body, ...(tag !== undefined && { headers: { 'if-match': tag } }) });
const of = ({ body }: { readonly body: Wire }) => body.external_account_identity_interaction.identity_types;

const OPEN = { state: 'enabled', external_allowed_accounts: [] };

test('W-63: one type is changed, and the others stay as they are', async () => {
  const before = await read();
  assert.equal(before.status, 200, before.text);
  assert.deepEqual(of(before), { user: OPEN, service_id: OPEN, service: OPEN });
  const limited = { state: 'limited', external_allowed_accounts: ['0123456789abcdef0123456789abcdef'] };
  const after = await patch(types({ user: limited }), tagOf(before));
  assert.equal(after.status, 200, after.text);
  assert.deepEqual(of(after), { user: limited, service_id: OPEN, service: OPEN });
  assert.notEqual(tagOf(after), tagOf(before));
  const again = await read();
  assert.deepEqual([again.body, tagOf(again)], [after.body, tagOf(after)]);
  const next = await patch(types({ service_id: { state: 'monitor' }, user: { state: 'enabled' } }), tagOf(after));
  assert.deepEqual(of(next), {
    user: { ...limited, state: 'enabled' },
    service_id: { state: 'monitor', external_allowed_accounts: [] },
    service: OPEN,
  });
});

test('a change needs the current entity tag', async () => {
  const before = await read();
  assert.equal(tagOf(await read()), tagOf(before), 'the tag of settings that nobody changed stays the same');
  const after = await patch(types({ user: { state: 'monitor' } }), tagOf(before));
  const error = assertRefused(await patch(types({ user: { state: 'limited' } }), tagOf(before)), 409, 'policy_conflict_error');
  assert.deepEqual(error.details.conflicts_with, { etag: tagOf(after) });
  assertRefused(await world.call('PATCH', path(), { token: account.owner, body: types({}) }), 400, 'invalid_body');
  assert.equal(of(await read()).user.state, 'monitor');
});

test('of two changes under one tag one is made', async () => {
  const tag = tagOf(await read());
  const replies = await Promise.all(['monitor', 'limited'].map((state) => patch(types({ user: { state } }), tag)));
  assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409]);
});

test('what is no setting is refused, by its name', async () => {
  for (const [body, name] of [
    [types({ user: { state: 'closed' } }), 'identity_types.user.state'],
    [types({ user: {} }), 'identity_types.user.state'],
    [types({ user: null }), 'identity_types.user'],
    [types({ robot: { state: 'limited' } }), 'robot'],
    [types({ user: { state: 'limited', allowed: [] } }), 'allowed'],
    [types({ user: { state: 'limited', external_allowed_accounts: ['x'] } }), 'external_allowed_accounts[0]'],
    [types({ user: { state: 'limited', external_allowed_accounts: 'x' } }), 'external_allowed_accounts'],
    [types({ user: { state: 'limited', external_allowed_accounts: Array(101).fill(account.id) } }), 'external_allowed_accounts'],
    [types([]), 'identity_types'],
    [{ external_account_identity_interaction: 5 }, 'external_account_identity_interaction'],
    [{ strict_delegation: 'yes' }, 'strict_delegation'],
  ] as const) {
    const { message } = assertRefused(await patch(body), 400, 'invalid_body');
    assert.ok(message.includes(name), message);
  }
  for (const body of [[], 5, null]) assertRefused(await patch(body), 400, 'invalid_body');
});

test('a change that says nothing changes no setting', async () => {
  for (const body of [{}, types({}), { external_account_identity_interaction: {} }]) {
    const reply = await patch(body);
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(of(reply), { user: OPEN, service_id: OPEN, service: OPEN });
  }
});

test('Viewer and Editor read them, Administrator changes them, and others may neither', async () => {
  const change = types({ user: { state: 'monitor' } });
  for (const [role, reads, changes] of [
    ['Viewer', true, false],
    ['Editor', true, false],
    ['Operator', false, false],
    ['Administrator', true, true],
  ] as const) {
    const { token } = await userWith(world, account, [ROLE(role), { serviceName: 'iam-access-management' }]);
    assert.equal((await read(token)).status, reads ? 200 : 403, role);
    assert.equal((await patch(change, '*', token)).status, changes ? 200 : 403, role);
  }
});

test('another account has none that a caller could see', async () => {
  const other = await world.account();
  for (const id of [account.id, 'nonsense', '0'.repeat(32), '__proto__']) {
    assertRefused(await world.call('GET', path(id), { token: other.owner }), 404, 'not_found');
  }
  assertRefused(await patch(types({ user: { state: 'limited' } }), '*', other.owner), 404, 'not_found');
});

test('limited to the account itself, users of other accounts are kept out whatever they are granted', async () => {
  const other = await world.account();
  const group = await world.group(account);
  const guest = other.ownerIamId;
  await world.expect(201, 'POST', `/podpass/v1/accounts/${account.id}/users`, {
    token: world.admin,
    body: { iam_id: guest, name: 'Guest', email: 'guest@example.com' },
  });
  await world.policy(account, guest, [ROLE('Viewer')], { serviceName: 'iam-groups' });
  const status = async () => (await world.call('GET', `/v2/groups/${group.id}`, { token: other.owner })).status;
  assert.equal(await status(), 200);
  await patch(types({ user: { state: 'limited' } }));
  assert.equal(await status(), 404);
  await patch(types({ user: { state: 'limited', external_allowed_accounts: [other.id] } }));
  assert.equal(await status(), 200);
});

test('a change is in the audit log of the account, with what was before', async () => {
  const reply = await patch(types({ user: { state: 'limited' } }));
  const [event, ...more] = await world.events(account, reply.headers.get('x-request-id') ?? '');
  assert.deepEqual([event.data.action, event.data.target.id, more], ['iam-am.settings.update', account.id, []]);
});
