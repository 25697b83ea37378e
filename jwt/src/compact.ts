import { Buffer } from 'node:buffer';
import { type Algorithm, readAlgorithm } from './algorithms.ts';
import { readBase64url } from './base64url.ts';
import { JwtError } from './errors.ts';
import { type JsonObject, parseJsonObject } from './json.ts';
import { isKeyId } from './key-id.ts';

/** The members of the JOSE header (RFC 7515 section 4.1) that are looked at. */
export interface TokenHeader {
  readonly alg: Algorithm;
  readonly kid?: string;
  readonly typ?: string;
}

/** A token that has the right form. Nothing in it may be believed until a signature has been verified. */
export interface UnverifiedToken {
  readonly header: TokenHeader;
  readonly claims: JsonObject;
  /** What the signature covers: the first two parts with the dot between them (RFC 7515 section 5.2, step 8). */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
  /** Which of `jku`, `jwk`, `x5u`, `x5c`, `x5t`, `x5t#S256` the header has. Their values are never read; their presence is worth a log line. */
  readonly ignoredHeaders: readonly string[];
}

export const defaultMaxBytes = 16_384;

// RFC 8725 section 3.10: keys that a token brings along, or points to, are not used.
const keyHeaders = ['jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256'] as const;
const noHeaders: readonly string[] = Object.freeze([]);

/**
 * Parses a JWT (RFC 7519 section 7.2) in the JWS compact serialisation (RFC 7515 sections 3.1 and 7.1), without verifying it.
 *
 * Refuses as `malformed`: more than `maxBytes`, anything but three non-empty parts in canonical base64url, a header or payload that is not a
 * JSON object (see `parseJsonObject`), `crit` (section 4.1.11) and `b64` (RFC 7797). Refuses as `algorithm` every `alg` outside the table.
 */
export function parseCompact(token: string, maxBytes: number = defaultMaxBytes): UnverifiedToken {
  // A token that is not ASCII has more bytes than units, and is refused below because it is not base64url.
  if (typeof token !== 'string' || !(token.length <= maxBytes)) {
    throw new JwtError('malformed', `The token is not a string of at most ${maxBytes} bytes.`);
  }
  const firstDot = token.indexOf('.');
  const secondDot = firstDot === -1 ? -1 : token.indexOf('.', firstDot + 1);
  // A third dot makes it an encrypted token (RFC 7516), or nothing at all.
  if (secondDot === -1 || token.indexOf('.', secondDot + 1) !== -1) {
    throw new JwtError('malformed', 'The token does not consist of three parts.');
  }
  const headerBytes = decodePart(token.slice(0, firstDot));
  const claimsBytes = decodePart(token.slice(firstDot + 1, secondDot));
  const signature = decodePart(token.slice(secondDot + 1));
  const members = parseJsonObject(headerBytes);
  return Object.freeze({
    header: parseHeader(members),
    claims: parseJsonObject(claimsBytes),
    signingInput: Buffer.from(token.slice(0, secondDot), 'latin1'),
    signature,
    ignoredHeaders: findKeyHeaders(members),
  });
}

function decodePart(text: string): Buffer {
  const bytes = readBase64url(text);
  if (bytes === undefined || bytes.length === 0)
    throw new JwtError('malformed', 'A part of the token is empty or not canonical base64url.');
  return bytes;
}

function parseHeader(members: JsonObject): TokenHeader {
  if (members.crit !== undefined || members.b64 !== undefined) {
    throw new JwtError('malformed', 'The token header has crit or b64, and no extension is supported.');
  }
  const row = readAlgorithm(members.alg);
  if (row === undefined) throw new JwtError('algorithm', 'The token header names no accepted signature algorithm.');
  const { kid, typ } = members;
  if (kid !== undefined && !isKeyId(kid)) {
    throw new JwtError('malformed', 'The kid of the token header is not a string of 1 to 200 characters without control characters.');
  }
  if (typ !== undefined && typeof typ !== 'string') throw new JwtError('malformed', 'The typ of the token header is not a string.');
  return Object.freeze(headerOf(row.name, kid, typ));
}

function headerOf(alg: Algorithm, kid: string | undefined, typ: string | undefined): TokenHeader {
  if (kid === undefined) return typ === undefined ? { alg } : { alg, typ };
  return typ === undefined ? { alg, kid } : { alg, kid, typ };
}

function findKeyHeaders(members: JsonObject): readonly string[] {
  if (keyHeaders.every((name) => members[name] === undefined)) return noHeaders;
  return Object.freeze(keyHeaders.filter((name) => members[name] !== undefined));
}
