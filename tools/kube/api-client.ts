/** The few HTTPS requests a test cluster answers: JSON in, JSON out, trusting one certificate authority. */
import { request as httpsRequest } from 'node:https';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the leading slash and, where needed, the query. */
  readonly path: string;
  readonly body?: unknown;
  /** `undefined` stands for an anonymous request. */
  readonly token?: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  /** Parsed when the answer is JSON, the text otherwise. */
  readonly body: unknown;
}

export type ApiClient = (request: ApiRequest) => Promise<ApiAnswer>;

/** Asks as an administrator and answers with the body; fails with Kubernetes' own message when the server refuses. */
export type AdminClient = (method: ApiRequest['method'], path: string, body?: unknown) => Promise<unknown>;

const TIMEOUT_MS = 10_000;

/** Each request opens its own connection, so that none outlives a restart of the server. */
export function createApiClient(url: string, caPem: string): ApiClient {
  return async ({ method, path, body, token }) => {
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers: Record<string, string> = {}; // without "accept": the key set is refused (406) to callers who want application/json
    if (body !== undefined) headers['content-type'] = contentType;
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    const outgoing = httpsRequest(new URL(path, url), { method, headers, ca: caPem, agent: false, timeout: TIMEOUT_MS }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => resolve({ status: incoming.statusCode ?? 0, body: parseBody(Buffer.concat(chunks).toString()) }));
    });
    outgoing.on('error', reject).on('timeout', () => outgoing.destroy(new Error(`${method} ${path} got no answer in ${TIMEOUT_MS} ms.`)));
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  };
}

export function createAdminClient(request: ApiClient, token: string): AdminClient {
  return async (method, path, body) => {
    const answer = await request({ method, path, body, token });
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered with ${answer.status}: ${messageOf(answer.body)}`);
    return answer.body;
  };
}

/** A property of parsed JSON; `undefined` when the value is no object or has none of that name. */
export function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function messageOf(body: unknown): string {
  const message = member(body, 'message');
  return typeof message === 'string' ? message : JSON.stringify(body);
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // health checks answer in plain text
  }
}
