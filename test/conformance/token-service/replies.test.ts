/** What every reply has, what no reply tells, and what is recorded. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Reply, Wire } from '../../support/world.ts';
import {
  APIKEY_GRANT,
  assertIssued,
  assertNotEligible,
  basic,
  CR_TOKEN_GRANT,
  FORM,
  formOf,
  type Setting,
  send,
  startSetting,
} from './setting.ts';

const ACTION = 'iam-identity.computeresource-token.login';
const CONTEXT = [
  'clusterName',
  'elapsedTime',
  'endTime',
  'host',
  'instanceId',
  'locale',
  'requestId',
  'requestType',
  'startTime',
  'threadId',
  'url',
  'userAgent',
];

describe('replies', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  /** One refusal of every kind that a stranger can provoke. */
  async function refusals(): Promise<Reply<Wire>[]> {
    const { world, cluster, profile } = setting;
    const form = { grant_type: CR_TOKEN_GRANT, cr_token: cluster.issuer.token(), profile_id: profile.id };
    const post = (body: string, headers: Readonly<Record<string, string>>) => send(world.url, '/identity/token', { headers, body });
    return Promise.all([
      world.exchange(''),
      world.exchange({ grant_type: 'unknown' }),
      world.exchange({ ...form, cr_token: 'random' }),
      world.exchange({ ...form, cr_token: cluster.issuer.token({ audience: 'other' }) }),
      world.exchange({ ...form, cr_token: cluster.issuer.token({ namespace: 'other' }) }),
      world.exchange({ ...form, scope: 'unknown' }),
      world.exchange({ grant_type: APIKEY_GRANT, apikey: 'unknown' }),
      world.exchange(form, { authorization: basic('nobody:x') }),
      send(world.url, '/identity/token', { method: 'GET' }),
      post('{}', { 'content-type': 'application/json' }),
      post('x'.repeat(70_000), { 'content-type': FORM }),
      send(world.url, '/identity/nothing-here'),
    ]);
  }

  test('C60: every error has the members and the correlation that clients read', async () => {
    const replies = await refusals();
    assert.deepEqual([...new Set(replies.map((reply) => reply.status))].sort(), [400, 401, 404, 405, 413, 415]);
    for (const { body, headers, text } of replies) {
      assert.match(body.errorCode, /^(?:BXNIM|PODP)\d{4}E$/, text);
      assert.ok(body.errorMessage, text);
      assert.deepEqual(Object.keys(body.context).sort(), CONTEXT);
      for (const value of Object.values(body.context)) assert.equal(typeof value, 'string', text);
      assert.equal(body.context.requestId, headers.get('transaction-id'));
      assert.equal(body.context.requestId, headers.get('x-correlation-id'));
      assert.match(body.context.elapsedTime, /^\d+$/);
      assert.match(body.context.startTime, /^\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d:\d{3} UTC$/);
      assert.equal(body.context.url, setting.world.url);
      assert.ok(!('error' in body) && !('message' in body) && !('errors' in body));
    }
    assert.equal(replies[0]?.body.context.requestType, 'incoming.Identity_Token');
  });

  test('C61: every reply forbids caching and sniffing, and none sets a cookie', async () => {
    const issued = await setting.world.crToken(setting.cluster.issuer.token(), { profile_id: setting.profile.id });
    assertIssued(issued);
    for (const { headers } of [issued, ...(await refusals())]) {
      assert.equal(headers.get('cache-control'), 'no-cache, no-store, must-revalidate');
      assert.equal(headers.get('pragma'), 'no-cache');
      assert.equal(headers.get('expires'), '0');
      assert.equal(headers.get('content-type'), 'application/json');
      assert.equal(headers.get('content-language'), 'en-US');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('ibm-cloud-service-name'), 'iam-identity');
      assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
      assert.match(headers.get('transaction-id') ?? '', /^[A-Za-z0-9_-]{5}-[0-9a-f]{32}$/);
      assert.equal(headers.get('set-cookie'), null);
    }
  });

  test('a correlation id is repeated where it is a label, and replaced where it is not', async () => {
    for (const name of ['transaction-id', 'x-correlation-id', 'x-request-id']) {
      const { headers } = await setting.world.exchange('', { [name]: 'my-label_1.2' });
      assert.equal(headers.get('transaction-id'), 'my-label_1.2');
      assert.equal(headers.get('x-correlation-id'), 'my-label_1.2');
    }
    for (const value of ['two words', 'x'.repeat(129), '<script>', '{"a":1}']) {
      const { headers } = await setting.world.exchange('', { 'transaction-id': value });
      assert.match(headers.get('transaction-id') ?? '', /^[A-Za-z0-9_-]{5}-[0-9a-f]{32}$/);
    }
  });

  test('a long user agent is cut', async () => {
    const { body } = await setting.world.exchange('', { 'user-agent': 'a'.repeat(5000) });
    assert.equal(body.context.userAgent.length, 200);
  });

  test('C82: a compute resource token is no access token of any API', async () => {
    const { world, account, cluster, profile } = setting;
    const token = cluster.issuer.token();
    const paths = [
      `/v1/profiles?account_id=${account.id}`,
      `/v1/profiles/${profile.id}`,
      `/v2/groups?account_id=${account.id}`,
      `/v1/policies?account_id=${account.id}`,
      `/podpass/v1/clusters?account_id=${account.id}`,
      `/podpass/v1/audit/events?account_id=${account.id}`,
      '/global/v1/clusters',
    ];
    for (const path of paths) {
      await world.expect(200, 'GET', path, { token: account.owner });
      await world.expect(401, 'GET', path, { token });
      await world.expect(401, 'GET', path, { headers: { authorization: token } });
    }
  });

  test('C91: an exchange and a refusal are one event each, without token material', async () => {
    const { world, account, cluster, profile } = setting;
    const good = cluster.issuer.token();
    const bad = cluster.issuer.token({ serviceAccount: 'builder' });
    const issued = await world.crToken(good, { profile_id: profile.id });
    const refused = await world.crToken(bad, { profile_id: profile.id });
    const { jti } = assertIssued(issued);
    assertNotEligible(refused);
    const eventsOf = (reply: Reply<Wire>) => world.events(account, reply.headers.get('x-request-id') ?? '');
    const [success, ...moreSuccesses] = await eventsOf(issued);
    const [failure, ...moreFailures] = await eventsOf(refused);
    assert.equal(moreSuccesses.length + moreFailures.length, 0);
    for (const event of [success, failure]) {
      assert.equal(event.data.action, ACTION);
      assert.equal(event.data.initiator.id, `crn-${cluster.crn}`);
      assert.equal(event.data.target.id, profile.crn);
    }
    assert.equal(success.data.outcome, 'success');
    assert.equal(success.data.initiator.name, `${cluster.name}:default:default:web-0`);
    assert.equal(success.data.responseData.token_id, jti);
    assert.equal(success.data.correlationId, issued.headers.get('transaction-id'));
    assert.equal(failure.data.outcome, 'failure');
    assert.equal(failure.data.reason.reasonCode, 400);
    const text = JSON.stringify([success, failure]);
    for (const token of [good, bad, issued.body.access_token as string]) {
      for (const part of token.split('.').slice(1)) assert.ok(!text.includes(part));
    }
  });

  test('C93: no error repeats the token or the API key that was presented', async () => {
    const { world, cluster, profile, account } = setting;
    const tokens = [
      cluster.issuer.token({ audience: 'other' }),
      cluster.issuer.token({ namespace: 'other' }),
      cluster.issuer.token({ header: { kid: 'unknown' } }),
      `${cluster.issuer.token()}.tail`,
      'no-token-but-a-secret',
      'first-secret.second-secret.third-secret',
    ];
    const key = 'a-secret-api-key-of-somebody';
    const replies = await Promise.all([
      ...tokens.map((token) => world.crToken(token, { profile_id: profile.id })),
      ...tokens.map((token) => world.crToken(token, {})),
      world.exchange(`grant_type=${CR_TOKEN_GRANT}&cr_token=${tokens[0]}&cr_token=${tokens[1]}`),
      world.exchange({ grant_type: 'unknown', cr_token: tokens[0] ?? '', apikey: key, passcode: key }),
      world.exchange({ grant_type: APIKEY_GRANT, apikey: key }),
      world.exchange({ grant_type: APIKEY_GRANT, apikey: key }, { authorization: basic(`bx:${key}`) }),
      world.exchange({ grant_type: 'urn:ibm:params:oauth:grant-type:passcode', passcode: key }),
      world.exchange({ grant_type: APIKEY_GRANT, apikey: `${account.ownerApiKey}x` }),
      send(world.url, `/identity/token?apikey=${key}`, { method: 'GET' }),
      send(world.url, `/identity/elsewhere?apikey=${key}`),
      send(world.url, '/identity/token', { headers: { 'content-type': 'text/plain' }, body: formOf({ apikey: key }) }),
      send(world.url, '/identity/token', { headers: { 'content-type': FORM }, body: `apikey=${key}&x=${'x'.repeat(70_000)}` }),
    ]);
    for (const { status, text } of replies) {
      assert.ok(status >= 400 && status < 500, text);
      assert.ok(!text.includes(key) && !text.includes(account.ownerApiKey), text);
      for (const token of tokens) for (const part of token.split('.')) assert.ok(part.length < 5 || !text.includes(part), text);
    }
  });
});
