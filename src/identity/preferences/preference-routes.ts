/** Preferences of identities as a table. */
import { guarded, type Route } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';
import type { PreferenceKey } from './preference.ts';
import { printPreference, putPreferenceBody } from './preference-schema.ts';
import { createPreferenceService } from './preference-service.ts';

const family = 'identity';
const OF_IDENTITY = '/v1/preferences/accounts/:account_id/identities/:iam_id';
const PREFERENCE = `${OF_IDENTITY}/:service/:preference_id`;

const readKey = ({ account_id = '', iam_id = '', service = '', preference_id = '' }: Readonly<Record<string, string>>): PreferenceKey => ({
  accountId: account_id,
  iamId: iam_id,
  service,
  id: preference_id,
});

export function preferenceRoutes(deps: IdentityDeps): readonly Route[] {
  const preferences = createPreferenceService(deps);
  return [
    guarded({
      method: 'GET',
      path: OF_IDENTITY,
      family,
      summary: 'List the preferences of an identity',
      async handle({ caller, info, params }) {
        const list = await preferences.list({ caller, info }, params.account_id ?? '', params.iam_id ?? '');
        return { status: 200, body: { preferences: list.map(printPreference) } };
      },
    }),
    guarded({
      method: 'GET',
      path: PREFERENCE,
      family,
      summary: 'Get a preference of an identity',
      async handle({ caller, info, params }) {
        return { status: 200, body: printPreference(await preferences.get({ caller, info }, readKey(params))) };
      },
    }),
    guarded({
      method: 'PUT',
      path: PREFERENCE,
      family,
      summary: 'Set a preference of an identity',
      body: putPreferenceBody,
      async handle({ caller, info, params, body }) {
        return { status: 200, body: printPreference(await preferences.put({ caller, info }, readKey(params), body)) };
      },
    }),
    guarded({
      method: 'DELETE',
      path: PREFERENCE,
      family,
      summary: 'Delete a preference of an identity',
      async handle({ caller, info, params }) {
        await preferences.remove({ caller, info }, readKey(params));
        return { status: 204 };
      },
    }),
  ];
}
