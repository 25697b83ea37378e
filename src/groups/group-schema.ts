/** Wire forms of access groups. */
import { z } from 'zod';
import { accountCrn } from '../kernel/crn.ts';
import { printInstant } from '../kernel/times.ts';
import type { AccessGroup } from './group.ts';
import { MEMBERSHIP_TYPES } from './member.ts';
import { accountId, flag, groupHref, page, sortable } from './schema.ts';

const name = z.string().min(1).max(100);
const description = z.string().max(250);

export const createGroupBody = z.object({ name, description: description.optional() });
export const updateGroupBody = z.object({ name: name.optional(), description: description.optional() });
export const getGroupQuery = z.object({ show_federated: flag.optional(), show_crn: flag.optional() });
export const deleteGroupQuery = z.object({ force: flag.optional() });

const SEARCHABLE = ['id', 'name', 'description'] as const;

export const listGroupsQuery = z.object({
  ...page,
  account_id: accountId,
  iam_id: z.string().min(1).max(300).optional(),
  membership_type: z.enum(MEMBERSHIP_TYPES).optional(),
  search: z
    .string()
    .refine((text) => SEARCHABLE.some((field) => text.startsWith(`${field}:`)), "must begin with 'id:', 'name:' or 'description:'")
    .optional(),
  sort: sortable(['id', 'name', 'description', 'is_federated']).optional(),
  show_federated: flag.optional(),
  hide_public_access: flag.optional(),
  show_crn: flag.optional(),
});

/** The field that a search looks into, and what for. */
export function readSearch(search: string): { readonly field: (typeof SEARCHABLE)[number]; readonly text: string } {
  const field = SEARCHABLE.find((each) => search.startsWith(`${each}:`)) ?? 'id';
  return { field, text: search.slice(field.length + 1) };
}

export interface GroupExtras {
  readonly crn?: boolean | undefined;
  readonly isFederated?: boolean | undefined;
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
    href: groupHref(publicUrl, group.id),
    ...(extras.isFederated !== undefined && { is_federated: extras.isFederated }),
    ...(extras.crn && { crn: accountCrn('iam-groups', group.accountId, { resourceType: 'access-group', resource: group.id }) }),
  };
}
