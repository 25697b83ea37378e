/** The way into every operation on one access group. */
import type { Grantee } from '../access/decisions/delegation.ts';
import type { AuditTarget } from '../audit/events.ts';
import { createGate, type Gate } from '../identity/gate.ts';
import { DomainError } from '../kernel/errors.ts';
import type { GroupDeps } from './deps.ts';
import { type AccessGroup, PUBLIC_ACCESS_GROUP } from './group.ts';
import type { GroupReads } from './store.ts';

/** What the guard is asked about: all groups of an account, or one of them. */
export const groupResource = (accountId: string, groupId?: string): Readonly<Record<string, string>> => ({
  accountId,
  serviceName: 'iam-groups',
  ...(groupId !== undefined && { resourceType: 'access-group', resource: groupId }),
});

/** The group as what hands its access on to whoever comes into it. */
export const groupGrantee = ({ accountId, id }: AccessGroup): Grantee => ({
  subjectKey: id,
  resource: groupResource(accountId, id),
});

export const groupTarget = (group: AccessGroup): AuditTarget => ({ id: group.id, name: group.name, typeURI: 'iam-groups/group' });

export const accountTarget = (accountId: string): AuditTarget => ({ id: accountId, typeURI: 'iam-groups/account' });

/** Long enough for every id; what is longer is no id, and is not repeated whole. */
const LONGEST_ECHO = 160;

export const groupNotFound = (id: string) =>
  new DomainError('not_found', { message: `Access group ${id.slice(0, LONGEST_ECHO)} was not found.` });

export const memberNotFound = (groupId: string, iamId: string) =>
  new DomainError('not_found', { message: `${iamId.slice(0, LONGEST_ECHO)} is not a member of access group ${groupId}.` });

export const publicAccessReserved = () =>
  new DomainError('reserved_value', {
    message: `${PUBLIC_ACCESS_GROUP} cannot be used in this call.`,
    details: 'Everybody is in the public access group; it is not changed, filled or deleted, only switched off for the whole account.',
  });

/** Finds the group that a path names and lets the caller pass for `action`; 404 for a group that it may not know of. */
export type GroupGate = Gate<AccessGroup, Pick<GroupReads, 'findGroup'>>;

export function createGroupGate({ guard }: Pick<GroupDeps, 'guard'>): GroupGate {
  const gate = createGate(guard, {
    find: (from: Pick<GroupReads, 'findGroup'>, id) => from.findGroup(id),
    resource: ({ accountId, id }: AccessGroup) => groupResource(accountId, id),
    target: groupTarget,
    notFound: groupNotFound,
  });
  return async (context, reads, id, action, requirePart) => {
    if (id === PUBLIC_ACCESS_GROUP) throw publicAccessReserved();
    return gate(context, reads, id, action, requirePart);
  };
}
