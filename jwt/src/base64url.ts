import { Buffer } from 'node:buffer';

/**
 * Decodes canonical base64url (RFC 7515 section 2, RFC 4648 sections 3.5 and 5): no padding, no white space, no other alphabet, no bits left
 * over. Returns undefined for anything else, so that one value has one spelling. The empty string is the empty value.
 */
export function readBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // Node decodes leniently; only a canonical spelling survives the way back.
  return bytes.toString('base64url') === text ? bytes : undefined;
}
