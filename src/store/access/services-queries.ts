import type { Kysely, Selectable } from 'kysely';
import type { RegisteredService } from '../../access/services/service-registration.ts';
import type { ServiceReads, ServiceWrites } from '../../access/services/service-store.ts';
import type { Schema } from '../schema.ts';
import { toPolicy } from './policies-queries.ts';

type Db = Kysely<Schema>;

const toService = ({ actions, roles, attributes, ...row }: Selectable<Schema['services']>): RegisteredService => ({
  ...row,
  actions: JSON.parse(actions) as RegisteredService['actions'],
  roles: JSON.parse(roles) as RegisteredService['roles'],
  attributes: JSON.parse(attributes) as RegisteredService['attributes'],
});

export function serviceReads(db: Db): ServiceReads {
  const services = (accountId: string) => db.selectFrom('services').selectAll().where('accountId', '=', accountId);
  const tags = (accountId: string) =>
    db.selectFrom('resourceTags').select(['serviceName', 'serviceInstance', 'tags']).where('accountId', '=', accountId);
  return {
    async findService(accountId, name) {
      const row = await services(accountId).where('name', '=', name).executeTakeFirst();
      return row && toService(row);
    },
    async listServices(accountId) {
      return (await services(accountId).orderBy('name').execute()).map(toService);
    },
    async countServices(accountId) {
      const counted = db
        .selectFrom('services')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('accountId', '=', accountId);
      return (await counted.executeTakeFirstOrThrow()).n;
    },
    listOperators: (accountId) =>
      db
        .selectFrom('serviceOperators')
        .select(['serviceName', 'iamId'])
        .where('accountId', '=', accountId)
        .orderBy('serviceName')
        .orderBy('iamId')
        .execute(),
    async operatorsOf(accountId, serviceName) {
      const rows = await db
        .selectFrom('serviceOperators')
        .select('iamId')
        .where('accountId', '=', accountId)
        .where('serviceName', '=', serviceName)
        .orderBy('iamId')
        .execute();
      return rows.map((row) => row.iamId);
    },
    async listPoliciesMentioning(accountId, text) {
      const rows = await db
        .selectFrom('policies')
        .selectAll()
        .where('accountId', '=', accountId)
        .where('state', '=', 'active')
        .where('document', 'like', `%${text}%`)
        .execute();
      return rows.map(toPolicy);
    },
    async findResourceTags(accountId, serviceName, serviceInstance) {
      const row = await tags(accountId)
        .where('serviceName', '=', serviceName)
        .where('serviceInstance', '=', serviceInstance)
        .executeTakeFirst();
      return { serviceName, serviceInstance, tags: row === undefined ? [] : (JSON.parse(row.tags) as string[]) };
    },
    async listResourceTags(accountId) {
      const rows = await tags(accountId).orderBy('serviceName').orderBy('serviceInstance').execute();
      return rows.map((row) => ({ ...row, tags: JSON.parse(row.tags) as string[] }));
    },
    async listAccessTags(accountId) {
      // Instances share few lists of tags, so few lines are read however many instances there are.
      const rows = await db.selectFrom('resourceTags').select('tags').distinct().where('accountId', '=', accountId).execute();
      return [...new Set(rows.flatMap((row) => JSON.parse(row.tags) as string[]))];
    },
  };
}

export function serviceWrites(db: Db): ServiceWrites {
  return {
    ...serviceReads(db),
    async putService({ actions, roles, attributes, ...service }) {
      const row = {
        ...service,
        actions: JSON.stringify(actions),
        roles: JSON.stringify(roles),
        attributes: JSON.stringify(attributes),
      };
      await db
        .insertInto('services')
        .values(row)
        .onConflict((conflict) => conflict.columns(['accountId', 'name']).doUpdateSet(row))
        .execute();
    },
    async deleteService(accountId, name) {
      await db.deleteFrom('services').where('accountId', '=', accountId).where('name', '=', name).execute();
    },
    async putOperators(accountId, serviceName, iamIds) {
      await db.deleteFrom('serviceOperators').where('accountId', '=', accountId).where('serviceName', '=', serviceName).execute();
      const rows = iamIds.map((iamId) => ({ accountId, serviceName, iamId }));
      if (rows.length > 0) await db.insertInto('serviceOperators').values(rows).execute();
    },
    async putResourceTags({ tags, ...members }) {
      const { accountId, serviceName, serviceInstance } = members;
      if (tags.length === 0) {
        await db
          .deleteFrom('resourceTags')
          .where('accountId', '=', accountId)
          .where('serviceName', '=', serviceName)
          .where('serviceInstance', '=', serviceInstance)
          .execute();
        return;
      }
      const row = { ...members, tags: JSON.stringify(tags) };
      await db
        .insertInto('resourceTags')
        .values(row)
        .onConflict((conflict) => conflict.columns(['accountId', 'serviceName', 'serviceInstance']).doUpdateSet(row))
        .execute();
    },
  };
}
