/** `POST /v2/authz`: decisions for enforcement points, in the words that IBM's clients send and parse. */
import { parseJsonObject } from '@podpass/jwt';
import { cacheKeyPattern, type Decision } from '@podpass/policy';
import type { Caller, RequestInfo } from '../../kernel/caller.ts';
import { crnAccountId, readCrn } from '../../kernel/crn.ts';
import type { AuthzItem } from './authz-schema.ts';
import type { Decisions, FindAccess } from './decide.ts';

export interface AuthzDeps {
  readonly decisions: Decisions;
  readonly findAccess: FindAccess;
  /** The account in which operators of catalog services are registered. */
  readonly installationAccountId: string;
  /** What is known of an instance, e.g. its resource group; undefined for an instance that nobody registered. */
  readonly findInstance: (serviceName: string, instance: string) => { readonly resourceGroupId?: string } | undefined;
}

export type AuthzService = ReturnType<typeof createAuthzService>;

interface Question {
  readonly subjectId: string;
  readonly scope?: string;
  readonly action: string;
  readonly resource: Readonly<Record<string, string>>;
}

type ItemReply = { readonly status: string; readonly [member: string]: unknown };

const asText = (attributes: Readonly<Record<string, string | number | boolean>> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes ?? {}).map(([key, value]) => [key, String(value)]));

/** The attributes that a CRN stands for. */
function crnAttributes(text: string): Record<string, string> | undefined {
  const crn = readCrn(text);
  if (!crn) return undefined;
  const { serviceName, region, serviceInstance, resourceType, resource, ctype } = crn;
  const all = { serviceName, region, accountId: crnAccountId(crn) ?? '', serviceInstance, resourceType, resource, ctype };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

/** The subject that a token's payload names. The payload carries no proof: it is the operator's word about its caller. */
function subjectFromTokenBody(body: string): Record<string, string> | undefined {
  try {
    const claims = parseJsonObject(Buffer.from(body, 'base64url'));
    if (typeof claims.iam_id !== 'string') return undefined;
    return { id: claims.iam_id, ...(typeof claims.scope === 'string' && { scope: claims.scope }) };
  } catch {
    return undefined; // Not a payload: the item lacks a subject and says so.
  }
}

function readQuestion(item: AuthzItem): Question | string {
  if (!item.action) return 'an action needs to be provided for a valid request';
  const fromToken = item.subject?.accessTokenBody === undefined ? undefined : subjectFromTokenBody(item.subject.accessTokenBody);
  const subject = { ...asText(item.subject?.attributes), ...fromToken };
  if (!subject.id) return 'a subject needs to be provided for a valid request';
  const fromCrn = item.resource?.crn === undefined ? {} : crnAttributes(item.resource.crn);
  if (!fromCrn) return 'a resource needs to be provided for a valid request: its CRN is not well-formed';
  const resource = { ...asText(item.resource?.attributes), ...fromCrn };
  if (Object.keys(resource).length === 0) return 'a resource needs to be provided for a valid request';
  return { subjectId: subject.id, action: item.action, resource, ...(subject.scope !== undefined && { scope: subject.scope }) };
}

export function createAuthzService(deps: AuthzDeps) {
  const { decisions, findAccess, installationAccountId, findInstance } = deps;

  const failed = (status: string, code: string, message: string, info: RequestInfo): ItemReply => ({
    status,
    error: {
      transactionId: info.transactionId,
      instanceId: 'podpass',
      errors: [{ businessCode: code, code, message, moreInfo: '', target: { type: 'field', name: '' } }],
    },
  });

  function printDecision(decision: Decision): ItemReply {
    if (!decision.permitted) return { status: '200', authorizationDecision: { permitted: false, reason: decision.reason } };
    const { actions, subject, resource, maxCacheAgeSeconds } = decision.obligation;
    return {
      status: '200',
      authorizationDecision: {
        permitted: true,
        obligation: {
          actions,
          environment: { attributes: {} },
          maxCacheAgeSeconds,
          subject: { attributes: subject },
          ...(resource && { resource: { attributes: resource } }),
        },
      },
    };
  }

  async function answer(caller: Caller, info: RequestInfo, item: AuthzItem): Promise<ItemReply> {
    const question = readQuestion(item);
    if (typeof question === 'string') return failed('400', 'invalid_body', question, info);
    const { serviceName = '', accountId = '', serviceInstance, resourceGroupId, ...others } = question.resource;
    const access = await findAccess(accountId);
    const installation = await findAccess(installationAccountId);
    const isOperator = (access?.isOperator(serviceName, caller.iamId) || installation?.isOperator(serviceName, caller.iamId)) ?? false;
    if (!isOperator && !access?.isOwner(caller.iamId)) {
      return failed('403', 'insufficent_permissions', 'The caller is unauthorized to make this request.', info);
    }
    // The inventory knows the resource group of a registered instance; of others only the service's operator may say it.
    const instance = serviceInstance === undefined ? undefined : findInstance(serviceName, serviceInstance);
    const group = instance ? instance.resourceGroupId : isOperator ? resourceGroupId : undefined;
    const resource = {
      ...others,
      serviceName,
      accountId,
      ...(serviceInstance !== undefined && { serviceInstance }),
      ...(group !== undefined && { resourceGroupId: group }),
    };
    const subject = { iamId: question.subjectId, ...(question.scope !== undefined && { scope: question.scope }) };
    return printDecision(decisions.decide(access, { subject, action: question.action, resource }));
  }

  return {
    /** Answers in the order of the questions. The status is the items' own where they all fail alike, 207 where only some do. */
    async decide(caller: Caller, info: RequestInfo, items: readonly AuthzItem[]): Promise<{ status: number; body: unknown }> {
      const responses: ItemReply[] = [];
      for (const item of items) responses.push(await answer(caller, info, item));
      const statuses = new Set(responses.map((response) => response.status));
      const status = statuses.size === 1 ? Number(responses[0]?.status ?? '200') : 207;
      return { status, body: { cacheKeyPattern, responses } };
    },
  };
}
