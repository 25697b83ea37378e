/** What tokens and the audit log tell of the rule that let a pod in, or that came nearest to it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PodTokenOptions, Reply, Wire } from '../../support/world.ts';
import { addRule, exchange, when } from './rules.ts';
import { assertIssued, assertNotEligible, type Setting, startSetting } from './setting.ts';

describe('records of claim rules', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  const ask = (profile: Wire, pod: PodTokenOptions = {}) => exchange(setting, setting.cluster, profile.id, pod);
  const makeProfile = () => setting.world.profile(setting.account);

  async function eventOf(reply: Reply<Wire>): Promise<Wire> {
    const [event, ...others] = await setting.world.events(setting.account, reply.headers.get('x-request-id') ?? '');
    assert.equal(others.length, 0);
    return event;
  }

  test('a token names the rule that it was given for, and so does its record', async () => {
    const profile = await makeProfile();
    await addRule(setting, profile.id, [when('name', 'EQUALS', 'builder')]);
    const rule = await addRule(setting, profile.id, [when('name', 'EQUALS', 'default')]);
    const reply = await ask(profile);
    const { podpass, jti } = assertIssued(reply);
    assert.equal(podpass.rule, rule.id);
    assert.ok(!('link' in podpass));
    assert.deepEqual(Object.keys(podpass).sort(), ['cluster', 'namespace', 'pod_uid', 'root', 'rule', 'service_account']);
    const { data } = await eventOf(reply);
    assert.equal(data.action, 'iam-identity.computeresource-token.login');
    assert.equal(data.outcome, 'success');
    assert.equal(data.target.id, profile.crn);
    assert.deepEqual(data.responseData, { token_id: jti, rule: rule.id });
  });

  test('a token for a link names no rule', async () => {
    const { world, account, cluster } = setting;
    const profile = await makeProfile();
    const link = await world.link(account, profile.id, cluster.crn);
    await addRule(setting, profile.id, [when('name', 'EQUALS', 'builder')]);
    const reply = await ask(profile);
    const { podpass } = assertIssued(reply);
    assert.equal(podpass.link, link.body.id);
    assert.ok(!('rule' in podpass));
    assert.ok(!('rule' in (await eventOf(reply)).data.responseData));
  });

  test('where a link and a rule fit, token and record agree on one of them', async () => {
    const { world, account, cluster } = setting;
    const profile = await makeProfile();
    const link = await world.link(account, profile.id, cluster.crn);
    const rule = await addRule(setting, profile.id, [when('name', 'EQUALS', 'default')]);
    const reply = await ask(profile);
    const { podpass } = assertIssued(reply);
    const { data } = await eventOf(reply);
    assert.ok('link' in podpass !== 'rule' in podpass);
    assert.ok(podpass.link === link.body.id || podpass.rule === rule.id);
    assert.deepEqual([data.responseData.link, data.responseData.rule], [podpass.link, podpass.rule]);
  });

  test('the record of a refusal names the nearest rule and the condition that missed, the reply neither', async () => {
    const profile = await makeProfile();
    await addRule(setting, profile.id, [when('name', 'EQUALS', 'builder'), when('namespace', 'EQUALS', 'kube-system')]);
    const near = await addRule(setting, profile.id, [when('name', 'EQUALS', 'default'), when('namespace', 'IN', '["one","two"]')]);
    await addRule(setting, profile.id, [when('name', 'EQUALS', 'x'), when('namespace', 'EQUALS', 'y'), when('pod', 'EQUALS', 'z')]);
    const reply = await ask(profile);
    const body = assertNotEligible(reply);
    for (const hidden of [near.id, 'one', 'kube-system', 'condition']) assert.ok(!JSON.stringify(body).includes(hidden), hidden);
    const { data } = await eventOf(reply);
    assert.equal(data.outcome, 'failure');
    const { nearest } = data.responseData;
    assert.equal(nearest.ruleId, near.id);
    assert.equal(nearest.missed.length, 1);
    const missed = JSON.stringify(nearest.missed[0]);
    for (const told of ['namespace', 'IN', 'one', 'default']) assert.ok(missed.includes(told), `${told} in ${missed}`);
  });

  test('the record of a refusal tells a claim that the token does not have', async () => {
    const profile = await makeProfile();
    const rule = await addRule(setting, profile.id, [when('name', 'EQUALS', 'default'), when('pod', 'NOT_EQUALS', 'web-1')]);
    const reply = await ask(profile, { pod: null });
    assertNotEligible(reply);
    const { nearest } = (await eventOf(reply)).data.responseData;
    assert.equal(nearest.ruleId, rule.id);
    assert.equal(nearest.missed.length, 1);
    assert.match(JSON.stringify(nearest.missed[0]), /pod.*NOT_EQUALS.*web-1/);
  });

  test('the record of a refusal names a link that is nearer than every rule', async () => {
    const { world, account, cluster } = setting;
    const profile = await makeProfile();
    const link = await world.link(account, profile.id, cluster.crn, 'default', 'builder');
    await addRule(setting, profile.id, [when('name', 'EQUALS', 'x'), when('namespace', 'EQUALS', 'y'), when('pod', 'EQUALS', 'z')]);
    const reply = await ask(profile);
    assertNotEligible(reply);
    const { nearest } = (await eventOf(reply)).data.responseData;
    assert.equal(nearest.linkId, link.body.id);
    assert.ok(!('ruleId' in nearest));
  });

  test('the record of a refusal names no rule of another profile', async () => {
    const mine = await makeProfile();
    const others = await makeProfile();
    const rule = await addRule(setting, others.id, [when('name', 'EQUALS', 'default')]);
    const reply = await ask(mine);
    assertNotEligible(reply);
    assert.ok(!JSON.stringify(await eventOf(reply)).includes(rule.id));
  });
});
