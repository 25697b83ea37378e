/** Wire forms of registered services, their operators and access tags. */
import { z } from 'zod';
import { accountId, flag, pageSize, withoutUndefined } from '../../identity/schema.ts';
import { printInstant } from '../../kernel/times.ts';
import type { ResourceTags } from './resource-tags.ts';
import { ACCESS_TAG, INSTANCE, MAX_TAGS } from './resource-tags.ts';
import { isServiceName, SERVICE_NAME_RULE } from './service-names.ts';
import type { RegisteredAction, RegisteredAttribute, RegisteredRole, RegisteredService, ServiceContent } from './service-registration.ts';

const MAX_ACTIONS = 500;
const MAX_ROLES = 50;
const MAX_ATTRIBUTES = 50;
const MAX_OPERATORS = 100;

const displayName = z.string().min(1).max(50);
const description = z.string().max(250);
const actionName = z.string().min(1).max(100);

/** Every identity has an id without spaces; which of them exist in other accounts is not known here. */
const operators = z
  .array(
    z
      .string()
      .min(3)
      .max(300)
      .regex(/^[\x21-\x7e]+$/, 'must be an iam_id such as iam-ServiceId-… or IBMid-…, without spaces'),
  )
  .max(MAX_OPERATORS)
  .superRefine((list, context) => {
    const seen = new Set<string>();
    for (const [index, iamId] of list.entries()) {
      if (seen.has(iamId)) context.addIssue({ code: 'custom', path: [index], message: 'is in the list already' });
      seen.add(iamId);
    }
  });

const action = z.union(
  [
    actionName,
    z
      .strictObject({ id: actionName, display_name: displayName.optional(), description: description.optional() })
      .transform(({ id, display_name, description: text }) => withoutUndefined({ id, displayName: display_name, description: text })),
  ],
  'must be a text of 1 to 100 characters, or an object with id and, where wanted, display_name and description',
);

const role = z
  .strictObject({
    name: z.string().min(1).max(100),
    display_name: displayName.optional(),
    description: description.optional(),
    actions: z.array(actionName).min(1).max(MAX_ACTIONS),
  })
  .transform(({ name, display_name, description: text, actions }) =>
    withoutUndefined({ name, displayName: display_name, description: text, actions }),
  );

const attribute = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "must be letters, digits, '_' and '-', a letter first"),
    display_name: displayName.optional(),
  })
  .transform(({ key, display_name }) => withoutUndefined({ key, displayName: display_name }));

export const putServiceBody = z.object({
  account_id: accountId,
  operators,
  actions: z.array(action).max(MAX_ACTIONS),
  roles: z.array(role).max(MAX_ROLES),
  attributes: z.array(attribute).max(MAX_ATTRIBUTES).default([]),
  display_name: displayName.optional(),
  description: description.optional(),
});

export type PutServiceBody = z.infer<typeof putServiceBody>;

export const accountQuery = z.object({ account_id: accountId });
export const deleteServiceQuery = z.object({ account_id: accountId, force: flag.optional() });
export const listServicesQuery = z.object({
  account_id: accountId.optional(),
  pagesize: pageSize.optional(),
  pagetoken: z.string().optional(),
});

export const putOperatorsBody = z.object({ account_id: accountId, operators });

const instanceMembers = {
  account_id: accountId.optional(),
  service_name: z.string().min(1).refine(isServiceName, `must consist of ${SERVICE_NAME_RULE}`).optional(),
  service_instance: z
    .string()
    .min(1)
    .regex(INSTANCE, "must be the id of an instance: at most 200 printable characters without spaces, ':' and '/'")
    .optional(),
  crn: z.string().min(1).max(1024).optional(),
};

const tag = z.string().regex(ACCESS_TAG, {
  message: "must be 'key:value', each of 1 to 128 letters, digits, spaces, underscores, hyphens and periods, without a space at either end",
});

export const putTagsBody = z.object({
  ...instanceMembers,
  tags: z
    .array(tag)
    .max(MAX_TAGS)
    .superRefine((list, context) => {
      for (const [index, one] of list.entries()) {
        if (list.indexOf(one) < index) context.addIssue({ code: 'custom', path: [index], message: 'is in the list already' });
      }
    }),
});

export const tagsQuery = z.object(instanceMembers);

export function contentOfBody(body: PutServiceBody): ServiceContent {
  const { actions, roles, attributes } = body;
  return { displayName: body.display_name ?? null, description: body.description ?? null, actions, roles, attributes };
}

const printWords = ({ displayName: shown, description: text }: { readonly displayName?: string; readonly description?: string }) => ({
  ...(shown !== undefined && { display_name: shown }),
  ...(text !== undefined && { description: text }),
});

const printAction = (one: RegisteredAction) => (typeof one === 'string' ? one : { id: one.id, ...printWords(one) });
const printRole = (one: RegisteredRole) => ({ name: one.name, ...printWords(one), actions: one.actions });
const printAttribute = (one: RegisteredAttribute) => ({ key: one.key, ...printWords(one) });

export function printService(service: RegisteredService, ids: readonly string[]) {
  return {
    name: service.name,
    account_id: service.accountId,
    kind: 'registered',
    entity_tag: service.entityTag,
    ...(service.displayName !== null && { display_name: service.displayName }),
    ...(service.description !== null && { description: service.description }),
    operators: ids,
    actions: service.actions.map(printAction),
    roles: service.roles.map(printRole),
    attributes: service.attributes.map(printAttribute),
    created_at: printInstant(service.createdAt),
    created_by_id: service.createdById,
    modified_at: printInstant(service.modifiedAt),
    modified_by_id: service.modifiedById,
  };
}

export interface OperatorList {
  readonly accountId: string;
  readonly serviceName: string;
  readonly entityTag: string;
  readonly operators: readonly string[];
}

/** A built-in service as far as the account has a say in it. */
export const printBuiltIn = (list: OperatorList) => ({ ...printOperators(list), kind: 'built_in' });

export const printOperators = ({ accountId: account, serviceName, entityTag, operators: ids }: OperatorList) => ({
  name: serviceName,
  account_id: account,
  entity_tag: entityTag,
  operators: ids,
});

export const printTags = (account: string, { serviceName, serviceInstance, tags }: ResourceTags) => ({
  account_id: account,
  service_name: serviceName,
  service_instance: serviceInstance,
  tags,
});
