/**
 * One GET over TLS to addresses that were checked beforehand: no name resolution, no redirect, no proxy, no cookie, no
 * credential, no connection kept. Whoever calls decides which addresses are fit and when the time is up.
 */
import { X509Certificate } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request as startRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { IssuerDocumentsError, quote } from './issuer-documents-error.ts';

export interface SafeGetRequest {
  readonly url: URL;
  /** What is fetched, as a message names it: `The discovery document`. */
  readonly what: string;
  /** Where the connection may go, in this order. */
  readonly addresses: readonly string[];
  /** Certificates that replace the default roots; from `readCaBundle`. */
  readonly ca?: readonly string[];
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export type SafeGet = (request: SafeGetRequest) => Promise<Buffer>;

// A host with several addresses may have dead ones (IPv6 without a route); this much of the deadline goes to each.
const ATTEMPT_TIMEOUT_MS = 1000;
const ACCEPT = 'application/json, application/jwk-set+json, */*;q=0.1';
const USE_JWKS = 'upload the keys with trust mode jwks';
// How connections break below TLS; every other failure before the handshake is done is TLS's own.
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EACCES',
  'EPERM',
  'EINVAL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
]);

/** Reads the certificates of a PEM bundle; throws `tls` where there is none or one cannot be read. */
export function readCaBundle(pem: string): readonly string[] {
  const begin = '-----BEGIN CERTIFICATE-----';
  const end = '-----END CERTIFICATE-----';
  const [, ...blocks] = pem.split(begin);
  // Node ignores what it cannot read and takes the default roots for an empty text: neither may happen here.
  if (blocks.length === 0) {
    throw new IssuerDocumentsError(
      'tls',
      'The ca_bundle was expected to hold at least one PEM certificate (BEGIN CERTIFICATE), but it holds none; send the certificate of the CA that signs for the API server.',
    );
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(`${begin}${block.slice(0, block.indexOf(end) + end.length)}`).toString();
    } catch (cause) {
      throw new IssuerDocumentsError(
        'tls',
        `Certificate ${index + 1} of the ca_bundle cannot be read; send every certificate whole, as PEM, from its BEGIN line to its END line.`,
        cause,
      );
    }
  });
}

/** Creates the one function that fetches; resolves with the body of a 200 answer, throws `IssuerDocumentsError` otherwise. */
export function createSafeGet(): SafeGet {
  const agent = new Agent({
    keepAlive: false,
    maxCachedSessions: 0,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS,
  });
  return async (request) => {
    const response = await open(request, agent);
    try {
      checkStatus(request, response);
      return await readBody(request, response);
    } finally {
      response.destroy();
    }
  };
}

function open(target: SafeGetRequest, agent: Agent): Promise<IncomingMessage> {
  const { url, addresses, ca, signal } = target;
  const options: RequestOptions = {
    agent,
    method: 'GET',
    protocol: url.protocol,
    hostname: hostOf(url),
    path: `${url.pathname}${url.search}`,
    headers: { accept: ACCEPT, 'accept-encoding': 'identity', 'user-agent': 'podpass' },
    lookup: lookupAmong(addresses),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    signal,
    ...(url.port === '' ? {} : { port: url.port }),
    // Any certificate of the bundle is an anchor, as for kubectl: a cluster's bundle may hold its intermediate CA only.
    ...(ca === undefined ? {} : { ca: [...ca], allowPartialTrustChain: true }),
  };
  return new Promise((resolve, reject) => {
    let isSecure = false;
    const request = startRequest(options);
    request.on('socket', (socket) => {
      socket.once('secureConnect', () => {
        isSecure = true;
      });
    });
    request.on('response', resolve);
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response);
    });
    request.on('error', (cause) => reject(connectionError(target, cause, isSecure)));
    request.end();
  });
}

