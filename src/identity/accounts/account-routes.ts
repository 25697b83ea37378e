/** Accounts, users and administrators as a table: Podpass's own part of the identity API. */
import { guarded, type Route } from '../../kernel/route.ts';
import { printInstant, printMinutes } from '../../kernel/times.ts';
import type { NewApiKey } from '../api-keys/api-key.ts';
import { tagged } from '../schema.ts';
import * as schema from './account-schema.ts';
import type { AccountService } from './account-service.ts';

const family = 'identity';

const printFirstApiKey = ({ key, value }: NewApiKey) => ({
  id: key.id,
  entity_tag: key.entityTag,
  name: key.name,
  iam_id: key.iamId,
  account_id: key.accountId,
  created_at: printMinutes(key.createdAt),
  created_by: key.createdBy,
  ...(key.expiresAt !== null && { expires_at: printMinutes(key.expiresAt) }),
  apikey: value.reveal(),
});

export function accountRoutes(accounts: AccountService): readonly Route[] {
  return [
    guarded({
      method: 'POST',
      path: '/podpass/v1/accounts',
      family,
      summary: 'Create an account',
      body: schema.createAccountBody,
      async handle({ caller, info, body }) {
        const account = await accounts.createAccount(
          { caller, info },
          { name: body.name, ownerIamId: body.owner_iam_id, parentAccountId: body.parent_account_id },
        );
        return tagged(201, {
          id: account.id,
          entity_tag: account.entityTag,
          name: account.name,
          owner_iam_id: account.ownerIamId,
          ...(account.parentAccountId !== null && { parent_account_id: account.parentAccountId }),
          state: account.state,
          created_at: printInstant(account.createdAt),
        });
      },
    }),
    guarded({
      method: 'POST',
      path: '/podpass/v1/accounts/:account_id/users',
      family,
      summary: 'Add a user to an account',
      body: schema.createUserBody,
      async handle({ caller, info, params, body }) {
        const user = await accounts.createUser({ caller, info }, params.account_id ?? '', {
          iamId: body.iam_id,
          email: body.email,
          name: body.name,
        });
        return {
          status: 201,
          body: {
            account_id: user.accountId,
            iam_id: user.iamId,
            email: user.email,
            name: user.name,
            state: user.state,
            created_at: printInstant(user.createdAt),
          },
        };
      },
    }),
    guarded({
      method: 'POST',
      path: '/podpass/v1/accounts/:account_id/users/:iam_id/apikeys',
      family,
      summary: 'Create an API key for a user',
      body: schema.createUserApiKeyBody,
      async handle({ caller, info, params, body }) {
        const input = { name: body.name, expiresAt: body.expires_at };
        return tagged(
          201,
          printFirstApiKey(await accounts.createUserApiKey({ caller, info }, params.account_id ?? '', params.iam_id ?? '', input)),
        );
      },
    }),
    guarded({
      method: 'POST',
      path: '/podpass/v1/administrators',
      family,
      summary: 'Make an administrator of the installation, with an API key',
      body: schema.createAdministratorBody,
      async handle({ caller, info, body }) {
        const input = { iamId: body.iam_id, email: body.email, name: body.name };
        return tagged(201, printFirstApiKey(await accounts.createAdministrator({ caller, info }, input)));
      },
    }),
  ];
}
