/**
 * Fetches what an issuer publishes: its OIDC discovery document and the key set that the document names. The issuer's
 * host is resolved once, every address is judged, and both connections go to those addresses only. Which issuers are
 * asked, how often, and what their keys are worth is for others to decide.
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type AddressVerdict, judgeAddress } from './address-rules.ts';
import { IssuerDocumentsError, quote } from './issuer-documents-error.ts';
import { createSafeGet, hostOf, readCaBundle, type SafeGetRequest } from './safe-get.ts';

export { IssuerDocumentsError, type IssuerDocumentsErrorCode } from './issuer-documents-error.ts';

export interface IssuerDocumentsRequest {
  /** The issuer as the cluster's tokens spell it. */
  readonly issuer: string;
  /** PEM certificates that replace the default roots. */
  readonly caBundle?: string;
  /** Whether the host may lead to loopback, private and other addresses that are not public. */
  readonly allowPrivate: boolean;
}

export interface IssuerDocuments {
  /** The key set as parsed JSON: an object with a non-empty `keys` array, its keys unchecked. */
  readonly jwks: unknown;
  readonly issuer: string;
  readonly jwksUri: string;
}

/** All addresses of a host; the part of `dns.lookup` that is needed. */
export type LookupHost = (hostname: string) => Promise<readonly { readonly address: string }[]>;

export interface IssuerDocumentsOptions {
  /** Time for the whole exchange, name resolution included; 5 s unless told. */
  readonly timeoutMs?: number;
  /** Size of each document; 1 MiB unless told. */
  readonly maxBytes?: number;
  readonly lookup?: LookupHost;
}

export interface IssuerDocumentsClient {
  /** Throws `IssuerDocumentsError`, or the signal's reason once the signal is aborted. */
  fetchKeys(request: IssuerDocumentsRequest, signal?: AbortSignal): Promise<IssuerDocuments>;
}

const WELL_KNOWN = '/.well-known/openid-configuration';
const USE_JWKS = 'upload the keys with trust mode jwks';
const DISCOVERY = 'The discovery document';
const KEY_SET = 'The key set';

/**
 * @example
 * const { jwks } = await createIssuerDocuments().fetchKeys({ issuer: 'https://oidc.example.com/id/1', allowPrivate: false });
 */
