/** Adding an identity to a group and taking it out, with all that this leaves behind. */
import { holdReason } from '../access/policies/access-hold.ts';
import type { MutationContext } from '../audit/mutation.ts';
import { DomainError } from '../kernel/errors.ts';
import type { GroupDeps, Tx } from './deps.ts';
import { groupTarget, memberNotFound } from './gate.ts';
import type { AccessGroup } from './group.ts';
import { type GroupMember, type ItemOutcome, type MemberType, memberTypeOf, refused } from './member.ts';

export interface Joining {
  readonly iamId: string;
  readonly type: MemberType;
}

function recordMembership(tx: Tx, group: AccessGroup, iamId: string, action: string): void {
  tx.changed({ accountId: group.accountId, kind: 'members', id: iamId });
  tx.event({ action, accountId: group.accountId, target: groupTarget(group), requestData: { iam_id: iamId } });
}

/** Adds one identity to one group; who is in it already stays as it was. `whyNot` says why the caller may not hand the group's access on. */
export async function addMember(
  { clock, limits }: Pick<GroupDeps, 'clock' | 'limits'>,
  tx: Tx,
  context: MutationContext,
  group: AccessGroup,
  { iamId, type }: Joining,
  whyNot: string | undefined,
): Promise<ItemOutcome> {
  if (memberTypeOf(iamId) !== type) {
    return refused(new DomainError('invalid_field', { message: `'${iamId}' is not the id of a member of type '${type}'.` }));
  }
  if (!(await tx.findIdentity(group.accountId, iamId))) {
    return refused(new DomainError('not_found', { message: `The account has no identity '${iamId}'.` }));
  }
  const existing = await tx.findMember(group.id, iamId);
  if (existing) return { statusCode: 200, member: existing };
  if (whyNot !== undefined) return refused(new DomainError('forbidden', { message: whyNot }));
  const held = holdReason(await tx.findAccessHold(group.accountId, iamId), iamId, 'add');
  if (held !== undefined) return refused(new DomainError('invalid_state', { message: held }));
  if ((await tx.countGroupsOf(group.accountId, iamId)) >= limits.groupsPerIdentity) {
    const message = `'${iamId}' is in ${limits.groupsPerIdentity} groups already, which is the limit.`;
    return refused(new DomainError('limit_exceeded', { message }));
  }
  const member: GroupMember = {
    groupId: group.id,
    accountId: group.accountId,
    iamId,
    type,
    createdAt: clock.now(),
    createdById: context.caller.iamId,
  };
  await tx.insertMember(member);
  recordMembership(tx, group, iamId, 'iam-groups.member.add');
  return { statusCode: 200, member };
}

/** Takes one identity out of one group that it was added to; what a rule made of it is left alone. */
export async function removeMember(tx: Tx, group: AccessGroup, iamId: string): Promise<ItemOutcome> {
  if (!(await tx.findMember(group.id, iamId))) return refused(memberNotFound(group.id, iamId));
  await tx.deleteMember(group.id, iamId);
  recordMembership(tx, group, iamId, 'iam-groups.member.delete');
  return { statusCode: 204 };
}
