import type { ZodType } from 'zod';
import type { Caller, RequestInfo } from './caller.ts';

/** The families of endpoints, each with its own error envelope. */
export type ApiFamily = 'token' | 'identity' | 'groups' | 'policies' | 'clusters' | 'authzen';

/** What a handler is given: checked input, the verified caller, and the request's own data. */
export interface RouteInput<Query = unknown, Body = unknown> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly info: RequestInfo;
}

export interface AuthenticatedInput<Query = unknown, Body = unknown> extends RouteInput<Query, Body> {
  readonly caller: Caller;
}

/** What a caller should know of a change that was made all the same. */
export interface Warning {
  readonly code: string;
  /** A sentence. */
  readonly text: string;
}

export interface RouteReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written as the header `Podpass-Warning: <code>; <sentence>`. */
  readonly warnings?: readonly Warning[];
}

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Path with `:name` parameters. */
  readonly path: string;
  readonly family: ApiFamily;
  readonly summary: string;
  readonly query?: ZodType;
  readonly body?: ZodType;
  /** Bytes of body that are read at most; 1 MiB where absent. */
  readonly bodyLimit?: number;
}

/** A route whose caller must present an access token. */
export interface GuardedRoute extends RouteBase {
  readonly auth: 'bearer';
  handle(input: AuthenticatedInput): RouteReply | Promise<RouteReply>;
}

/** A route that anybody may call. */
export interface OpenRoute extends RouteBase {
  readonly auth: 'none';
  handle(input: RouteInput): RouteReply | Promise<RouteReply>;
}

export type Route = GuardedRoute | OpenRoute;

type Parsed<Schema extends ZodType | undefined> = Schema extends ZodType<infer Output> ? Output : undefined;

/** Declares a guarded route; the schemas give the handler's types. */
export function guarded<Q extends ZodType | undefined = undefined, B extends ZodType | undefined = undefined>(
  route: Omit<GuardedRoute, 'auth' | 'handle' | 'query' | 'body'> & {
    readonly query?: Q;
    readonly body?: B;
    handle(input: AuthenticatedInput<Parsed<Q>, Parsed<B>>): RouteReply | Promise<RouteReply>;
  },
): Route {
  // The schemas have parsed query and body before `handle` sees them, which is what makes this assertion true.
  return { ...route, auth: 'bearer' } as unknown as GuardedRoute;
}

/** Declares a route without authentication. */
export function open<Q extends ZodType | undefined = undefined, B extends ZodType | undefined = undefined>(
  route: Omit<OpenRoute, 'auth' | 'handle' | 'query' | 'body'> & {
    readonly query?: Q;
    readonly body?: B;
    handle(input: RouteInput<Parsed<Q>, Parsed<B>>): RouteReply | Promise<RouteReply>;
  },
): Route {
  return { ...route, auth: 'none' } as unknown as OpenRoute;
}
