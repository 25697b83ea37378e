/** Who may become a profile: links, claim rules and identities. */
import type { Selectable } from 'kysely';
import type { ClaimRule, RuleType } from '../../identity/profiles/claim-rule.ts';
import type { Condition } from '../../identity/profiles/condition.ts';
import type { CrType, Link, LinkTarget } from '../../identity/profiles/link.ts';
import type { IdentityType, ProfileIdentity } from '../../identity/profiles/profile-identity.ts';
import type { ProfileReads, ProfileWrites } from '../../identity/profiles/profile-store.ts';
import type { Db, Schema } from '../schema.ts';
import { countOf } from './history-queries.ts';
import { inChunks } from './in-chunks.ts';
import { addUsed, countUsed, deletedRows } from './usage-queries.ts';

type OfProfiles = 'findProfile' | 'findProfileByName' | 'listProfiles' | 'countProfiles';
type TrustReads = Omit<ProfileReads, OfProfiles>;
type TrustWrites = Omit<ProfileWrites, 'insertProfile' | 'updateProfile' | 'deleteProfile'>;

export const toLink = ({ targetKey: _, ...row }: Selectable<Schema['links']>): Link => ({
  ...row,
  crType: row.crType as CrType,
  target: JSON.parse(row.target) as LinkTarget,
  matchEnabled: row.matchEnabled === 1,
  isCrossAccount: row.isCrossAccount === null ? null : row.isCrossAccount === 1,
});

export const toClaimRule = (row: Selectable<Schema['claimRules']>): ClaimRule => ({
  ...row,
  type: row.type as RuleType,
  crType: row.crType as CrType | null,
  conditions: JSON.parse(row.conditions) as Condition[],
});

const ruleRow = (rule: ClaimRule): Schema['claimRules'] => ({ ...rule, conditions: JSON.stringify(rule.conditions) });

const toIdentity = ({ type, identifier, iamId, accounts, description }: Selectable<Schema['profileIdentities']>): ProfileIdentity => ({
  type: type as IdentityType,
  identifier,
  iamId,
  accounts: accounts === null ? null : (JSON.parse(accounts) as string[]),
  description,
});

const identityRow = (profileId: string, { accounts, ...identity }: ProfileIdentity, position: number): Schema['profileIdentities'] => ({
  ...identity,
  profileId,
  position,
  accounts: accounts === null ? null : JSON.stringify(accounts),
});

export function trustReads(db: Db): TrustReads {
  return {
    async findLink(profileId, linkId) {
      const row = await db.selectFrom('links').selectAll().where('id', '=', linkId).where('profileId', '=', profileId).executeTakeFirst();
      return row && toLink(row);
    },
    async findLinkByTarget(profileId, key) {
      const row = await db
        .selectFrom('links')
        .selectAll()
        .where('profileId', '=', profileId)
        .where('targetKey', '=', key)
        .executeTakeFirst();
      return row && toLink(row);
    },
    async listLinks(profileId) {
      const rows = await db.selectFrom('links').selectAll().where('profileId', '=', profileId).orderBy('createdAt').orderBy('id').execute();
      return rows.map(toLink);
    },
    async listLinkedAccounts(profileId) {
      const rows = await db
        .selectFrom('links')
        .innerJoin('clusters', 'clusters.crn', 'links.crn')
        .select('clusters.accountId')
        .distinct()
        .where('links.profileId', '=', profileId)
        .whereRef('clusters.accountId', '!=', 'links.accountId')
        .execute();
      return rows.map(({ accountId }) => accountId);
    },
    countLinks: (profileId) =>
      countOf(
        db
          .selectFrom('links')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('profileId', '=', profileId),
      ),
    countLinksOfAccount: (accountId) => countUsed(db, accountId, 'links'),
    async findClaimRule(profileId, ruleId) {
      const row = await db
        .selectFrom('claimRules')
        .selectAll()
        .where('id', '=', ruleId)
        .where('profileId', '=', profileId)
        .executeTakeFirst();
      return row && toClaimRule(row);
    },
    async listClaimRules(profileId) {
      const rows = await db
        .selectFrom('claimRules')
        .selectAll()
        .where('profileId', '=', profileId)
        .orderBy('createdAt')
        .orderBy('id')
        .execute();
      return rows.map(toClaimRule);
    },
    countClaimRules: (profileId) =>
      countOf(
        db
          .selectFrom('claimRules')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('profileId', '=', profileId),
      ),
    async listComputeRules(accountId) {
      const rows = await db
        .selectFrom('claimRules')
        .selectAll()
        .where('accountId', '=', accountId)
        .where('type', '=', 'Profile-CR')
        .execute();
      return rows.map(toClaimRule);
    },
    async listProfileIdentities(profileId) {
      const rows = await db.selectFrom('profileIdentities').selectAll().where('profileId', '=', profileId).orderBy('position').execute();
      return rows.map(toIdentity);
    },
    async findProfileIdentity(profileId, iamId) {
      const row = await db
        .selectFrom('profileIdentities')
        .selectAll()
        .where('profileId', '=', profileId)
        .where('iamId', '=', iamId)
        .executeTakeFirst();
      return row && toIdentity(row);
    },
    countProfileIdentities: (profileId) =>
      countOf(
        db
          .selectFrom('profileIdentities')
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .where('profileId', '=', profileId),
      ),
  };
}

