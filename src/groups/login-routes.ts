/** Sign-ins as a table: Podpass's own part of the access-groups API. */
import { guarded, type Route } from '../kernel/route.ts';
import { createLoginBody, LOGIN_BODY_LIMIT, printLogin } from './login-schema.ts';
import type { LoginService } from './login-service.ts';

export function loginRoutes(logins: LoginService): readonly Route[] {
  return [
    guarded({
      method: 'POST',
      path: '/podpass/v1/accounts/:account_id/logins',
      family: 'identity',
      summary: 'Record that a user signed in with an identity provider',
      body: createLoginBody,
      bodyLimit: LOGIN_BODY_LIMIT,
      async handle({ caller, info, params, body }) {
        const accountId = params.account_id ?? '';
        const login = { iamId: body.iam_id, realmName: body.realm_name, claims: body.claims };
        const memberships = await logins.create({ caller, info }, accountId, login);
        return { status: 201, body: printLogin({ accountId, ...login }, memberships) };
      },
    }),
  ];
}
