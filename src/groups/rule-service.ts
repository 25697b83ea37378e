/** Dynamic rules of access groups: one function per operation of the access-groups API. */
import type { MutationContext } from '../audit/mutation.ts';
import { gatePart } from '../identity/gate.ts';
import { newEntityTag, requireEntityTag } from '../kernel/entity-tag.ts';
import { DomainError } from '../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../kernel/limits.ts';
import type { GroupDeps, Tx } from './deps.ts';
import { createGroupGate, groupGrantee, groupTarget } from './gate.ts';
import type { AccessGroup } from './group.ts';
import type { GroupRule, GroupRuleInput } from './rule.ts';
import type { GroupReads } from './store.ts';

export type GroupRuleService = ReturnType<typeof createGroupRuleService>;

const RULES = 'rules in the access group';
const RULES_OF_REALM = 'rules in the account for the identity provider';

const ruleNotFound = (group: AccessGroup, ruleId: string) =>
  new DomainError('not_found', { message: `Rule '${ruleId.slice(0, 60)}' was not found in access group ${group.id}.` });

export function createGroupRuleService(deps: GroupDeps) {
  const { reads, mutate, clock, ids, limits, guardConferral } = deps;
  const gate = createGroupGate(deps);

  const find = async (context: MutationContext, from: GroupReads, groupId: string, ruleId: string, action: string) => {
    const { whole, part } = await gatePart(
      gate,
      context,
      from,
      groupId,
      action,
      (group) => from.findGroupRule(group.id, ruleId),
      (group) => ruleNotFound(group, ruleId),
    );
    return { group: whole, rule: part };
  };

  /** A rule hands what the group has to whoever fulfils it. */
  const requireRight = (context: MutationContext, group: AccessGroup) => guardConferral(context, groupGrantee(group), groupTarget(group));

  async function refuseManyOfRealm(tx: Tx, accountId: string, realmName: string): Promise<void> {
    refuseExcess(RULES_OF_REALM, (await tx.countGroupRulesOfRealm(accountId, realmName)) + 1, limits.groupRulesPerRealm);
  }

  /** What a rule made before it was changed does not outlive it. */
  async function endMemberships(tx: Tx, rule: GroupRule): Promise<number> {
    const iamIds = await tx.endMembershipsByRule(rule.id);
    for (const id of iamIds) tx.changed({ accountId: rule.accountId, kind: 'members', id });
    return iamIds.length;
  }

  return {
    async create(context: MutationContext, groupId: string, input: GroupRuleInput): Promise<GroupRule> {
      return mutate(context, async (tx) => {
        const group = await gate(context, tx, groupId, 'iam-groups.rules.create');
        await requireRight(context, group);
        const wanted = (await tx.countGroupRules(group.id)) + 1;
        refuseExcess(RULES, wanted, limits.rulesPerGroup);
        await refuseManyOfRealm(tx, group.accountId, input.realmName);
        const at = clock.now();
        const rule: GroupRule = {
          ...input,
          id: `ClaimRule-${ids.uuid()}`,
          groupId: group.id,
          accountId: group.accountId,
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          createdById: context.caller.iamId,
          lastModifiedAt: at,
          lastModifiedById: context.caller.iamId,
        };
        await tx.insertGroupRule(rule);
        const warnings = limitWarnings(RULES, wanted, limits.rulesPerGroup);
        tx.event({
          action: 'iam-groups.rule.create',
          accountId: group.accountId,
          target: groupTarget(group),
          after: rule,
          ...(warnings.length > 0 && { warnings }),
        });
        return rule;
      });
    },

    async list(context: MutationContext, groupId: string): Promise<readonly GroupRule[]> {
      const group = await gate(context, reads, groupId, 'iam-groups.rules.list');
      return reads.listGroupRules(group.id);
    },

    async get(context: MutationContext, groupId: string, ruleId: string): Promise<GroupRule> {
      return (await find(context, reads, groupId, ruleId, 'iam-groups.rules.read')).rule;
    },

    async replace(context: MutationContext, groupId: string, ruleId: string, ifMatch: string, input: GroupRuleInput): Promise<GroupRule> {
      return mutate(context, async (tx) => {
        const { group, rule: before } = await find(context, tx, groupId, ruleId, 'iam-groups.rules.update');
        await requireRight(context, group);
        requireEntityTag(ifMatch, before);
        if (input.realmName !== before.realmName) await refuseManyOfRealm(tx, group.accountId, input.realmName);
        const revision = before.revision + 1;
        const after: GroupRule = {
          ...before,
          ...input,
          revision,
          entityTag: newEntityTag(ids, revision),
          lastModifiedAt: clock.now(),
          lastModifiedById: context.caller.iamId,
        };
        await tx.updateGroupRule(after);
        const ended = await endMemberships(tx, after);
        tx.event({
          action: 'iam-groups.rule.update',
          accountId: group.accountId,
          target: groupTarget(group),
          before,
          after,
          requestData: { ended_memberships: ended },
        });
        return after;
      });
    },

    async remove(context: MutationContext, groupId: string, ruleId: string): Promise<void> {
      await mutate(context, async (tx) => {
        const { group, rule } = await find(context, tx, groupId, ruleId, 'iam-groups.rules.delete');
        await tx.deleteGroupRule(rule);
        const ended = await endMemberships(tx, rule);
        tx.event({
          action: 'iam-groups.rule.delete',
          accountId: group.accountId,
          target: groupTarget(group),
          before: rule,
          requestData: { ended_memberships: ended },
        });
      });
    },
  };
}
