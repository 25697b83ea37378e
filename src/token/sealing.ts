/**
 * Secrets at rest: the master key wraps a data key per secret, the data key seals the secret (AES-256-GCM, NIST
 * SP 800-38D). The associated data names purpose, id and installation, so nothing sealed for one use opens in another.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Secret } from '../kernel/secret.ts';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const CHECK_PURPOSE = 'master-key-check';

/** The master key does not open what this installation has sealed. */
export class WrongMasterKey extends Error {}

export interface Sealer {
  seal(purpose: string, id: string, plain: Buffer): string;
  /** Throws `WrongMasterKey` where the text was not sealed for this purpose and id under this master key. */
  open(purpose: string, id: string, sealed: string): Buffer;
  /** A value that only the right master key opens. */
  makeCheck(): string;
  verifyCheck(check: string): void;
}

function encrypt(key: Buffer, associated: Buffer, plain: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, associated: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
}

const WRAPPED_KEY_BYTES = IV_BYTES + KEY_BYTES + TAG_BYTES;

export function createSealer(masterKey: Secret<Buffer>, installationId: string): Sealer {
  const wrapping = Buffer.from(hkdfSync('sha256', masterKey.reveal(), installationId, 'podpass data key wrapping', KEY_BYTES));
  const associatedFor = (purpose: string, id: string) => Buffer.from(JSON.stringify([purpose, id, installationId]));

  const sealer: Sealer = {
    seal(purpose, id, plain) {
      const associated = associatedFor(purpose, id);
      const dataKey = randomBytes(KEY_BYTES);
      return Buffer.concat([encrypt(wrapping, associated, dataKey), encrypt(dataKey, associated, plain)]).toString('base64');
    },
    open(purpose, id, sealed) {
      try {
        const bytes = Buffer.from(sealed, 'base64');
        const associated = associatedFor(purpose, id);
        const dataKey = decrypt(wrapping, associated, bytes.subarray(0, WRAPPED_KEY_BYTES));
        return decrypt(dataKey, associated, bytes.subarray(WRAPPED_KEY_BYTES));
      } catch (cause) {
        throw new WrongMasterKey('The master key does not belong to this installation: what was sealed here does not open with it.', {
          cause,
        });
      }
    },
    makeCheck: () => sealer.seal(CHECK_PURPOSE, installationId, Buffer.from(installationId)),
    verifyCheck(check) {
      sealer.open(CHECK_PURPOSE, installationId, check);
    },
  };
  return sealer;
}
