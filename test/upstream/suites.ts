/** IBM's integration suites for Go with what each runs against and what is expected of it. */
import { randomUUID } from 'node:crypto';
import type { Subject } from '../../tools/upstream/judgement.ts';
import { FIRST_RANDOM_NUMBER, type SuiteProperties } from '../../tools/upstream/suite.ts';
import { ACCESS_GROUPS, IDENTITY, POLICIES, type UpstreamSuite } from '../../tools/upstream/suites.ts';
import type { World } from '../support/world.ts';
import { ACCESS_GROUPS_SUBJECTS } from './expectations/access-groups.ts';
import { IDENTITY_SUBJECTS } from './expectations/identity.ts';
import { POLICIES_SUBJECTS } from './expectations/policies.ts';

export interface ExpectedSuite {
  readonly suite: UpstreamSuite;
  readonly subjects: readonly Subject[];
  /** Makes in a fresh world what the suite presupposes. */
  readonly prepare: (world: World) => Promise<SuiteProperties>;
}

export const EXPECTED_SUITES: readonly ExpectedSuite[] = [
  { suite: IDENTITY, subjects: IDENTITY_SUBJECTS, prepare: prepareIdentity },
  { suite: ACCESS_GROUPS, subjects: ACCESS_GROUPS_SUBJECTS, prepare: prepareAccessGroups },
  { suite: POLICIES, subjects: POLICIES_SUBJECTS, prepare: preparePolicies },
];

/** A user who owns an account, an enterprise and an account of that enterprise, with an API key of the first. */
async function prepareIdentity(world: World): Promise<SuiteProperties> {
  const iamId = `IBMid-${randomUUID().slice(0, 8)}`;
  const makeAccount = async (name: string, parent?: string): Promise<string> => {
    const body = { name, owner_iam_id: iamId, ...(parent !== undefined && { parent_account_id: parent }) };
    return (await world.expect(201, 'POST', '/podpass/v1/accounts', { token: world.admin, body })).body.id;
  };
  const accountId = await makeAccount('Suite');
  const enterprise = await makeAccount('Enterprise');
  const department = await makeAccount('Department', enterprise);
  const apiKey = await world.apiKey(accountId, iamId);
  const others = { ACCOUNT_ID: accountId, IAM_ID: iamId, ENTERPRISE_ACCOUNT_ID: enterprise, ENTERPRISE_SUBACCOUNT_ID: department };
  return { url: world.url, apiKey, others };
}

/** An account with its owner's API key, and the user whom the suite makes a member. */
async function prepareAccessGroups(world: World): Promise<SuiteProperties> {
  const { id, ownerApiKey } = await world.account('Suite');
  await addUser(world, id, `IBMid-${FIRST_RANDOM_NUMBER}`);
  return { url: world.url, apiKey: ownerApiKey, others: { TEST_ACCOUNT_ID: id } };
}

/** An account with its owner's API key, the user whom the suite gives access, and an account that it would assign templates to. */
async function preparePolicies(world: World): Promise<SuiteProperties> {
  const { id, ownerApiKey } = await world.account('Suite');
  const target = await world.account('Target');
  await addUser(world, id, `IBMid-GoSDK${FIRST_RANDOM_NUMBER}`);
  return { url: world.url, apiKey: ownerApiKey, others: { TEST_ACCOUNT_ID: id, TEST_TARGET_ACCOUNT_ID: target.id } };
}

/** The suites make up a user whom IBM's service takes unknown; here one has to be of the account. */
async function addUser(world: World, accountId: string, iamId: string): Promise<void> {
  const body = { iam_id: iamId, name: 'User of the suite' };
  await world.expect(201, 'POST', `/podpass/v1/accounts/${accountId}/users`, { token: world.admin, body });
}
