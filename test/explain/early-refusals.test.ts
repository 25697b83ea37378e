/** Refusals before a signature held: in memory for a while, for operators of the installation alone. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RequestInfo } from '../../src/kernel/caller.ts';
import { createManualClock } from '../../src/kernel/clock.ts';
import { DomainError } from '../../src/kernel/errors.ts';
import { createEarlyRefusals } from '../../src/token/early-refusals.ts';
import { Parameters } from '../../src/token/form.ts';
import { claimsOf, TestIssuer } from '../support/world.ts';
import { exchange, idOf, type Setting, startSetting } from './explaining.ts';

let setting: Setting;
let installation: string;

before(async () => {
  setting = await startSetting();
  installation = claimsOf(setting.world.admin).account.bss;
});
after(() => setting[Symbol.asyncDispose]());

const find = (status: number, ids: object, token = setting.world.admin, account_id = installation) =>
  setting.world.expect(status, 'POST', '/podpass/v1/explain', { token, body: { account_id, ...ids } });

describe('an operator of the installation', () => {
  it('is told why a token was not believed, from where it came and what it named', async () => {
    const { world, profile } = setting;
    const stranger = new TestIssuer();
    const reply = await world.crToken(stranger.token(), { profile_id: profile.id }, { 'transaction-id': 'lost' });
    assert.equal(reply.body.errorCode, 'BXNIM0405E');
    for (const ids of [{ request_id: idOf(reply) }, { transaction_id: 'lost' }]) {
      const { body } = await find(200, ids);
      const [explanation] = body.explanations;
      assert.deepEqual([explanation.kind, explanation.outcome, explanation.failed], ['exchange', 'refused', 'token']);
      assert.equal(explanation.request_id, idOf(reply));
      assert.match(explanation.recorded.reason, /unknown issuer/);
      assert.equal(explanation.recorded.issuer, stranger.issuer);
      assert.equal(explanation.recorded.kid, stranger.kid);
      assert.match(explanation.remedy.sentence, /or register the cluster/);
      assert.match(explanation.recorded.source_address, /127\.0\.0\.1/);
    }
  });

  it('is told apart what the client was told alike, and never the token', async () => {
    const { world, cluster, profile } = setting;
    const other = new TestIssuer();
    const tokens = [
      [cluster.issuer.token({ key: other.privateKey }), /signature does not hold/],
      ['not.a.token', /./],
      [cluster.issuer.token().slice(0, -9), /./],
    ] as const;
    for (const [token, reason] of tokens) {
      const reply = await world.crToken(token, { profile_id: profile.id });
      const { body, text } = await find(200, { request_id: idOf(reply) });
      assert.match(body.explanations[0].recorded.reason, reason);
      for (const part of token.split('.')) assert.ok(part.length < 10 || !text.includes(part), text);
    }
  });

  it('is told of a suspended cluster, and of a request without a token or a grant', async () => {
    const { world, account, profile } = setting;
    const cluster = await world.cluster(account);
    const headers = { 'if-match': cluster.body.entity_tag };
    await world.expect(200, 'PATCH', `/podpass/v1/clusters/${cluster.id}`, { token: account.owner, headers, body: { state: 'suspended' } });
    const suspended = await world.crToken(cluster.issuer.token(), { profile_id: profile.id });
    assert.equal(suspended.status, 503);
    const [one] = (await find(200, { request_id: idOf(suspended) })).body.explanations;
    assert.match(one.recorded.reason, new RegExp(`cluster ${cluster.id} is suspended`));
    assert.match(one.remedy.sentence, /active again/);
    for (const form of [{}, { grant_type: 'urn:ibm:params:oauth:grant-type:cr-token' }, { grant_type: 'x', cr_token: 'y' }]) {
      const [other] = (await find(200, { request_id: idOf(await world.exchange(form)) })).body.explanations;
      assert.equal(other.failed, 'request');
    }
  });

  it('is not told of what the log of an account holds', async () => {
    const refused = await exchange(setting, { namespace: 'shop' });
    const expired = await exchange(setting, { audience: 'elsewhere' });
    for (const reply of [refused, expired]) await find(404, { request_id: idOf(reply) });
  });
});

describe('nobody else', () => {
  it('is told of them: not the account whose issuer the token names, and not the first administrator', async () => {
    const { world, account, cluster, profile } = setting;
    const reply = await world.crToken(cluster.issuer.token({ key: new TestIssuer().privateKey }), { profile_id: profile.id });
    const ids = { request_id: idOf(reply) };
    await find(404, ids, account.owner, account.id);
    await find(404, ids, account.owner, installation);
    await find(404, { request_id: 'no-such-request' }, account.owner, installation);
    await find(403, ids, world.bootstrap);
    await find(404, { request_id: 'no-such-request' });
  });
});

describe('the memory of early refusals', () => {
  const info = (requestId: string): RequestInfo => ({ requestId, transactionId: 'label', sourceAddress: '192.0.2.1', userAgent: '' });
  const refusal = new DomainError('token_not_supported', { details: 'No.' });

  it('holds as many as it may, the newest', () => {
    const kept = createEarlyRefusals(createManualClock(0), 10);
    for (let number = 0; number < 35; number += 1) kept.add(refusal, undefined, info(`r${number}`));
    assert.deepEqual(
      kept.find({ transactionId: 'label' }).map(({ requestId }) => requestId),
      Array.from({ length: 10 }, (_, index) => `r${34 - index}`),
    );
    assert.deepEqual(kept.find({ requestId: 'r0' }), []);
  });

  it('forgets after ten minutes', () => {
    const clock = createManualClock(0);
    const kept = createEarlyRefusals(clock);
    kept.add(refusal, undefined, info('r'));
    clock.advance(10 * 60 * 1000 - 1);
    assert.equal(kept.find({ requestId: 'r' }).length, 1);
    clock.advance(1);
    assert.deepEqual(kept.find({ requestId: 'r' }), []);
  });

  it('keeps names cut and in printable ASCII, and nothing that the log has', () => {
    const kept = createEarlyRefusals(createManualClock(0));
    const issuer = new TestIssuer(`https://\u001b[31m\u00e9${'x'.repeat(5000)}`);
    kept.add(refusal, new Parameters(new Map([['cr_token', issuer.token()]])), info('r'));
    const [one] = kept.find({ requestId: 'r' });
    assert.match(one?.issuer ?? '', /^https:\/\/\?\[31m\?x{200,}$/);
    assert.equal(one?.issuer?.length, 300);
    kept.add(new DomainError('profile_not_eligible'), undefined, info('logged'));
    kept.add(new Error('a fault of ours'), undefined, info('fault'));
    assert.deepEqual([...kept.find({ requestId: 'logged' }), ...kept.find({ requestId: 'fault' })], []);
  });
});
