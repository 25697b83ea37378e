/** Accounts, users and administrators: what the administrators of an installation look after. */
import { administrationPolicy } from '../../access/policies/administration.ts';
import { addPolicy } from '../../access/policies/policy-changes.ts';
import type { AuditTarget } from '../../audit/events.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import { newEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { readInstant } from '../../kernel/times.ts';
import { type NewApiKey, newApiKey } from '../api-keys/api-key.ts';
import { addApiKey } from '../api-keys/api-key-record.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import type { IdentityReads } from '../store.ts';
import { type Account, isUserIamId, type User } from './account.ts';

export type AccountService = ReturnType<typeof createAccountService>;

const requireUserIamId = (field: string, iamId: string): void => {
  if (isUserIamId(iamId)) return;
  throw new DomainError('invalid_field', {
    message: `Field '${field}' must be a user's id such as IBMid-5500000001 or <realm>-<subject>.`,
    details:
      'Three to 128 letters, digits and the characters . _ @ - are expected; the prefixes of profiles and service IDs are not a user.',
  });
};

export function createAccountService(deps: IdentityDeps) {
  const { mutate, guard, mayDo, clock, ids, installationAccountId } = deps;
  const installation = { accountId: installationAccountId, serviceName: 'podpass' };

  async function requireAccount(tx: IdentityReads, id: string): Promise<Account> {
    const account = await tx.findAccount(id);
    if (!account) throw new DomainError('not_found', { message: `Account '${id.slice(0, 40)}' was not found.` });
    return account;
  }

  const userTarget = (user: Pick<User, 'accountId' | 'iamId' | 'name'>): AuditTarget => ({
    id: user.iamId,
    name: user.name,
    typeURI: 'user-management/user',
  });

  async function addUser(tx: Tx, user: User): Promise<void> {
    await tx.insertUser(user);
    tx.changed({ accountId: user.accountId, kind: 'user', id: user.iamId });
    tx.event({ action: 'user-management.user.create', accountId: user.accountId, target: userTarget(user), after: user });
  }

  return {
    async createAccount(
      context: MutationContext,
      input: { readonly name: string; readonly ownerIamId: string; readonly parentAccountId?: string | undefined },
    ): Promise<Account> {
      requireUserIamId('owner_iam_id', input.ownerIamId);
      return mutate(context, async (tx) => {
        await guard(context, 'podpass.account.create', installation, { id: '', name: input.name, typeURI: 'podpass/account' });
        if (input.parentAccountId !== undefined && !(await tx.findAccount(input.parentAccountId))) {
          throw new DomainError('not_found', {
            message: `Field 'parent_account_id' names account '${input.parentAccountId}', which was not found.`,
          });
        }
        const at = clock.now();
        const account: Account = {
          id: ids.hex(16),
          name: input.name,
          ownerIamId: input.ownerIamId,
          parentAccountId: input.parentAccountId ?? null,
          state: 'active',
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
        };
        await tx.insertAccount(account);
        tx.changed({ accountId: account.id, kind: 'account', id: account.id });
        tx.event({
          action: 'podpass.account.create',
          accountId: account.id,
          target: { id: account.id, name: account.name, typeURI: 'podpass/account' },
          after: account,
        });
        await addUser(tx, {
          accountId: account.id,
          iamId: input.ownerIamId,
          email: '',
          name: input.ownerIamId,
          state: 'active',
          createdAt: at,
        });
        return account;
      });
    },

    async createUser(
      context: MutationContext,
      accountId: string,
      input: { readonly iamId: string; readonly email: string; readonly name: string },
    ): Promise<User> {
      requireUserIamId('iam_id', input.iamId);
      return mutate(context, async (tx) => {
        // The right is one on the installation: without it nobody learns which accounts there are.
        await guard(context, 'podpass.user.create', installation, { id: input.iamId, name: input.name, typeURI: 'user-management/user' });
        await requireAccount(tx, accountId);
        if (await tx.findUser(accountId, input.iamId)) {
          throw new DomainError('conflict', { message: `User '${input.iamId}' is in the account already.` });
        }
        const user: User = { ...input, accountId, state: 'active', createdAt: clock.now() };
        await addUser(tx, user);
        return user;
      });
    },

    /**
     * A first API key for a user, so that somebody can begin; the value is in the reply and nowhere else. It counts as made by the user, as
     * IBM's clients expect of the key that they begin with; its history and the audit log name the administrator.
     */
    async createUserApiKey(
      context: MutationContext,
      accountId: string,
      iamId: string,
      input: { readonly name: string; readonly expiresAt?: string | undefined },
    ): Promise<NewApiKey> {
      const expiresAt = input.expiresAt === undefined ? null : readInstant(input.expiresAt);
      if (expiresAt === undefined) {
        throw new DomainError('invalid_field', {
          message: "Field 'expires_at' must be a date with an offset, for example 2027-01-31T18:30+0000.",
        });
      }
      return mutate(context, async (tx) => {
        await guard(context, 'podpass.user-apikey.create', installation, { id: iamId, typeURI: 'user-management/user' });
        await requireAccount(tx, accountId);
        const user = await tx.findUser(accountId, iamId);
        if (!user) throw new DomainError('not_found', { message: `User '${iamId.slice(0, 140)}' is not in account ${accountId}.` });
        const made = newApiKey(deps, { accountId, iamId, name: input.name, createdBy: iamId, expiresAt });
        await addApiKey(tx, context, made.key);
        return made;
      });
    },

    /** An administrator of the installation with an API key: the one thing that the first key of an installation may make. */
    async createAdministrator(
      context: MutationContext,
      input: { readonly iamId: string; readonly email: string; readonly name: string },
    ): Promise<NewApiKey> {
      requireUserIamId('iam_id', input.iamId);
      return mutate(context, async (tx) => {
        await guard(context, 'podpass.administrator.create', installation, {
          id: input.iamId,
          name: input.name,
          typeURI: 'podpass/administrator',
        });
        if (!(await tx.findUser(installationAccountId, input.iamId))) {
          await addUser(tx, { ...input, accountId: installationAccountId, state: 'active', createdAt: clock.now() });
        }
        const administrator = { ...context.caller, iamId: input.iamId, scope: '' };
        if (!(await mayDo(administrator, 'podpass.account.create', installation))) {
          const policy = administrationPolicy(deps, installationAccountId, input.iamId, 'administrator', context.caller.iamId);
          await addPolicy(tx, policy);
        }
        const made = newApiKey(deps, {
          accountId: installationAccountId,
          iamId: input.iamId,
          name: `administrator ${input.iamId}`,
          createdBy: context.caller.iamId,
          expiresAt: null,
        });
        await addApiKey(tx, context, made.key);
        return made;
      });
    },
  };
}
