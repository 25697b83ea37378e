import type { Kysely } from 'kysely';
import type { Change } from '../audit/mutation.ts';
import type { ViewReads } from '../view/views.ts';
import { policyReads, toPolicy } from './access/policies-queries.ts';
import { roleReads } from './access/roles-queries.ts';
import { serviceReads } from './access/services-queries.ts';
import { accessSettingsReads } from './access/settings-queries.ts';
import { clusterReads } from './clusters-queries.ts';
import { groupReads } from './groups/groups-queries.ts';
import { ruleMembershipReads } from './groups/rules-queries.ts';
import { toProfile } from './identity/profiles-queries.ts';
import { toClaimRule, toLink } from './identity/trust-queries.ts';
import { identityReads } from './identity-queries.ts';
import type { Schema } from './schema.ts';

export function viewReads(db: Kysely<Schema>): ViewReads {
  const identity = identityReads(db);
  const clusters = clusterReads(db);
  const roles = roleReads(db);
  const services = serviceReads(db);
  const settings = accessSettingsReads(db);
  const byRule = ruleMembershipReads(db);
  const servicesOf = async (accountId: string) => ({
    services: await services.listServices(accountId),
    operators: await services.listOperators(accountId),
  });
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
        ruleMemberships: await byRule.listRuleMemberships(accountId),
        publicAccessEnabled: await byRule.isPublicAccessEnabled(accountId),
        policies: policies.map(toPolicy),
        customRoles: await roles.listCustomRoles(accountId),
        services: await servicesOf(accountId),
        accessSettings: await settings.findAccessSettings(accountId),
        resourceTags: await services.listResourceTags(accountId),
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
    ruleMembershipsOf: byRule.ruleMembershipsOf,
    isPublicAccessEnabled: byRule.isPublicAccessEnabled,
    findPolicy: policyReads(db).findPolicy,
    listCustomRoles: roles.listCustomRoles,
    findService: services.findService,
    operatorsOf: services.operatorsOf,
    findAccessSettings: settings.findAccessSettings,
    findResourceTags: services.findResourceTags,
    findCluster: clusters.findCluster,
    keysOf: clusters.keysOf,
    listAllClusters: clusters.listAllClusters,
    allClusterKeys: clusters.allClusterKeys,
  };
}
