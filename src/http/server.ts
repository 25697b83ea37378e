/** Fastify at the edge: descriptors become routes; callers, bodies, headers and errors are handled here and nowhere else. */
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Caller, RequestInfo } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { ApiFamily, AuthenticatedInput, Route, RouteReply } from '../kernel/route.ts';
import { decodeBody, parseJsonBody, readFormBody, tooLarge } from './bodies.ts';
import { ENVELOPES, familyOfPath } from './envelopes.ts';
import { validate } from './validation.ts';

export interface HttpDeps {
  readonly routes: readonly Route[];
  readonly verifyCaller: (authorization: string | undefined) => Caller;
  readonly publicUrl: () => string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

declare module 'fastify' {
  interface FastifyRequest {
    podpass: { readonly info: RequestInfo; readonly startedAt: number; family: ApiFamily };
  }
}

const JSON_LIMIT = 1024 * 1024;
const LABEL = /^[A-Za-z0-9._-]{1,128}$/;
const MAX_USER_AGENT = 200;
/** What a caller of AuthZEN may call its request; it is repeated, and is the key of nothing. */
const REQUEST_NAME = /^[\x20-\x7e]{1,1024}$/;

const BAD_HTTP: ReadonlyMap<string, readonly [status: number, reason: string]> = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout']],
]);

/** On every reply: nothing here is to be cached, sniffed or framed. */
const COMMON_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  expires: '0',
  'content-language': 'en-US',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'ibm-cloud-service-name': 'iam-identity',
});

export function createHttpServer(deps: HttpDeps): FastifyInstance {
  const { ids, clock, log } = deps;
  const app = Fastify({
    logger: false,
    bodyLimit: JSON_LIMIT,
    exposeHeadRoutes: false,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    connectionTimeout: 60_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: { maxHeaderSize: 32 * 1024, headersTimeout: 10_000 },
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 2000 },
    genReqId: () => ids.uuid(),
    clientErrorHandler: (error, socket) => refuseBadHttp(error, socket, ids.uuid()),
    // Addresses that the router cannot read reach no hook.
    frameworkErrors(error, request, reply) {
      begin(request);
      fail(request, reply, error);
    },
  });

  // Once the server is told to stop, every answer ends its connection: nobody waits for the next request on it.
  let draining = false;
  app.addHook('preClose', (done) => {
    draining = true;
    done();
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.addHook('onRequest', (request, _reply, done) => {
    begin(request);
    done();
  });

  app.setErrorHandler((error, request, reply) => fail(request, reply, error));
  app.setNotFoundHandler((request, reply) =>
    fail(
      request,
      reply,
      new DomainError('not_found', {
        message: 'There is nothing at this address.',
        details: `${request.method} ${pathOf(request)} is not an operation of this server.`,
      }),
    ),
  );

  for (const route of deps.routes) {
    app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.bodyLimit ?? JSON_LIMIT,
      handler: (request, reply) => answer(route, request, reply),
    });
  }
  return app;

  function begin(request: FastifyRequest): void {
    const info: RequestInfo = {
      requestId: request.id,
      transactionId: readLabel(request) ?? mintTransactionId(ids),
      sourceAddress: request.ip,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT),
    };
    request.podpass = { info, startedAt: clock.now(), family: familyOfPath(request.url) };
  }

  async function answer(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    request.podpass.family = route.family;
    const result = await handle(route, request);
    setHeaders(request, reply);
    const warnings = (result.warnings ?? []).map(({ code, text }) => `${code}; ${text.replace(/[^\x20-\x7e]/g, '?')}`);
    if (warnings.length > 0) reply.header('podpass-warning', warnings);
    for (const [name, value] of Object.entries(result.headers ?? {})) reply.header(name, value);
    reply.code(result.status);
    logRequest(request, result.status);
    if (result.body === undefined) return reply.send();
    return sendJson(reply, result.body);
  }

  async function handle(route: Route, request: FastifyRequest): Promise<RouteReply> {
    const caller = route.auth === 'bearer' ? deps.verifyCaller(request.headers.authorization) : undefined;
    const { query, body } = await readInput(route, request);
    const input: Partial<AuthenticatedInput> & Omit<AuthenticatedInput, 'caller'> = {
      params: request.params as Readonly<Record<string, string>>,
      query,
      body,
      headers: request.headers as Readonly<Record<string, string | undefined>>,
      info: request.podpass.info,
      ...(caller && { caller }),
    };
    return route.handle(input as AuthenticatedInput);
  }

  async function readInput(route: Route, request: FastifyRequest): Promise<{ query: unknown; body: unknown }> {
    const limit = route.bodyLimit ?? JSON_LIMIT;
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const contentType = request.headers['content-type'];
    if (route.family === 'token' && route.method === 'POST') {
      const bytes = await decodeBody(raw, request.headers['content-encoding'], limit);
      return { query: queryOf(request), body: readFormBody(bytes, contentType) };
    }
    // The schema decides about the query first: the order of checks is the same for every client.
    const query = route.query ? validate(route.query, request.query, 'query') : undefined;
    if (!route.body) return { query, body: undefined };
    const bytes = await decodeBody(raw, request.headers['content-encoding'], limit);
    const parsed = parseJsonBody(bytes, contentType);
    if (parsed === undefined && !route.body.safeParse(undefined).success)
      throw new DomainError('missing_field', { message: 'The body is missing.', details: 'A JSON body is expected.' });
    return { query, body: validate(route.body, parsed, 'body') };
  }

  function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
    const { transactionId, requestId } = request.podpass.info;
    reply
      .headers(COMMON_HEADERS)
      .headers({ 'transaction-id': transactionId, 'x-correlation-id': transactionId, 'x-request-id': nameOf(request) ?? requestId });
    if (draining) reply.header('connection', 'close');
  }

  function fail(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
    const { family, info, startedAt } = request.podpass;
    const known = inFamily(family, toDomainError(error, request.routeOptions.bodyLimit ?? JSON_LIMIT));
    const fields = {
      request_id: info.requestId,
      transaction_id: info.transactionId,
      method: request.method,
      path: pathOf(request),
      code: known.code,
    };
    // What a client is told to repeat, or not to ask for, is no fault of the server, and nobody must be able to fill the log with it.
    if (known.row.status === 503 || known.row.status === 501)
      log.debug({ ...fields, detail: known.detail, cause: describeCause(error) }, known.message);
    else if (known.row.status >= 500) log.error({ ...fields, detail: known.detail, cause: describeCause(error) }, known.message);
    setHeaders(request, reply);
    if (known.retryAfterSeconds !== undefined) reply.header('retry-after', String(known.retryAfterSeconds));
    if (known.code === 'method_not_allowed') reply.header('allow', known.allow ?? 'POST');
    const status = known.row.status;
    logRequest(request, status);
    const body = ENVELOPES[family](known, { info, path: pathOf(request), publicUrl: deps.publicUrl(), startedAt, now: clock.now() });
    reply.code(status);
    if (request.method === 'HEAD') return reply.send();
    return sendJson(reply, body);
  }

  function logRequest(request: FastifyRequest, status: number): void {
    const { info, startedAt } = request.podpass;
    // The path without its query: credentials may have been put there.
    log.debug(
      { request_id: info.requestId, method: request.method, path: pathOf(request), status, ms: clock.now() - startedAt },
      'request',
    );
  }
}

