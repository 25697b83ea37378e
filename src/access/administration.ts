/** The policies that Podpass itself writes for administrators, of the installation or of one object: ordinary ones. */
import type { Clock } from '../kernel/clock.ts';
import { newEntityTag } from '../kernel/entity-tag.ts';
import type { Ids } from '../kernel/ids.ts';
import { fingerprintOf, type PolicyDocument, type StoredPolicy } from './policy.ts';

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
  { clock, ids }: Sources,
  { accountId, iamId, createdById }: Grantee,
  role: keyof typeof ROLES,
  attributes: Readonly<Record<string, string>>,
): StoredPolicy {
  const document: PolicyDocument = {
    type: 'access',
    subjects: [{ attributes: [{ name: 'iam_id', value: iamId }] }],
    roles: [{ role_id: ROLES[role] }],
    resources: [{ attributes: Object.entries({ accountId, ...attributes }).map(([name, value]) => ({ name, value })) }],
  };
  const at = clock.now();
  return {
    id: ids.uuid(),
    accountId,
    type: 'access',
    subjectKey: iamId,
    document,
    fingerprint: fingerprintOf(document),
    state: 'active',
    revision: 1,
    entityTag: newEntityTag(ids, 1),
    createdAt: at,
    createdById,
    lastModifiedAt: at,
    lastModifiedById: createdById,
  };
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
