/** Podpass's own clusters API, and the part of IBM's Kubernetes Service API by which people find a cluster's name and CRN. */
import { DomainError } from '../kernel/errors.ts';
import { requireIfMatch } from '../kernel/if-match.ts';
import { guarded, type Route, type RouteReply } from '../kernel/route.ts';
import { printInstant } from '../kernel/times.ts';
import * as schema from './schema.ts';
import type { ClusterDetails, ClusterService, Warned } from './service.ts';

const own = 'identity';

const reply = (status: number, { result, warnings }: Warned<ClusterDetails>): RouteReply => ({
  status,
  body: schema.printCluster(result.cluster, result.keys),
  headers: { etag: result.cluster.entityTag },
  warnings,
});

/** The resource group that a list is asked for; clients send every header, empty ones too. */
const resourceGroupOf = (headers: Readonly<Record<string, string | undefined>>): string | undefined =>
  headers['x-auth-resource-group'] || headers['x-auth-resource-group-id'] || headers['auth-resource-group'] || undefined;

export function clusterRoutes(clusters: ClusterService): readonly Route[] {
  const globalList = (path: string): Route =>
    guarded({
      method: 'GET',
      path,
      family: 'clusters',
      summary: 'List the clusters that the caller may see, in the shape of IBM Cloud Kubernetes Service',
      query: schema.globalListQuery,
      async handle({ caller, headers, query }) {
        const account = headers['x-auth-resource-account'];
        if (account && account !== caller.accountId) {
          throw new DomainError('forbidden', { message: "Header 'X-Auth-Resource-Account' names another account than the token's." });
        }
        const visible = await clusters.listVisible(caller, { resourceGroup: resourceGroupOf(headers), location: query.location });
        return { status: 200, body: visible.map(schema.printGlobalCluster) };
      },
    });

  return [
    guarded({
      method: 'POST',
      path: '/podpass/v1/clusters/registrations',
      family: own,
      summary: 'Get a nonce for the proof that a cluster is yours',
      body: schema.registrationBody,
      async handle({ caller, info, body }) {
        const { nonce, audience, expiresAt } = await clusters.openRegistration({ caller, info }, body.account_id);
        return { status: 201, body: { account_id: body.account_id, nonce, audience, expires_at: printInstant(expiresAt) } };
      },
    }),
    guarded({
      method: 'POST',
      path: '/podpass/v1/clusters',
      family: own,
      summary: 'Register a cluster',
      body: schema.registerClusterBody,
      handle: async ({ caller, info, body }) => reply(201, await clusters.register({ caller, info }, body)),
    }),
    guarded({
      method: 'GET',
      path: '/podpass/v1/clusters',
      family: own,
      summary: 'List registered clusters',
      query: schema.listClustersQuery,
      async handle({ caller, info, query }) {
        const found = await clusters.list({ caller, info }, query.account_id);
        return { status: 200, body: { clusters: found.map(({ cluster, keys }) => schema.printCluster(cluster, keys)) } };
      },
    }),
    guarded({
      method: 'GET',
      path: '/podpass/v1/clusters/:cluster_id',
      family: own,
      summary: 'Get a registered cluster',
      handle: async ({ caller, info, params }) => reply(200, await clusters.get({ caller, info }, params.cluster_id ?? '')),
    }),
    guarded({
      method: 'PATCH',
      path: '/podpass/v1/clusters/:cluster_id',
      family: own,
      summary: 'Change a registered cluster',
      body: schema.patchClusterBody,
      handle: async ({ caller, info, params, headers, body }) =>
        reply(200, await clusters.update({ caller, info }, params.cluster_id ?? '', requireIfMatch(headers), body)),
    }),
    guarded({
      method: 'DELETE',
      path: '/podpass/v1/clusters/:cluster_id',
      family: own,
      summary: 'Unregister a cluster',
      async handle({ caller, info, params }) {
        await clusters.remove({ caller, info }, params.cluster_id ?? '');
        return { status: 204 };
      },
    }),
    globalList('/global/v1/clusters'),
    globalList('/v1/clusters'),
  ];
}
