/**
 * IBM's Terraform provider as it speaks on the wire. The tests of this folder repeat the requests of its resources and data sources in their
 * order and form: Go's client keeps the slash at the end of the paths that the specification writes with one, encodes path parameters
 * as Go does, asks for JSON where it expects a body, and reads the tag from the header. What the provider waits for (two seconds
 * before a profile is read, a minute between looks at an assignment) is left out: nothing here becomes true later.
 */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { call, claimsOf, type Reply, type TestAccount, type Wire, type World } from '../../support/world.ts';

const APIKEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';
const FORM = 'application/x-www-form-urlencoded';
/** Calls whose reply the client does not decode; that of an unassignment it does. */
const NO_REPLY_BODY = /^DELETE (?!\/v1\/profile_assignments\/)|\/commit$/;

export interface Provider {
  /** What the provider takes from the token, unverified: the account of everything it creates, and who creates it. */
  readonly accountId: string;
  readonly iamId: string;
  readonly send: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Reply<Wire>>;
  /** Sends and insists on a status; where a single object comes back, on its one tag. */
  readonly expect: (
    status: number,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Reply<Wire>>;
}

/** Session start: a token for client `bx`, whose claims are read, and a second one without a client for the identity API. */
export async function configureProvider(world: World, account: TestAccount): Promise<Provider> {
  const first = await askToken(world, account.ownerApiKey, { authorization: `Basic ${Buffer.from('bx:bx').toString('base64')}` });
  const claims = claimsOf(first.access_token);
  for (const claim of [claims.id, claims.account?.bss, claims.iss]) assert.equal(typeof claim, 'string', 'the provider panics');
  let lazy: string | undefined;
  const send: Provider['send'] = async (method, path, body, headers = {}) => {
    lazy ??= (await askToken(world, account.ownerApiKey)).access_token as string;
    return call(world.url, method, path, {
      token: lazy,
      body,
      headers: {
        ...(!NO_REPLY_BODY.test(`${method} ${path}`) && { accept: 'application/json' }),
        'user-agent': 'platform-services-go-sdk/0.103.0 (lang=go; arch=amd64; os=linux; go.version=go1.25)',
        'x-original-user-agent': 'terraform-provider-ibm/2.4.0',
        ...headers,
      },
    });
  };
  return {
    accountId: claims.account.bss,
    iamId: claims.id,
    send,
    async expect(status, method, path, body, headers) {
      const reply = await send(method, path, body, headers);
      assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`);
      assert.equal(reply.body.context, undefined);
      if (status < 300 && 'entity_tag' in reply.body) assert.equal(reply.headers.get('etag'), reply.body.entity_tag);
      if (status === 204) assert.equal(reply.text, '');
      return reply;
    },
  };
}

async function askToken(world: World, apikey: string, headers: Readonly<Record<string, string>> = {}): Promise<Wire> {
  const body = new URLSearchParams({ grant_type: APIKEY_GRANT, apikey, response_type: 'cloud_iam' }).toString();
  const request = { body, headers: { 'content-type': FORM, accept: 'application/json', ...headers } };
  const reply = await world.expect(200, 'POST', '/identity/token', request);
  assert.equal(reply.body.token_type, 'Bearer', 'the provider cuts seven characters off');
  return reply.body;
}

/** What most updates send, whatever the tag is. */
export const ANY_TAG = { 'if-match': '*' } as const;

/** A path parameter as Go's client encodes it: a slash is `%2F`, a colon stays. */
export const pathEscape = (value: string): string =>
  encodeURIComponent(value)
    .replaceAll('%3A', ':')
    .replaceAll('%40', '@')
    .replaceAll('%24', '$')
    .replaceAll('%26', '&')
    .replaceAll('%2B', '+');

/** A refresh of the state after somebody deleted the thing: a 404, upon which the provider forgets it. */
export async function assertForgotten(provider: Provider, path: string): Promise<void> {
  const { body } = await provider.expect(404, 'GET', path);
  assert.equal(body.status_code, 404);
  assert.equal(body.errors.length, 1);
}

/** The attributes that a resource has in a configuration and does not compute: an answer that differs is a plan that never ends. */
export const CONFIGURABLE = {
  profile: ['name', 'description', 'email'],
  link: ['name', 'cr_type', 'is_cross_account', 'link'],
  claimRule: ['name', 'type', 'realm_name', 'cr_type', 'expiration', 'conditions'],
  identity: ['identifier', 'type', 'accounts', 'description'],
  serviceId: ['name', 'description'],
  apiKey: ['name', 'description', 'expires_at'],
  template: ['name', 'description', 'profile'],
  accessGroup: ['name', 'description'],
  groupRule: ['name', 'expiration', 'realm_name', 'conditions'],
} as const;

/** Insists that a plan after this answer is empty. Terraform takes the zero value of a type for an attribute that is not set. */
export function assertNoDrift(kind: keyof typeof CONFIGURABLE, configured: object, answered: object): void {
  const attributes: readonly string[] = CONFIGURABLE[kind];
  for (const attribute of attributes) {
    const wanted = settled(Reflect.get(configured, attribute));
    const got = settled(Reflect.get(answered, attribute));
    assert.ok(isDeepStrictEqual(got, wanted), `${kind}.${attribute}: ${JSON.stringify(wanted)} is configured, ${JSON.stringify(got)} came`);
  }
}

function settled(value: unknown): unknown {
  if (value === null || value === false || value === 0 || value === '') return undefined;
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}