/** What is not HTTP, or has too large a head, gets an envelope too, and the connection ends. */
function refuseBadHttp(error: { readonly code?: string }, socket: Pick<Socket, 'writable' | 'end' | 'destroy'>, requestId: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = BAD_HTTP.get(error.code ?? '') ?? [400, 'Bad Request'];
  const failure = { code: 'invalid_parameter', message_code: 'BXNIM0106E', message: `The request was not understood: ${reason}.` };
  // Which family was meant is unknown; clients of the token service take a body without errorCode for success.
  const token = { errorCode: 'BXNIM0106E', errorMessage: failure.message };
  const body = JSON.stringify({ ...token, errors: [failure], status_code: status, trace: requestId });
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/json',
    `Transaction-Id: ${requestId}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end([...head, 'Connection: close', '', body].join('\r\n'));
}

/** In IBM's form: five characters, a dash, 32 hexadecimal digits. Made of UUIDs, which Node draws from a pool of random bytes. */
function mintTransactionId(ids: Ids): string {
  return `${ids.uuid().slice(0, 5)}-${ids.uuid().replaceAll('-', '')}`;
}

/** AuthZEN's request identification: the identifier of the request is that of the reply. */
function nameOf(request: FastifyRequest): string | undefined {
  const name = request.headers['x-request-id'];
  return request.podpass.family === 'authzen' && typeof name === 'string' && REQUEST_NAME.test(name) ? name : undefined;
}

function readLabel(request: FastifyRequest): string | undefined {
  for (const name of ['transaction-id', 'x-correlation-id', 'x-request-id']) {
    const value = request.headers[name];
    if (typeof value === 'string' && LABEL.test(value)) return value;
  }
  return undefined;
}

/** Sent as bytes: to a text Fastify would add a charset, which JSON does not have (RFC 8259) and IBM does not send. */
function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(body)));
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';

function queryOf(request: FastifyRequest): string {
  const mark = request.url.indexOf('?');
  return mark === -1 ? '' : request.url.slice(mark + 1);
}

/** What Fastify itself refuses, in our codes; everything unknown is an internal error that tells the caller nothing. */
function toDomainError(error: unknown, bodyLimit: number): DomainError {
  if (error instanceof DomainError) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(bodyLimit);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' || statusCode === 415) return new DomainError('unsupported_media', { cause: error });
  if (code === 'FST_ERR_BAD_URL' || code === 'FST_ERR_MAX_PARAM_LENGTH')
    return new DomainError('not_found', { message: 'The address is not well-formed, or too long.', cause: error });
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return new DomainError('invalid_body', { cause: error });
  return new DomainError('internal', { cause: error });
}

/** AuthZEN knows 400 and no other status for a request that cannot be read. */
function inFamily(family: ApiFamily, error: DomainError): DomainError {
  if (family !== 'authzen' || error.code !== 'unsupported_media') return error;
  const { message, details, cause } = error;
  return new DomainError('invalid_body', { message, ...(details !== undefined && { details }), cause });
}

function describeCause(error: unknown): string | undefined {
  const cause = error instanceof DomainError ? error.cause : error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : undefined;
}
