/** The policy API, versions 1 and 2, as a table. */
import type { Caller, RequestInfo } from '../../kernel/caller.ts';
import type { Cursors } from '../../kernel/cursor.ts';
import { DomainError } from '../../kernel/errors.ts';
import { requireIfMatch } from '../../kernel/if-match.ts';
import { pageLink } from '../../kernel/page-links.ts';
import { guarded, type Route, type RouteReply } from '../../kernel/route.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { accessSubject, literalResource, type PolicyContent, type StoredPolicy } from './policy.ts';
import { type PrintedPolicy, printPolicyV1, printPolicyV2 } from './policy-printing.ts';
import * as schema from './policy-schema.ts';
import type { PageStart, PolicyService } from './policy-service.ts';
import type { PolicyPermits, PolicySort } from './policy-store.ts';

export interface PolicyRouteDeps {
  readonly policies: PolicyService;
  readonly findCatalog: (accountId: string) => Promise<Catalog>;
  /** How often policies permitted, up to now. */
  readonly findPermits: (policyIds: readonly string[]) => Promise<ReadonlyMap<string, PolicyPermits>>;
  readonly cursors: Cursors;
  readonly publicUrl: () => string;
}

type ApiVersion = 1 | 2;

const family = 'policies';
const DEFAULT_PAGE = 50;
/** Clients that send no `limit` follow no `next` either, so they get everything up to this many. */
const UNPAGED = 1000;
/** Of a policy, because one page may hold that many. */
const BODY_LIMIT = 32 * 1024;
const PRINTERS = { 1: printPolicyV1, 2: printPolicyV2 } as const;

interface ListQuery {
  readonly account_id: string;
  readonly iam_id?: string | undefined;
  readonly access_group_id?: string | undefined;
  readonly type?: 'access' | 'authorization' | undefined;
  readonly service_type?: string | undefined;
  readonly state?: 'active' | 'deleted' | undefined;
  readonly format?: schema.PolicyFormat;
  readonly tag_name?: string | undefined;
  readonly tag_value?: string | undefined;
  readonly service_name?: string | undefined;
  readonly service_group_id?: string | undefined;
  readonly sort?: string | undefined;
  readonly limit?: number | undefined;
  readonly start?: string | undefined;
}

