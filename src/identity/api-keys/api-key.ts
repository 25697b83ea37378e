/** API keys: what users and service IDs sign in with. */
import type { Change } from '../../audit/mutation.ts';
import type { Clock, EpochMs } from '../../kernel/clock.ts';
import { accountCrn } from '../../kernel/crn.ts';
import { newEntityTag } from '../../kernel/entity-tag.ts';
import type { Ids } from '../../kernel/ids.ts';
import { Secret } from '../../kernel/secret.ts';
import { readServiceId } from '../service-ids/service-id.ts';

export const LEAK_ACTIONS = ['none', 'disable', 'delete'] as const;
export type LeakAction = (typeof LEAK_ACTIONS)[number];

export interface ApiKey {
  readonly id: string;
  readonly accountId: string;
  /** The user or service ID that signs in with it. */
  readonly iamId: string;
  readonly name: string;
  readonly description: string | null;
  /** Keyed hash of the value; the value itself is shown once. */
  readonly keyHash: string;
  /** The sealed value, kept for a service ID's key where that was asked for. */
  readonly sealedValue: string | null;
  /** A locked key can neither be changed nor deleted; it still signs in. */
  readonly locked: boolean;
  readonly disabled: boolean;
  readonly supportSessions: boolean;
  readonly actionWhenLeaked: LeakAction;
  readonly expiresAt: EpochMs | null;
  readonly revision: number;
  readonly entityTag: string;
  readonly createdBy: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

export function apiKeyCrn({ id, accountId }: Pick<ApiKey, 'id' | 'accountId'>): string {
  return accountCrn('iam-identity', accountId, { resourceType: 'apikey', resource: id });
}

/** Whom a key signs in. */
export interface KeyOwner {
  /** The owner's type in the query of a list. */
  readonly type: 'user' | 'serviceid';
  /** The kind of the key in the names of audit events. */
  readonly event: 'user-apikey' | 'serviceid-apikey';
  /** The object whose change the feed tells when a key of it changes. */
  readonly change: Pick<Change, 'kind' | 'id'>;
  /** `ServiceId-<uuid>` of the owner where it is a service ID. */
  readonly serviceId?: string;
}

export function ownerOf(iamId: string): KeyOwner {
  const serviceId = readServiceId(iamId);
  if (serviceId === undefined) return { type: 'user', event: 'user-apikey', change: { kind: 'user', id: iamId } };
  return { type: 'serviceid', event: 'serviceid-apikey', change: { kind: 'service_id', id: serviceId }, serviceId };
}

const API_KEY_ID = /^ApiKey-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isApiKeyId(text: string): boolean {
  return API_KEY_ID.test(text);
}

/** A value that is longer than this is none. */
export const MAX_VALUE_LENGTH = 512;

export interface NewApiKey {
  readonly key: ApiKey;
  /** The value, known only here and now. */
  readonly value: Secret<string>;
}

/** What a key is where nothing was said of it. */
const DEFAULTS = Object.freeze({
  description: null,
  locked: false,
  disabled: false,
  supportSessions: false,
  actionWhenLeaked: 'none',
  expiresAt: null,
} as const);

/** 44 URL-safe characters, as IBM's API keys have. */
const API_KEY_BYTES = 33;

export type ApiKeyInput = Pick<ApiKey, 'accountId' | 'iamId' | 'name' | 'createdBy' | 'expiresAt'> &
  Partial<Pick<ApiKey, 'description' | 'locked' | 'disabled' | 'supportSessions' | 'actionWhenLeaked'>>;

/** A key of a fresh value, or of the one that is given. */
export function newApiKey(
  deps: { readonly clock: Clock; readonly ids: Ids; readonly hashApiKey: (value: string) => string },
  input: ApiKeyInput,
  given?: string,
): NewApiKey {
  const value = given ?? deps.ids.base64url(API_KEY_BYTES);
  const at = deps.clock.now();
  const key: ApiKey = {
    ...DEFAULTS,
    ...input,
    id: `ApiKey-${deps.ids.uuid()}`,
    keyHash: deps.hashApiKey(value),
    sealedValue: null,
    revision: 1,
    entityTag: newEntityTag(deps.ids, 1),
    createdAt: at,
    modifiedAt: at,
  };
  return { key, value: new Secret(value) };
}

/** The key without what must not enter a record. */
export function shownApiKey({ keyHash: _, sealedValue: __, ...shown }: ApiKey): Readonly<Record<string, unknown>> {
  return shown;
}

/** The fields that a call sets and changes, with the names that the wire gives them. */
const FIELDS = [
  ['name', 'name'],
  ['description', 'description'],
  ['supportSessions', 'support_sessions'],
  ['actionWhenLeaked', 'action_when_leaked'],
  ['expiresAt', 'expires_at'],
] as const;

type Fields = Pick<ApiKey, (typeof FIELDS)[number][0]>;

/** The wire names of the fields in which a key differs from what it was; of those that were given, for a new one. */
export function changedFields(after: Fields, before: Fields = { name: '', ...DEFAULTS }): readonly string[] {
  return FIELDS.filter(([member]) => after[member] !== before[member]).map(([, wireName]) => wireName);
}
