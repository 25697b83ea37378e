/** Wire forms of trusted profiles and of the identities that may assume them. */
import { z } from 'zod';
import { printMinutes } from '../../kernel/times.ts';
import type { Extras } from '../history.ts';
import { accountId, description, flag, name, pagedQuery, printExtras } from '../schema.ts';
import { type Profile, profileCrn, profileIamId } from './profile.ts';
import { IDENTITY_ROWS, IDENTITY_TYPES, identityKey, type ProfileIdentity, toProfileIdentity } from './profile-identity.ts';

/** No check of the syntax: the address is a label here, and clients send labels. */
export const email = z.string().max(300);

export const createProfileBody = z.object({ name, account_id: accountId, description: description.optional(), email: email.optional() });
export const updateProfileBody = z.object({ name: name.optional(), description: description.optional(), email: email.optional() });

export const getProfileQuery = z.object({ include_activity: flag.optional(), include_history: flag.optional() });

export const listProfilesQuery = z.object({
  account_id: accountId.optional(),
  name: z.string().optional(),
  sort: z.enum(['name', 'description', 'created_at', 'modified_at']).optional(),
  ...pagedQuery,
});

/** A profile as the API prints it; `uuid` repeats `id`, for readers of documents that call it so. */
export function printProfile(profile: Profile, extra: Extras = {}) {
  return {
    id: profile.id,
    uuid: profile.id,
    entity_tag: profile.entityTag,
    crn: profileCrn(profile),
    name: profile.name,
    ...(profile.description !== null && { description: profile.description }),
    ...(profile.email !== null && { email: profile.email }),
    created_at: printMinutes(profile.createdAt),
    modified_at: printMinutes(profile.modifiedAt),
    iam_id: profileIamId(profile.id),
    account_id: profile.accountId,
    ...(profile.managedBy && { template_id: profile.managedBy.templateId, assignment_id: profile.managedBy.assignmentId }),
    ...printExtras(extra),
  };
}

/** The identities of a profile are listed all at once. */
const MAX_ACCOUNTS = 100;

/** One identity; its identifier must be of its type. */
export const identityBody = z
  .object({
    type: z.enum(IDENTITY_TYPES),
    identifier: z.string().min(1).max(1024),
    accounts: z.array(accountId).max(MAX_ACCOUNTS).optional(),
    description: description.optional(),
  })
  .superRefine(({ type, identifier }, context) => {
    if (IDENTITY_ROWS[type].read(identifier) !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['identifier'],
      message: `must be ${IDENTITY_ROWS[type].expected}`,
      ...(type === 'crn' && { params: { code: 'invalid_crn' } }),
    });
  });

/** No installation allows a profile more: what is longer is refused before each of its members is looked at. */
const MAX_IDENTITIES = 10_000;

/** Identities, each once. */
export const identityList = z
  .array(identityBody)
  .max(MAX_IDENTITIES)
  .superRefine((identities, context) => {
    const seen = new Set<string>();
    for (const [index, input] of identities.entries()) {
      const key = identityKey(toProfileIdentity(input));
      if (seen.has(key)) context.addIssue({ code: 'custom', path: [index, 'identifier'], message: 'is in the list already' });
      seen.add(key);
    }
  });

export const setIdentitiesBody = z.object({ identities: identityList.optional() });

export function printProfileIdentity(identity: ProfileIdentity) {
  return {
    iam_id: identity.iamId,
    identifier: identity.identifier,
    type: identity.type,
    ...(identity.accounts !== null && { accounts: identity.accounts }),
    ...(identity.description !== null && { description: identity.description }),
  };
}
