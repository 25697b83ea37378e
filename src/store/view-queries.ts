import type { Kysely } from 'kysely';
import type { Change } from '../audit/mutation.ts';
import type { ViewReads } from '../view/views.ts';
import { policyReads, toPolicy } from './access-queries.ts';
import { clusterReads } from './clusters-queries.ts';
import { groupReads } from './groups-queries.ts';
import { toProfile } from './identity/profiles-queries.ts';
import { toClaimRule, toLink } from './identity/trust-queries.ts';
import { identityReads } from './identity-queries.ts';
import type { Schema } from './schema.ts';

export function viewReads(db: Kysely<Schema>): ViewReads {
  const identity = identityReads(db);
  const clusters = clusterReads(db);
  const operatorsOf = (accountId: string) =>
    db.selectFrom('serviceOperators').select(['serviceName', 'iamId']).where('accountId', '=', accountId).execute();
  /** The profiles of other accounts whose links name a registered cluster. */
  const foreignProfiles = () =>
    db
      .selectFrom('clusters')
      .innerJoin('links', 'links.crn', 'clusters.crn')
      .select(['links.profileId', 'links.accountId'])
      .distinct()
      .whereRef('links.accountId', '!=', 'clusters.accountId');
  return {
    feedHead: () => db.selectFrom('feedHead').select(['epoch', 'seq']).executeTakeFirstOrThrow(),
    async changesAfter(seq) {
      const rows = await db.selectFrom('changes').selectAll().where('seq', '>', seq).orderBy('seq').execute();
      return rows.map((row) => ({ seq: row.seq, accountId: row.accountId, kind: row.kind as Change['kind'], id: row.objectId }));
    },
    async loadAccount(accountId) {
      const account = await identity.findAccount(accountId);
      if (!account) return undefined;
      const links = await db.selectFrom('links').selectAll().where('accountId', '=', accountId).execute();
      const profiles = await db.selectFrom('profiles').selectAll().where('accountId', '=', accountId).execute();
      const rules = await db.selectFrom('claimRules').selectAll().where('accountId', '=', accountId).execute();
      const policies = await db
        .selectFrom('policies')
        .selectAll()
        .where('accountId', '=', accountId)
        .where('state', '=', 'active')
        .execute();
      return {
        account,
        users: await db.selectFrom('users').selectAll().where('accountId', '=', accountId).execute(),
        settings: await identity.findAssignedSettings(accountId),
        profiles: profiles.map(toProfile),
        links: links.map(toLink),
        rules: rules.map(toClaimRule),
        memberships: await db.selectFrom('groupMembers').select(['groupId', 'iamId']).where('accountId', '=', accountId).execute(),
        policies: policies.map(toPolicy),
        operators: await operatorsOf(accountId),
        foreignProfiles: await foreignProfiles().where('clusters.accountId', '=', accountId).execute(),
      };
    },
    findAccount: identity.findAccount,
    findUser: identity.findUser,
    findProfile: identity.findProfile,
    findAssignedSettings: identity.findAssignedSettings,
    findServiceId: identity.findServiceId,
    findLink: identity.findLink,
    listLinks: identity.listLinks,
    listClaimRules: identity.listClaimRules,
    listLinkedAccounts: identity.listLinkedAccounts,
    listForeignProfiles: (clusterId) => foreignProfiles().where('clusters.id', '=', clusterId).execute(),
    groupIdsOf: groupReads(db).groupIdsOf,
    findPolicy: policyReads(db).findPolicy,
    operatorsOf,
    findCluster: clusters.findCluster,
    keysOf: clusters.keysOf,
    listAllClusters: clusters.listAllClusters,
    allClusterKeys: clusters.allClusterKeys,
  };
}
