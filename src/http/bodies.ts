/** Reading request bodies: size and encoding bounded, JSON strict, nothing parsed twice. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { JwtError, parseJsonObject } from '@podpass/jwt';
import { DomainError } from '../kernel/errors.ts';

const unzip = promisify(gunzip);

/** Undoes `Content-Encoding: gzip` with a hard limit on what comes out. */
export async function decodeBody(raw: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase();
  if (!name || name === 'identity') return raw;
  if (name !== 'gzip' && name !== 'x-gzip') {
    throw new DomainError('unsupported_media', {
      message: 'The content encoding is not supported.',
      details: 'Send the body as it is, or with Content-Encoding: gzip.',
    });
  }
  try {
    return await unzip(raw, { maxOutputLength: limit });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new DomainError('invalid_body', { message: 'The body is not valid gzip data, which its Content-Encoding says it is.' });
  }
}

export function tooLarge(limit: number): DomainError {
  return new DomainError('body_too_large', { details: `At most ${limit} bytes are read.` });
}

const isJson = (contentType: string) => /^application\/(?:[a-z0-9.+-]+\+)?json(?=\s*(?:;|$))/i.test(contentType);
const isForm = (contentType: string) => /^application\/x-www-form-urlencoded(?=\s*(?:;|$))/i.test(contentType);

/** Parses a JSON body; undefined for an empty one. */
export function parseJsonBody(body: Buffer, contentType: string | undefined): unknown {
  if (body.length === 0) return undefined;
  if (contentType === undefined || !isJson(contentType)) {
    throw new DomainError('unsupported_media', {
      message: 'The content type is not supported.',
      details: "Send JSON with the header 'Content-Type: application/json'.",
    });
  }
  try {
    const text = firstCharacter(body);
    // The strict parser reads objects; an array is put into one, so that both follow the same rules.
    const parsed =
      text === '[' ? parseJsonObject(Buffer.concat([Buffer.from('{"array":'), body, Buffer.from('}')])).array : parseJsonObject(body);
    if (body.includes('\\u0000') && holdsNul(parsed)) {
      throw new DomainError('invalid_body', { message: 'The body is not acceptable JSON: a text in it holds the character U+0000.' });
    }
    return parsed;
  } catch (error) {
    if (error instanceof JwtError) throw new DomainError('invalid_body', { message: `The body is not acceptable JSON: ${error.message}` });
    throw error;
  }
}

/** Whether a string in the value holds U+0000, which stores and terminals take for the end of a text. */
function holdsNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\u0000');
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).some(([name, member]) => name.includes('\u0000') || holdsNul(member))
  );
}

function firstCharacter(body: Buffer): string {
  for (const byte of body) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return String.fromCharCode(byte);
  }
  return '';
}

/** The text of a form body; empty for an empty one. */
export function readFormBody(body: Buffer, contentType: string | undefined): string {
  if (body.length === 0) return '';
  if (contentType !== undefined && !isForm(contentType)) {
    throw new DomainError('unsupported_media', {
      message: 'The content type is not supported.',
      details: "Send a form with the header 'Content-Type: application/x-www-form-urlencoded'.",
    });
  }
  return body.toString('utf8');
}