export function trustWrites(db: Db): TrustWrites {
  return {
    async insertLink(link, key) {
      const { target, matchEnabled, isCrossAccount, ...row } = link;
      await db
        .insertInto('links')
        .values({
          ...row,
          target: JSON.stringify(target),
          targetKey: key,
          matchEnabled: Number(matchEnabled),
          isCrossAccount: isCrossAccount === null ? null : Number(isCrossAccount),
        })
        .execute();
      await addUsed(db, link.accountId, 'links', 1);
    },
    async deleteLink(link) {
      const deleted = await deletedRows(db.deleteFrom('links').where('id', '=', link.id).where('profileId', '=', link.profileId));
      await addUsed(db, link.accountId, 'links', -deleted);
    },
    async insertClaimRule(rule) {
      await db.insertInto('claimRules').values(ruleRow(rule)).execute();
    },
    async updateClaimRule(rule) {
      await db.updateTable('claimRules').set(ruleRow(rule)).where('id', '=', rule.id).where('profileId', '=', rule.profileId).execute();
    },
    async deleteClaimRule(rule) {
      await db.deleteFrom('claimRules').where('id', '=', rule.id).where('profileId', '=', rule.profileId).execute();
    },
    async replaceClaimRules(profileId, rules) {
      await db.deleteFrom('claimRules').where('profileId', '=', profileId).execute();
      await inChunks(rules.map(ruleRow), (some) => db.insertInto('claimRules').values(some).execute());
    },
    async putProfileIdentity(profileId, identity) {
      const last = await db
        .selectFrom('profileIdentities')
        .select((eb) => eb.fn.max('position').as('position'))
        .where('profileId', '=', profileId)
        .executeTakeFirst();
      const row = identityRow(profileId, identity, (last?.position ?? -1) + 1);
      const { identifier, accounts, description } = row;
      await db
        .insertInto('profileIdentities')
        .values(row)
        .onConflict((conflict) => conflict.columns(['profileId', 'iamId']).doUpdateSet({ identifier, accounts, description }))
        .execute();
    },
    async deleteProfileIdentity(profileId, { iamId }) {
      await db.deleteFrom('profileIdentities').where('profileId', '=', profileId).where('iamId', '=', iamId).execute();
    },
    async replaceProfileIdentities(profileId, identities) {
      await db.deleteFrom('profileIdentities').where('profileId', '=', profileId).execute();
      const rows = identities.map((identity, position) => identityRow(profileId, identity, position));
      await inChunks(rows, (some) => db.insertInto('profileIdentities').values(some).execute());
    },
  };
}
