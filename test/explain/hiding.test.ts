/** What an explanation keeps from somebody who may read the audit log, but not the objects behind what it records. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, type TestUser, type Wire } from '../support/world.ts';
import { ask, auditor, described, exchange, explain, idOf, type Setting, startSetting } from './explaining.ts';

let setting: Setting;
let reader: TestUser;
let subject: TestUser;

before(async () => {
  setting = await startSetting();
  reader = await auditor(setting);
  subject = await setting.world.user(setting.account.id);
});
after(() => setting[Symbol.asyncDispose]());

const kms = (iamId: string, action = 'kms.secrets.delete') => ({
  decision: { subject: { iam_id: iamId }, action, resource: { accountId: setting.account.id, serviceName: 'kms' } },
});

describe('a caller who may not read policies', () => {
  it('is not told which policy came nearest, which permits, or of whose groups it is', async () => {
    const { world, account } = setting;
    const group = await world.group(account);
    await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, {
      token: account.owner,
      body: { members: [{ iam_id: subject.iamId, type: 'user' }] },
    });
    const policy = await world.policy(account, group.id, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
    const known = await explain(setting, kms(subject.iamId));
    assert.equal(known.nearest.policy_id, policy.id);
    assert.match(known.checks[4].detail, /2 access groups/);

    const { text, body } = await ask(setting, kms(subject.iamId), { token: reader.token });
    const [hidden] = body.explanations;
    assert.deepEqual(hidden.nearest, { hidden: true });
    assert.equal(hidden.remedy.kind, 'ask_administrator');
    assert.equal(hidden.outcome, 'refused');
    const permitted = await ask(setting, kms(subject.iamId, 'kms.secrets.list'), { token: reader.token });
    assert.equal(permitted.body.explanations[0].outcome, 'permitted');
    for (const answer of [text, permitted.text]) {
      for (const secret of [policy.id, group.id, 'Reader', 'access group']) assert.ok(!answer.includes(secret), `${secret} in ${answer}`);
    }
  });

  it('is told as much as anybody of what is no object of the account', async () => {
    const asked = { decision: { ...kms(subject.iamId).decision, resource: { serviceName: 'kms' } } };
    const [own, other] = [await explain(setting, asked), await explain(setting, asked, reader.token)];
    assert.deepEqual(other, own);
  });
});

describe('a caller who may not read profiles and clusters', () => {
  const about = (overrides: Readonly<Record<string, unknown>>) => ask(setting, described(setting, overrides), { token: reader.token });

  it('gets one answer for clusters that there are and that there are not', async () => {
    const known = await about({});
    const unknown = await about({ cluster: 'nowhere' });
    assert.equal(known.text, unknown.text);
    assert.equal(known.body.explanations[0].failed, 'cluster');
    assert.ok(!known.text.includes(setting.cluster.id));
  });

  it('gets one answer for profiles that there are and that there are not, linked or not', async () => {
    const { world, account, profile } = setting;
    await world.policy(account, reader.iamId, [ROLE('Viewer')], { serviceName: 'containers-kubernetes' });
    const stranger = 'Profile-11111111-2222-4333-8444-555555555555';
    const [linked, unlinked, unknown] = [await about({}), await about({ namespace: 'elsewhere' }), await about({ profile_id: stranger })];
    assert.equal(linked.text, unknown.text);
    assert.equal(unlinked.text, unknown.text);
    assert.equal(linked.body.explanations[0].failed, 'profile');
    assert.ok(!linked.text.includes(profile.id));
  });

  it('is told of a recorded exchange that it was refused, and no id of what it missed', async () => {
    const { account, linkId, profile, cluster } = setting;
    const [refused, issued] = [await exchange(setting, { namespace: 'shop' }), await exchange(setting)];
    const [one, two] = [
      await ask(setting, { request_id: idOf(refused) }, { token: reader.token }),
      await ask(setting, { request_id: idOf(issued) }, { token: reader.token }),
    ];
    const [explanation] = one.body.explanations;
    assert.deepEqual([explanation.outcome, explanation.failed], ['refused', 'link']);
    assert.deepEqual(explanation.nearest, { hidden: true });
    assert.equal(explanation.remedy.kind, 'ask_administrator');
    assert.equal(two.body.explanations[0].outcome, 'permitted');
    for (const { text } of [one, two]) {
      for (const secret of [linkId, profile.id, profile.name, account.ownerIamId])
        assert.ok(!text.includes(secret), `${secret} in ${text}`);
    }
    const own = await explain(setting, { request_id: idOf(refused) });
    assert.equal(own.nearest.link_id, linkId, `the owner is told, of ${cluster.name}`);
  });
});

describe('whose questions somebody may look into', () => {
  it('is one answer for accounts of others and accounts that there are not', async () => {
    const { world } = setting;
    const other = await world.account();
    const asked = (account_id: string): Wire => ({ account_id, ...kms(subject.iamId) });
    const decision = { subject: { iam_id: subject.iamId }, action: 'kms.secrets.list', resource: { serviceName: 'kms' } };
    const answers = [];
    for (const id of [other.id, 'f'.repeat(32)]) {
      for (const body of [
        { ...asked(id), decision },
        { account_id: id, request_id: 'x' },
        { account_id: id, ...described(setting) },
      ]) {
        const { body: answer } = await world.expect(404, 'POST', '/podpass/v1/explain', { token: setting.account.owner, body });
        answers.push(JSON.stringify(answer.errors).replaceAll(id, '<id>'));
      }
    }
    assert.equal(new Set(answers).size, 1, answers.join('\n'));
  });

  it("is the caller's own account with the right to read its audit log, and no other", async () => {
    await ask(setting, kms(subject.iamId), { token: subject.token, status: 403 });
    await ask(setting, { request_id: 'x' }, { token: subject.token, status: 403 });
    await setting.world.expect(401, 'POST', '/podpass/v1/explain', { body: { account_id: setting.account.id, request_id: 'x' } });
  });

  it('does not reach a request of another account', async () => {
    const reply = await exchange(setting, { namespace: 'shop' });
    const other = await setting.world.account();
    const ids = [idOf(reply), 'no-such-request'];
    const texts = [];
    for (const id of ids) {
      const { body } = await ask({ world: setting.world, account: other }, { request_id: id }, { status: 404 });
      texts.push(JSON.stringify(body.errors).replaceAll(id, '<id>'));
    }
    assert.equal(texts[0], texts[1]);
  });
});
