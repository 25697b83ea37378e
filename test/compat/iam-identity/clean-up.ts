/** Set-up and teardown of IBM's suite: the same lists in the same order, and the deletion of what an earlier run left. */
import assert from 'node:assert/strict';
import type IamIdentityV1 from '@ibm-cloud/platform-services/iam-identity/v1.js';
import type { Wire } from '../../support/world.ts';

/** The names of what this folder makes, and of what is deleted again. */
export const NAMES = {
  apiKey: 'Node API key',
  serviceId: 'Node service ID',
  profiles: ['Node profile 1', 'Node profile 2'],
  profileTemplate: 'Node profile template',
  accountSettingsTemplate: 'Node account settings template',
} as const;

export interface Whereabouts {
  readonly accountId: string;
  readonly iamId: string;
  readonly enterpriseAccountId: string;
}

export async function cleanUp(client: IamIdentityV1, { accountId, iamId, enterpriseAccountId }: Whereabouts): Promise<void> {
  const { apikeys } = (await client.listApiKeys({ accountId, iamId, pagesize: 100 })).result;
  for (const { id } of apikeys.filter(({ name }) => name === NAMES.apiKey)) assert.equal((await client.deleteApiKey({ id })).status, 204);

  const { serviceids } = (await client.listServiceIds({ accountId, name: NAMES.serviceId, pagesize: 100 })).result;
  for (const { id } of serviceids) assert.equal((await client.deleteServiceId({ id })).status, 204);

  const { profiles } = (await client.listProfiles({ accountId })).result;
  for (const { id: profileId } of profiles.filter(({ name }) => NAMES.profiles.some((ours) => ours === name))) {
    assert.equal((await client.deleteProfile({ profileId })).status, 204);
  }

  const { profile_templates } = (await client.listProfileTemplates({ accountId: enterpriseAccountId })).result;
  for (const templateId of idsNamed(profile_templates, NAMES.profileTemplate)) {
    const { assignments } = (await client.listTrustedProfileAssignments({ accountId: enterpriseAccountId, templateId })).result;
    for (const { id: assignmentId } of assignments) {
      await untilFinished(() => client.getTrustedProfileAssignment({ assignmentId }));
      assert.equal((await client.deleteTrustedProfileAssignment({ assignmentId })).status, 202);
      assert.equal(await untilFinished(() => client.getTrustedProfileAssignment({ assignmentId })), 'gone');
    }
    assert.equal((await client.deleteAllVersionsOfProfileTemplate({ templateId })).status, 204);
  }

  const { account_settings_templates } = (await client.listAccountSettingsTemplates({ accountId: enterpriseAccountId })).result;
  for (const templateId of idsNamed(account_settings_templates, NAMES.accountSettingsTemplate)) {
    const { assignments } = (await client.listAccountSettingsAssignments({ accountId: enterpriseAccountId, templateId })).result;
    for (const { id: assignmentId } of assignments) {
      await untilFinished(() => client.getAccountSettingsAssignment({ assignmentId }));
      assert.equal((await client.deleteAccountSettingsAssignment({ assignmentId })).status, 202);
      assert.equal(await untilFinished(() => client.getAccountSettingsAssignment({ assignmentId })), 'gone');
    }
    assert.equal((await client.deleteAllVersionsOfAccountSettingsTemplate({ templateId })).status, 204);
  }
}

/** A template once, also where a list names each of its versions. */
const idsNamed = (templates: readonly { readonly id: string; readonly name: string }[], name: string): ReadonlySet<string> =>
  new Set(templates.filter((template) => template.name === name).map(({ id }) => id));

/**
 * The state in which an assignment came to rest: its status, or `gone`. Suites ask every ten seconds, for which no run of ours has the time:
 * an assignment that is not through at the first look fails here.
 */
export async function untilFinished(get: () => Promise<{ readonly result: { readonly status: string } }>): Promise<string> {
  try {
    const { status } = (await get()).result;
    assert.match(status, /^(?:succeeded|failed)$/);
    return status;
  } catch (error) {
    if ((error as Wire).status === 404) return 'gone';
    throw error;
  }
}
