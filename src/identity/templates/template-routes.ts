/** Templates of both kinds and their assignments as tables: the kinds have the same calls under addresses of their own. */
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';
import { firstPage, type PagedList, type Pager, requireAccountId } from '../pages.ts';
import { tagged } from '../schema.ts';
import { accountSettingsDeployment } from './account-settings-deployment.ts';
import { accountSettingsTemplateWire } from './account-settings-template-schema.ts';
import { assignmentRoutes } from './assignment-routes.ts';
import { createAssignmentService } from './assignment-service.ts';
import type { Deployment } from './deployment.ts';
import { createProfileDeployment } from './profile-deployment.ts';
import { profileTemplateWire } from './profile-template-schema.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, PROFILE_TEMPLATES, type TemplateKind, type TemplateKindRow } from './template.ts';
import * as schema from './template-schema.ts';
import { createTemplateService, type TemplatePage, type TemplateService, type VersionDetails } from './template-service.ts';

const family = 'identity';
/** A page shows a hundred templates whole. */
const BODY_LIMIT = 128 * 1024;

export function templateRoutes(deps: IdentityDeps, pager: Pager): readonly Route[] {
  return [
    ...routesOf(deps, pager, PROFILE_TEMPLATES, profileTemplateWire, createProfileDeployment(deps)),
    ...routesOf(deps, pager, ACCOUNT_SETTINGS_TEMPLATES, accountSettingsTemplateWire, accountSettingsDeployment),
  ];
}

function routesOf<K extends TemplateKind>(
  deps: IdentityDeps,
  pager: Pager,
  row: TemplateKindRow<K>,
  wire: schema.TemplateWire<K>,
  deployment: Deployment<K>,
): readonly Route[] {
  const templates = createTemplateService(deps, row, deployment);
  return [
    ...wholeRoutes(templates, pager, row, wire),
    ...versionRoutes(templates, pager, row, wire),
    ...assignmentRoutes(createAssignmentService(deps, row, deployment), pager, row),
  ];
}

/** The number of a version in a path; undefined for what is none. */
const readVersion = (text = ''): number | undefined => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined);

const printer =
  <K extends TemplateKind>(wire: schema.TemplateWire<K>) =>
  ({ version, ...extra }: VersionDetails<K>) =>
    schema.printTemplateVersion(wire, version, extra);

/** A template as a whole: it is shown as its latest version. */
function wholeRoutes<K extends TemplateKind>(
  templates: TemplateService<K>,
  pager: Pager,
  row: TemplateKindRow<K>,
  wire: schema.TemplateWire<K>,
): readonly Route[] {
  const print = printer(wire);
  const path = row.templatesPath;
  const list: PagedList = { name: row.listMember, path, member: row.listMember };
  return [
    guarded({
      method: 'POST',
      path,
      family,
      summary: `Create ${row.aNoun}`,
      body: wire.create,
      bodyLimit: BODY_LIMIT,
      async handle({ caller, info, body }) {
        return tagged(201, print({ version: await templates.create({ caller, info }, body) }));
      },
    }),
    guarded({
      method: 'GET',
      path,
      family,
      summary: `List ${row.noun}s`,
      query: schema.listTemplatesQuery,
      async handle({ caller, info, query }) {
        const page =
          query.pagetoken === undefined
            ? { ...firstPage({ ...query, pagesize: query.limit }), accountId: requireAccountId(query.account_id) }
            : pager.open<TemplatePage>(list, query.pagetoken);
        const { items, hasMore } = await templates.list({ caller, info }, page);
        return { status: 200, body: pager.reply(list, page, hasMore, items.map(print)) };
      },
    }),
    guarded({
      method: 'GET',
      path: `${path}/:template_id`,
      family,
      summary: `Get the latest version of ${row.aNoun}`,
      query: schema.historyQuery,
      async handle({ caller, info, params, query }) {
        return tagged(200, print(await templates.latest({ caller, info }, params.template_id ?? '', query.include_history ?? false)));
      },
    }),
    guarded({
      method: 'DELETE',
      path: `${path}/:template_id`,
      family,
      summary: `Delete all versions of ${row.aNoun}`,
      async handle({ caller, info, params }) {
        await templates.remove({ caller, info }, params.template_id ?? '');
        return { status: 204 };
      },
    }),
  ];
}

function versionRoutes<K extends TemplateKind>(
  templates: TemplateService<K>,
  pager: Pager,
  row: TemplateKindRow<K>,
  wire: schema.TemplateWire<K>,
): readonly Route[] {
  const print = printer(wire);
  const versions = `${row.templatesPath}/:template_id/versions`;
  const one = `${versions}/:version`;
  return [
    guarded({
      method: 'POST',
      path: versions,
      family,
      summary: `Create a version of ${row.aNoun}`,
      body: wire.change,
      bodyLimit: BODY_LIMIT,
      async handle({ caller, info, params, body }) {
        return tagged(201, print({ version: await templates.createVersion({ caller, info }, params.template_id ?? '', body) }));
      },
    }),
    guarded({
      method: 'GET',
      path: versions,
      family,
      summary: `List the versions of ${row.aNoun}`,
      query: schema.listVersionsQuery,
      async handle({ caller, info, params, query }) {
        const { template_id: id = '' } = params;
        // A page token is one of this template's versions.
        const list: PagedList = { name: `${row.listMember}/${id}`, path: `${row.templatesPath}/${id}/versions`, member: row.listMember };
        const wanted =
          query.pagetoken === undefined ? firstPage({ ...query, pagesize: query.limit }) : pager.open<TemplatePage>(list, query.pagetoken);
        const { template, items, hasMore } = await templates.listVersions({ caller, info }, id, wanted);
        return { status: 200, body: pager.reply(list, { ...wanted, accountId: template.accountId }, hasMore, items.map(print)) };
      },
    }),
    guarded({
      method: 'GET',
      path: one,
      family,
      summary: `Get a version of ${row.aNoun}`,
      query: schema.historyQuery,
      async handle({ caller, info, params, query }) {
        const { template_id: id = '', version } = params;
        return tagged(200, print(await templates.get({ caller, info }, id, readVersion(version), query.include_history ?? false)));
      },
    }),
    guarded({
      method: 'PUT',
      path: one,
      family,
      summary: `Update a version of ${row.aNoun}`,
      body: wire.change,
      bodyLimit: BODY_LIMIT,
      async handle({ caller, info, params, headers, body }) {
        const { template_id: id = '', version } = params;
        const ifMatch = requireIfMatch(headers);
        return tagged(200, print({ version: await templates.update({ caller, info }, id, readVersion(version), ifMatch, body) }));
      },
    }),
    guarded({
      method: 'POST',
      path: `${one}/commit`,
      family,
      summary: `Commit a version of ${row.aNoun}`,
      async handle({ caller, info, params }) {
        await templates.commit({ caller, info }, params.template_id ?? '', readVersion(params.version));
        return { status: 204 };
      },
    }),
    guarded({
      method: 'DELETE',
      path: one,
      family,
      summary: `Delete a version of ${row.aNoun}`,
      async handle({ caller, info, params }) {
        await templates.removeVersion({ caller, info }, params.template_id ?? '', readVersion(params.version));
        return { status: 204 };
      },
    }),
  ];
}
