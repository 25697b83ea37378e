/** Trusted profiles as a table: what is called, what it takes, which operation answers. */
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { firstPage, type PagedList, type Pager, requireAccountId } from '../pages.ts';
import { tagged } from '../schema.ts';
import * as schema from './profile-schema.ts';
import type { ProfilePage, ProfileService } from './profile-service.ts';

const family = 'identity';
const LIST: PagedList = { name: 'profiles', path: '/v1/profiles', member: 'profiles' };

// A page token carries the whole query, so it wins over what stands beside it.
function readPage(query: (typeof schema.listProfilesQuery)['_output'], pager: Pager): ProfilePage {
  if (query.pagetoken !== undefined) return pager.open<ProfilePage>(LIST, query.pagetoken);
  return {
    accountId: requireAccountId(query.account_id),
    ...(query.name !== undefined && { name: query.name }),
    ...(query.filter !== undefined && { filter: query.filter }),
    ...firstPage(query),
  };
}

export function profileRoutes(profiles: ProfileService, pager: Pager): readonly Route[] {
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
        const page = readPage(query, pager);
        const { items, hasMore } = await profiles.list({ caller, info }, page);
        const printed = items.map(({ profile, ...extra }) => schema.printProfile(profile, extra));
        return { status: 200, body: pager.reply(LIST, page, hasMore, printed) };
      },
    }),
    guarded({
      method: 'GET',
      path: '/v1/profiles/:profile_id',
      family,
      summary: 'Get a trusted profile',
      query: schema.getProfileQuery,
      async handle({ caller, info, params, query }) {
        const included = { history: query.include_history ?? false, activity: query.include_activity ?? false };
        const { profile, ...extra } = await profiles.get({ caller, info }, params.profile_id ?? '', included);
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
  ];
}