export function createIssuerDocuments(options: IssuerDocumentsOptions = {}): IssuerDocumentsClient {
  const { timeoutMs = 5000, maxBytes = 1024 * 1024, lookup = resolveHost } = options;
  const get = createSafeGet();

  const exchange = async (request: IssuerDocumentsRequest, signal: AbortSignal): Promise<IssuerDocuments> => {
    const { issuer, caBundle, allowPrivate } = request;
    const issuerUrl = readIssuer(issuer);
    const ca = caBundle === undefined ? {} : { ca: readCaBundle(caBundle) };
    const addresses = await findAddresses(hostOf(issuerUrl), allowPrivate, lookup, signal);
    const fetchJson = async (url: URL, what: string) => {
      const target: SafeGetRequest = { url, what, addresses, maxBytes, signal, ...ca };
      return parseJson(await get(target), target);
    };
    const discovery = readDiscovery(await fetchJson(discoveryUrl(issuer), DISCOVERY), issuer, issuerUrl);
    const jwks = await fetchJson(discovery.jwksUrl, KEY_SET);
    checkKeySet(jwks, discovery.jwksUrl);
    return { jwks, issuer, jwksUri: discovery.jwksUri };
  };

  return {
    fetchKeys: async (request, signal) => {
      signal?.throwIfAborted();
      const controller = new AbortController();
      const onAbort = () => controller.abort(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      const timer = setTimeout(() => controller.abort(timeoutError(request.issuer, timeoutMs)), timeoutMs).unref();
      try {
        return await exchange(request, controller.signal);
      } catch (error) {
        throw controller.signal.aborted ? controller.signal.reason : error;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}

const resolveHost: LookupHost = (hostname) => systemLookup(hostname, { all: true });

const timeoutError = (issuer: string, timeoutMs: number) =>
  new IssuerDocumentsError(
    'timeout',
    `The documents of issuer ${quote(issuer)} were expected within ${timeoutMs / 1000} s altogether, but they had not come whole by then. Check that the host answers promptly from here, or ${USE_JWKS}.`,
  );

function readIssuer(issuer: string): URL {
  const expected = `The issuer was expected to be a plain https URL, but ${quote(issuer)}`;
  const advice = "send it exactly as the `iss` claim of the cluster's tokens spells it";
  const url = URL.parse(issuer);
  if (url === null) throw new IssuerDocumentsError('not_https', `${expected} is not a URL; ${advice}.`);
  if (url.protocol !== 'https:') {
    throw new IssuerDocumentsError('not_https', `${expected} does not begin with https; give the issuer an https address, or ${USE_JWKS}.`);
  }
  // The parser forgives white space, control characters, backslashes and a missing "//"; an issuer with those is not one.
  if (!/^https:\/\/[^/]/i.test(issuer) || !/^[^\s\\\p{Cc}]+$/u.test(issuer)) {
    throw new IssuerDocumentsError('not_https', `${expected} holds white space, a backslash or too few or too many slashes; ${advice}.`);
  }
  const [, , authority = ''] = issuer.split(/[/?#]/, 3);
  if (authority.includes('@')) {
    throw new IssuerDocumentsError(
      'userinfo',
      'The issuer was expected to be a plain https URL, but a user name or password stands before its host; leave out everything up to the "@".',
    );
  }
  if (/[?#]/.test(issuer)) {
    throw new IssuerDocumentsError('not_https', `${expected} has a query or a fragment; leave out everything from the "?" or "#" on.`);
  }
  const pasted = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
  if (pasted.endsWith(WELL_KNOWN)) {
    throw new IssuerDocumentsError(
      'issuer_mismatch',
      `The issuer was expected, but ${quote(issuer)} is the address of its discovery document; leave out ${WELL_KNOWN}: ${quote(pasted.slice(0, -WELL_KNOWN.length))}.`,
    );
  }
  return url;
}

const discoveryUrl = (issuer: string) => new URL(`${issuer.endsWith('/') ? issuer.slice(0, -1) : issuer}${WELL_KNOWN}`);

async function findAddresses(host: string, allowPrivate: boolean, lookup: LookupHost, signal: AbortSignal): Promise<readonly string[]> {
  const addresses = isIP(host) === 0 ? await resolveOnce(host, lookup, signal) : [host];
  for (const address of addresses) {
    const verdict = judgeAddress(address);
    if (verdict.reach === 'never' || (verdict.reach === 'private' && !allowPrivate)) throw addressError(host, address, verdict);
  }
  return addresses;
}

async function resolveOnce(host: string, lookup: LookupHost, signal: AbortSignal): Promise<readonly string[]> {
  let addresses: readonly string[] = [];
  let cause: unknown;
  try {
    addresses = (await settleOrAbort(lookup(host), signal)).map(({ address }) => address);
  } catch (error) {
    cause = error;
  }
  if (addresses.length > 0) return addresses;
  throw new IssuerDocumentsError(
    'unresolvable',
    `The issuer's host ${quote(host)} was expected to have an address, but its name cannot be resolved here. Check the spelling; for a name that is known inside the cluster only, ${USE_JWKS} or let its agent send them (trust mode push).`,
    cause,
  );
}

// A lookup cannot be called off; it is left behind when the time is up.
function settleOrAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function addressError(host: string, address: string, { reach, kind }: AddressVerdict): IssuerDocumentsError {
  const advice =
    reach === 'private'
      ? `Set allow_private for this issuer if its documents are meant to be fetched there, or ${USE_JWKS}.`
      : `No option allows that: correct the issuer's host, or ${USE_JWKS}.`;
  return new IssuerDocumentsError(
    'private_address',
    `The issuer's host ${quote(host)} was expected to lead to public addresses only, but it leads to ${kind}. ${advice}`,
    new Error(`${host} leads to ${address}`),
  );
}

function parseJson(body: Buffer, { url, what }: SafeGetRequest): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw notJson(what, url, 'is not', cause);
  }
}

const notJson = (what: string, url: URL, came: string, cause?: unknown) =>
  new IssuerDocumentsError(
    'not_json',
    `${what} at ${quote(url.href)} was expected to be a JSON object, but the answer ${came}. Check that the address serves an issuer's documents and no login page, or ${USE_JWKS}.`,
    cause,
  );

function readDiscovery(document: unknown, issuer: string, issuerUrl: URL): { jwksUri: string; jwksUrl: URL } {
  if (!isObject(document)) throw notJson(DISCOVERY, discoveryUrl(issuer), 'is other JSON');
  checkIssuer(document.issuer, issuer);
  const { jwks_uri: jwksUri } = document;
  const jwksUrl = typeof jwksUri === 'string' ? URL.parse(jwksUri) : null;
  if (typeof jwksUri !== 'string' || jwksUrl === null) {
    throw new IssuerDocumentsError(
      'no_keys',
      `The discovery document of ${quote(issuer)} was expected to name the address of its key set in jwks_uri as a whole URL, but ${quote(jwksUri)} came. Correct the document, or ${USE_JWKS}.`,
    );
  }
  const named = `The key set of ${quote(issuer)} was expected at an https address of ${quote(issuerUrl.origin)}`;
  if (jwksUrl.protocol !== 'https:') {
    throw new IssuerDocumentsError('not_https', `${named}, but jwks_uri is ${quote(jwksUri)}. Correct the document, or ${USE_JWKS}.`);
  }
  if (jwksUrl.username !== '' || jwksUrl.password !== '') {
    throw new IssuerDocumentsError(
      'userinfo',
      `${named}, but jwks_uri carries a user name or password. Correct the document, or ${USE_JWKS}.`,
    );
  }
  if (jwksUrl.origin !== issuerUrl.origin) {
    throw new IssuerDocumentsError(
      'foreign_origin',
      `${named}, but jwks_uri names ${quote(jwksUrl.origin)}. Start the API server with a --service-account-jwks-uri below the issuer, or ${USE_JWKS}.`,
    );
  }
  return { jwksUri, jwksUrl };
}

function checkIssuer(named: unknown, issuer: string): void {
  if (named === issuer) return;
  const isSlashOnly = named === `${issuer}/` || issuer === `${String(named)}/`;
  const advice = isSlashOnly
    ? 'The two differ by the trailing slash only, and issuers are compared exactly: register'
    : "If that is what the `iss` claim of the cluster's tokens says, register";
  throw new IssuerDocumentsError(
    'issuer_mismatch',
    typeof named === 'string'
      ? `The discovery document was expected to name the issuer ${quote(issuer)}, but it names ${quote(named)}. ${advice} ${quote(named)} instead.`
      : `The discovery document was expected to name the issuer ${quote(issuer)}, but its issuer is ${quote(named)}. Check that the address serves an issuer's documents.`,
  );
}

function checkKeySet(jwks: unknown, url: URL): void {
  if (!isObject(jwks)) throw notJson(KEY_SET, url, 'is other JSON');
  if (Array.isArray(jwks.keys) && jwks.keys.length > 0) return;
  throw new IssuerDocumentsError(
    'no_keys',
    `The key set at ${quote(url.href)} was expected to hold at least one key in its \`keys\` array, but it holds none. Check the cluster's signing keys, or ${USE_JWKS}.`,
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