export function policyRoutes({ policies, findCatalog, findPermits, cursors, publicUrl }: PolicyRouteDeps): readonly Route[] {
  /** Policies of one account in the form of a version of the API. */
  async function print(version: ApiVersion, list: readonly StoredPolicy[], format: schema.PolicyFormat): Promise<readonly PrintedPolicy[]> {
    const permits = format === 'include_last_permit' ? await findPermits(list.map((policy) => policy.id)) : undefined;
    const catalog = await findCatalog(list[0]?.accountId ?? '');
    return list.map((policy) => PRINTERS[version](policy, { catalog, publicUrl: publicUrl(), format, permits: permits?.get(policy.id) }));
  }

  async function reply(
    version: ApiVersion,
    status: number,
    policy: StoredPolicy,
    more: Partial<RouteReply> = {},
    format?: schema.PolicyFormat,
  ) {
    const [body] = await print(version, [policy], format);
    return { status, body, headers: { etag: policy.entityTag }, ...more };
  }

  function readStart(start: string | undefined, order: string): PageStart | undefined {
    if (start === undefined) return undefined;
    const { value, id, backwards } = cursors.open(order, start, 'start');
    return { place: { value: value as string | number, id: String(id) }, backwards: backwards === true };
  }

  async function list(
    version: ApiVersion,
    { caller, info }: { readonly caller: Caller; readonly info: RequestInfo },
    query: ListQuery,
    admits: (content: PolicyContent) => boolean,
  ): Promise<RouteReply> {
    const { start, limit: asked, ...filters } = query;
    if (filters.iam_id !== undefined && filters.access_group_id !== undefined) {
      throw new DomainError('invalid_field', {
        message: "Query parameters 'iam_id' and 'access_group_id' exclude each other: a policy has one subject.",
      });
    }
    const subjectKey = filters.iam_id ?? filters.access_group_id;
    const sort = filters.sort ?? 'created_at';
    const filter = {
      accountId: filters.account_id,
      ...(subjectKey !== undefined && { subjectKey }),
      ...(filters.type !== undefined && { type: filters.type }),
      state: filters.state ?? 'active',
      // The schema admits the names of sorts only.
      sort: sort.replace('-', '') as PolicySort,
      descending: sort.startsWith('-'),
      admits: (content: PolicyContent) =>
        (subjectKey === undefined || accessSubject(content).name === (filters.iam_id === undefined ? 'access_group_id' : 'iam_id')) &&
        (filters.service_type === undefined || literalResource(content, 'serviceType') === filters.service_type) &&
        admits(content),
    };
    // A place in one order means nothing in another.
    const order = `policies ${filters.account_id} ${sort}`;
    const from = readStart(start, order);
    // What is counted and not written yet would be missing from the order that the counts make.
    if (filter.sort === 'last_permit_at' || filter.sort === 'last_permit_frequency') await findPermits([]);
    const isWhole = asked === undefined && from === undefined;
    let page = await policies.list({ caller, info }, filter, asked ?? (isWhole ? UNPAGED : DEFAULT_PAGE), from);
    const isTooLong = isWhole && page.next !== undefined;
    if (isTooLong) page = await policies.list({ caller, info }, filter, DEFAULT_PAGE, from);
    const limit = asked ?? (isWhole && !isTooLong ? UNPAGED : DEFAULT_PAGE);
    const path = `/v${version}/policies`;
    const href = (token?: string) => pageLink(publicUrl(), path, { ...filters, limit, start: token });
    const at = (place: PageStart['place'], backwards: boolean) => {
      const token = cursors.seal(order, { ...place, backwards });
      return { href: href(token), start: token };
    };
    return {
      status: 200,
      body: {
        limit,
        first: { href: href() },
        ...(page.previous && { previous: at(page.previous, true) }),
        ...(page.next && { next: at(page.next, false) }),
        policies: await print(version, page.policies, filters.format),
      },
    };
  }

  const get = (version: ApiVersion): Route =>
    guarded({
      method: 'GET',
      path: `/v${version}/policies/:policy_id`,
      family,
      summary: `Get a policy (version ${version})`,
      query: schema.getPolicyQuery,
      async handle({ caller, info, params, query }) {
        const policy = await policies.get({ caller, info }, params.policy_id ?? '');
        return reply(version, 200, policy, {}, query.format);
      },
    });

  const remove = (version: ApiVersion): Route =>
    guarded({
      method: 'DELETE',
      path: `/v${version}/policies/:policy_id`,
      family,
      summary: `Delete a policy (version ${version})`,
      async handle({ caller, info, params }) {
        await policies.remove({ caller, info }, params.policy_id ?? '');
        return { status: 204 };
      },
    });

  const forms = { 1: schema.policyBodyV1, 2: schema.policyBodyV2 } as const;
  // The schema of each version yields the document of that version.
  const versioned = (apiVersion: ApiVersion, document: unknown) => ({ apiVersion, document }) as Parameters<PolicyService['create']>[1];

  const create = (version: ApiVersion): Route =>
    guarded({
      method: 'POST',
      path: `/v${version}/policies`,
      family,
      summary: `Create a policy (version ${version})`,
      body: forms[version],
      bodyLimit: BODY_LIMIT,
      async handle({ caller, info, body }) {
        const { policy, warnings } = await policies.create({ caller, info }, versioned(version, body));
        return reply(version, 201, policy, { warnings });
      },
    });

  const replace = (version: ApiVersion): Route =>
    guarded({
      method: 'PUT',
      path: `/v${version}/policies/:policy_id`,
      family,
      summary: `Replace a policy (version ${version})`,
      body: forms[version],
      bodyLimit: BODY_LIMIT,
      async handle({ caller, info, params, headers, body }) {
        const changed = await policies.replace({ caller, info }, params.policy_id ?? '', requireIfMatch(headers), versioned(version, body));
        return reply(version, 200, changed.policy, { warnings: changed.warnings });
      },
    });

  return [
    create(1),
    guarded({
      method: 'GET',
      path: '/v1/policies',
      family,
      summary: 'List policies (version 1)',
      query: schema.listPoliciesV1Query,
      handle({ caller, info, query }) {
        const { tag_name: name, tag_value: value } = query;
        return list(
          1,
          { caller, info },
          query,
          ({ tags }) =>
            (name === undefined && value === undefined) ||
            tags.some((tag) => (name === undefined || tag.key === name) && (value === undefined || tag.value === value)),
        );
      },
    }),
    get(1),
    replace(1),
    remove(1),
    guarded({
      method: 'PATCH',
      path: '/v1/policies/:policy_id',
      family,
      summary: 'Restore or delete a policy',
      body: schema.policyStateBody,
      async handle({ caller, info, params, headers, body }) {
        return reply(1, 200, await policies.setState({ caller, info }, params.policy_id ?? '', requireIfMatch(headers), body.state));
      },
    }),
    create(2),
    guarded({
      method: 'GET',
      path: '/v2/policies',
      family,
      summary: 'List policies (version 2)',
      query: schema.listPoliciesV2Query,
      handle({ caller, info, query }) {
        const { service_name: service, service_group_id: group } = query;
        return list(
          2,
          { caller, info },
          query,
          (content) =>
            (service === undefined || literalResource(content, 'serviceName') === service) &&
            (group === undefined || literalResource(content, 'service_group_id') === group),
        );
      },
    }),
    get(2),
    replace(2),
    remove(2),
  ];
}
