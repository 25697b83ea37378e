/** The identity API as a table: what is called, what it takes, which operation answers. */

import type { Cursors } from '../kernel/cursor.ts';
import { DomainError } from '../kernel/errors.ts';
import { requireIfMatch } from '../kernel/if-match.ts';
import { pageLink } from '../kernel/page-links.ts';
import { guarded, type Route, type RouteReply } from '../kernel/route.ts';
import { printInstant, printMinutes } from '../kernel/times.ts';
import type { AccountService, NewApiKey } from './account-service.ts';
import type { LinkService } from './link-service.ts';
import type { ProfilePage, ProfileService } from './profile-service.ts';
import * as schema from './schema.ts';

export interface IdentityRouteDeps {
  readonly profiles: ProfileService;
  readonly links: LinkService;
  readonly accounts: AccountService;
  readonly cursors: Cursors;
  readonly publicUrl: () => string;
}

const family = 'identity';
const DEFAULT_PAGE = 20;

const tagged = <Body extends { readonly entity_tag: string }>(status: number, body: Body): RouteReply => ({
  status,
  body,
  headers: { etag: body.entity_tag },
});

const printApiKey = ({ key, value }: NewApiKey) => ({
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

function readPage(query: (typeof schema.listProfilesQuery)['_output'], cursors: Cursors): ProfilePage {
  // A page token carries the whole query, so it wins over what stands beside it.
  if (query.pagetoken !== undefined) return cursors.open('profiles', query.pagetoken, 'pagetoken') as unknown as ProfilePage;
  if (query.account_id === undefined) {
    throw new DomainError('missing_query', {
      message: "Query parameter 'account_id' is missing.",
      details: 'Give the id of the account whose profiles to list.',
    });
  }
  return {
    accountId: query.account_id,
    ...(query.name !== undefined && { name: query.name }),
    ...(query.filter !== undefined && { filter: query.filter }),
    sort: query.sort ?? 'created_at',
    descending: query.order === 'desc',
    limit: query.pagesize ?? DEFAULT_PAGE,
    offset: 0,
    includeHistory: query.include_history ?? false,
  };
}

export function identityRoutes(deps: IdentityRouteDeps): readonly Route[] {
  const { profiles, links, accounts, cursors, publicUrl } = deps;
  const profilePage = (page: ProfilePage, offset: number) =>
    pageLink(publicUrl(), '/v1/profiles', { account_id: page.accountId, pagetoken: cursors.seal('profiles', { ...page, offset }) });

  return [
    guarded({
      method: 'POST',
      path: '/v1/profiles',
      family,
      summary: 'Create a trusted profile',
      body: schema.createProfileBody,
      async handle({ caller, info, body }) {
        const { account_id: accountId, ...rest } = body;
        return tagged(201, schema.printProfile(await profiles.create({ caller, info }, { ...rest, accountId })));
      },
    }),
    guarded({
      method: 'GET',
      path: '/v1/profiles',
      family,
      summary: 'List trusted profiles',
      query: schema.listProfilesQuery,
      async handle({ caller, info, query }) {
        const page = readPage(query, cursors);
        const { items, hasMore } = await profiles.list({ caller, info }, page);
        return {
          status: 200,
          body: {
            offset: page.offset,
            limit: page.limit,
            first: profilePage(page, 0),
            ...(page.offset > 0 && { previous: profilePage(page, Math.max(0, page.offset - page.limit)) }),
            ...(hasMore && { next: profilePage(page, page.offset + page.limit) }),
            profiles: items.map(({ profile, ...extra }) => schema.printProfile(profile, extra)),
          },
        };
      },
    }),
    guarded({
      method: 'GET',
      path: '/v1/profiles/:profile_id',
      family,
      summary: 'Get a trusted profile',
      query: schema.getProfileQuery,
      async handle({ caller, info, params, query }) {
        const include = { history: query.include_history ?? false, activity: query.include_activity ?? false };
        const { profile, ...extra } = await profiles.get({ caller, info }, params.profile_id ?? '', include);
        return tagged(200, schema.printProfile(profile, extra));
      },
    }),
    guarded({
      method: 'PUT',
      path: '/v1/profiles/:profile_id',
      family,
      summary: 'Update a trusted profile',
      body: schema.updateProfileBody,
      async handle({ caller, info, params, headers, body }) {
        const profile = await profiles.update({ caller, info }, params.profile_id ?? '', requireIfMatch(headers), body);
        return tagged(200, schema.printProfile(profile));
      },
    }),
    guarded({
      method: 'DELETE',
      path: '/v1/profiles/:profile_id',
      family,
      summary: 'Delete a trusted profile',
      async handle({ caller, info, params }) {
        await profiles.remove({ caller, info }, params.profile_id ?? '');
        return { status: 204 };
      },
    }),
    guarded({
      method: 'POST',
      path: '/v1/profiles/:profile_id/links',
      family,
      summary: 'Link a trusted profile to a compute resource',
      body: schema.createLinkBody,
      async handle({ caller, info, params, body }) {
        const { link, warnings } = await links.create({ caller, info }, params.profile_id ?? '', {
          label: body.name,
          crType: body.cr_type,
          target: withoutUndefined(body.link),
          isCrossAccount: body.is_cross_account,
        });
        return { ...tagged(201, schema.printLink(link)), warnings };
      },
    }),
    guarded({
      method: 'GET',
      path: '/v1/profiles/:profile_id/links',
      family,
      summary: 'List the links of a trusted profile',
      async handle({ caller, info, params }) {
        return { status: 200, body: { links: (await links.list({ caller, info }, params.profile_id ?? '')).map(schema.printLink) } };
      },
    }),
    guarded({
      method: 'DELETE',
      path: '/v1/profiles/:profile_id/links',
      family,
      summary: 'Delete the link that has these parameters',
      query: schema.deleteLinksQuery,
      async handle({ caller, info, params, query }) {
        await links.removeMatching({ caller, info }, params.profile_id ?? '', query);
        return { status: 204 };
      },
    }),
    guarded({
      method: 'GET',
      path: '/v1/profiles/:profile_id/links/:link_id',
      family,
      summary: 'Get a link of a trusted profile',
      async handle({ caller, info, params }) {
        return tagged(200, schema.printLink(await links.get({ caller, info }, params.profile_id ?? '', params.link_id ?? '')));
      },
    }),
    guarded({
      method: 'DELETE',
      path: '/v1/profiles/:profile_id/links/:link_id',
      family,
      summary: 'Delete a link of a trusted profile',
      async handle({ caller, info, params }) {
        await links.remove({ caller, info }, params.profile_id ?? '', params.link_id ?? '');
        return { status: 204 };
      },
    }),
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
          printApiKey(await accounts.createUserApiKey({ caller, info }, params.account_id ?? '', params.iam_id ?? '', input)),
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
        return tagged(201, printApiKey(await accounts.createAdministrator({ caller, info }, input)));
      },
    }),
  ];
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out members that are absent, so that a reply echoes exactly what was sent. */
function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
