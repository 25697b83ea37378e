/** Links as a table. */
import { guarded, type Route } from '../../kernel/route.ts';
import { tagged, withoutUndefined } from '../schema.ts';
import { createLinkBody, deleteLinksQuery, printLink } from './link-schema.ts';
import type { LinkService } from './link-service.ts';

const family = 'identity';
const LINKS = '/v1/profiles/:profile_id/links';
const LINK = `${LINKS}/:link_id`;

export function linkRoutes(links: LinkService): readonly Route[] {
  return [
    guarded({
      method: 'POST',
      path: LINKS,
      family,
      summary: 'Link a trusted profile to a compute resource',
      body: createLinkBody,
      async handle({ caller, info, params, body }) {
        const { link, warnings } = await links.create({ caller, info }, params.profile_id ?? '', {
          label: body.name,
          crType: body.cr_type,
          target: withoutUndefined(body.link),
          isCrossAccount: body.is_cross_account,
        });
        return { ...tagged(201, printLink(link)), warnings };
      },
    }),
    guarded({
      method: 'GET',
      path: LINKS,
      family,
      summary: 'List the links of a trusted profile',
      async handle({ caller, info, params }) {
        return { status: 200, body: { links: (await links.list({ caller, info }, params.profile_id ?? '')).map(printLink) } };
      },
    }),
    guarded({
      method: 'DELETE',
      path: LINKS,
      family,
      summary: 'Delete the link that has these parameters',
      query: deleteLinksQuery,
      async handle({ caller, info, params, query }) {
        await links.removeMatching({ caller, info }, params.profile_id ?? '', query);
        return { status: 204 };
      },
    }),
    guarded({
      method: 'GET',
      path: LINK,
      family,
      summary: 'Get a link of a trusted profile',
      async handle({ caller, info, params }) {
        return tagged(200, printLink(await links.get({ caller, info }, params.profile_id ?? '', params.link_id ?? '')));
      },
    }),
    guarded({
      method: 'DELETE',
      path: LINK,
      family,
      summary: 'Delete a link of a trusted profile',
      async handle({ caller, info, params }) {
        await links.remove({ caller, info }, params.profile_id ?? '', params.link_id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