/** The host without the brackets that a URL puts around an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
}

function lookupAmong(addresses: readonly string[]): LookupFunction {
  const known: LookupAddress[] = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    const [first] = known;
    if (options.all === true || first === undefined) callback(null, known);
    else callback(null, first.address, first.family);
  };
}

function checkStatus({ url, what }: SafeGetRequest, response: IncomingMessage): void {
  const { statusCode: status = 0 } = response;
  if (status === 200) return;
  if (status >= 300 && status < 400) {
    throw new IssuerDocumentsError(
      'redirect',
      `${what} was expected at ${quote(url.href)} itself, but the answer is a redirect (${status}) to ${originOf(response.headers.location, url)}. Redirects are not followed: register the issuer under the address that serves its documents, or ${USE_JWKS}.`,
    );
  }
  const advice =
    status === 401 || status === 403
      ? `Allow anonymous reading by binding the cluster role system:service-account-issuer-discovery to the group system:unauthenticated, or ${USE_JWKS}.`
      : `Check that the issuer is spelled as in the cluster's tokens, or ${USE_JWKS}.`;
  throw new IssuerDocumentsError(
    'status',
    `${what} at ${quote(url.href)} was expected with status 200, but status ${status} came. ${advice}`,
  );
}

// The origin only: the rest of a Location may carry secrets or be written to be pasted.
function originOf(location: string | undefined, base: URL): string {
  if (location === undefined) return 'no named place';
  const target = URL.parse(location, base.href);
  if (target === null) return 'a place that is not a URL';
  return quote(target.origin === 'null' ? target.protocol : target.origin);
}

async function readBody(target: SafeGetRequest, response: IncomingMessage): Promise<Buffer> {
  const { maxBytes } = target;
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(target);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(target);
      chunks.push(chunk);
    }
  } catch (cause) {
    throw cause instanceof IssuerDocumentsError ? cause : connectionError(target, cause, true);
  }
  return Buffer.concat(chunks, size);
}

const tooLarge = ({ url, what, maxBytes }: SafeGetRequest, cause?: unknown) =>
  new IssuerDocumentsError(
    'too_large',
    `${what} at ${quote(url.href)} was expected to be at most ${maxBytes} bytes long, but the answer is longer. Check that the address serves an issuer's documents, or ${USE_JWKS}.`,
    cause,
  );

function connectionError(target: SafeGetRequest, cause: unknown, isSecure: boolean): IssuerDocumentsError {
  const { url, what } = target;
  const code = codeOf(cause);
  if (code === 'HPE_HEADER_OVERFLOW') return tooLarge(target, cause);
  if (isTls(code, isSecure)) return tlsError(target, code, cause);
  const came = isSecure ? 'the answer broke off or is not HTTP' : 'no connection came about';
  return new IssuerDocumentsError(
    'unreachable',
    `${what} was expected at ${quote(url.href)}, but ${came} (${code}). Check that the host answers and that this server may reach it; for a cluster that cannot be reached from here, ${USE_JWKS} or let its agent send them (trust mode push).`,
    cause,
  );
}

function isTls(code: string, isSecure: boolean): boolean {
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return true;
  return !isSecure && !NETWORK_CODES.has(code);
}

function tlsError({ url, what, ca }: SafeGetRequest, code: string, cause: unknown): IssuerDocumentsError {
  const expected = `${what} was expected over TLS from ${quote(url.origin)} with a certificate that`;
  const say = (text: string) => new IssuerDocumentsError('tls', text, cause);
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return say(
        `${expected} carries the name ${quote(hostOf(url))}, but its certificate carries others (${code}). A ca_bundle does not change that: use a host that the certificate names, or ${USE_JWKS}.`,
      );
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return say(
        `${expected} is valid now, but one in its chain has expired or is not valid yet (${code}). Renew it (and the ca_bundle, where that is the one), check the clock, or ${USE_JWKS}.`,
      );
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return say(
        `${expected} can be checked, but what listens there speaks no TLS that is accepted here (${code}). Check the port and that TLS 1.2 or later is offered; neither ca_bundle nor allow_private helps here; else ${USE_JWKS}.`,
      );
    default:
      return say(
        ca === undefined
          ? `${expected} a public CA vouches for, but the check failed (${code}). For a cluster with a CA of its own put that CA's PEM certificate (the config map kube-root-ca.crt) into ca_bundle, or ${USE_JWKS}.`
          : `${expected} the ca_bundle vouches for, but the check failed (${code}). The ca_bundle replaces the public CAs: put the CA that signed this certificate into it, leave ca_bundle out where a public CA did, or ${USE_JWKS}.`,
      );
  }
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'unknown failure';
}
