/** The token service as a table: the token endpoint, the published keys, the discovery document. */
import { DomainError } from '../kernel/errors.ts';
import { open, type Route, type RouteInput } from '../kernel/route.ts';
import type { createTokenEndpoint } from './endpoint.ts';
import type { KeyRing } from './signing-keys.ts';

export interface TokenRouteDeps {
  readonly endpoint: ReturnType<typeof createTokenEndpoint>;
  readonly keyRing: () => KeyRing;
  readonly issuer: string;
  readonly publicUrl: () => string;
  readonly grantTypes: readonly string[];
}

const family = 'token';
const TOKEN_PATH = '/identity/token';
export const TOKEN_BODY_LIMIT = 64 * 1024;

function discoveryDocument({ issuer, publicUrl, grantTypes }: TokenRouteDeps) {
  const base = `${publicUrl()}/identity`;
  return {
    issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    passcode_endpoint: `${base}/passcode`,
    userinfo_endpoint: `${base}/userinfo`,
    jwks_uri: `${base}/keys`,
    response_types_supported: ['code', 'token', 'id_token'],
    grant_types_supported: grantTypes,
    subject_types_supported: ['public'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'email', 'profile', 'ibm', 'roles', 'containers-kubernetes', 'containers-openshift'],
    claims_supported: [
      'iam_id',
      'id',
      'realmid',
      'jti',
      'identifier',
      'name',
      'given_name',
      'family_name',
      'email',
      'sub',
      'sub_type',
      'authn',
      'account',
      'iat',
      'exp',
      'iss',
      'grant_type',
      'scope',
      'client_id',
      'acr',
      'amr',
    ],
  };
}

export function tokenRoutes(deps: TokenRouteDeps): readonly Route[] {
  const { endpoint, keyRing } = deps;
  const refuseMethod = (method: 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'DELETE'): Route =>
    open({
      method,
      path: TOKEN_PATH,
      family,
      summary: 'Not a method of the token endpoint',
      handle() {
        throw new DomainError('method_not_allowed', {
          message: 'The method is not allowed on the token endpoint.',
          details: 'HTTP 405 Method Not Allowed',
        });
      },
    });
  return [
    open({
      method: 'POST',
      path: TOKEN_PATH,
      family,
      summary: 'Exchange a credential for an access token',
      bodyLimit: TOKEN_BODY_LIMIT,
      // The one endpoint that takes a form; its parameters are read by the endpoint itself.
      handle: async (input) => ({ status: 200, body: await endpoint(input as unknown as RouteInput<string, string>) }),
    }),
    ...(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'] as const).map(refuseMethod),
    open({
      method: 'GET',
      path: '/identity/keys',
      family,
      summary: 'The keys that verify access tokens',
      handle: () => ({ status: 200, body: { keys: keyRing().published }, headers: { 'cache-control': 'public, max-age=600' } }),
    }),
    open({
      method: 'GET',
      path: '/identity/.well-known/openid-configuration',
      family,
      summary: 'OpenID Connect discovery',
      handle: () => ({ status: 200, body: discoveryDocument(deps), headers: { 'cache-control': 'public, max-age=600' } }),
    }),
  ];
}
