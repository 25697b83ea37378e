import { randomBytes, randomUUID } from 'node:crypto';

/** The source of everything random that becomes visible: identifiers, keys, entity tags. */
export interface Ids {
  uuid(): string;
  /** Lower-case hexadecimal text of `bytes` random bytes. */
  hex(bytes: number): string;
  /** URL-safe text of `bytes` random bytes. */
  base64url(bytes: number): string;
  /** A cluster id in IBM's current form: 20 lower-case letters and digits. */
  clusterId(): string;
}

const CLUSTER_ID_ALPHABET = 'abcdefghijklmnopqrstuv0123456789';

export function createIds(): Ids {
  return {
    uuid: () => randomUUID(),
    hex: (bytes) => randomBytes(bytes).toString('hex'),
    base64url: (bytes) => randomBytes(bytes).toString('base64url'),
    clusterId() {
      let id = '';
      for (const byte of randomBytes(20)) id += CLUSTER_ID_ALPHABET[byte & 31];
      return id;
    },
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PROFILE_ID = /^(?:iam-)?(?:Profile-)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
const ACCOUNT_ID = /^[0-9a-f]{32}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

export function isAccountId(text: string): boolean {
  return ACCOUNT_ID.test(text);
}

/** Reads `Profile-<uuid>`, `iam-Profile-<uuid>` or a bare `<uuid>` as the profile id; undefined for anything else. */
export function readProfileId(text: string): string | undefined {
  const match = PROFILE_ID.exec(text);
  return match ? `Profile-${match[1]}` : undefined;
}
