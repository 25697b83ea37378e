const unprintable = /[\p{Cc}\p{Cs}]/u;

/**
 * Whether a value may serve as `kid` (RFC 7515 section 4.1.4, RFC 7517 section 4.5): a string of 1 to 200 units without control characters
 * and lone surrogates. It is only ever a map key.
 */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 200 && !unprintable.test(value);
}
