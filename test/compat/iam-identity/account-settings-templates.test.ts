/** Account settings templates over IBM's Node SDK: the scenario of its own suite, with an account of an enterprise as its target. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NAMES, untilFinished } from './clean-up.ts';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("account settings templates over IBM's Node SDK", () => {
  let suite: Suite;
  let enterprise: string;
  let child: string;
  let templateId: string;
  let tag: string;
  let assignmentId: string;

  before(async () => {
    suite = await startSuite();
    enterprise = suite.enterpriseAccountId;
    child = suite.childAccountId;
  });
  after(() => suite[Symbol.asyncDispose]());

  const settings = () => ({
    restrict_create_service_id: 'NOT_SET',
    restrict_create_platform_apikey: 'NOT_SET',
    mfa: 'LEVEL1',
    user_mfa: [{ iam_id: suite.iamId, mfa: 'LEVEL1' }],
    session_expiration_in_seconds: '86400',
    session_invalidation_in_seconds: '7200',
    max_sessions_per_identity: '10',
    system_access_token_expiration_in_seconds: '3600',
    system_refresh_token_expiration_in_seconds: '259200',
    restrict_user_list_visibility: 'RESTRICTED',
    restrict_user_domains: {
      account_sufficient: true,
      restrictions: [{ realm_id: 'IBMid', invitation_email_allow_patterns: ['*.*@ibm.com'], restrict_invitation: true }],
    },
  });
  const changed = () => ({
    ...settings(),
    restrict_create_service_id: 'RESTRICTED',
    restrict_create_platform_apikey: 'RESTRICTED',
    restrict_user_list_visibility: 'NOT_RESTRICTED',
    restrict_user_domains: {
      account_sufficient: false,
      restrictions: [{ realm_id: 'IBMid', invitation_email_allow_patterns: ['*.*@sap.com'], restrict_invitation: false }],
    },
  });
  const tighter = () => ({
    ...settings(),
    session_expiration_in_seconds: '72400',
    session_invalidation_in_seconds: '6000',
    max_sessions_per_identity: '5',
    system_access_token_expiration_in_seconds: '3000',
    system_refresh_token_expiration_in_seconds: '59200',
  });
  const assignment = () => suite.identity.getAccountSettingsAssignment({ assignmentId });
  const effective = async () => (await suite.identity.getEffectiveAccountSettings({ accountId: child })).result;

  it('creates one', async () => {
    const response = await suite.identity.createAccountSettingsTemplate({
      accountId: enterprise,
      name: NAMES.accountSettingsTemplate,
      description: 'first',
      accountSettings: settings(),
    });
    assert.equal(response.status, 201);
    assert.match(response.result.id, /^AccountSettingsTemplate-/);
    assert.equal(response.result.version, 1);
    assert.equal(response.result.committed, false);
    assert.deepEqual(response.result.account_settings, settings());
    tagOf(response);
    templateId = response.result.id;
  });

  it('gets and lists it', async () => {
    const { identity } = suite;
    const response = await identity.getAccountSettingsTemplateVersion({ templateId, version: '1' });
    assert.equal(response.status, 200);
    assert.deepEqual(response.result.account_settings, settings());
    tag = tagOf(response);
    const listed = await identity.listAccountSettingsTemplates({ accountId: enterprise });
    assert.equal(listed.status, 200);
    assert.deepEqual(
      listed.result.account_settings_templates.map(({ id }) => id),
      [templateId],
    );
  });

  it('updates it', async () => {
    const response = await suite.identity.updateAccountSettingsTemplateVersion({
      accountId: enterprise,
      templateId,
      version: '1',
      ifMatch: tag,
      name: NAMES.accountSettingsTemplate,
      description: 'updated',
      accountSettings: changed(),
    });
    assert.equal(response.status, 200);
    assert.equal(response.result.description, 'updated');
    assert.deepEqual(response.result.account_settings, changed());
    assert.notEqual(tagOf(response), tag);
  });

  it('is committed and assigned, and the child obeys it', async () => {
    const { identity } = suite;
    const body = { templateId, templateVersion: 1, targetType: 'Account', target: child };
    await assert.rejects(identity.createAccountSettingsAssignment(body), refusal(422, 'invalid_state'));
    const committed = await identity.commitAccountSettingsTemplate({ templateId, version: '1' });
    assert.equal(committed.status, 204);
    assertEmpty(committed);
    const response = await identity.createAccountSettingsAssignment(body);
    assert.equal(response.status, 202);
    tagOf(response);
    assignmentId = response.result.id;
    assert.equal(await untilFinished(assignment), 'succeeded');
    assert.equal((await assignment()).result.resources?.[0]?.target, child);
    const { effective: obeyed, assigned_templates } = await effective();
    assert.equal(obeyed.restrict_create_service_id, 'RESTRICTED');
    assert.equal(obeyed.mfa, 'LEVEL1');
    assert.equal(obeyed.session_expiration_in_seconds, '86400');
    assert.equal(assigned_templates?.[0]?.template_id, templateId);
    assert.equal(assigned_templates[0].template_version, 1);
  });

  it('lists the assignment, without its resources', async () => {
    const { status, result } = await suite.identity.listAccountSettingsAssignments({ accountId: enterprise, templateId });
    assert.equal(status, 200);
    assert.deepEqual(
      result.assignments.map(({ id }) => id),
      [assignmentId],
    );
    assert.ok(!('resources' in (result.assignments[0] ?? {})));
  });

  it('has a new version, the latest of two', async () => {
    const { identity } = suite;
    const made = await identity.createAccountSettingsTemplateVersion({
      templateId,
      name: NAMES.accountSettingsTemplate,
      description: 'second',
      accountId: enterprise,
      accountSettings: tighter(),
    });
    assert.equal(made.status, 201);
    assert.equal(made.result.version, 2);
    tagOf(made);
    const latest = await identity.getLatestAccountSettingsTemplateVersion({ templateId });
    assert.equal(latest.status, 200);
    assert.equal(latest.result.version, 2);
    const listed = await identity.listVersionsOfAccountSettingsTemplate({ templateId });
    assert.equal(listed.status, 200);
    assert.deepEqual(listed.result.account_settings_templates.map(({ version }) => version).sort(), [1, 2]);
  });

  it('moves the assignment to the new version', async () => {
    const { identity } = suite;
    assert.equal((await identity.commitAccountSettingsTemplate({ templateId, version: '2' })).status, 204);
    const ifMatch = tagOf(await assignment());
    const moved = await identity.updateAccountSettingsAssignment({ assignmentId, templateVersion: 2, ifMatch });
    assert.equal(moved.status, 202);
    assert.notEqual(tagOf(moved), ifMatch);
    assert.equal(await untilFinished(assignment), 'succeeded');
    const { effective: obeyed } = await effective();
    assert.equal(obeyed.session_expiration_in_seconds, '72400');
    assert.equal(obeyed.system_access_token_expiration_in_seconds, '3000');
    assert.notEqual(obeyed.restrict_create_service_id, 'RESTRICTED');
  });

  it('stays while it is assigned, and goes when it is not', async () => {
    const { identity } = suite;
    await assert.rejects(identity.deleteAllVersionsOfAccountSettingsTemplate({ templateId }), refusal(422, 'invalid_state'));
    const removed = await identity.deleteAccountSettingsAssignment({ assignmentId });
    assert.equal(removed.status, 202);
    assertEmpty(removed);
    assert.equal(await untilFinished(assignment), 'gone');
    assert.deepEqual((await effective()).assigned_templates ?? [], []);
    assert.equal((await identity.deleteAccountSettingsTemplateVersion({ templateId, version: '1' })).status, 204);
    assert.equal((await identity.deleteAllVersionsOfAccountSettingsTemplate({ templateId })).status, 204);
    await assert.rejects(identity.getLatestAccountSettingsTemplateVersion({ templateId }), refusal(404));
  });

  it('drove every operation', () => assertDriven(suite, 'account-settings-templates'));
});
