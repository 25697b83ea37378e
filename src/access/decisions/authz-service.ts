/** `POST /v2/authz` and `PUT /v2/authz/bulk`: decisions for enforcement points, as IBM's clients ask for them. */
import { cacheKeyPattern, type Decision } from '@podpass/policy';
import type { Caller, RequestInfo } from '../../kernel/caller.ts';
import { DomainError } from '../../kernel/errors.ts';
import { type Attributes, asTexts } from './asked-attributes.ts';
import { NO_RESOURCE } from './asked-resource.ts';
import { readSubject } from './asked-subject.ts';
import { badItem, type ItemReply, printObligation, statusOf, unauthorizedItem } from './authz-printing.ts';
import { NO_ACTION, readAuthzItem } from './authz-question.ts';
import type { AuthzBulkBody, AuthzItem } from './authz-schema.ts';
import { type DecisionPoint, UNAUTHORIZED } from './decision-point.ts';

export type AuthzService = ReturnType<typeof createAuthzService>;

const invalid = (message: string) => new DomainError('invalid_field', { message });

export function createAuthzService(point: DecisionPoint) {
  return {
    /** Answers in the order of the questions; an item that cannot be decided is an error of that item. */
    async decide(caller: Caller, info: RequestInfo, items: readonly AuthzItem[]): Promise<{ status: number; body: unknown }> {
      const inquiry = await point.begin(caller, info, 'authz');
      try {
        const responses: ItemReply[] = [];
        for (const item of items) {
          const question = readAuthzItem(item);
          if (typeof question === 'string') responses.push(badItem(question, info));
          else responses.push(printDecision(await inquiry.decide(question), info));
        }
        return { status: statusOf(responses), body: { cacheKeyPattern, responses } };
      } finally {
        inquiry.end();
      }
    },

    /** One subject, one action, many resources. Throws `forbidden` where the caller may not ask about one of them. */
    async decideBulk(caller: Caller, info: RequestInfo, body: AuthzBulkBody): Promise<{ status: number; body: unknown }> {
      const { action } = body;
      if (!action) throw invalid(NO_ACTION);
      const subject = readSubject(body.subject, 'never');
      if (typeof subject === 'string') throw invalid(subject);
      const resources = readResources(body.resources);
      const inquiry = await point.begin(caller, info, 'authz/bulk');
      try {
        const decisions: unknown[] = [];
        for (const resource of resources) {
          const decision = await inquiry.decide({ subject, action, resource });
          if (decision === undefined) throw new DomainError('forbidden', { message: UNAUTHORIZED });
          decisions.push(
            decision.permitted
              ? { decision: 'Permit', obligation: printObligation(decision.obligation) }
              : { decision: 'Deny', reason: decision.reason },
          );
        }
        return { status: 200, body: { cacheKeyPattern, decisions } };
      } finally {
        inquiry.end();
      }
    },
  };
}

function printDecision(decision: Decision | undefined, info: RequestInfo): ItemReply {
  if (decision === undefined) return unauthorizedItem(info);
  if (!decision.permitted) return { status: '200', authorizationDecision: { permitted: false, reason: decision.reason } };
  return { status: '200', authorizationDecision: { permitted: true, obligation: printObligation(decision.obligation) } };
}

/** The resources of a bulk request. What one says and all say is a contradiction, whatever the values. */
function readResources({ sharedAttributes, uniqueAttributes }: AuthzBulkBody['resources']): readonly Attributes[] {
  const shared = asTexts(sharedAttributes);
  return uniqueAttributes.map((given, index) => {
    const unique = asTexts(given);
    const twice = Object.keys(unique).find((key) => Object.hasOwn(shared, key));
    if (twice !== undefined) {
      throw invalid(`Field 'resources.uniqueAttributes[${index}].${twice}' is not acceptable: 'sharedAttributes' has '${twice}' already.`);
    }
    const resource = { ...shared, ...unique };
    if (Object.keys(resource).length === 0) throw invalid(NO_RESOURCE);
    return resource;
  });
}
