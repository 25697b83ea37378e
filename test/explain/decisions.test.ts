/** Typical mistakes about access: the explanation names each, and what to do about it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, type TestUser, type Wire } from '../support/world.ts';
import { ask, assertRefused, explain, idOf, outcomes, recorded, type Setting, startSetting } from './explaining.ts';

const CK = 'containers-kubernetes';

let setting: Setting;
let user: TestUser;

before(async () => {
  setting = await startSetting();
  user = await setting.world.user(setting.account.id);
});
after(() => setting[Symbol.asyncDispose]());

const decision = (iamId: string, action: string, resource: Readonly<Record<string, string>>, rest: object = {}, subject: object = {}) => ({
  decision: { subject: { iam_id: iamId, ...subject }, action, resource: { accountId: setting.account.id, ...resource }, ...rest },
});

const policyV2 = async (iamId: string, roles: readonly string[], attributes: readonly unknown[], rest: object = {}) => {
  const { world, account } = setting;
  const body = {
    type: 'access',
    control: { grant: { roles: roles.map((role_id) => ({ role_id })) } },
    subject: { attributes: [{ key: 'iam_id', operator: 'stringEquals', value: iamId }] },
    resource: { attributes: [{ key: 'accountId', operator: 'stringEquals', value: account.id }, ...attributes] },
    ...rest,
  };
  return (await world.expect(201, 'POST', '/v2/policies', { token: account.owner, body })).body;
};
const onService = (value: string) => ({ key: 'serviceName', operator: 'stringEquals', value });
const env = (name: string, operator: string, value: unknown) => ({ key: `{{environment.attributes.${name}}}`, operator, value });

describe('the mistake', () => {
  it('of a role that does not have the action', async () => {
    const policy = await setting.world.policy(setting.account, user.iamId, [ROLE('Viewer')], { serviceName: CK });
    const explanation = await explain(setting, decision(user.iamId, `${CK}.cluster.create`, { serviceName: CK }));
    assertRefused(explanation, 'policies');
    assert.equal(explanation.nearest.policy_id, policy.id);
    assert.deepEqual(explanation.nearest.missed, [{ kind: 'role', expected: `${CK}.cluster.create`, actual: ROLE('Viewer') }]);
    assert.equal(explanation.remedy.kind, 'add_role');
    assert.ok(explanation.remedy.role_ids.includes(ROLE('Administrator')));
    assert.match(explanation.remedy.sentence, /Administrator/);
    const permitted = await explain(setting, decision(user.iamId, `${CK}.cluster.read`, { serviceName: CK }));
    assert.equal(permitted.outcome, 'permitted');
    assert.deepEqual(outcomes(permitted).slice(-2), ['candidates passed', 'policies passed']);
    assert.ok(permitted.checks.at(-1).detail.includes(policy.id));
  });

  it('of another instance', async () => {
    const policy = await setting.world.policy(setting.account, user.iamId, [SERVICE_ROLE('Reader')], {
      serviceName: 'kms',
      serviceInstance: 'one',
    });
    const explanation = await explain(setting, decision(user.iamId, 'kms.secrets.list', { serviceName: 'kms', serviceInstance: 'two' }));
    assertRefused(explanation, 'candidates');
    assert.equal(explanation.nearest.policy_id, policy.id);
    assert.deepEqual(explanation.nearest.missed, [{ kind: 'attribute', key: 'serviceInstance', expected: 'one', actual: 'two' }]);
    assert.match(explanation.remedy.sentence, /asks for serviceInstance 'one', and the request says 'two'/);
  });

  it('of an access tag that the resource does not have', async () => {
    const { world, account } = setting;
    const body = {
      type: 'access',
      subjects: [{ attributes: [{ name: 'iam_id', value: user.iamId }] }],
      roles: [{ role_id: SERVICE_ROLE('Reader') }],
      resources: [
        {
          attributes: [
            { name: 'accountId', value: account.id },
            { name: 'serviceType', value: 'service' },
          ],
          tags: [{ name: 'project', value: 'blue', operator: 'stringEquals' }],
        },
      ],
    };
    await world.expect(201, 'POST', '/v1/policies', { token: account.owner, body });
    const asked = decision(user.iamId, 'messagehub.topic.read', { serviceName: 'messagehub', serviceInstance: 'tagged' });
    const explanation = await explain(setting, asked);
    assertRefused(explanation, 'policies');
    assert.deepEqual(explanation.nearest.missed, [{ kind: 'tag', key: 'project', expected: 'blue' }]);
    assert.equal(explanation.remedy.kind, 'add_tag');
    const tags = { account_id: account.id, service_name: 'messagehub', service_instance: 'tagged', tags: ['project:blue'] };
    await world.expect(200, 'PUT', '/podpass/v1/resource_tags', { token: account.owner, body: tags });
    assert.equal((await explain(setting, asked)).outcome, 'permitted', 'the remedy, made, helps');
  });

  it('of an hour outside the weekly window', async () => {
    const { iamId } = await setting.world.user(setting.account.id);
    const conditions = [
      env('day_of_week', 'dayOfWeekAnyOf', ['1+00:00', '2+00:00', '3+00:00', '4+00:00', '5+00:00']),
      env('current_time', 'timeGreaterThanOrEquals', '09:00:00+00:00'),
      env('current_time', 'timeLessThanOrEquals', '17:00:00+00:00'),
    ];
    const rule = { operator: 'and', conditions };
    const pattern = 'time-based-conditions:weekly:custom-hours';
    await policyV2(iamId, [SERVICE_ROLE('Reader')], [onService('kms')], { pattern, rule });
    const at = (instant: string) => decision(iamId, 'kms.secrets.list', { serviceName: 'kms' }, { at: instant });
    assert.equal((await explain(setting, at('2026-11-24T10:00:00Z'))).outcome, 'permitted', 'a Tuesday morning');
    const explanation = await explain(setting, at('2026-11-24T20:00:00Z'));
    assertRefused(explanation, 'policies');
    assert.equal(explanation.nearest.missed[0].kind, 'condition');
    assert.match(explanation.nearest.missed[0].key, /current_time/);
    assert.equal(explanation.remedy.kind, 'wait');
  });

  it('of a once-rule that has expired', async () => {
    const { iamId } = await setting.world.user(setting.account.id);
    const conditions = [
      env('current_date_time', 'dateTimeGreaterThanOrEquals', '2026-01-01T09:00:00+00:00'),
      env('current_date_time', 'dateTimeLessThanOrEquals', '2026-01-02T09:00:00+00:00'),
    ];
    const rule = { operator: 'and', conditions };
    await policyV2(iamId, [SERVICE_ROLE('Reader')], [onService('kms')], { pattern: 'time-based-conditions:once', rule });
    const explanation = await explain(setting, decision(iamId, 'kms.secrets.list', { serviceName: 'kms' }, { at: '2026-03-01T00:00:00Z' }));
    assertRefused(explanation, 'policies');
    assert.equal(explanation.remedy.kind, 'create_policy');
    assert.match(explanation.remedy.sentence, /That time is over/);
  });

  it('of no policy at all', async () => {
    const { iamId } = await setting.world.user(setting.account.id);
    const explanation = await explain(setting, decision(iamId, 'kms.secrets.list', { serviceName: 'kms' }));
    assertRefused(explanation, 'candidates');
    assert.ok(!('nearest' in explanation));
    assert.equal(explanation.remedy.kind, 'create_policy');
    assert.match(explanation.remedy.sentence, /Reader/);
  });

  it('of a scope that excludes the service', async () => {
    const { account } = setting;
    const scoped = decision(account.ownerIamId, 'kms.secrets.list', { serviceName: 'kms' }, {}, { scope: `ibm openid ${CK}` });
    const explanation = await explain(setting, scoped);
    assertRefused(explanation, 'scope');
    assert.equal(explanation.remedy.kind, 'change_scope');
    assert.deepEqual(outcomes(explanation).slice(3), ['owner skipped', 'candidates skipped', 'policies skipped']);
  });

  it('of an identity of another account where the account limits those', async () => {
    const { world } = setting;
    const account = await world.account();
    const guest = await world.user(setting.account.id);
    await world.expect(201, 'POST', `/podpass/v1/accounts/${account.id}/users`, {
      token: world.admin,
      body: { iam_id: guest.iamId, name: 'Guest', email: 'guest@example.com' },
    });
    await world.policy(account, guest.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
    const path = `/v1/accounts/${account.id}/settings/access_management`;
    const { headers } = await world.expect(200, 'GET', path, { token: account.owner });
    await world.expect(200, 'PATCH', path, {
      token: account.owner,
      headers: { 'if-match': headers.get('etag') ?? '' },
      body: { external_account_identity_interaction: { identity_types: { user: { state: 'limited', external_allowed_accounts: [] } } } },
    });
    const question = (from: string) => ({
      decision: {
        subject: { iam_id: guest.iamId, account_id: from },
        action: 'kms.secrets.list',
        resource: { accountId: account.id, serviceName: 'kms' },
      },
    });
    const explanation = await explain({ world, account }, question(setting.account.id));
    assertRefused(explanation, 'boundary');
    assert.equal(explanation.remedy.kind, 'change_setting');
    assert.equal((await explain({ world, account }, question(account.id))).outcome, 'permitted');
  });

  it('of a resource without its account', async () => {
    const { decision: question } = decision(user.iamId, `${CK}.cluster.read`, { serviceName: CK });
    const explanation = await explain(setting, { decision: { ...question, resource: { serviceName: CK } } });
    assertRefused(explanation, 'resource');
    assert.match(explanation.remedy.sentence, /add the attribute accountId/);
  });
});

describe('what was really asked', () => {
  it('of the decision API is explained by the id of the request and by its transaction, those that were refused first', async () => {
    const { world, account } = setting;
    const item = (action: string) => ({
      subject: { attributes: { id: user.iamId, scope: 'ibm openid' } },
      action,
      resource: { attributes: { accountId: account.id, serviceName: CK } },
    });
    const reply = await world.expect(200, 'POST', '/v2/authz', {
      token: account.owner,
      headers: { 'transaction-id': 'two-questions' },
      body: [item(`${CK}.cluster.read`), item(`${CK}.cluster.create`)],
    });
    const { body } = await ask(setting, { request_id: await recorded(setting, reply) });
    const [refused, permitted] = body.explanations;
    assert.equal(body.explanations.length, 2);
    assert.deepEqual([refused.kind, refused.recorded.outcome, refused.outcome], ['decision', 'refused', 'refused']);
    assertRefused(refused, 'policies');
    assert.deepEqual([permitted.recorded.outcome, permitted.outcome], ['permitted', 'permitted']);
    assert.equal(refused.request_id, idOf(reply));
    const byLabel = await ask(setting, { transaction_id: 'two-questions' });
    assert.deepEqual(byLabel.body.explanations, body.explanations);
  });

  it('of an operation is explained by the id of the request and by its transaction', async () => {
    const { world, account } = setting;
    const reply = await world.expect(403, 'POST', '/v1/profiles', {
      token: user.token,
      headers: { 'transaction-id': 'make-a-profile' },
      body: { name: 'mine', account_id: account.id },
    });
    for (const id of [{ request_id: await recorded(setting, reply) }, { transaction_id: 'make-a-profile' }]) {
      const explanation = await explain(setting, id);
      assert.deepEqual([explanation.kind, explanation.recorded.outcome], ['operation', 'refused']);
      assert.equal(explanation.recorded.reason, 'No policy of the caller permits the action.');
      assertRefused(explanation, 'policies');
      assert.match(explanation.remedy.sentence, /iam-identity\.profile\.create/);
    }
    await world.policy(account, user.iamId, [ROLE('Administrator')], { serviceName: 'iam-identity' });
    const again = await explain(setting, { request_id: idOf(reply) });
    assert.deepEqual([again.recorded.outcome, again.outcome], ['refused', 'permitted']);
  });

  it('with a token of another scope is asked again with that scope', async () => {
    const { world, account } = setting;
    const login = await world.exchange({
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      apikey: account.ownerApiKey,
      scope: CK,
    });
    const body = { name: 'scoped', account_id: account.id };
    const reply = await world.expect(403, 'POST', '/v1/profiles', { token: login.body.access_token, body });
    assertRefused(await explain(setting, { request_id: await recorded(setting, reply) }), 'scope');
  });

  it('and done is said to be done', async () => {
    const { world, account } = setting;
    const reply = await world.expect(201, 'POST', '/v1/profiles', { token: account.owner, body: { name: 'done', account_id: account.id } });
    const explanation: Wire = await explain(setting, { request_id: idOf(reply) });
    assert.deepEqual([explanation.kind, explanation.outcome], ['operation', 'permitted']);
    assert.deepEqual(outcomes(explanation), ['recorded passed']);
  });
});
