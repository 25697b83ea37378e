/** Claim rules of trusted profiles: one function per operation of the identity API. */
import type { MutationContext } from '../../audit/mutation.ts';
import { newEntityTag, requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import type { Warning } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';
import { gatePart } from '../gate.ts';
import { type ClaimRule, type ClaimRuleInput, compileRule, pinsClaim, takesDefaultAccount } from './claim-rule.ts';
import type { Profile } from './profile.ts';
import { createProfileGate, profileGrantee, profileTarget, recordPart, refuseManaged } from './profile-gate.ts';
import type { ProfileReads } from './profile-store.ts';

export type ClaimRuleService = ReturnType<typeof createClaimRuleService>;

const RULES = 'claim rules of the profile';

/** What the rule lets in beyond what its author may have meant; nothing of a rule that lets no pod in. */
export function ruleWarnings(rule: ClaimRule): readonly Warning[] {
  if (!compileRule(rule)) return [];
  const warnings: Warning[] = [];
  if (!pinsClaim(rule, 'namespace')) {
    warnings.push({
      code: 'rule_without_namespace',
      text: 'No condition names the namespace with EQUALS or IN, so pods of every namespace that fulfil the others may become the profile.',
    });
  }
  if (takesDefaultAccount(rule)) {
    warnings.push({
      code: 'shared_service_account',
      text: "The service account 'default' is shared by every pod of a namespace that names no other one, so all of them may become the profile.",
    });
  }
  return warnings;
}

export function createClaimRuleService(deps: IdentityDeps) {
  const { reads, mutate, clock, ids, limits } = deps;
  const gate = createProfileGate(deps);

  const ruleNotFound = (profile: Profile, ruleId: string) =>
    new DomainError('not_found', {
      message: `Claim rule '${ruleId.slice(0, 60)}' was not found.`,
      details: `Profile ${profile.id} has no such rule.`,
    });

  const find = (context: MutationContext, from: ProfileReads, profileId: string, ruleId: string, action: string) =>
    gatePart(
      gate,
      context,
      from,
      profileId,
      action,
      (profile) => from.findClaimRule(profile.id, ruleId),
      (profile) => ruleNotFound(profile, ruleId),
    );

  return {
    async create(
      context: MutationContext,
      profileId: string,
      input: ClaimRuleInput,
    ): Promise<{ rule: ClaimRule; warnings: readonly Warning[] }> {
      return mutate(context, async (tx) => {
        const profile = await gate(context, tx, profileId, 'iam-identity.profile.update');
        await deps.guardConferral(context, profileGrantee(profile), profileTarget(profile));
        refuseManaged(profile, 'rules', 'add');
        const count = await tx.countClaimRules(profile.id);
        refuseExcess(RULES, count + 1, limits.rulesPerProfile);
        const at = clock.now();
        const rule: ClaimRule = {
          ...input,
          id: `ClaimRule-${ids.uuid()}`,
          profileId: profile.id,
          accountId: profile.accountId,
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          modifiedAt: at,
        };
        await tx.insertClaimRule(rule);
        const warnings = ruleWarnings(rule);
        recordPart(
          tx,
          profile,
          { kind: 'claim_rule', id: profile.id },
          {
            kind: 'rule',
            operation: 'create',
            after: rule,
            warnings: [...warnings.map(({ text }) => text), ...limitWarnings(RULES, count + 1, limits.rulesPerProfile)],
          },
        );
        return { rule, warnings };
      });
    },

    async list(context: MutationContext, profileId: string): Promise<readonly ClaimRule[]> {
      const profile = await gate(context, reads, profileId, 'iam-identity.profile.get');
      return reads.listClaimRules(profile.id);
    },

    async get(context: MutationContext, profileId: string, ruleId: string): Promise<ClaimRule> {
      return (await find(context, reads, profileId, ruleId, 'iam-identity.profile.get')).part;
    },

    async update(
      context: MutationContext,
      profileId: string,
      ruleId: string,
      ifMatch: string,
      input: ClaimRuleInput,
    ): Promise<{ rule: ClaimRule; warnings: readonly Warning[] }> {
      return mutate(context, async (tx) => {
        const { whole: profile, part: before } = await find(context, tx, profileId, ruleId, 'iam-identity.profile.update');
        await deps.guardConferral(context, profileGrantee(profile), profileTarget(profile));
        requireEntityTag(ifMatch, before);
        refuseManaged(profile, 'rules', 'add');
        refuseManaged(profile, 'rules', 'remove');
        const revision = before.revision + 1;
        const rule: ClaimRule = { ...before, ...input, revision, entityTag: newEntityTag(ids, revision), modifiedAt: clock.now() };
        await tx.updateClaimRule(rule);
        const warnings = ruleWarnings(rule);
        recordPart(
          tx,
          profile,
          { kind: 'claim_rule', id: profile.id },
          {
            kind: 'rule',
            operation: 'update',
            before,
            after: rule,
            warnings: warnings.map(({ text }) => text),
          },
        );
        return { rule, warnings };
      });
    },

    async remove(context: MutationContext, profileId: string, ruleId: string): Promise<void> {
      await mutate(context, async (tx) => {
        const { whole: profile, part: rule } = await find(context, tx, profileId, ruleId, 'iam-identity.profile.update');
        refuseManaged(profile, 'rules', 'remove');
        await tx.deleteClaimRule(rule);
        recordPart(tx, profile, { kind: 'claim_rule', id: profile.id }, { kind: 'rule', operation: 'delete', before: rule });
      });
    },
  };
}
