/** The set-up and teardown of IBM's suite, on what a run that was broken off leaves behind. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cleanUp, NAMES } from './clean-up.ts';
import { type Suite, startSuite } from './suite.ts';

describe("the set-up and teardown of IBM's suite", () => {
  let suite: Suite;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  it('runs in accounts that have nothing', async () => {
    await cleanUp(suite.identity, suite);
  });

  it('removes what a run left behind, and nothing else', async () => {
    const { identity, accountId, iamId, enterpriseAccountId, childAccountId } = suite;
    await identity.createApiKey({ name: NAMES.apiKey, iamId });
    const { result: kept } = await identity.createApiKey({ name: 'not of the suite', iamId });
    const { result: serviceId } = await identity.createServiceId({ accountId, name: NAMES.serviceId });
    for (const name of [...NAMES.profiles, 'not of the suite']) await identity.createProfile({ name, accountId });

    const template = { accountId: enterpriseAccountId, name: NAMES.profileTemplate, profile: { name: 'of a template' } };
    const { id: templateId } = (await identity.createProfileTemplate(template)).result;
    await identity.commitProfileTemplate({ templateId, version: '1' });
    const target = { targetType: 'Account', target: childAccountId };
    await identity.createTrustedProfileAssignment({ templateId, templateVersion: 1, ...target });

    const settings = { accountId: enterpriseAccountId, name: NAMES.accountSettingsTemplate, accountSettings: { mfa: 'NONE' } };
    const { id: settingsTemplateId } = (await identity.createAccountSettingsTemplate(settings)).result;
    await identity.commitAccountSettingsTemplate({ templateId: settingsTemplateId, version: '1' });
    await identity.createAccountSettingsAssignment({ templateId: settingsTemplateId, templateVersion: 1, ...target });

    await cleanUp(identity, suite);

    const { apikeys } = (await identity.listApiKeys({ accountId, iamId, pagesize: 100 })).result;
    assert.ok(apikeys.some(({ id }) => id === kept.id) && !apikeys.some(({ name }) => name === NAMES.apiKey));
    assert.ok(!(await identity.listServiceIds({ accountId })).result.serviceids.some(({ id }) => id === serviceId.id));
    assert.deepEqual(
      (await identity.listProfiles({ accountId })).result.profiles.map(({ name }) => name),
      ['not of the suite'],
    );
    assert.deepEqual((await identity.listProfiles({ accountId: childAccountId })).result.profiles, []);
    assert.deepEqual((await identity.listProfileTemplates({ accountId: enterpriseAccountId })).result.profile_templates, []);
    const left = await identity.listAccountSettingsTemplates({ accountId: enterpriseAccountId });
    assert.deepEqual(left.result.account_settings_templates, []);
  });
});
