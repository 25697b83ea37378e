/** Which pods a claim rule lets in. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PodTokenOptions } from '../../support/world.ts';
import { addRule, exchange, postRule, profileWith, quoted, when } from './rules.ts';
import { assertIssued, assertNotEligible, type Setting, startSetting } from './setting.ts';

describe('claim rules', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  const ask = (profile: { readonly id: string }, pod: PodTokenOptions = {}) => exchange(setting, setting.cluster, profile.id, pod);

  test('C37: a service account is let in by a value in JSON quotes', async () => {
    const profile = await profileWith(setting, [when('name', 'EQUALS', quoted('default'))]);
    assert.equal(assertIssued(await ask(profile)).sub, profile.id);
    assertNotEligible(await ask(profile, { serviceAccount: 'builder' }));
  });

  test('C38: a service account is let in by a bare value', async () => {
    const profile = await profileWith(setting, [when('name', 'EQUALS', 'default')]);
    assert.equal(assertIssued(await ask(profile)).sub, profile.id);
    assertNotEligible(await ask(profile, { serviceAccount: 'builder' }));
  });

  test('C39: a namespace is let in by a list that has it', async () => {
    const profile = await profileWith(setting, [when('namespace', 'IN', quoted(['a', 'default']))]);
    assertIssued(await ask(profile));
    assertIssued(await ask(profile, { namespace: 'a' }));
    assertNotEligible(await ask(profile, { namespace: 'b' }));
  });

  test('C40: a pod is let in by a part of its name', async () => {
    const profile = await profileWith(setting, [when('pod', 'CONTAINS', quoted('job'))]);
    assertIssued(await ask(profile, { pod: 'token-exchange-job-x' }));
    assertNotEligible(await ask(profile, { pod: 'token-exchange-jo-b' }));
  });

  test('C41: another case is another service account, unless the operator ignores case', async () => {
    assertNotEligible(await ask(await profileWith(setting, [when('name', 'EQUALS', 'Default')])));
    assertIssued(await ask(await profileWith(setting, [when('name', 'EQUALS_IGNORE_CASE', 'Default')])));
  });

  test('C42: of two conditions one that is false refuses', async () => {
    const right = when('name', 'EQUALS', 'default');
    const wrong = when('namespace', 'EQUALS', 'kube-system');
    assertNotEligible(await ask(await profileWith(setting, [right, wrong])));
    assertNotEligible(await ask(await profileWith(setting, [wrong, right])));
    assertIssued(await ask(await profileWith(setting, [right, right])));
  });

  test('C43: a pod name that the token does not have is not equal to anything, nor unequal', async () => {
    for (const operator of ['NOT_EQUALS', 'NOT_EQUALS_IGNORE_CASE', 'EQUALS', 'EQUALS_IGNORE_CASE', 'CONTAINS', 'IN']) {
      const profile = await profileWith(setting, [when('pod', operator, 'web-1')]);
      assertNotEligible(await ask(profile, { pod: null }));
    }
    assertIssued(await ask(await profileWith(setting, [when('pod', 'NOT_EQUALS', 'web-1')])));
  });

  test('C44: a cluster is let in by its id, its location or its CRN', async () => {
    const { world, account, cluster } = setting;
    const elsewhere = await world.cluster(account, { region: 'us-south' });
    for (const [claim, value] of [
      ['service_instance', cluster.id],
      ['location', 'eu-de'],
      ['crn', cluster.crn],
    ] as const) {
      const profile = await profileWith(setting, [when(claim, 'EQUALS', value)]);
      assertIssued(await ask(profile));
      assertNotEligible(await exchange(setting, elsewhere, profile.id));
    }
  });

  test('the location is the segment of the CRN', async () => {
    const [, , , , , location = ''] = setting.cluster.crn.split(':');
    assertIssued(await ask(await profileWith(setting, [when('location', 'EQUALS', location)])));
  });

  test('the resource group is that of the cluster, and absent where the cluster has none', async () => {
    const { world, account } = setting;
    const grouped = await world.cluster(account, { resource_group_id: 'Group-1' });
    const same = await profileWith(setting, [when('resource_group_id', 'EQUALS', 'Group-1')]);
    assertIssued(await exchange(setting, grouped, same.id));
    assertNotEligible(await ask(same));
    const other = await profileWith(setting, [when('resource_group_id', 'NOT_EQUALS', 'group-1')]);
    assertIssued(await exchange(setting, grouped, other.id));
    assertNotEligible(await ask(other));
  });

  test('a claim that pods do not have refuses whatever the operator', async () => {
    const { cluster } = setting;
    const claims = ['blueGroups', 'Name', 'NAMESPACE', ' name', 'sub', 'iss', 'vpc_id', '__proto__', 'constructor', 'toString', 'length'];
    for (const claim of claims) {
      for (const operator of ['NOT_EQUALS', 'NOT_EQUALS_IGNORE_CASE', 'CONTAINS']) {
        const profile = await profileWith(setting, [when('name', 'EQUALS', 'default'), when(claim, operator, 'o')]);
        assertNotEligible(await exchange(setting, cluster, profile.id));
      }
    }
  });

  test('C96: a rule without conditions, or with a misspelt member of one, is not made', async () => {
    const profile = await setting.world.profile(setting.account);
    const empty = await postRule(setting, profile.id, []);
    assert.equal(empty.status, 400, empty.text);
    const misspelt = await postRule(setting, profile.id, [{ claim: 'name', operator: 'EQUALS', vlaue: 'default' }]);
    assert.equal(misspelt.status, 400, misspelt.text);
    assert.match(misspelt.text, /vlaue/);
    assertNotEligible(await ask(profile));
  });

  test('a refusal by rules reads like a refusal by links', async () => {
    const byRule = await profileWith(setting, [when('name', 'EQUALS', 'builder')]);
    const bare = await setting.world.profile(setting.account);
    const [ruled, unlinked] = [assertNotEligible(await ask(byRule)), assertNotEligible(await ask(bare))];
    assert.equal(ruled.errorMessage, unlinked.errorMessage);
    assert.equal(ruled.errorDetails.replaceAll(byRule.id, bare.id), unlinked.errorDetails);
  });

  describe('that change', () => {
    const byName = (name: string) => [when('name', 'EQUALS', name)];

    test('nothing is issued once the rule is deleted', async () => {
      const { world, account } = setting;
      const profile = await world.profile(account);
      const rule = await addRule(setting, profile.id, byName('default'));
      assertIssued(await ask(profile));
      await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/rules/${rule.id}`, { token: account.owner });
      assertNotEligible(await ask(profile));
      await addRule(setting, profile.id, byName('default'));
      assertIssued(await ask(profile));
    });

    test('the next exchange follows what the rule was replaced with', async () => {
      const { world, account } = setting;
      const profile = await world.profile(account);
      const rule = await addRule(setting, profile.id, byName('default'));
      assertIssued(await ask(profile));
      const body = { type: 'Profile-CR', cr_type: 'ROKS_SA', conditions: byName('builder') };
      const options = { token: account.owner, headers: { 'if-match': rule.entity_tag }, body };
      await world.expect(200, 'PUT', `/v1/profiles/${profile.id}/rules/${rule.id}`, options);
      assertNotEligible(await ask(profile));
      assertIssued(await ask(profile, { serviceAccount: 'builder' }));
    });

    test('P28: a pod no longer becomes a deleted profile by its rule, nor the one that took its name', async () => {
      const { world, account, cluster } = setting;
      const profile = await world.profile(account, 'p28 by rule');
      await addRule(setting, profile.id, byName('default'));
      assertIssued(await world.crToken(cluster.issuer.token(), { profile_name: 'p28 by rule' }));
      await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}`, { token: account.owner });
      assertNotEligible(await ask(profile));
      assertNotEligible(await world.crToken(cluster.issuer.token(), { profile_name: 'p28 by rule' }));
      await world.profile(account, 'p28 by rule');
      assertNotEligible(await world.crToken(cluster.issuer.token(), { profile_name: 'p28 by rule' }));
    });

    test('exchanges that begin after a rule was deleted are refused while others are under way', async () => {
      const { world, account } = setting;
      const profile = await world.profile(account);
      const rule = await addRule(setting, profile.id, byName('default'));
      const underWay = Array.from({ length: 50 }, () => ask(profile));
      await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/rules/${rule.id}`, { token: account.owner });
      const later = await Promise.all(Array.from({ length: 50 }, () => ask(profile)));
      for (const reply of later) assertNotEligible(reply);
      for (const reply of await Promise.all(underWay)) assert.ok(reply.status === 200 || reply.status === 400, reply.text);
    });
  });
});
