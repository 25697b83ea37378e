import { type Kysely, type Selectable, sql } from 'kysely';
import type { Cluster, ClusterIssuer, ClusterKey } from '../clusters/cluster.ts';
import type { ClusterReads, ClusterWrites } from '../clusters/store.ts';
import type { Schema } from './schema.ts';

type Db = Kysely<Schema>;

const toCluster = (row: Selectable<Schema['clusters']>): Cluster => ({
  ...row,
  provider: row.provider as Cluster['provider'],
  type: row.type as Cluster['type'],
  trustMode: row.trustMode as Cluster['trustMode'],
  state: row.state as Cluster['state'],
  issuers: JSON.parse(row.issuers) as ClusterIssuer[],
  linkNameMayBeClusterName: row.linkNameMayBeClusterName === 1,
});

const toRow = (cluster: Cluster): Selectable<Schema['clusters']> => ({
  ...cluster,
  issuers: JSON.stringify(cluster.issuers),
  linkNameMayBeClusterName: Number(cluster.linkNameMayBeClusterName),
});

const toKey = (row: Selectable<Schema['clusterKeys']>): ClusterKey => ({ ...row, jwk: JSON.parse(row.jwk) as Record<string, string> });

export function clusterReads(db: Db): ClusterReads {
  const clusters = () => db.selectFrom('clusters').selectAll();
  const one = async (query: { executeTakeFirst(): Promise<Selectable<Schema['clusters']> | undefined> }) => {
    const row = await query.executeTakeFirst();
    return row && toCluster(row);
  };
  return {
    findCluster: (id) => one(clusters().where('id', '=', id)),
    findClusterByCrn: (crn) => one(clusters().where('crn', '=', crn)),
    findClusterByName: (accountId, name) => one(clusters().where('accountId', '=', accountId).where('name', '=', name)),
    async listClusters(accountId) {
      return (await clusters().where('accountId', '=', accountId).orderBy('createdAt').orderBy('id').execute()).map(toCluster);
    },
    async listAllClusters() {
      return (await clusters().orderBy('id').execute()).map(toCluster);
    },
    async keysOf(clusterId) {
      return (await db.selectFrom('clusterKeys').selectAll().where('clusterId', '=', clusterId).orderBy('thumbprint').execute()).map(toKey);
    },
    async allClusterKeys() {
      return (await db.selectFrom('clusterKeys').selectAll().orderBy('issuer').orderBy('thumbprint').execute()).map(toKey);
    },
    async countCandidates(issuer, kid, exceptClusterId) {
      let select = db
        .selectFrom('clusterKeys')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('issuer', '=', issuer)
        .where('clusterId', '!=', exceptClusterId);
      // A key without an id is a candidate for every token, whatever id that names.
      if (kid !== null) select = select.where((eb) => eb.or([eb('kid', '=', kid), eb('kid', 'is', null)]));
      return (await select.executeTakeFirstOrThrow()).n;
    },
    async ownerOfKey(issuer, thumbprint) {
      const row = await db
        .selectFrom('clusterKeys')
        .select('clusterId')
        .where('issuer', '=', issuer)
        .where('thumbprint', '=', thumbprint)
        .executeTakeFirst();
      return row?.clusterId;
    },
    async wasClusterIdUsed(id) {
      return (await db.selectFrom('retiredClusterIds').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
    },
    async hasLinkNamed(crn, name) {
      const row = await db
        .selectFrom('links')
        .select(sql<number>`1`.as('one'))
        .where('crn', '=', crn)
        .where('serviceAccount', '=', name)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

export function clusterWrites(db: Db): ClusterWrites {
  return {
    ...clusterReads(db),
    async insertCluster(cluster) {
      await db.insertInto('clusters').values(toRow(cluster)).execute();
    },
    async updateCluster(cluster) {
      const { id, ...row } = toRow(cluster);
      await db.updateTable('clusters').set(row).where('id', '=', id).execute();
    },
    async replaceKeys(clusterId, keys) {
      await db.deleteFrom('clusterKeys').where('clusterId', '=', clusterId).execute();
      if (keys.length === 0) return;
      await db
        .insertInto('clusterKeys')
        .values(keys.map((key) => ({ ...key, jwk: JSON.stringify(key.jwk) })))
        .execute();
    },
    async deleteCluster(cluster, at) {
      await db.deleteFrom('clusterKeys').where('clusterId', '=', cluster.id).execute();
      await db.deleteFrom('clusters').where('id', '=', cluster.id).execute();
      await db.insertInto('retiredClusterIds').values({ id: cluster.id, retiredAt: at }).execute();
    },
    async disableNameMatches(crn) {
      const rows = await db
        .updateTable('links')
        .set({ matchEnabled: 0 })
        .where('crn', '=', crn)
        .where('matchServiceAccount', 'is not', null)
        .where('matchEnabled', '=', 1)
        .returning(['accountId', 'profileId'])
        .execute();
      return rows;
    },
    async insertSingleUse({ hash, purpose, accountId, expiresAt }) {
      await db.insertInto('singleUse').values({ valueHash: hash, purpose, accountId, expiresAt }).execute();
    },
    async takeSingleUse({ hash, purpose, accountId, now }) {
      await db.deleteFrom('singleUse').where('expiresAt', '<', now).execute();
      const taken = await db
        .deleteFrom('singleUse')
        .where('valueHash', '=', hash)
        .where('purpose', '=', purpose)
        .where('accountId', '=', accountId)
        .returning('valueHash')
        .execute();
      return taken.length === 1;
    },
  };
}
