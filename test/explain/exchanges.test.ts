/** Typical mistakes about exchanges: the explanation names each, and what to do about it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ask, assertRefused, described, exchange, explain, idOf, outcomes, type Setting, startSetting } from './explaining.ts';

let setting: Setting;

before(async () => {
  setting = await startSetting();
});
after(() => setting[Symbol.asyncDispose]());

const addRule = async (profileId: string, conditions: readonly unknown[]) => {
  const { world, account } = setting;
  const body = { type: 'Profile-CR', cr_type: 'ROKS_SA', conditions };
  return (await world.expect(201, 'POST', `/v1/profiles/${profileId}/rules`, { token: account.owner, body })).body;
};

describe('a pod that is let in', () => {
  it('passes every check, and the link is named', async () => {
    const explanation = await explain(setting, described(setting));
    assert.equal(explanation.outcome, 'permitted');
    assert.deepEqual(outcomes(explanation), [
      'token skipped',
      'cluster passed',
      'account passed',
      'profile passed',
      'profile_account skipped',
      'tenant skipped',
      'link passed',
      'claim_rule skipped',
    ]);
    assert.ok(explanation.checks[6].detail.includes(setting.linkId));
    assert.ok(!('failed' in explanation) && !('nearest' in explanation) && !('remedy' in explanation));
  });

  it('may be described by the name or the CRN of its cluster and of its profile', async () => {
    const { cluster, profile } = setting;
    for (const named of [{ cluster: cluster.name }, { cluster: cluster.crn }]) {
      assert.equal((await explain(setting, described(setting, named))).outcome, 'permitted');
    }
    for (const selector of [{ profile_name: profile.name }, { profile_crn: profile.crn }, { profile_id: profile.iam_id }]) {
      const asked = described(setting, { profile_id: undefined, ...selector });
      assert.equal((await explain(setting, asked)).outcome, 'permitted', JSON.stringify(selector));
    }
  });

  it('is let in by a claim rule where no link names it', async () => {
    const profile = await setting.world.profile(setting.account);
    const rule = await addRule(profile.id, [{ claim: 'namespace', operator: 'EQUALS', value: '"jobs"' }]);
    const explanation = await explain(setting, described(setting, { profile_id: profile.id, namespace: 'jobs' }));
    assert.deepEqual(outcomes(explanation).slice(-2), ['link skipped', 'claim_rule passed']);
    assert.ok(explanation.checks.at(-1).detail.includes(rule.id));
  });
});

describe('the mistake', () => {
  it('of another namespace: the link that came closest, and both ways out', async () => {
    const explanation = await explain(setting, described(setting, { namespace: 'shop' }));
    assertRefused(explanation, 'link');
    const { cluster, profile, linkId } = setting;
    assert.deepEqual(explanation.nearest, {
      link_id: linkId,
      profile_id: profile.id,
      missed: [{ attribute: 'namespace', expected: 'default', actual: 'shop' }],
    });
    const { remedy } = explanation;
    assert.equal(
      remedy.sentence,
      `Make a link for namespace 'shop' and service account 'default' of cluster '${cluster.name}', or run the pod in namespace 'default', which link ${linkId} names.`,
    );
    assert.deepEqual(remedy.link, { cr_type: 'ROKS_SA', link: { crn: cluster.crn, namespace: 'shop', name: 'default' } });
  });

  it('of another service account', async () => {
    const explanation = await explain(setting, described(setting, { service_account: 'checkout' }));
    assertRefused(explanation, 'link');
    assert.deepEqual(explanation.nearest.missed, [{ attribute: 'service_account', expected: 'default', actual: 'checkout' }]);
    assert.match(explanation.remedy.sentence, /service account 'checkout' of .*, or run the pod as service account 'default'/);
  });

  it('of another cluster', async () => {
    const other = await setting.world.cluster(setting.account);
    const explanation = await explain(setting, described(setting, { cluster: other.id }));
    assertRefused(explanation, 'link');
    assert.deepEqual(explanation.nearest.missed, [{ attribute: 'crn', expected: setting.cluster.crn, actual: other.crn }]);
    assert.ok(explanation.remedy.sentence.includes(`of cluster '${other.name}', or run the pod in the cluster ${setting.cluster.crn}`));
    assert.equal(explanation.remedy.link.link.crn, other.crn);
  });

  it('of a condition that a claim rule makes', async () => {
    const profile = await setting.world.profile(setting.account);
    const rule = await addRule(profile.id, [
      { claim: 'namespace', operator: 'EQUALS', value: '"jobs"' },
      { claim: 'name', operator: 'IN', value: '["nightly","monthly"]' },
    ]);
    const explanation = await explain(
      setting,
      described(setting, { profile_id: profile.id, namespace: 'jobs', service_account: 'hourly' }),
    );
    assertRefused(explanation, 'link');
    assert.deepEqual(explanation.nearest, {
      rule_id: rule.id,
      profile_id: profile.id,
      missed: [{ attribute: 'claim', key: 'name', operator: 'IN', expected: '["nightly","monthly"]', actual: 'hourly' }],
    });
    assert.equal(explanation.remedy.kind, 'change_rule');
    assert.match(explanation.remedy.sentence, /asks for name IN \["nightly","monthly"\], and the pod has 'hourly'\./);
  });

  it('of a profile that trusts nobody yet', async () => {
    const profile = await setting.world.profile(setting.account);
    const explanation = await explain(setting, described(setting, { profile_id: profile.id }));
    assertRefused(explanation, 'link');
    assert.equal(explanation.remedy.kind, 'create_link');
    assert.match(explanation.remedy.sentence, /^The profile trusts no pods yet\. Make a link/);
    const { profile_id: id, link } = explanation.remedy;
    await setting.world.expect(201, 'POST', `/v1/profiles/${id}/links`, { token: setting.account.owner, body: link });
    assert.equal((await explain(setting, described(setting, { profile_id: profile.id }))).outcome, 'permitted', 'the remedy, made, helps');
  });

  it('of a cluster that is suspended', async () => {
    const { world, account } = setting;
    const cluster = await world.cluster(account);
    await world.link(account, setting.profile.id, cluster.crn);
    const path = `/podpass/v1/clusters/${cluster.id}`;
    const headers = { 'if-match': cluster.body.entity_tag };
    await world.expect(200, 'PATCH', path, { token: account.owner, headers, body: { state: 'suspended' } });
    const explanation = await explain(setting, described(setting, { cluster: cluster.id }));
    assertRefused(explanation, 'cluster');
    assert.deepEqual(
      [
        ...new Set(
          outcomes(explanation)
            .slice(2)
            .map((text) => text.split(' ')[1]),
        ),
      ],
      ['skipped'],
    );
    assert.equal(explanation.remedy.kind, 'activate_cluster');
    assert.ok(explanation.remedy.sentence.includes(path));
  });

  it('of a cluster that is not registered', async () => {
    const explanation = await explain(setting, described(setting, { cluster: 'nowhere' }));
    assertRefused(explanation, 'cluster');
    assert.equal(explanation.remedy.kind, 'register_cluster');
  });

  it('of a profile that there is not, and of selectors that name two', async () => {
    for (const wrong of [{ profile_name: 'nobody', profile_id: undefined }, { profile_name: 'nobody' }]) {
      const explanation = await explain(setting, described(setting, wrong));
      assertRefused(explanation, 'profile');
      assert.equal(explanation.remedy.kind, 'change_selector');
    }
  });

  it("of the cluster's name where a service account belongs", async () => {
    const { world, account, cluster } = setting;
    const profile = await world.profile(account);
    await world.link(account, profile.id, cluster.crn, 'default', cluster.name);
    const explanation = await explain(setting, described(setting, { profile_id: profile.id }));
    assertRefused(explanation, 'link');
    assert.match(explanation.remedy.sentence, /the name of the cluster\. Either make the link with the service account 'default'/);
  });
});

describe('what was really asked', () => {
  it('is explained by the id of the request, with what was recorded and what holds now', async () => {
    const { world, account, cluster, profile } = setting;
    const reply = await exchange(setting, { namespace: 'late' });
    assert.equal(reply.status, 400);
    const refused = await explain(setting, { request_id: idOf(reply) });
    assert.equal(refused.kind, 'exchange');
    assert.equal(refused.request_id, idOf(reply));
    assert.equal(refused.recorded.outcome, 'refused');
    assert.equal(refused.recorded.reason, 'No link and no claim rule of the profile matches the compute resource.');
    assertRefused(refused, 'link');
    assert.equal(refused.checks[0].outcome, 'passed', 'the token was verified');

    await world.link(account, profile.id, cluster.crn, 'late');
    const again = await explain(setting, { request_id: idOf(reply) });
    assert.deepEqual([again.recorded.outcome, again.outcome], ['refused', 'permitted']);
  });

  it('is found by its transaction, which is a label that many may share, the newest first', async () => {
    const { world, cluster, profile } = setting;
    const headers = { 'Transaction-Id': 'deploy-17' };
    const replies = [];
    for (const namespace of ['one', 'two', 'default']) {
      replies.push(await world.crToken(cluster.issuer.token({ namespace }), { profile_id: profile.id }, headers));
    }
    const { body } = await ask(setting, { transaction_id: 'deploy-17' });
    assert.deepEqual(
      body.explanations.map((one: { request_id: string; outcome: string }) => [one.request_id, one.outcome]),
      replies.map((reply, index) => [idOf(reply), index === 2 ? 'permitted' : 'refused']).toReversed(),
    );
    assert.deepEqual([...new Set(body.explanations.map((one: { transaction_id: string }) => one.transaction_id))], ['deploy-17']);
  });

  it('includes the header that names tenants', async () => {
    const { world, cluster, profile } = setting;
    const reply = await world.crToken(cluster.issuer.token(), { profile_id: profile.id }, { 'ibm-cloud-tenant': '0'.repeat(32) });
    assert.equal(reply.status, 400);
    const explanation = await explain(setting, { request_id: idOf(reply) });
    assertRefused(explanation, 'tenant');
    assert.equal(explanation.remedy.kind, 'change_request');
  });

  it('says what was wrong with a token that the cluster did sign', async () => {
    const now = Math.floor(Date.now() / 1000);
    const cases = [
      [{ audience: 'elsewhere' }, /for an audience of the cluster/],
      [{ issuedAt: now - 9000 }, /renews it there/],
      [{ expiresIn: 90_000 }, /expirationSeconds/],
      [{ claims: { 'kubernetes.io': undefined } }, /projected service-account token/],
    ] as const;
    for (const [pod, sentence] of cases) {
      const explanation = await explain(setting, { request_id: idOf(await exchange(setting, pod)) });
      assertRefused(explanation, 'token');
      assert.equal(explanation.checks[0].detail, explanation.recorded.reason);
      assert.match(explanation.remedy.sentence, sentence);
    }
  });

  it('is refused now where the cluster is gone', async () => {
    const { world, account, profile } = setting;
    const cluster = await world.cluster(account);
    const reply = await world.crToken(cluster.issuer.token(), { profile_id: profile.id });
    await world.expect(204, 'DELETE', `/podpass/v1/clusters/${cluster.id}`, { token: account.owner });
    assertRefused(await explain(setting, { request_id: idOf(reply) }), 'cluster');
  });
});
