/** `POST /identity/token`: one route for every grant, as a list of named steps. */
import type { RequestInfo } from '../kernel/caller.ts';
import { DomainError } from '../kernel/errors.ts';
import type { RouteInput } from '../kernel/route.ts';
import { DEFAULT_SCOPE } from './claims.ts';
import { readClient } from './clients.ts';
import { type Parameters, printable, readParameters } from './form.ts';
import type { Grant, Issued } from './grants/grant.ts';

export interface TokenEndpointDeps {
  readonly grants: readonly Grant[];
  /** Whether a name may stand in a token's scope: the services of the catalog. */
  readonly isScope: (name: string) => boolean;
  /** Told of requests that were refused. */
  readonly onRefused?: (error: unknown, parameters: Parameters | undefined, info: RequestInfo) => void;
}

export interface TokenReply {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly expiration: number;
  readonly scope: string;
}

const ALWAYS = DEFAULT_SCOPE.split(' ');
const MAX_SCOPE_ECHO = 60;

function readScope(parameters: Parameters, isScope: (name: string) => boolean): string {
  const asked = parameters.get('scope')?.split(/\s+/) ?? [];
  const unknown = asked.find((name) => !ALWAYS.includes(name) && !isScope(name));
  if (unknown !== undefined) {
    throw new DomainError('scope_not_supported', {
      details: `'${printable(unknown, MAX_SCOPE_ECHO)}' is not a scope; names of services are expected, separated by spaces.`,
    });
  }
  return [...new Set([...ALWAYS, ...asked])].join(' ');
}

/** What clients that cannot refresh are told, and what they send back if they try. */
const NO_REFRESH_TOKEN = 'not_supported';

function printIssued(issued: Issued): TokenReply {
  return {
    access_token: issued.accessToken,
    refresh_token: NO_REFRESH_TOKEN,
    token_type: 'Bearer',
    expires_in: issued.expiresIn,
    expiration: issued.expiration,
    scope: issued.scope,
  };
}

export function createTokenEndpoint({ grants, isScope, onRefused }: TokenEndpointDeps) {
  const byType = new Map(grants.map((grant) => [grant.grantType, grant]));
  async function answer(parameters: Parameters, { headers, info }: RouteInput<string, string>): Promise<TokenReply> {
    const grantType = parameters.require('grant_type');
    const grant = byType.get(grantType);
    if (!grant) throw new DomainError('grant_not_supported', { details: `Supported grant types: ${[...byType.keys()].join(', ')}.` });
    const clientId = readClient(headers.authorization);
    const scope = readScope(parameters, isScope);
    return printIssued(await grant.handle({ parameters, clientId, scope, headers, info }));
  }
  return async (input: RouteInput<string, string>): Promise<TokenReply> => {
    let parameters: Parameters | undefined;
    try {
      parameters = readParameters(input.body, input.query);
      return await answer(parameters, input);
    } catch (error) {
      onRefused?.(error, parameters, input.info);
      throw error;
    }
  };
}
