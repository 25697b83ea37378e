/** The policies by which an installation's own administrators may do what they do: ordinary ones, in the installation's account. */
import type { Clock } from '../kernel/clock.ts';
import { newEntityTag } from '../kernel/entity-tag.ts';
import type { Ids } from '../kernel/ids.ts';
import { fingerprintOf, type PolicyDocument, type StoredPolicy } from './policy.ts';

const ROLES = {
  administrator: 'crn:v1:bluemix:public:iam::::role:Administrator',
  bootstrap: 'crn:v1:bluemix:public:podpass::::serviceRole:Bootstrap',
} as const;

export function administrationPolicy(
  deps: { readonly clock: Clock; readonly ids: Ids },
  accountId: string,
  iamId: string,
  role: keyof typeof ROLES,
  createdById: string,
): StoredPolicy {
  const document: PolicyDocument = {
    type: 'access',
    subjects: [{ attributes: [{ name: 'iam_id', value: iamId }] }],
    roles: [{ role_id: ROLES[role] }],
    resources: [
      {
        attributes: [
          { name: 'accountId', value: accountId },
          { name: 'serviceName', value: 'podpass' },
        ],
      },
    ],
  };
  const at = deps.clock.now();
  return {
    id: deps.ids.uuid(),
    accountId,
    type: 'access',
    subjectKey: iamId,
    document,
    fingerprint: fingerprintOf(document),
    state: 'active',
    revision: 1,
    entityTag: newEntityTag(deps.ids, 1),
    createdAt: at,
    createdById,
    lastModifiedAt: at,
    lastModifiedById: createdById,
  };
}
