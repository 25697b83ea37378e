/** Wire forms of service IDs and of the groups that hold them. */
import { z } from 'zod';
import { printMinutes } from '../../kernel/times.ts';
import { nestedApiKeyBody, readKeyWish } from '../api-keys/api-key-schema.ts';
import type { Extras } from '../history.ts';
import { accountId, crn, description, flag, name, pagedQuery, printExtras } from '../schema.ts';
import { type ServiceId, type ServiceIdGroup, serviceIdCrn, serviceIdGroupCrn, serviceIdIamId } from './service-id.ts';
import type { ServiceIdWish } from './service-id-service.ts';

const MAX_INSTANCES = 100;

const changeable = { description: description.optional(), unique_instance_crns: z.array(crn).max(MAX_INSTANCES).optional() };
const groupId = z.string().min(1).max(100);

export const createServiceIdBody = z.object({
  ...changeable,
  account_id: accountId,
  name,
  group_id: groupId.optional(),
  apikey: nestedApiKeyBody.optional(),
});

export const updateServiceIdBody = z.object({ ...changeable, name: name.optional() });

export const showGroupQuery = z.object({ show_group_id: flag.optional() });

export const getServiceIdQuery = showGroupQuery.extend({ include_history: flag.optional(), include_activity: flag.optional() });

export const listServiceIdsQuery = showGroupQuery.extend({
  ...pagedQuery,
  account_id: accountId.optional(),
  group_id: groupId.optional(),
  name: z.string().optional(),
  sort: z.enum(['name', 'description', 'created_at', 'modified_at']).optional(),
});

export const createServiceIdGroupBody = z.object({ account_id: accountId, name, description: description.optional() });
export const updateServiceIdGroupBody = z.object({ name, description: description.optional() });
export const listServiceIdGroupsQuery = z.object({ account_id: accountId });

export function readServiceIdWish(body: (typeof createServiceIdBody)['_output'], locked: boolean): ServiceIdWish {
  return {
    accountId: body.account_id,
    name: body.name,
    description: body.description || null,
    uniqueInstanceCrns: body.unique_instance_crns ?? [],
    locked,
    groupId: body.group_id,
    apiKey: body.apikey && readKeyWish(body.apikey),
  };
}

/** A service ID as the API prints it; its group only where that was asked for. */
export function printServiceId(serviceId: ServiceId, showGroupId: boolean, extra: Extras = {}) {
  return {
    id: serviceId.id,
    iam_id: serviceIdIamId(serviceId.id),
    entity_tag: serviceId.entityTag,
    crn: serviceIdCrn(serviceId),
    locked: serviceId.locked,
    created_at: printMinutes(serviceId.createdAt),
    modified_at: printMinutes(serviceId.modifiedAt),
    account_id: serviceId.accountId,
    ...(showGroupId && { group_id: serviceId.groupId }),
    name: serviceId.name,
    ...(serviceId.description !== null && { description: serviceId.description }),
    unique_instance_crns: serviceId.uniqueInstanceCrns,
    ...printExtras(extra),
  };
}

export function printServiceIdGroup(group: ServiceIdGroup) {
  return {
    id: group.id,
    entity_tag: group.entityTag,
    account_id: group.accountId,
    crn: serviceIdGroupCrn(group),
    name: group.name,
    ...(group.description !== null && { description: group.description }),
    created_at: printMinutes(group.createdAt),
    created_by: group.createdBy,
    modified_at: printMinutes(group.modifiedAt),
  };
}
