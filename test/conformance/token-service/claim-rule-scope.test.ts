/** Whose pods a claim rule can let in at all: its kind, its account, and what stands beside it in the profile. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TestAccount, TestCluster } from '../../support/world.ts';
import { addRule, type Condition, exchange, profileWith, quoted, when } from './rules.ts';
import { assertIssued, assertNotEligible, type Setting, startSetting } from './setting.ts';

const ANY_OF_DEFAULT = [when('namespace', 'EQUALS', 'default')];
const TRUE = when('name', 'EQUALS', 'default');
const ALSO_TRUE = when('namespace', 'NOT_EQUALS', 'kube-system');
const FALSE = when('name', 'EQUALS', 'builder');
const ALSO_FALSE = when('pod', 'CONTAINS', 'job');

describe('claim rules', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  const ask = (profileId: string, cluster: TestCluster = setting.cluster) => exchange(setting, cluster, profileId);

  describe('of a cr_type', () => {
    let kubernetes: TestCluster;
    before(async () => {
      kubernetes = await setting.world.cluster(setting.account, { type: 'kubernetes', version: '1.31.1', created_version: '1.31.1' });
    });

    for (const crType of ['IKS_SA', 'ROKS_SA', undefined]) {
      test(`${crType ?? 'none'} let pods of both kinds of clusters in`, async () => {
        const profile = await setting.world.profile(setting.account);
        await addRule(setting, profile.id, ANY_OF_DEFAULT, { cr_type: crType });
        assertIssued(await ask(profile.id));
        assertIssued(await ask(profile.id, kubernetes));
      });
    }

    for (const crType of ['VSI', 'PVS', 'BMS', 'CE']) {
      test(`${crType} let no pod in`, async () => {
        const profile = await setting.world.profile(setting.account);
        await addRule(setting, profile.id, ANY_OF_DEFAULT, { cr_type: crType });
        assertNotEligible(await ask(profile.id));
        assertNotEligible(await ask(profile.id, kubernetes));
      });
    }

    test('type Profile-SAML let no pod in, whatever they say', async () => {
      const profile = await setting.world.profile(setting.account);
      const saml = { type: 'Profile-SAML', realm_name: 'https://sdk.test.realm/1234', expiration: 3600 };
      await addRule(setting, profile.id, ANY_OF_DEFAULT, { ...saml, cr_type: undefined });
      await addRule(setting, profile.id, [when('name', 'EQUALS', 'default')], saml);
      assertNotEligible(await ask(profile.id));
    });

    test('type Profile-SAML that becomes Profile-CR lets pods in, and the other way round no longer', async () => {
      const { world, account } = setting;
      const profile = await world.profile(account);
      const rule = await addRule(setting, profile.id, ANY_OF_DEFAULT);
      const replaceWith = (body: object) =>
        world.expect(200, 'PUT', `/v1/profiles/${profile.id}/rules/${rule.id}`, {
          token: account.owner,
          headers: { 'if-match': '*' },
          body: { conditions: ANY_OF_DEFAULT, ...body },
        });
      assertIssued(await ask(profile.id));
      await replaceWith({ type: 'Profile-SAML', realm_name: 'r', expiration: 3600 });
      assertNotEligible(await ask(profile.id));
      await replaceWith({ type: 'Profile-CR', cr_type: 'VSI' });
      assertNotEligible(await ask(profile.id));
      await replaceWith({ type: 'Profile-CR', cr_type: 'IKS_SA' });
      assertIssued(await ask(profile.id));
    });
  });

  describe('together', () => {
    test('let in by one that holds as a whole, never by halves of two', async () => {
      const truths = [false, true];
      for (const first of truths) {
        for (const second of truths) {
          for (const third of truths) {
            for (const fourth of truths) {
              const pair = (left: boolean, right: boolean): readonly Condition[] => [left ? TRUE : FALSE, right ? ALSO_TRUE : ALSO_FALSE];
              const profile = await profileWith(setting, pair(first, second), pair(third, fourth));
              const reply = await ask(profile.id);
              if ((first && second) || (third && fourth)) assertIssued(reply);
              else assertNotEligible(reply);
            }
          }
        }
      }
    });

    test('bound one claim from two sides', async () => {
      const outside = await profileWith(setting, [when('namespace', 'NOT_EQUALS', 'a'), when('namespace', 'NOT_EQUALS', 'b')]);
      assertIssued(await ask(outside.id));
      assertNotEligible(await exchange(setting, setting.cluster, outside.id, { namespace: 'a' }));
      assertNotEligible(await exchange(setting, setting.cluster, outside.id, { namespace: 'b' }));
      const neither = await profileWith(setting, [when('namespace', 'EQUALS', 'default'), when('namespace', 'EQUALS', 'a')]);
      assertNotEligible(await ask(neither.id));
    });

    test('with a link let in what either lets in, and mix nothing of the two', async () => {
      const { world, account, cluster } = setting;
      const profile = await world.profile(account);
      const link = await world.link(account, profile.id, cluster.crn, 'linked', 'default');
      const rule = await addRule(setting, profile.id, [when('namespace', 'EQUALS', 'ruled'), when('name', 'EQUALS', 'builder')]);
      const from = (namespace: string, serviceAccount: string) => exchange(setting, cluster, profile.id, { namespace, serviceAccount });
      assertIssued(await from('linked', 'default'));
      assertIssued(await from('ruled', 'builder'));
      assertNotEligible(await from('linked', 'builder'));
      assertNotEligible(await from('ruled', 'default'));
      await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/rules/${rule.id}`, { token: account.owner });
      assertNotEligible(await from('ruled', 'builder'));
      assertIssued(await from('linked', 'default'));
      await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/links/${link.body.id}`, { token: account.owner });
      assertNotEligible(await from('linked', 'default'));
    });

    test('with a link that fits as well let in until both are gone', async () => {
      const { world, account, cluster } = setting;
      const profile = await world.profile(account);
      const link = await world.link(account, profile.id, cluster.crn);
      const rule = await addRule(setting, profile.id, ANY_OF_DEFAULT);
      assertIssued(await ask(profile.id));
      await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/links/${link.body.id}`, { token: account.owner });
      assertIssued(await ask(profile.id));
      await world.expect(204, 'DELETE', `/v1/profiles/${profile.id}/rules/${rule.id}`, { token: account.owner });
      assertNotEligible(await ask(profile.id));
    });

    test('a hundred that miss do not keep the one that holds from letting in', async () => {
      const profile = await setting.world.profile(setting.account);
      for (let number = 0; number < 100; number += 1) await addRule(setting, profile.id, [when('name', 'EQUALS', `sa-${number}`)]);
      assertNotEligible(await ask(profile.id));
      await addRule(setting, profile.id, [when('name', 'IN', quoted(['x', 'default']))]);
      assertIssued(await ask(profile.id));
    });
  });

  describe('of another account', () => {
    let other: TestAccount;
    let foreign: TestCluster;
    before(async () => {
      const { world, account } = setting;
      // One person owns both accounts, so that links can be made across them.
      const body = { name: 'other', owner_iam_id: account.ownerIamId };
      const { id } = (await world.expect(201, 'POST', '/podpass/v1/accounts', { token: world.admin, body })).body;
      const ownerApiKey = await world.apiKey(id, account.ownerIamId);
      other = { id, ownerIamId: account.ownerIamId, ownerApiKey, owner: await world.login(ownerApiKey) };
      foreign = await world.cluster(other);
    });

    const byId = () => when('service_instance', 'EQUALS', foreign.id);

    test('never let a pod in, though they name its cluster', async () => {
      for (const conditions of [ANY_OF_DEFAULT, [byId()], [when('crn', 'EQUALS', foreign.crn)]]) {
        const profile = await profileWith(setting, conditions);
        assertNotEligible(await ask(profile.id, foreign));
      }
    });

    test('C45: never let a pod in by any selector', async () => {
      const { world } = setting;
      const profile = await profileWith(setting, ANY_OF_DEFAULT);
      for (const selector of [{ profile_id: profile.id }, { profile_crn: profile.crn }, { profile_name: profile.name }]) {
        assertIssued(await world.crToken(setting.cluster.issuer.token(), selector));
        assertNotEligible(await world.crToken(foreign.issuer.token(), selector));
      }
    });

    test('C46: a link across accounts lets in what it names, and opens the profile to no rule', async () => {
      const { world, account } = setting;
      const profile = await profileWith(setting, ANY_OF_DEFAULT, [when('namespace', 'NOT_EQUALS', 'nowhere')]);
      const link = { crn: foreign.crn, namespace: 'across', name: 'default' };
      const body = { cr_type: 'ROKS_SA', link, is_cross_account: true };
      await world.expect(201, 'POST', `/v1/profiles/${profile.id}/links`, { token: account.owner, body });
      const reply = await exchange(setting, foreign, profile.id, { namespace: 'across' });
      assert.equal(assertIssued(reply).account.bss, account.id);
      assertNotEligible(await ask(profile.id, foreign));
      assertNotEligible(await exchange(setting, foreign, profile.id, { namespace: 'across', serviceAccount: 'builder' }));
    });

    test('C47: are not reached by the name of a profile, nor is a profile of the same name', async () => {
      const { world } = setting;
      const profile = await profileWith(setting, ANY_OF_DEFAULT);
      const selector = { profile_name: profile.name };
      assertNotEligible(await world.crToken(foreign.issuer.token(), selector));
      const namesake = await world.profile(other, profile.name);
      assertNotEligible(await world.crToken(foreign.issuer.token(), selector));
      await addRule({ world, account: other }, namesake.id, ANY_OF_DEFAULT);
      assert.equal(assertIssued(await world.crToken(foreign.issuer.token(), selector)).sub, namesake.id);
      assert.equal(assertIssued(await world.crToken(setting.cluster.issuer.token(), selector)).sub, profile.id);
    });

    test('C48: a tenant header with other accounts only refuses a pod that a rule lets in', async () => {
      const { world, account, cluster } = setting;
      const profile = await profileWith(setting, ANY_OF_DEFAULT);
      const asTenants = (tenants: string) =>
        world.crToken(cluster.issuer.token(), { profile_id: profile.id }, { 'ibm-cloud-tenant': tenants });
      assertIssued(await asTenants(account.id));
      assertIssued(await asTenants(`${other.id}, ${account.id}`));
      assertNotEligible(await asTenants(other.id));
    });
  });
});
