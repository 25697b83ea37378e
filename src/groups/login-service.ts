/**
 * Recording that a user signed in with an identity provider. Podpass signs no users in itself: the installation's administrators run what
 * does, and tell of each sign-in here. Its claims decide once which rules make the user a member, and are kept nowhere.
 */
import type { AuditTarget } from '../audit/events.ts';
import type { MutationContext } from '../audit/mutation.ts';
import { DomainError } from '../kernel/errors.ts';
import type { GroupDeps, Tx } from './deps.ts';
import { memberTypeOf } from './member.ts';
import { type LoginClaims, membershipBy, type NewRuleMembership, ruleMatches } from './rule.ts';

export interface Login {
  readonly iamId: string;
  readonly realmName: string;
  readonly claims: LoginClaims;
}

export type LoginService = ReturnType<typeof createLoginService>;

export function createLoginService({ mutate, guard, clock, installationAccountId }: GroupDeps) {
  async function requireUser(tx: Tx, accountId: string, iamId: string): Promise<void> {
    if (!(await tx.findAccount(accountId))) {
      throw new DomainError('not_found', { message: `Account '${accountId.slice(0, 40)}' was not found.` });
    }
    if (memberTypeOf(iamId) !== 'user') {
      throw new DomainError('invalid_field', {
        message: `Field 'iam_id' names '${iamId}', which is no user.`,
        details: 'Only users sign in with an identity provider; service IDs and trusted profiles are added to groups.',
      });
    }
    const user = await tx.findUser(accountId, iamId);
    if (!user) throw new DomainError('not_found', { message: `User '${iamId}' is not in account ${accountId}.` });
    if (user.state !== 'active')
      throw new DomainError('invalid_state', { message: `User '${iamId}' is disabled in account ${accountId}.` });
  }

  function recordChange(tx: Tx, action: string, { groupId, accountId, iamId, ruleId, realmName, expiresAt }: NewRuleMembership): void {
    const target: AuditTarget = { id: groupId, typeURI: 'iam-groups/group' };
    const requestData = { iam_id: iamId, rule_id: ruleId, realm_name: realmName, expires_at: new Date(expiresAt).toISOString() };
    tx.event({ action, accountId, target, requestData });
  }

  return {
    /** Answers the memberships that the rules of the realm made; they take the place of those that an earlier sign-in there made. */
    async create(context: MutationContext, accountId: string, { iamId, realmName, claims }: Login): Promise<readonly NewRuleMembership[]> {
      return mutate(context, async (tx) => {
        const installation = { accountId: installationAccountId, serviceName: 'podpass' };
        await guard(context, 'podpass.login.create', installation, { id: iamId, typeURI: 'user-management/user' });
        await requireUser(tx, accountId, iamId);
        const at = clock.now();
        const before = await tx.endMembershipsByRealm(accountId, iamId, realmName, at);
        const rules = await tx.listGroupRulesOfRealm(accountId, realmName);
        const made = rules.filter((rule) => ruleMatches(rule, claims)).map((rule) => membershipBy(rule, iamId, at));
        await tx.insertRuleMemberships(made);
        if (before.length + made.length > 0) tx.changed({ accountId, kind: 'members', id: iamId });
        const renewed = new Set(made.map(({ ruleId }) => ruleId));
        for (const ended of before) if (!renewed.has(ended.ruleId)) recordChange(tx, 'iam-groups.federated-member.delete', ended);
        for (const membership of made) recordChange(tx, 'iam-groups.federated-member.add', membership);
        return made;
      });
    },
  };
}
