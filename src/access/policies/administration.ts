/** The policies that Podpass itself writes for administrators, of the installation or of one object: ordinary ones. */
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { PolicyDocumentV1, StoredPolicy } from './policy.ts';
import { newPolicy } from './policy-changes.ts';

const ROLES = {
  administrator: 'crn:v1:bluemix:public:iam::::role:Administrator',
  bootstrap: 'crn:v1:bluemix:public:podpass::::serviceRole:Bootstrap',
} as const;

interface Grantee {
  readonly accountId: string;
  readonly iamId: string;
  readonly createdById: string;
}

type Sources = { readonly clock: Clock; readonly ids: Ids };

/** The policy that gives an identity one role on what has these attributes in its account. */
function rolePolicy(
  sources: Sources,
  { accountId, iamId, createdById }: Grantee,
  role: keyof typeof ROLES,
  attributes: Readonly<Record<string, string>>,
): StoredPolicy {
  const document: PolicyDocumentV1 = {
    type: 'access',
    subjects: [{ attributes: [{ name: 'iam_id', value: iamId }] }],
    roles: [{ role_id: ROLES[role] }],
    resources: [{ attributes: Object.entries({ accountId, ...attributes }).map(([name, value]) => ({ name, value })) }],
  };
  return newPolicy(sources, accountId, { apiVersion: 1, document }, createdById);
}

/** Makes an identity of the installation's account its administrator, or lets it make the first one. */
export function administrationPolicy(
  sources: Sources,
  accountId: string,
  iamId: string,
  role: keyof typeof ROLES,
  createdById: string,
): StoredPolicy {
  return rolePolicy(sources, { accountId, iamId, createdById }, role, { serviceName: 'podpass' });
}

/** Makes an identity the administrator of one object of its account and of nothing else. */
export function objectAdministratorPolicy(
  sources: Sources,
  grantee: Grantee,
  object: { readonly serviceName: string; readonly resourceType: string; readonly resource: string },
): StoredPolicy {
  return rolePolicy(sources, grantee, 'administrator', object);
}
