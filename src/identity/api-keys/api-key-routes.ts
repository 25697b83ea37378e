/** API keys as a table. */
import type { Caller } from '../../kernel/caller.ts';
import { DomainError } from '../../kernel/errors.ts';
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';
import { readFlagHeader } from '../flag-header.ts';
import { firstPage, type PagedList, type Pager } from '../pages.ts';
import { tagged, withoutUndefined } from '../schema.ts';
import { readServiceId, serviceIdIamId } from '../service-ids/service-id.ts';
import type { SwitchName } from '../switches.ts';
import * as schema from './api-key-schema.ts';
import { type ApiKeyDetails, type ApiKeyPage, createApiKeyService } from './api-key-service.ts';

const family = 'identity';
const LIST: PagedList = { name: 'apikeys', path: '/v1/apikeys', member: 'apikeys' };
const KEY = `${LIST.path}/:apikey_id`;
const VALUE_HEADER = 'IAM-ApiKey';

/** The calls that switch a state of a key. */
const SWITCH_CALLS: readonly (readonly [method: 'POST' | 'DELETE', state: string, name: SwitchName])[] = [
  ['POST', 'lock', 'lock'],
  ['DELETE', 'lock', 'unlock'],
  ['POST', 'disable', 'disable'],
  ['DELETE', 'disable', 'enable'],
];

/** The keys of the caller, of another identity where one is named, or of all of them. */
function readPage(query: (typeof schema.listApiKeysQuery)['_output'], pager: Pager, caller: Caller): ApiKeyPage {
  if (query.pagetoken !== undefined) return pager.open<ApiKeyPage>(LIST, query.pagetoken);
  const everybody = query.scope === 'account' || query.group_id !== undefined;
  const serviceId = readServiceId(query.iam_id ?? '');
  const named = serviceId === undefined ? query.iam_id : serviceIdIamId(serviceId);
  const iamId = named ?? (everybody ? undefined : caller.iamId);
  return {
    accountId: query.account_id ?? caller.accountId,
    ...withoutUndefined({ iamId, type: query.type, groupId: query.group_id, filter: query.filter }),
    ...firstPage(query),
  };
}

function readValueHeader(headers: Readonly<Record<string, string | undefined>>): string {
  const value = headers[VALUE_HEADER.toLowerCase()];
  if (value) return value;
  throw new DomainError('missing_field', {
    message: `Header '${VALUE_HEADER}' is missing.`,
    details: 'Send the value of the API key whose details you want.',
  });
}

const replyWith = ({ key, value, ...extra }: ApiKeyDetails) => tagged(200, schema.printApiKey(key, value, extra));

export function apiKeyRoutes(deps: IdentityDeps, pager: Pager): readonly Route[] {
  const apiKeys = createApiKeyService(deps);
  return [
    guarded({
      method: 'POST',
      path: LIST.path,
      family,
      summary: 'Create an API key',
      body: schema.createApiKeyBody,
      async handle({ caller, info, headers, body }) {
        const owner = { accountId: body.account_id ?? caller.accountId, iamId: body.iam_id };
        const state = { locked: readFlagHeader(headers, 'Entity-Lock'), disabled: readFlagHeader(headers, 'Entity-Disable') };
        const { key, value } = await apiKeys.create({ caller, info }, owner, schema.readKeyWish(body, state));
        return tagged(201, schema.printApiKey(key, value.reveal()));
      },
    }),
    guarded({
      method: 'GET',
      path: LIST.path,
      family,
      summary: 'List API keys',
      query: schema.listApiKeysQuery,
      async handle({ caller, info, query }) {
        const page = readPage(query, pager, caller);
        const { items, hasMore } = await apiKeys.list({ caller, info }, page);
        const printed = items.map(({ key, ...extra }) => schema.printApiKey(key, '', extra));
        return { status: 200, body: pager.reply(LIST, page, hasMore, printed) };
      },
    }),
    guarded({
      method: 'GET',
      path: `${LIST.path}/details`,
      family,
      summary: 'Get the API key that has a value',
      query: schema.getApiKeyDetailsQuery,
      async handle({ headers, query }) {
        const included = { history: query.include_history ?? false, activity: false };
        return replyWith(await apiKeys.getByValue(readValueHeader(headers), included));
      },
    }),
    guarded({
      method: 'GET',
      path: KEY,
      family,
      summary: 'Get an API key',
      query: schema.getApiKeyQuery,
      async handle({ caller, info, params, query }) {
        const included = { history: query.include_history ?? false, activity: query.include_activity ?? false };
        return replyWith(await apiKeys.get({ caller, info }, params.apikey_id ?? '', included));
      },
    }),
    guarded({
      method: 'PUT',
      path: KEY,
      family,
      summary: 'Update an API key',
      body: schema.updateApiKeyBody,
      async handle({ caller, info, params, headers, body }) {
        const changes = schema.readApiKeyChanges(body);
        return tagged(
          200,
          schema.printApiKey(await apiKeys.update({ caller, info }, params.apikey_id ?? '', requireIfMatch(headers), changes)),
        );
      },
    }),
    guarded({
      method: 'DELETE',
      path: KEY,
      family,
      summary: 'Delete an API key',
      async handle({ caller, info, params }) {
        await apiKeys.remove({ caller, info }, params.apikey_id ?? '');
        return { status: 204 };
      },
    }),
    ...SWITCH_CALLS.map(([method, state, name]) =>
      guarded({
        method,
        path: `${KEY}/${state}`,
        family,
        summary: `${name.charAt(0).toUpperCase()}${name.slice(1)} an API key`,
        async handle({ caller, info, params }) {
          await apiKeys.turn({ caller, info }, params.apikey_id ?? '', name);
          return { status: 204 };
        },
      }),
    ),
  ];
}
