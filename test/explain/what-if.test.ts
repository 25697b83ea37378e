/** What recorded questions would have been answered after changes that nobody makes. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createManualClock } from '../../src/kernel/clock.ts';
import { readAuditLog } from '../support/audit-log.ts';
import { ROLE, SERVICE_ROLE, type TestAccount, type TestUser, type Wire } from '../support/world.ts';
import { exchange, idOf, recorded, type Setting, startSetting } from './explaining.ts';

const clock = createManualClock(Date.now());
let setting: Setting;

before(async () => {
  setting = await startSetting({ clock });
});
after(() => setting[Symbol.asyncDispose]());

async function whatIf(changes: readonly unknown[], rest: object = {}, account: TestAccount = setting.account): Promise<Wire> {
  const body = { account_id: account.id, changes, ...rest };
  return (await setting.world.expect(200, 'POST', '/podpass/v1/what-if', { token: account.owner, body })).body;
}

/** The rows of one request. */
const rowsOf = (answer: Wire, requestId: string): readonly Wire[] => answer.changed.filter((row: Wire) => row.request_id === requestId);

async function askDecision(account: TestAccount, user: TestUser, action: string, resource: object): Promise<string> {
  const item = { subject: { attributes: { id: user.iamId } }, action, resource: { attributes: { accountId: account.id, ...resource } } };
  return recorded({ ...setting, account }, await setting.world.expect(200, 'POST', '/v2/authz', { token: account.owner, body: [item] }));
}

const policyV1 = (account: TestAccount, iamId: string, role: string, serviceName: string) => ({
  type: 'access',
  subjects: [{ attributes: [{ name: iamId.startsWith('AccessGroupId-') ? 'access_group_id' : 'iam_id', value: iamId }] }],
  roles: [{ role_id: role }],
  resources: [
    {
      attributes: [
        { name: 'accountId', value: account.id },
        { name: 'serviceName', value: serviceName },
      ],
    },
  ],
});

const policyV2 = (account: TestAccount, iamId: string, role: string, serviceName: string) => ({
  type: 'access',
  control: { grant: { roles: [{ role_id: role }] } },
  subject: { attributes: [{ key: 'iam_id', operator: 'stringEquals', value: iamId }] },
  resource: {
    attributes: [
      { key: 'accountId', operator: 'stringEquals', value: account.id },
      { key: 'serviceName', operator: 'stringEquals', value: serviceName },
    ],
  },
});

describe('a link', () => {
  it('that would be made lets in pods that were refused, and no others', async () => {
    const { cluster, profile } = setting;
    const refused = [await exchange(setting, { namespace: 'shop' }), await exchange(setting, { namespace: 'shop', pod: 'web-1' })];
    const other = await exchange(setting, { namespace: 'stop' });
    const link = { cr_type: 'ROKS_SA', crn: cluster.crn, namespace: 'shop', name: 'default' };
    const answer = await whatIf([{ add_link: { profile_id: profile.id, link } }]);
    assert.deepEqual(answer.changed.map(({ request_id }: Wire) => request_id).toSorted(), refused.map(idOf).toSorted());
    assert.deepEqual(rowsOf(answer, idOf(other)), []);
    const [row] = rowsOf(answer, idOf(refused[1] ?? other));
    const { transaction_id, at, ...said } = row;
    assert.ok(transaction_id && at.endsWith('Z'));
    assert.deepEqual(said, {
      kind: 'exchange',
      request_id: row.request_id,
      exchange: { profile_id: profile.id, cluster: cluster.crn, namespace: 'shop', service_account: 'default', pod: 'web-1' },
      before: 'refused',
      after: 'permitted',
      recorded: 'refused',
      because: { change: 0 },
    });
    assert.deepEqual(answer.summary, { would_be_permitted: 2, would_be_refused: 0 });
    assert.equal(answer.truncated, false);
  });

  it('that would be removed refuses the pods that it let in, unless another one does too', async () => {
    const { world, account, cluster, profile, linkId } = setting;
    const issued = await exchange(setting);
    const remove = { remove_link: { profile_id: profile.id, link_id: linkId } };
    const [row] = rowsOf(await whatIf([remove]), idOf(issued));
    assert.deepEqual([row.before, row.after, row.recorded], ['permitted', 'refused', 'permitted']);
    const link = { cr_type: 'IKS_SA', link: { crn: cluster.crn, namespace: 'default', name: 'default' } };
    const second = await world.expect(201, 'POST', `/v1/profiles/${profile.id}/links`, { token: account.owner, body: link });
    assert.deepEqual(rowsOf(await whatIf([remove]), idOf(issued)), []);
    const both = await whatIf([remove, { remove_link: { profile_id: profile.id, link_id: second.body.id } }]);
    const [together] = rowsOf(both, idOf(issued));
    assert.equal(together.after, 'refused');
    assert.ok(!('because' in together), 'neither change does it by itself');
  });
});

