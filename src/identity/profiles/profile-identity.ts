/** Profile identities: users, service IDs and service instances that may assume a profile. */
import { canonicalCrn } from '../../kernel/crn.ts';
import { isUserIamId } from '../accounts/account.ts';
import { readServiceId } from '../service-ids/service-id.ts';

export const IDENTITY_TYPES = ['user', 'serviceid', 'crn'] as const;
export type IdentityType = (typeof IDENTITY_TYPES)[number];

export interface ProfileIdentity {
  readonly type: IdentityType;
  /** A user's iam_id, `ServiceId-<uuid>`, or a CRN. */
  readonly identifier: string;
  readonly iamId: string;
  /** The accounts from which a user may assume the profile; null where the user's every account is meant. */
  readonly accounts: readonly string[] | null;
  readonly description: string | null;
}

/** An identity as a caller names it. */
export interface ProfileIdentityInput {
  readonly type: IdentityType;
  readonly identifier: string;
  readonly accounts?: readonly string[] | undefined;
  readonly description?: string | undefined;
}

interface IdentityTypeRow {
  /** The identifier as it is stored; undefined for text that names no identity of the type. */
  readonly read: (text: string) => string | undefined;
  /** The spelling under which identifiers are compared. */
  readonly key: (identifier: string) => string;
  readonly iamId: (identifier: string) => string;
  readonly expected: string;
  readonly keepsAccounts: boolean;
}

export const IDENTITY_ROWS: Readonly<Record<IdentityType, IdentityTypeRow>> = Object.freeze({
  user: {
    read: (text) => (isUserIamId(text) ? text : undefined),
    key: (identifier) => identifier,
    iamId: (identifier) => identifier,
    expected: "a user's IAM id such as IBMid-5500000001",
    keepsAccounts: true,
  },
  serviceid: {
    read: readServiceId,
    key: (identifier) => identifier,
    iamId: (identifier) => `iam-${identifier}`,
    expected: 'the id of a service ID, ServiceId-<uuid>',
    keepsAccounts: false,
  },
  crn: {
    read: (text) => (canonicalCrn(text) === undefined ? undefined : text),
    key: (identifier) => canonicalCrn(identifier) ?? identifier,
    iamId: (identifier) => `crn-${canonicalCrn(identifier) ?? identifier}`,
    expected: 'the CRN of a service instance: ten segments joined by colons',
    keepsAccounts: false,
  },
});

/** The identity in the form in which it is kept. Its identifier has been checked by the schema. */
export function toProfileIdentity({ type, identifier, accounts, description }: ProfileIdentityInput): ProfileIdentity {
  const row = IDENTITY_ROWS[type];
  const stored = row.read(identifier) ?? identifier;
  return {
    type,
    identifier: stored,
    iamId: row.iamId(stored),
    accounts: row.keepsAccounts ? (accounts ?? null) : null,
    description: description || null,
  };
}

/** What tells one identity of a profile from the others. */
export type IdentityName = Pick<ProfileIdentity, 'type' | 'identifier'>;

/** Two identifiers that name one thing have one key: a CRN may be written with fewer colons at its end. */
export const identityKey = ({ type, identifier }: IdentityName): string => JSON.stringify([type, IDENTITY_ROWS[type].key(identifier)]);

export function isIdentityType(text: string): text is IdentityType {
  return IDENTITY_TYPES.some((type) => type === text);
}
