/** Wire forms of API keys. */
import { z } from 'zod';
import { Secret } from '../../kernel/secret.ts';
import { printMinutes, readInstant } from '../../kernel/times.ts';
import { isUserIamId } from '../accounts/account.ts';
import type { Extras } from '../history.ts';
import { accountId, description, flag, name, pagedQuery, printExtras } from '../schema.ts';
import { readServiceId } from '../service-ids/service-id.ts';
import { type ApiKey, apiKeyCrn, LEAK_ACTIONS, MAX_VALUE_LENGTH } from './api-key.ts';
import type { KeyWish } from './api-key-minting.ts';
import type { ApiKeyChanges } from './api-key-service.ts';

const MIN_VALUE_LENGTH = 32;

/** The message names no character of the value: it is a secret, if a bad one. */
const value = z
  .string()
  .refine(
    (text) => text.length >= MIN_VALUE_LENGTH && text.length <= MAX_VALUE_LENGTH && /^[\x21-\x7e]*$/.test(text),
    `must be ${MIN_VALUE_LENGTH} to ${MAX_VALUE_LENGTH} printable ASCII characters without spaces`,
  );

/** A date with an offset; the empty text is no date at all. */
const expiry = z.string().transform((text, context) => {
  const at = text === '' ? null : readInstant(text);
  if (at !== undefined) return at;
  context.addIssue({ code: 'custom', message: 'must be a date with an offset, for example 2027-01-31T18:30+0000' });
  return z.NEVER;
});

const changeable = {
  description: description.optional(),
  support_sessions: z.boolean().optional(),
  action_when_leaked: z.enum(LEAK_ACTIONS).optional(),
  expires_at: expiry.optional(),
};

/** A key as it is asked for together with the service ID that it signs in. */
export const nestedApiKeyBody = z.object({ ...changeable, name, apikey: value.optional(), store_value: z.boolean().optional() });

export const createApiKeyBody = nestedApiKeyBody
  .extend({
    iam_id: z
      .string()
      .min(1)
      .refine((text) => readServiceId(text) !== undefined || isUserIamId(text), 'must be the id of a user or of a service ID'),
    account_id: accountId.optional(),
  })
  .superRefine((body, context) => {
    if (body.store_value !== true || readServiceId(body.iam_id) !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['store_value'],
      message: 'must not be true for a user: only values of service IDs are stored',
    });
  });

export const updateApiKeyBody = z.object({ ...changeable, name: name.optional() });

export const getApiKeyQuery = z.object({ include_history: flag.optional(), include_activity: flag.optional() });
export const getApiKeyDetailsQuery = z.object({ include_history: flag.optional() });

export const listApiKeysQuery = z.object({
  ...pagedQuery,
  account_id: accountId.optional(),
  iam_id: z.string().min(1).max(300).optional(),
  scope: z.enum(['entity', 'account']).optional(),
  type: z.enum(['user', 'serviceid']).optional(),
  group_id: z.string().min(1).max(100).optional(),
  sort: z.enum(['name', 'description', 'created_at', 'created_by']).optional(),
});

type ChangeableBody = (typeof updateApiKeyBody)['_output'];

export function readApiKeyChanges(body: ChangeableBody): ApiKeyChanges {
  return {
    name: body.name,
    description: body.description === undefined ? undefined : body.description || null,
    supportSessions: body.support_sessions,
    actionWhenLeaked: body.action_when_leaked,
    expiresAt: body.expires_at,
  };
}

export function readKeyWish(
  body: (typeof nestedApiKeyBody)['_output'],
  state: { readonly locked: boolean; readonly disabled: boolean } = { locked: false, disabled: false },
): KeyWish {
  return {
    ...state,
    name: body.name,
    description: body.description || null,
    supportSessions: body.support_sessions ?? false,
    actionWhenLeaked: body.action_when_leaked ?? 'none',
    expiresAt: body.expires_at ?? null,
    storeValue: body.store_value ?? false,
    ...(body.apikey !== undefined && { value: new Secret(body.apikey) }),
  };
}

/** A key as the API prints it. Clients insist on the member `apikey`; it is empty wherever the value is not to be shown. */
export function printApiKey(key: ApiKey, shownValue = '', extra: Extras = {}) {
  return {
    id: key.id,
    entity_tag: key.entityTag,
    crn: apiKeyCrn(key),
    locked: key.locked,
    disabled: key.disabled,
    created_at: printMinutes(key.createdAt),
    created_by: key.createdBy,
    modified_at: printMinutes(key.modifiedAt),
    support_sessions: key.supportSessions,
    action_when_leaked: key.actionWhenLeaked,
    name: key.name,
    ...(key.description !== null && { description: key.description }),
    iam_id: key.iamId,
    account_id: key.accountId,
    apikey: shownValue,
    ...(key.expiresAt !== null && { expires_at: printMinutes(key.expiresAt) }),
    ...printExtras(extra),
  };
}
