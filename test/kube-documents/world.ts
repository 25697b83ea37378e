/** An issuer on loopback with real TLS, and a client whose name resolution is the test's. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import {
  createIssuerDocuments,
  type IssuerDocumentsClient,
  IssuerDocumentsError,
  type IssuerDocumentsErrorCode,
  type IssuerDocumentsOptions,
} from '../../src/kube/issuer-documents.ts';
import { type Certificate, createCertificate } from './certificates.ts';

export const HOST = 'api.cluster.test';
export const WELL_KNOWN = '/.well-known/openid-configuration';
export const JWKS_PATH = '/openid/v1/jwks';
export const KEYS = { keys: [{ kty: 'EC', crv: 'P-256', kid: 'one', x: 'x', y: 'y' }] };

export const CA = createCertificate({ name: 'kubernetes', isCa: true });
export const LEAF = createCertificate({ name: 'apiserver', hosts: [HOST, '127.0.0.1', '::1'], issuer: CA });

export type Answer = (request: IncomingMessage, response: ServerResponse, issuer: Issuer) => void;

export interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly serverName: string | false | undefined;
  readonly remotePort: number | undefined;
}

export interface Issuer {
  /** `https://api.cluster.test:<port>` */
  readonly url: string;
  readonly port: number;
  readonly seen: Seen[];
  /** Resolves once no connection is open. */
  closed(): Promise<void>;
  stop(): Promise<void>;
}

export interface IssuerOptions {
  readonly discovery?: Answer;
  readonly keys?: Answer;
  readonly certificate?: Certificate;
  /** Sent after the leaf. */
  readonly chain?: readonly Certificate[];
  readonly address?: string;
}

export const json =
  (body: unknown, type = 'application/json'): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': type }).end(JSON.stringify(body));
  };

/** The members of a good discovery document, with some replaced. */
export const discovery =
  (change: (issuer: Issuer) => Readonly<Record<string, unknown>> = () => ({})): Answer =>
  (request, response, issuer) => {
    json({ issuer: issuer.url, jwks_uri: `${issuer.url}${JWKS_PATH}`, ...change(issuer) })(request, response, issuer);
  };

/** Starts an issuer; any path that ends in the well-known suffix is its discovery document, all others its key set. */
export async function startIssuer(t: TestContext, options: IssuerOptions = {}): Promise<Issuer> {
  const { certificate = LEAF, chain = [], address = '127.0.0.1' } = options;
  const seen: Seen[] = [];
  const server = createServer(
    { key: certificate.key, cert: [certificate, ...chain].map(({ pem }) => pem).join('') },
    (request, response) => {
      const socket = request.socket as TLSSocket & { servername?: string | false };
      const path = request.url ?? '';
      seen.push({ path, headers: request.headers, serverName: socket.servername, remotePort: socket.remotePort });
      const answer = path.endsWith(WELL_KNOWN)
        ? (options.discovery ?? discovery())
        : (options.keys ?? json(KEYS, 'application/jwk-set+json'));
      answer(request, response, issuer);
    },
  );
  server.on('tlsClientError', () => undefined);
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.on('close', () => {
      open -= 1;
      server.emit('closed one');
    });
  });
  server.listen(0, address);
  await once(server, 'listening');
  const stop = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  t.after(stop);
  const { port } = server.address() as AddressInfo;
  const issuer: Issuer = {
    url: `https://${HOST}:${port}`,
    port,
    seen,
    closed: async () => {
      while (open > 0) await once(server, 'closed one');
    },
    stop,
  };
  return issuer;
}

/** A client that resolves every name to the given addresses: one list for each lookup, the last one for all further. */
export function createClient(
  options: Omit<IssuerDocumentsOptions, 'lookup'> & { readonly answers?: readonly (readonly string[])[] } = {},
): IssuerDocumentsClient & { readonly lookups: string[] } {
  const { answers = [['127.0.0.1']], ...rest } = options;
  const lookups: string[] = [];
  const client = createIssuerDocuments({
    ...rest,
    lookup: async (hostname) => {
      lookups.push(hostname);
      return (answers[lookups.length - 1] ?? answers.at(-1) ?? []).map((address) => ({ address }));
    },
  });
  return { ...client, lookups };
}

/** Awaits the refusal with this code and returns it, so that its message can be looked at. */
export async function refusal(promise: Promise<unknown>, code: IssuerDocumentsErrorCode): Promise<IssuerDocumentsError> {
  const error: unknown = await promise.then(
    () => assert.fail(`Expected a refusal with ${code}.`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof IssuerDocumentsError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, /\.$/, 'a full sentence');
  return error;
}
