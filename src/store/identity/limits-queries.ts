import type { CountedPerObject, CountedThing } from '../../identity/limits/limit.ts';
import type { LimitReads } from '../../identity/limits/limit-store.ts';
import type { Db } from '../schema.ts';
import { countOf } from './history-queries.ts';
import { countUsed } from './usage-queries.ts';

type Counts = Promise<readonly { readonly id: string; readonly n: number }[]>;

/** One query per thing that is counted in an account. */
const inAccount = (db: Db): Readonly<Record<CountedThing, (accountId: string) => Promise<number>>> => {
  const countTemplates = (kind: string, accountId: string) =>
    countOf(
      db
        .selectFrom('templates')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('accountId', '=', accountId)
        .where('kind', '=', kind),
    );
  return {
    serviceIdGroups: (accountId) =>
      countOf(
        db
          .selectFrom('serviceIdGroups')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('accountId', '=', accountId),
      ),
    profiles: (accountId) => countUsed(db, accountId, 'profiles'),
    links: (accountId) => countUsed(db, accountId, 'links'),
    profileTemplates: (accountId) => countTemplates('profile', accountId),
    accountSettingsTemplates: (accountId) => countTemplates('account_settings', accountId),
    computeRules: (accountId) =>
      countOf(
        db
          .selectFrom('claimRules')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('accountId', '=', accountId)
          .where('type', '=', 'Profile-CR'),
      ),
  };
};

/** One query per thing that is counted in objects of an account. */
const inObjects = (db: Db): Readonly<Record<CountedPerObject, (accountId: string, ids: readonly string[]) => Counts>> => {
  const rulesOf = (accountId: string, ids: readonly string[]) =>
    db
      .selectFrom('claimRules')
      .select((eb) => ['profileId as id', eb.fn.countAll<number>().as('n')])
      .where('accountId', '=', accountId)
      .where('profileId', 'in', ids)
      .groupBy('profileId');
  return {
    serviceIdsPerGroup: (accountId, ids) =>
      db
        .selectFrom('serviceIds')
        .select((eb) => ['groupId as id', eb.fn.countAll<number>().as('n')])
        .where('accountId', '=', accountId)
        .where('groupId', 'in', ids)
        .groupBy('groupId')
        .execute(),
    apiKeysPerIdentity: (accountId, ids) =>
      db
        .selectFrom('apiKeys')
        .select((eb) => ['iamId as id', eb.fn.countAll<number>().as('n')])
        .where('accountId', '=', accountId)
        .where('iamId', 'in', ids)
        .groupBy('iamId')
        .execute(),
    versionsPerTemplate: (accountId, ids) =>
      db
        .selectFrom('templateVersions')
        .innerJoin('templates', 'templates.id', 'templateVersions.templateId')
        .select((eb) => ['templateVersions.templateId as id', eb.fn.countAll<number>().as('n')])
        .where('templates.accountId', '=', accountId)
        .where('templateVersions.templateId', 'in', ids)
        .groupBy('templateVersions.templateId')
        .execute(),
    linksPerProfile: (accountId, ids) =>
      db
        .selectFrom('links')
        .select((eb) => ['profileId as id', eb.fn.countAll<number>().as('n')])
        .where('accountId', '=', accountId)
        .where('profileId', 'in', ids)
        .groupBy('profileId')
        .execute(),
    rulesPerProfile: (accountId, ids) => rulesOf(accountId, ids).execute(),
    computeRulesPerProfile: (accountId, ids) => rulesOf(accountId, ids).where('type', '=', 'Profile-CR').execute(),
  };
};

export function limitReads(db: Db): LimitReads {
  const [ofAccount, ofObjects] = [inAccount(db), inObjects(db)];
  return {
    countThings: (accountId, thing) => ofAccount[thing](accountId),
    async countPerObject(accountId, thing, objectIds) {
      if (objectIds.length === 0) return new Map();
      return new Map((await ofObjects[thing](accountId, objectIds)).map(({ id, n }) => [id, n]));
    },
  };
}
