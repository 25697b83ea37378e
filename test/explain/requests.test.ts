/** Requests for explanations that are not ones: each error names the field and what was expected. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ask, described, exchange, type Setting, startSetting } from './explaining.ts';

let setting: Setting;

before(async () => {
  setting = await startSetting();
});
after(() => setting[Symbol.asyncDispose]());

test('one way of asking is expected, whole', async () => {
  const { decision } = { decision: { subject: { iam_id: 'IBMid-x' }, action: 'kms.secrets.list', resource: { serviceName: 'kms' } } };
  const { exchange: pod } = described(setting);
  const cases: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{}, /'transaction_id' is missing/],
    [{ request_id: 'a', transaction_id: 'b' }, /'request_id'.*exactly one of/],
    [{ decision, exchange: pod }, /'exchange'.*exactly one of/],
    [{ account_id: 'mine', request_id: 'a' }, /'account_id' is not acceptable: must be an account id/],
    [{ request_id: '' }, /'request_id'/],
    [{ request_id: 'x'.repeat(129) }, /'request_id'/],
    [{ decision: { ...decision, subject: {} } }, /'decision\.subject\.iam_id'/],
    [{ decision: { ...decision, action: undefined } }, /'decision\.action'/],
    [{ decision: { ...decision, resource: 'kms' } }, /'decision\.resource'/],
    [{ decision: { ...decision, resource: { accountId: 'f'.repeat(32) } } }, /'decision\.resource\.accountId' names another account/],
    [{ decision: { ...decision, subject: { iam_id: 'crn-crn:no' } } }, /'decision\.subject\.iam_id'.*not well-formed/],
    [{ decision: { ...decision, at: 'tomorrow' } }, /'decision\.at'.*2026-11-24T09:00:00Z/],
    [{ exchange: { ...pod, profile_id: undefined } }, /'exchange\.profile_id' is missing/],
    [{ exchange: { ...pod, cluster: undefined } }, /'exchange\.cluster'/],
    [{ exchange: { ...pod, namespace: 7 } }, /'exchange\.namespace'/],
    [{ exchange: { ...pod, service_account: '' } }, /'exchange\.service_account'/],
  ];
  for (const [body, expected] of cases) {
    const reply = await ask(setting, body, { status: 400 });
    assert.match(`${reply.body.errors[0].message} ${reply.body.errors[0].details ?? ''}`, expected, JSON.stringify(body));
  }
  const crn = await ask(setting, { exchange: { ...pod, profile_crn: 'crn:v1:nothing' } }, { status: 400 });
  assert.equal(crn.body.errors[0].code, 'invalid_parameter');
});

test('names that every object has from birth are names like others', async () => {
  const resource = { accountId: setting.account.id, serviceName: 'constructor', toString: 'z' };
  const decision = { subject: { iam_id: '__proto__' }, action: 'constructor', resource };
  const { body } = await ask(setting, { decision });
  assert.equal(body.explanations[0].outcome, 'refused');
  const { id } = setting.account;
  const raw = `{"account_id":"${id}","__proto__":{"request_id":"x"},"decision":{"subject":{"iam_id":"x"},"action":"y","resource":{"__proto__":"z"}}}`;
  const headers = { 'content-type': 'application/json' };
  const reply = await setting.world.call('POST', '/podpass/v1/explain', { token: setting.account.owner, body: raw, headers });
  assert.ok(reply.status === 400 || reply.body.explanations[0].failed === 'resource', reply.text);
});

test('many requests may share a label: a hundred are explained, the newest, and the answer says that there are more', async () => {
  const { world, cluster, profile } = setting;
  const headers = { 'Transaction-Id': 'the-same' };
  const token = cluster.issuer.token();
  await Promise.all(Array.from({ length: 105 }, () => world.crToken(token, { profile_id: profile.id }, headers)));
  const { body } = await ask(setting, { transaction_id: 'the-same' });
  assert.equal(body.explanations.length, 100);
  assert.equal(body.truncated, true);
});

test('an unknown id is not found', async () => {
  await exchange(setting);
  for (const ids of [{ request_id: 'no-such-request' }, { transaction_id: 'no-such-label' }]) {
    const { body } = await ask(setting, ids, { status: 404 });
    assert.equal(body.errors[0].code, 'not_found');
  }
});
