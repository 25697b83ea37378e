import { constants } from 'node:crypto';

/** The accepted signature algorithms (RFC 7518 section 3.1, RFC 8037 section 3.1): asymmetric ones only. */
export type Algorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'EdDSA';

/** What a key must be to serve an algorithm: RSA, or one curve. */
export type KeyForm = 'RSA' | 'P-256' | 'P-384' | 'Ed25519';

/** All that is known about one algorithm; code receives the row and never switches on the name. */
export interface AlgorithmRow {
  readonly name: Algorithm;
  readonly keyForm: KeyForm;
  /** Node's name of the digest; null where the algorithm has its own (RFC 8032). */
  readonly digest: string | null;
  /** Undefined where Node's default for the key type is the right one: PKCS #1 v1.5 for RSA. Naming it would cost 10 µs a signature. */
  readonly pss: { readonly padding: number; readonly saltLength: number } | undefined;
  /** In bytes; undefined where it follows from the key. */
  readonly signatureLength: number | undefined;
  /** Whether the signature is r and s side by side (RFC 7518 section 3.4). */
  readonly isEcdsa: boolean;
}

const pkcs1 = { keyForm: 'RSA', pss: undefined, signatureLength: undefined, isEcdsa: false } as const;
// RFC 7518 section 3.5: the salt is as long as the digest.
const pss = { ...pkcs1, pss: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } } as const;
const ecdsa = { pss: undefined, isEcdsa: true } as const;

const rows: readonly AlgorithmRow[] = [
  { name: 'RS256', digest: 'sha256', ...pkcs1 },
  { name: 'RS384', digest: 'sha384', ...pkcs1 },
  { name: 'RS512', digest: 'sha512', ...pkcs1 },
  { name: 'PS256', digest: 'sha256', ...pss },
  { name: 'PS384', digest: 'sha384', ...pss },
  { name: 'PS512', digest: 'sha512', ...pss },
  { name: 'ES256', digest: 'sha256', keyForm: 'P-256', signatureLength: 64, ...ecdsa },
  { name: 'ES384', digest: 'sha384', keyForm: 'P-384', signatureLength: 96, ...ecdsa },
  { name: 'EdDSA', digest: null, keyForm: 'Ed25519', pss: undefined, signatureLength: 64, isEcdsa: false },
];

const rowsByName: ReadonlyMap<unknown, AlgorithmRow> = new Map(rows.map((row) => [row.name, Object.freeze(row)]));

/** The row of an algorithm name, compared exactly; undefined for `none` in any casing, HS*, anything unknown and anything but a string. */
export function readAlgorithm(name: unknown): AlgorithmRow | undefined {
  return rowsByName.get(name);
}

/** The algorithms that a key of this form can verify, in table order. */
export function algorithmsOf(keyForm: KeyForm): readonly Algorithm[] {
  return Object.freeze(rows.filter((row) => row.keyForm === keyForm).map((row) => row.name));
}
