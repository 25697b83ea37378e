/** Wire forms of the members of access groups. */
import { z } from 'zod';
import { printInstant } from '../kernel/times.ts';
import { type ItemOutcome, type ListedMember, MEMBER_TYPES, MEMBERSHIP_TYPES } from './member.ts';
import { flag, groupHref, MAX_PER_CALL, page, sortable } from './schema.ts';

const iamId = z.string().min(1).max(300);
const type = z.enum(MEMBER_TYPES);

export const addMembersBody = z.object({
  members: z
    .array(z.object({ iam_id: iamId, type }))
    .min(1)
    .max(MAX_PER_CALL),
});

export const removeMembersBody = z.object({ members: z.array(iamId).min(1).max(MAX_PER_CALL) });

export const addToGroupsBody = z.object({ type, groups: z.array(iamId).min(1).max(MAX_PER_CALL) });

export const listMembersQuery = z.object({
  ...page,
  membership_type: z.enum(MEMBERSHIP_TYPES).optional(),
  type: type.optional(),
  verbose: flag.optional(),
  sort: sortable(['id', 'name', 'email']).optional(),
});

export function printMember(member: ListedMember, publicUrl: string) {
  const { name, email, description } = member;
  return {
    iam_id: member.iamId,
    type: member.type,
    membership_type: member.membershipType,
    ...(name && { name }),
    ...(email && { email }),
    ...(description && { description }),
    href: `${groupHref(publicUrl, member.groupId)}/members/${encodeURIComponent(member.iamId)}`,
    created_at: printInstant(member.createdAt),
    created_by_id: member.createdById,
  };
}

/** The end of every item of a reply about several. */
export function printOutcome({ member, statusCode, error }: ItemOutcome, trace: string) {
  return {
    ...(member && { created_at: printInstant(member.createdAt), created_by_id: member.createdById }),
    status_code: statusCode,
    trace,
    ...(error && { errors: [error] }),
  };
}
