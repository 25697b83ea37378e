/** The policy API (v1) and the decision API as a table. */
import type { Cursors } from '../kernel/cursor.ts';
import { DomainError } from '../kernel/errors.ts';
import { pageLink } from '../kernel/page-links.ts';
import { guarded, type Route } from '../kernel/route.ts';
import type { AuthzService } from './authz-service.ts';
import type { Catalog } from './catalog/catalog.ts';
import type { PolicyDocument, StoredPolicy } from './policy.ts';
import type { PolicyService } from './policy-service.ts';
import * as schema from './schema.ts';

export interface AccessRouteDeps {
  readonly policies: PolicyService;
  readonly authz: AuthzService;
  readonly catalog: Catalog;
  readonly cursors: Cursors;
  readonly publicUrl: () => string;
}

const family = 'policies';
const DEFAULT_PAGE = 50;
/** Clients that send no `limit` follow no `next` either, so they get everything up to this many. */
const UNPAGED = 1000;
/** Of a policy, because one page may hold that many. */
const BODY_LIMIT = 32 * 1024;

type PolicySort = 'id' | 'type' | 'href' | 'created_at' | 'created_by_id' | 'last_modified_at' | 'last_modified_by_id' | 'state';

export function accessRoutes({ policies, authz, catalog, cursors, publicUrl }: AccessRouteDeps): readonly Route[] {
  const reply = (status: number, policy: StoredPolicy) => ({
    status,
    body: schema.printPolicy(policy, catalog, publicUrl()),
    headers: { etag: policy.entityTag },
  });
  return [
    guarded({
      method: 'POST',
      path: '/v1/policies',
      family,
      summary: 'Create an access policy',
      body: schema.createPolicyBody,
      bodyLimit: BODY_LIMIT,
      async handle({ caller, info, body }) {
        if (body.type !== 'access') {
          throw new DomainError('invalid_body', {
            message: "Field 'type' must be 'access'; authorization policies are not offered by this server yet.",
          });
        }
        // The schema has checked the shape; the stored document is what the client sent, member for member.
        return reply(201, await policies.create({ caller, info }, body as unknown as PolicyDocument));
      },
    }),
    guarded({
      method: 'GET',
      path: '/v1/policies',
      family,
      summary: 'List access policies',
      query: schema.listPoliciesQuery,
      async handle({ caller, info, query }) {
        const { start, limit: asked, ...filters } = query;
        const offset = start === undefined ? 0 : Number(cursors.open('policies', start, 'start').offset);
        const sort = filters.sort ?? 'created_at';
        const subjectKey = filters.iam_id ?? filters.access_group_id;
        const found = await policies.list(
          { caller, info },
          {
            accountId: filters.account_id,
            ...(subjectKey !== undefined && { subjectKey }),
            ...(filters.type !== undefined && { type: filters.type }),
            state: filters.state ?? 'active',
            sort: sort.replace('-', '') as PolicySort,
            descending: sort.startsWith('-'),
            serviceType: filters.service_type,
            tagName: filters.tag_name,
            tagValue: filters.tag_value,
          },
        );
        const limit = asked ?? (found.length <= UNPAGED ? UNPAGED : DEFAULT_PAGE);
        const at = (place: number) => {
          const token = place === 0 ? undefined : cursors.seal('policies', { offset: place });
          const href = pageLink(publicUrl(), '/v1/policies', { ...filters, limit, start: token });
          return token === undefined ? { href } : { href, start: token };
        };
        return {
          status: 200,
          body: {
            limit,
            first: at(0),
            ...(offset > 0 && { previous: at(Math.max(0, offset - limit)) }),
            ...(offset + limit < found.length && { next: at(offset + limit) }),
            policies: found.slice(offset, offset + limit).map((policy) => schema.printPolicy(policy, catalog, publicUrl())),
          },
        };
      },
    }),
    guarded({
      method: 'GET',
      path: '/v1/policies/:policy_id',
      family,
      summary: 'Get an access policy',
      handle: async ({ caller, info, params }) => reply(200, await policies.get({ caller, info }, params.policy_id ?? '')),
    }),
    guarded({
      method: 'DELETE',
      path: '/v1/policies/:policy_id',
      family,
      summary: 'Delete an access policy',
      async handle({ caller, info, params }) {
        await policies.remove({ caller, info }, params.policy_id ?? '');
        return { status: 204 };
      },
    }),
    guarded({
      method: 'POST',
      path: '/v2/authz',
      family,
      summary: 'Decide what subjects may do',
      body: schema.authzBody,
      handle: ({ caller, info, body }) => authz.decide(caller, info, body),
    }),
  ];
}
