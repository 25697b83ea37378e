/**
 * Why a token or a key was refused.
 *
 * `malformed`: not a compact JWS of the accepted form. `algorithm`: the header names no algorithm of the table. `key`: the key or key set is
 * not usable. `signature`: reserved for callers, for when no candidate key verifies. `claim`: a required claim is missing or of the wrong type.
 * The others: a well-formed claim has a value that is refused.
 */
export type JwtErrorCode =
  | 'malformed'
  | 'algorithm'
  | 'key'
  | 'signature'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not_yet_valid'
  | 'lifetime'
  | 'claim';

/**
 * The only error that input can cause here. `code` is stable; the message is a full sentence for people and repeats nothing of the token or
 * the key, so it may be logged and sent. There is never a `cause`: the errors of JSON and OpenSSL quote what they read.
 */
export class JwtError extends Error {
  override readonly name = 'JwtError';
  readonly code: JwtErrorCode;

  constructor(code: JwtErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
