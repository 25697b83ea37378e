import type { Kysely, Selectable } from 'kysely';
import type { RuleMembership } from '../../groups/group.ts';
import type { GroupRule } from '../../groups/rule.ts';
import type { GroupReads, GroupWrites } from '../../groups/store.ts';
import type { Condition } from '../../identity/profiles/condition.ts';
import { inChunks } from '../identity/in-chunks.ts';
import type { Db, Schema } from '../schema.ts';

type Reads = Pick<GroupReads, 'findGroupRule' | 'listGroupRules' | 'listGroupRulesOfRealm' | 'countGroupRules' | 'countGroupRulesOfRealm'>;
type Writes = Pick<
  GroupWrites,
  ('insertGroupRule' | 'updateGroupRule' | 'deleteGroupRule') | ('endMembershipsByRule' | 'endMembershipsByRealm' | 'insertRuleMemberships')
>;

const toRule = (row: Selectable<Schema['groupRules']>): GroupRule => ({ ...row, conditions: JSON.parse(row.conditions) as Condition[] });

const ruleRow = (rule: GroupRule): Schema['groupRules'] => ({ ...rule, conditions: JSON.stringify(rule.conditions) });

export function groupRuleReads(db: Db): Reads {
  const rules = () => db.selectFrom('groupRules').selectAll();
  const counted = () => db.selectFrom('groupRules').select((eb) => eb.fn.countAll<number>().as('n'));
  return {
    async findGroupRule(groupId, ruleId) {
      const row = await rules().where('id', '=', ruleId).where('groupId', '=', groupId).executeTakeFirst();
      return row && toRule(row);
    },
    async listGroupRules(groupId) {
      return (await rules().where('groupId', '=', groupId).orderBy('createdAt').orderBy('id').execute()).map(toRule);
    },
    async listGroupRulesOfRealm(accountId, realmName) {
      const ofRealm = rules().where('accountId', '=', accountId).where('realmName', '=', realmName);
      return (await ofRealm.orderBy('createdAt').orderBy('id').execute()).map(toRule);
    },
    countGroupRules: async (groupId) => (await counted().where('groupId', '=', groupId).executeTakeFirstOrThrow()).n,
    async countGroupRulesOfRealm(accountId, realmName) {
      return (await counted().where('accountId', '=', accountId).where('realmName', '=', realmName).executeTakeFirstOrThrow()).n;
    },
  };
}

export function groupRuleWrites(db: Db): Writes {
  return {
    async insertGroupRule(rule) {
      await db.insertInto('groupRules').values(ruleRow(rule)).execute();
    },
    async updateGroupRule(rule) {
      const { id, ...row } = ruleRow(rule);
      await db.updateTable('groupRules').set(row).where('id', '=', id).execute();
    },
    async deleteGroupRule({ id }) {
      await db.deleteFrom('groupRules').where('id', '=', id).execute();
    },
    async endMembershipsByRule(ruleId) {
      const rows = await db.deleteFrom('ruleMembers').where('ruleId', '=', ruleId).returning('iamId').execute();
      return rows.map((row) => row.iamId);
    },
    async endMembershipsByRealm(accountId, iamId, realmName, at) {
      const rows = await db
        .deleteFrom('ruleMembers')
        .where('accountId', '=', accountId)
        .where('iamId', '=', iamId)
        .where((eb) => eb.or([eb('realmName', '=', realmName), eb('expiresAt', '<=', at)]))
        .returningAll()
        .execute();
      return rows.filter(({ expiresAt }) => expiresAt > at);
    },
    async insertRuleMemberships(memberships) {
      await inChunks(memberships, (some) => db.insertInto('ruleMembers').values(some).execute());
    },
  };
}

/** What an account's view needs of the rules of its access groups. */
export function ruleMembershipReads(db: Kysely<Schema>) {
  const memberships = () => db.selectFrom('ruleMembers').select(['groupId', 'iamId', 'expiresAt']);
  return {
    listRuleMemberships: (accountId: string): Promise<readonly RuleMembership[]> =>
      memberships().where('accountId', '=', accountId).execute(),
    ruleMembershipsOf: (accountId: string, iamId: string): Promise<readonly RuleMembership[]> =>
      memberships().where('accountId', '=', accountId).where('iamId', '=', iamId).execute(),
    async isPublicAccessEnabled(accountId: string): Promise<boolean> {
      const row = await db.selectFrom('groupSettings').select('publicAccessEnabled').where('accountId', '=', accountId).executeTakeFirst();
      return row?.publicAccessEnabled !== 0;
    },
  };
}
