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

interface IdentityTypeRow {
  /** The identifier as it is stored; undefined for text that names no identity of the type. */
  readonly read: (text: string) => string | undefined;
  readonly iamId: (identifier: string) => string;
  readonly expected: string;
  readonly keepsAccounts: boolean;
}

export const IDENTITY_ROWS: Readonly<Record<IdentityType, IdentityTypeRow>> = Object.freeze({
  user: {
    read: (text) => (isUserIamId(text) ? text : undefined),
    iamId: (identifier) => identifier,
    expected: "a user's IAM id such as IBMid-5500000001",
    keepsAccounts: true,
  },
  serviceid: {
    read: readServiceId,
    iamId: (identifier) => `iam-${identifier}`,
    expected: 'the id of a service ID, ServiceId-<uuid>',
    keepsAccounts: false,
  },
  crn: {
    read: (text) => (canonicalCrn(text) === undefined ? undefined : text),
    iamId: (identifier) => `crn-${identifier}`,
    expected: 'the CRN of a service instance: ten segments joined by colons',
    keepsAccounts: false,
  },
});

export function isIdentityType(text: string): text is IdentityType {
  return IDENTITY_TYPES.some((type) => type === text);
}
