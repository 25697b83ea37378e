/** The table of IBM's integration suites for Go: where each lies in the module, what Ginkgo calls it, and where it reads what to run against. */

export interface UpstreamSuite {
  /** Marks the place of its tables in `docs/compatibility.md`. */
  readonly id: string;
  /** The API that it tests, in the words of the page: "access groups". */
  readonly api: string;
  /** The folder in the module. */
  readonly packageName: string;
  /** The container of the integration specs; the unit specs, which are compiled into the same binary, stand in another. */
  readonly container: string;
  /** The name of its property file, which it looks for above its working directory. */
  readonly propertyFile: string;
  /** What the names in the property file begin with. */
  readonly propertyPrefix: string;
}

export const IDENTITY: UpstreamSuite = {
  id: 'iam-identity-go',
  api: 'identity',
  packageName: 'iamidentityv1',
  container: 'IamIdentityV1 Integration Tests',
  propertyFile: 'iam_identity.env',
  propertyPrefix: 'IAM_IDENTITY',
};

export const ACCESS_GROUPS: UpstreamSuite = {
  id: 'iam-access-groups-go',
  api: 'access groups',
  packageName: 'iamaccessgroupsv2',
  container: 'IAM Access Groups - Integration Tests',
  propertyFile: 'iam_access_groups_v2.env',
  propertyPrefix: 'IAM_ACCESS_GROUPS',
};

export const POLICIES: UpstreamSuite = {
  id: 'iam-policy-management-go',
  api: 'policies and roles',
  packageName: 'iampolicymanagementv1',
  container: 'IAM Policy Management - Integration Tests',
  propertyFile: 'iam_policy_management.env',
  propertyPrefix: 'IAM_POLICY_MANAGEMENT',
};

export const UPSTREAM_SUITES: readonly UpstreamSuite[] = [IDENTITY, ACCESS_GROUPS, POLICIES];
