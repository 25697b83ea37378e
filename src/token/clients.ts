/** Clients that name themselves by HTTP Basic authentication (RFC 7617). Their names are public and give no privilege. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { DomainError } from '../kernel/errors.ts';

const CLIENTS: ReadonlyMap<string, string> = new Map([['bx', 'bx']]);

/** What `client_id` says of a request without Basic authentication. */
export const DEFAULT_CLIENT = 'default';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** The client that an Authorization header names. Other schemes than Basic are none of this endpoint's business. */
export function readClient(authorization: string | undefined): string {
  if (!authorization || !/^basic(?:\s|$)/i.test(authorization)) return DEFAULT_CLIENT;
  const decoded = Buffer.from(authorization.slice(6).trim(), 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const id = decoded.slice(0, Math.max(0, colon));
  const secret = CLIENTS.get(id);
  if (secret === undefined || !timingSafeEqual(digest(secret), digest(decoded.slice(colon + 1)))) throw new DomainError('client_not_found');
  return id;
}
