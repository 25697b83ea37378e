/** The audiences for which a cluster's tokens are taken, and what is to be said about some of them. */
import { DomainError } from '../kernel/errors.ts';
import type { Warning } from '../kernel/route.ts';
import type { ClusterIssuer } from './cluster.ts';
import type { RegisterClusterInput } from './schema.ts';

/** Audiences that other installations accept as well, so that a token for one is good for all of them. */
const SHARED_AUDIENCES = new Set(['iam', 'vault']);
const API_SERVER_AUDIENCES = new Set([
  'https://kubernetes.default.svc',
  'https://kubernetes.default.svc.cluster.local',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]);

const isApiServers = (issuer: string, audience: string): boolean => audience === issuer || API_SERVER_AUDIENCES.has(audience);

/** Reads the issuers of a registration or a change; the API server's own audience only where it is asked for. */
export function readIssuers(input: RegisterClusterInput['issuers'], allowApiServerAudience: boolean): readonly ClusterIssuer[] {
  if (new Set(input.map(({ issuer }) => issuer)).size !== input.length) {
    throw new DomainError('invalid_field', { message: "Field 'issuers' names an issuer twice." });
  }
  return input.map(({ issuer, audiences, allow_private }): ClusterIssuer => {
    const own = audiences.find((audience) => isApiServers(issuer, audience));
    if (own !== undefined && !allowApiServerAudience) {
      throw new DomainError('invalid_field', {
        message: `Field 'issuers' names the audience '${own}', which is the API server's own.`,
        details:
          "A token for it is a credential for the cluster itself. Project tokens for an audience of Podpass's own, or set 'allow_api_server_audience' to accept the risk.",
      });
    }
    return { issuer, audiences: [...new Set(audiences)], allowPrivate: allow_private ?? false };
  });
}

/** What every reply about a cluster says of its audiences, for as long as it has them. */
export function audienceWarnings(issuers: readonly ClusterIssuer[]): readonly Warning[] {
  return issuers.flatMap(({ issuer, audiences }) =>
    audiences.flatMap((audience): readonly Warning[] => {
      if (isApiServers(issuer, audience)) {
        const text = `Tokens for the audience '${audience}' are also credentials for the cluster's API server.`;
        return [{ code: 'api_server_audience', text }];
      }
      if (!SHARED_AUDIENCES.has(audience)) return [];
      const text = `The audience '${audience}' is in use elsewhere too: a token that another service receives for it is good here.`;
      return [{ code: 'shared_audience', text }];
    }),
  );
}
