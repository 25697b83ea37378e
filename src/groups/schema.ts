/** The access-groups API's wire forms. */
import { z } from 'zod';
import { accountCrn } from '../kernel/crn.ts';
import { isAccountId } from '../kernel/ids.ts';
import { printInstant } from '../kernel/times.ts';
import type { AccessGroup, GroupMember } from './group.ts';

const accountId = z.string().min(1).refine(isAccountId, 'must be an account id: 32 lower-case hexadecimal digits');
const name = z.string().min(1).max(100);
const description = z.string().max(250);
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const wholeNumber = (max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) <= max, `must be a whole number from 0 to ${max}`)
    .transform(Number);

export const MAX_PER_CALL = 50;

export const createGroupQuery = z.object({ account_id: accountId });
export const createGroupBody = z.object({ name, description: description.optional() });
export const updateGroupBody = z.object({ name: name.optional(), description: description.optional() });
export const getGroupQuery = z.object({ show_federated: flag.optional(), show_crn: flag.optional() });
export const deleteGroupQuery = z.object({ force: flag.optional() });

export const listGroupsQuery = z.object({
  account_id: accountId,
  iam_id: z.string().optional(),
  membership_type: z.enum(['static', 'dynamic', 'all']).optional(),
  search: z
    .string()
    .regex(/^(?:id|name|description):/, "must begin with 'id:', 'name:' or 'description:'")
    .optional(),
  limit: wholeNumber(100).optional(),
  offset: wholeNumber(1_000_000_000).optional(),
  sort: z.enum(['id', '-id', 'name', '-name', 'description', '-description', 'is_federated', '-is_federated']).optional(),
  show_federated: flag.optional(),
  hide_public_access: flag.optional(),
  show_crn: flag.optional(),
});

export const addMembersBody = z.object({
  members: z
    .array(z.object({ iam_id: z.string().min(1).max(300), type: z.enum(['user', 'service', 'profile']) }))
    .min(1)
    .max(MAX_PER_CALL),
});

export const removeMembersBody = z.object({ members: z.array(z.string().min(1).max(300)).min(1).max(MAX_PER_CALL) });

export const listMembersQuery = z.object({
  membership_type: z.enum(['static', 'dynamic', 'all']).optional(),
  type: z.enum(['user', 'service', 'profile']).optional(),
  limit: wholeNumber(100).optional(),
  offset: wholeNumber(1_000_000_000).optional(),
  verbose: flag.optional(),
  sort: z.enum(['id', '-id', 'name', '-name', 'email', '-email']).optional(),
});

export interface GroupExtras {
  readonly showCrn?: boolean | undefined;
  readonly showFederated?: boolean | undefined;
}

export function printGroup(group: AccessGroup, publicUrl: string, extras: GroupExtras = {}) {
  return {
    id: group.id,
    name: group.name,
    description: group.description,
    account_id: group.accountId,
    created_at: printInstant(group.createdAt),
    created_by_id: group.createdById,
    last_modified_at: printInstant(group.lastModifiedAt),
    last_modified_by_id: group.lastModifiedById,
    href: `${publicUrl}/v2/groups/${group.id}`,
    ...(extras.showFederated && { is_federated: false }),
    ...(extras.showCrn && { crn: accountCrn('iam-groups', group.accountId, { resourceType: 'access-group', resource: group.id }) }),
  };
}

export function printMember(member: GroupMember, publicUrl: string, identity?: { readonly name: string; readonly email?: string }) {
  return {
    iam_id: member.iamId,
    type: member.type,
    membership_type: 'static',
    ...(identity && { name: identity.name, ...(identity.email !== undefined && { email: identity.email }) }),
    href: `${publicUrl}/v2/groups/${member.groupId}/members/${encodeURIComponent(member.iamId)}`,
    created_at: printInstant(member.createdAt),
    created_by_id: member.createdById,
  };
}
