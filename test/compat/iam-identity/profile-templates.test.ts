/** Profile templates over IBM's Node SDK: the scenario of its own suite, with an account of an enterprise as its target. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Wire } from '../../support/world.ts';
import { NAMES, untilFinished } from './clean-up.ts';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite, tagOf } from './suite.ts';

const PROFILE_NAME = 'Node profile of a template';
const rule = {
  name: 'My Rule',
  realm_name: 'https://sdk.test.realm/1234',
  type: 'Profile-SAML',
  expiration: 43200,
  conditions: [{ claim: 'blueGroups', operator: 'EQUALS', value: '"cloud-docs-dev"' }],
};

describe("profile templates over IBM's Node SDK", () => {
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

  const assignment = () => suite.identity.getTrustedProfileAssignment({ assignmentId });
  const childProfiles = async () => (await suite.identity.listProfiles({ accountId: child })).result.profiles;
  const childRules = async (profileId: string) => (await suite.identity.listClaimRules({ profileId })).result.rules;

  it('creates one', async () => {
    const profile = { rules: [rule], name: PROFILE_NAME, description: 'made by a template' };
    const response = await suite.identity.createProfileTemplate({
      name: NAMES.profileTemplate,
      description: 'first',
      accountId: enterprise,
      profile,
    });
    assert.equal(response.status, 201);
    assert.match(response.result.id, /^ProfileTemplate-/);
    assert.equal(response.result.version, 1);
    assert.equal(response.result.committed, false);
    assert.equal(response.result.account_id, enterprise);
    tagOf(response);
    templateId = response.result.id;
  });

  it('gets it', async () => {
    const response = await suite.identity.getProfileTemplateVersion({ templateId, version: '1' });
    assert.equal(response.status, 200);
    assert.equal(response.result.profile?.name, PROFILE_NAME);
    assert.deepEqual(response.result.profile.rules, [rule]);
    tag = tagOf(response);
  });

  it('lists it', async () => {
    const { status, result } = await suite.identity.listProfileTemplates({ accountId: enterprise });
    assert.equal(status, 200);
    assert.equal(result.offset, 0);
    assert.equal(result.limit, 20);
    assert.deepEqual(
      result.profile_templates.map(({ id }) => id),
      [templateId],
    );
  });

  it('updates it, and keeps the profile that is not sent', async () => {
    const response = await suite.identity.updateProfileTemplateVersion({
      accountId: enterprise,
      templateId,
      version: '1',
      ifMatch: tag,
      name: NAMES.profileTemplate,
      description: 'updated',
    });
    assert.equal(response.status, 200);
    assert.equal(response.result.description, 'updated');
    assert.deepEqual(response.result.profile?.rules, [rule]);
    assert.notEqual(tagOf(response), tag);
  });

  it('cannot be assigned before it is committed', async () => {
    const body = { templateId, templateVersion: 1, targetType: 'Account', target: child };
    await assert.rejects(suite.identity.createTrustedProfileAssignment(body), refusal(422, 'invalid_state'));
  });

  it('is committed, and does not change any more', async () => {
    const { identity } = suite;
    const committed = await identity.commitProfileTemplate({ templateId, version: '1' });
    assert.equal(committed.status, 204);
    assertEmpty(committed);
    const write = identity.updateProfileTemplateVersion({ templateId, version: '1', ifMatch: '*', description: 'late' });
    await assert.rejects(write, (error: Wire) => {
      refusal(422, 'invalid_state')(error);
      assert.equal(error.result.errors[0].message_code, 'BXNIM0908E');
      return true;
    });
  });

  it('is assigned to the child, which has the profile at the first look', async () => {
    const { identity } = suite;
    const response = await identity.createTrustedProfileAssignment({
      templateId,
      templateVersion: 1,
      targetType: 'Account',
      target: child,
    });
    assert.equal(response.status, 202);
    assignmentId = response.result.id;
    assert.match(assignmentId, /^TemplateAssignment-/);
    tagOf(response);
    const read = await assignment();
    assert.equal(read.result.status.toLowerCase(), 'succeeded');
    assert.equal(read.result.account_id, enterprise);
    const [profile] = await childProfiles();
    assert.equal(profile?.name, PROFILE_NAME);
    assert.equal(profile.template_id, templateId);
    assert.equal(profile.assignment_id, assignmentId);
    assert.equal(read.result.resources?.[0]?.target, child);
    assert.equal(read.result.resources[0].profile?.resource_created?.id, profile.id);
    assert.equal((await childRules(profile.id)).length, 1);
  });

  it('lists the assignment, without its resources', async () => {
    const { status, result } = await suite.identity.listTrustedProfileAssignments({ accountId: enterprise, templateId });
    assert.equal(status, 200);
    assert.deepEqual(
      result.assignments.map(({ id }) => id),
      [assignmentId],
    );
    assert.ok(!('resources' in (result.assignments[0] ?? {})));
  });

  it('has a new version with an identity, the latest of two', async () => {
    const { identity } = suite;
    const user = { identifier: suite.iamId, accounts: [enterprise], type: 'user', description: 'Identity description' };
    const profile = { rules: [rule], name: PROFILE_NAME, description: 'made by the second version', identities: [user] };
    const made = await identity.createProfileTemplateVersion({
      templateId,
      name: NAMES.profileTemplate,
      description: 'second',
      accountId: enterprise,
      profile,
    });
    assert.equal(made.status, 201);
    assert.equal(made.result.version, 2);
    tagOf(made);
    const latest = await identity.getLatestProfileTemplateVersion({ templateId });
    assert.equal(latest.status, 200);
    assert.equal(latest.result.version, 2);
    assert.equal(latest.result.profile?.identities?.[0]?.identifier, suite.iamId);
    const listed = await identity.listVersionsOfProfileTemplate({ templateId });
    assert.equal(listed.status, 200);
    assert.deepEqual(listed.result.profile_templates.map(({ version }) => version).sort(), [1, 2]);
  });

  it('moves the assignment to the new version', async () => {
    const { identity } = suite;
    assert.equal((await identity.commitProfileTemplate({ templateId, version: '2' })).status, 204);
    const ifMatch = tagOf(await assignment());
    const moved = await identity.updateTrustedProfileAssignment({ assignmentId, templateVersion: 2, ifMatch });
    assert.equal(moved.status, 202);
    assert.notEqual(tagOf(moved), ifMatch);
    assert.equal(await untilFinished(assignment), 'succeeded');
    assert.equal((await assignment()).result.template_version, 2);
    const [profile] = await childProfiles();
    assert.equal(profile?.description, 'made by the second version');
    const { identities } = (await identity.getProfileIdentities({ profileId: profile.id })).result;
    assert.equal(identities?.[0]?.identifier, suite.iamId);
  });

  it('stays while it is assigned, and goes when it is not', async () => {
    const { identity } = suite;
    await assert.rejects(identity.deleteProfileTemplateVersion({ templateId, version: '2' }), refusal(422, 'invalid_state'));
    await assert.rejects(identity.deleteAllVersionsOfProfileTemplate({ templateId }), refusal(422, 'invalid_state'));
    const removed = await identity.deleteTrustedProfileAssignment({ assignmentId });
    assert.equal(removed.status, 202);
    assertEmpty(removed);
    assert.equal(await untilFinished(assignment), 'gone');
    assert.deepEqual(await childProfiles(), []);
    assert.equal((await identity.deleteProfileTemplateVersion({ templateId, version: '1' })).status, 204);
    assert.equal((await identity.deleteAllVersionsOfProfileTemplate({ templateId })).status, 204);
    await assert.rejects(identity.getLatestProfileTemplateVersion({ templateId }), refusal(404));
  });

  it('drove every operation', () => assertDriven(suite, 'profile-templates'));
});
