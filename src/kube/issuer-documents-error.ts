/**
 * Why an issuer's documents could not be had.
 * `not_https` also covers an issuer that is no plain URL: a query, a fragment, white space, text that is not a URL.
 * `no_keys` also covers a discovery document that names no key address.
 */
export type IssuerDocumentsErrorCode =
  | 'not_https'
  | 'userinfo'
  | 'private_address'
  | 'unresolvable'
  | 'unreachable'
  | 'tls'
  | 'redirect'
  | 'too_large'
  | 'timeout'
  | 'status'
  | 'not_json'
  | 'issuer_mismatch'
  | 'foreign_origin'
  | 'no_keys';

/**
 * The message is written for the person who registers the cluster: what was expected, what came, what to do. It
 * repeats what that person sent and what the issuer answered; looked-up addresses are only in the `cause`.
 */
export class IssuerDocumentsError extends Error {
  override readonly name = 'IssuerDocumentsError';
  readonly code: IssuerDocumentsErrorCode;

  constructor(code: IssuerDocumentsErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

const QUOTED_LENGTH = 256;

/** Foreign text for a message: quoted, control characters escaped, cut after 256 characters. */
export function quote(value: unknown): string {
  if (typeof value !== 'string') return value === undefined ? 'nothing' : `a value of type ${value === null ? 'null' : typeof value}`;
  return JSON.stringify(value.length > QUOTED_LENGTH ? `${value.slice(0, QUOTED_LENGTH)}…` : value);
}