describe('a policy', () => {
  it('that would be made permits what was refused, in the words of either version', async () => {
    const { account, world } = setting;
    const user = await world.user(account.id);
    const id = await askDecision(account, user, 'kms.secrets.list', { serviceName: 'kms' });
    for (const policy of [policyV1, policyV2]) {
      const nothing = { add_policy: policy(account, user.iamId, ROLE('Viewer'), 'kms') };
      const answer = await whatIf([nothing, { add_policy: policy(account, user.iamId, SERVICE_ROLE('Reader'), 'kms') }]);
      const [row] = rowsOf(answer, id);
      assert.deepEqual([row.kind, row.before, row.after, row.because], ['decision', 'refused', 'permitted', { change: 1 }]);
      assert.deepEqual(row.decision, {
        subject: { iam_id: user.iamId },
        action: 'kms.secrets.list',
        resource: { accountId: account.id, serviceName: 'kms' },
      });
    }
  });

  it('that would be removed refuses what it permitted', async () => {
    const { account, world } = setting;
    const user = await world.user(account.id);
    const policy = await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
    const id = await askDecision(account, user, 'kms.secrets.list', { serviceName: 'kms' });
    const answer = await whatIf([{ remove_policy: policy.id }]);
    assert.deepEqual(
      rowsOf(answer, id).map((row) => row.after),
      ['refused'],
    );
    assert.equal(answer.summary.would_be_refused, 1);
    const replaced = { add_policy: policyV1(account, user.iamId, SERVICE_ROLE('Writer'), 'kms') };
    assert.deepEqual(rowsOf(await whatIf([{ remove_policy: policy.id }, replaced]), id), []);
  });

  it('lets an operation of Podpass itself pass that its guard refused', async () => {
    const { account, world } = setting;
    const user = await world.user(account.id);
    const body = { name: 'mine', account_id: account.id };
    const reply = await world.expect(403, 'POST', '/v1/profiles', { token: user.token, body });
    const id = await recorded(setting, reply);
    const answer = await whatIf([{ add_policy: policyV1(account, user.iamId, ROLE('Administrator'), 'iam-identity') }]);
    const [row] = rowsOf(answer, id);
    assert.deepEqual([row.kind, row.decision.action, row.after], ['operation', 'iam-identity.profile.create', 'permitted']);
  });

  it('with a rule on time counts at the instant at which each question was asked', async () => {
    const { account, world } = setting;
    const user = await world.user(account.id);
    const ends = clock.now() + 60_000;
    const instant = (at: number) => `${new Date(at).toISOString().slice(0, 19)}+00:00`;
    const condition = (operator: string, at: number) => ({
      key: '{{environment.attributes.current_date_time}}',
      operator,
      value: instant(at),
    });
    const rule = {
      operator: 'and',
      conditions: [condition('dateTimeGreaterThanOrEquals', ends - 3_600_000), condition('dateTimeLessThanOrEquals', ends)],
    };
    const asked = ['kms.secrets.list', { serviceName: 'kms' }] as const;
    const early = await askDecision(account, user, ...asked);
    clock.advance(120_000);
    const late = await askDecision(account, user, ...asked);
    const policy = { ...policyV2(account, user.iamId, SERVICE_ROLE('Reader'), 'kms'), pattern: 'time-based-conditions:once', rule };
    const answer = await whatIf([{ add_policy: policy }]);
    assert.deepEqual(
      rowsOf(answer, early).map((row) => row.after),
      ['permitted'],
    );
    assert.deepEqual(rowsOf(answer, late), []);
  });
});

describe('a member', () => {
  it('that would join or leave a group has or loses what its policies grant', async () => {
    const { account, world } = setting;
    const [joining, leaving] = [await world.user(account.id), await world.user(account.id)];
    const group = await world.group(account);
    await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, {
      token: account.owner,
      body: { members: [{ iam_id: leaving.iamId, type: 'user' }] },
    });
    await world.policy(account, group.id, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
    const asked = ['kms.secrets.list', { serviceName: 'kms' }] as const;
    const [before, after] = [await askDecision(account, joining, ...asked), await askDecision(account, leaving, ...asked)];
    const answer = await whatIf([
      { add_member: { access_group_id: group.id, iam_id: joining.iamId } },
      { remove_member: { access_group_id: group.id, iam_id: leaving.iamId } },
    ]);
    const [joined] = rowsOf(answer, before);
    const [left] = rowsOf(answer, after);
    assert.deepEqual([joined.after, joined.because], ['permitted', { change: 0 }]);
    assert.deepEqual([left.after, left.because], ['refused', { change: 1 }]);
  });
});

describe('what a what-if leaves behind', () => {
  it('is nothing: no change, no entry in the feed, no record', async () => {
    const { world, account, cluster, profile } = setting;
    const path = join(world.dir, 'data', 'podpass.db');
    const sizeOf = () => {
      const { feed, changes, records } = readAuditLog(path);
      return [feed.seq, changes.length, [...records.values()].flat().length];
    };
    const links = async () => (await world.expect(200, 'GET', `/v1/profiles/${profile.id}/links`, { token: account.owner })).text;
    const [sizes, listed] = [sizeOf(), await links()];
    const link = { cr_type: 'ROKS_SA', crn: cluster.crn, namespace: 'nothing', name: 'default' };
    await whatIf([
      { add_link: { profile_id: profile.id, link } },
      { add_policy: policyV1(account, account.ownerIamId, ROLE('Viewer'), 'kms') },
    ]);
    assert.deepEqual(sizeOf(), sizes);
    assert.equal(await links(), listed);
  });
});

describe('how far back it looks', () => {
  it('is as many days as are asked for, seven unless told otherwise', async () => {
    const { world } = setting;
    const account = await world.account();
    const user = await world.user(account.id);
    const id = await askDecision(account, user, 'kms.secrets.list', { serviceName: 'kms' });
    clock.advance(8 * 24 * 3600 * 1000);
    const later = { ...account, owner: await world.login(account.ownerApiKey) };
    const changes = [{ add_policy: policyV1(account, user.iamId, SERVICE_ROLE('Reader'), 'kms') }];
    const week = await whatIf(changes, {}, later);
    assert.deepEqual([week.examined, week.changed], [0, []]);
    assert.equal(Date.parse(week.since), clock.now() - 7 * 24 * 3600 * 1000);
    const nineDays = await whatIf(changes, { days: 9 }, later);
    assert.equal(rowsOf(nineDays, id).length, 1);
    assert.equal(nineDays.examined, 1);
  });
});
