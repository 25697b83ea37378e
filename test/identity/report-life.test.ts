/** Reports as time goes by: when they are there, what counts as inactive, and how long they are kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../src/kernel/clock.ts';
import { startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

const HOUR_MS = 3_600_000;

const startAt = () => createManualClock(Date.now());
const activity = (account: TestAccount) => `/v1/activity/accounts/${account.id}/report`;

async function create(world: World, account: TestAccount, query = ''): Promise<{ readonly reference: string; readonly requestId: string }> {
  const { body, headers } = await world.expect(202, 'POST', activity(account) + query, { token: account.owner });
  return { reference: body.reference, requestId: headers.get('x-request-id') ?? '' };
}
const get = (world: World, account: TestAccount, reference: string) =>
  world.call('GET', `${activity(account)}/${reference}`, { token: account.owner });

/** The account with a token that is valid now. */
const signedInAgain = async (world: World, account: TestAccount): Promise<TestAccount> => ({
  ...account,
  owner: await world.login(account.ownerApiKey),
});

test('a report is there two seconds after it was asked for', async () => {
  const clock = startAt();
  await using world = await startWorld({ clock });
  const account = await world.account();
  const { reference } = await create(world, account);
  clock.advance(1999);
  for (const name of [reference, 'latest'])
    assert.deepEqual([(await get(world, account, name)).status, (await get(world, account, name)).text], [204, '']);
  clock.advance(1);
  for (const name of [reference, 'latest']) assert.equal((await get(world, account, name)).body.reference, reference);
});

test('who signed in within the hours that were asked about is not in the report', async () => {
  const clock = startAt();
  await using world = await startWorld({ clock });
  const account = await world.account();
  const user = await world.user(account.id);
  clock.advance(2 * HOUR_MS);
  const later = await signedInAgain(world, account);
  for (const [hours, listed] of [
    [1, true],
    [3, false],
    [720, false],
  ] as const) {
    const { reference } = await create(world, later, `?duration=${hours}`);
    clock.advance(2000);
    const { body } = await get(world, later, reference);
    const found = body.users.find(({ iam_id }: Wire) => iam_id === user.iamId);
    assert.equal(found !== undefined, listed, `${hours} hours`);
    if (found) assert.match(found.last_authn, /^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/);
    assert.ok(!body.users.some(({ iam_id }: Wire) => iam_id === account.ownerIamId));
    assert.deepEqual(
      Date.parse(body.report_end_time.replace('+0000', 'Z')) - Date.parse(body.report_start_time.replace('+0000', 'Z')),
      hours * HOUR_MS,
    );
  }
});

test('of many reports the newest twenty are kept, and a new one deletes those older than a day', async () => {
  const clock = startAt();
  await using world = await startWorld({ clock });
  const account = await world.account();
  const made: string[] = [];
  for (let count = 0; count < 21; count += 1) made.push((await create(world, account)).reference);
  clock.advance(3000);
  assert.equal((await get(world, account, made[0] ?? '')).status, 404);
  for (const reference of made.slice(1)) assert.equal((await get(world, account, reference)).status, 200);
  assert.equal((await get(world, account, 'latest')).body.reference, made[20], 'made at the same instant, the last is the latest');
  clock.advance(24 * HOUR_MS);
  const later = await signedInAgain(world, account);
  assert.equal((await get(world, later, made[20] ?? '')).status, 200);
  const { reference } = await create(world, later);
  clock.advance(2000);
  assert.equal((await get(world, later, made[20] ?? '')).status, 404);
  assert.equal((await get(world, later, 'latest')).body.reference, reference);
});

test('a report is in the audit log', async () => {
  const clock = startAt();
  await using world = await startWorld({ clock });
  const account = await world.account();
  const { requestId, reference } = await create(world, account, '?duration=5');
  const [event, ...others] = await world.events(account, requestId);
  assert.deepEqual(others, []);
  assert.equal(event.type, 'iam-identity.report.create');
  assert.deepEqual(event.data.target, { id: `${account.id}/${reference}`, typeURI: 'iam-identity/report' });
  assert.deepEqual(event.data.requestData, { kind: 'activity', duration: 5 });
});

test('a duration of no hours, or of more than ten years, is refused', async () => {
  const clock = startAt();
  await using world = await startWorld({ clock });
  const account = await world.account();
  for (const hours of ['0', '87601', '007', '1e2', '9'.repeat(400)]) {
    assert.equal((await world.call('POST', `${activity(account)}?duration=${hours}`, { token: account.owner })).status, 400, hours);
  }
});

test('another account that asks for a second factor shows in the MFA status, and in the report', async () => {
  const clock = startAt();
  await using world = await startWorld({ clock });
  const [account, other] = [await world.account(), await world.account()];
  const user = await world.user(account.id);
  await world.user(other.id, user.iamId);
  const status = async () =>
    (await world.expect(200, 'GET', `/v1/mfa/accounts/${account.id}/status?iam_id=${user.iamId}`, { token: account.owner })).body
      .id_based_mfa;
  assert.deepEqual([(await status()).complies, (await status()).comply_state], [true, 'CROSS_ACCOUNT']);
  const settings = { token: other.owner, headers: { 'if-match': '*' }, body: { mfa: 'LEVEL1' } };
  await world.expect(200, 'PUT', `/v1/accounts/${other.id}/settings/identity`, settings);
  assert.deepEqual([(await status()).complies, (await status()).comply_state], [true, 'ACCOUNT']);
  const path = `/v1/mfa/accounts/${account.id}/report`;
  const { reference } = (await world.expect(202, 'POST', path, { token: account.owner })).body;
  clock.advance(2000);
  const { body } = await world.expect(200, 'GET', `${path}/${reference}`, { token: account.owner });
  const shown = body.users.map(({ iam_id, id_based_mfa }: Wire) => [iam_id, id_based_mfa.comply_state]);
  assert.deepEqual(
    new Map(shown),
    new Map([
      [user.iamId, 'ACCOUNT'],
      [account.ownerIamId, 'CROSS_ACCOUNT'],
    ]),
  );
});
