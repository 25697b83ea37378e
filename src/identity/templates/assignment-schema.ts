/** Wire forms of assignments. */
import { z } from 'zod';
import type { Extras } from '../history.ts';
import { accountId, flag, order, pageSize, printExtras, withoutUndefined } from '../schema.ts';
import type { AssignmentResource, TemplateAssignment } from './assignment.ts';
import { printAuthors } from './template-schema.ts';

const version = z.number().int('must be a whole number').min(1);
const targetType = z.enum(['Account', 'AccountGroup']);

export const createAssignmentBody = z.object({
  template_id: z.string().min(1).max(100),
  template_version: version,
  target_type: targetType.refine((type) => type === 'Account', "must be 'Account': there are no account groups to assign a template to"),
  target: accountId,
});

export const updateAssignmentBody = z.object({ template_version: version });

export const listAssignmentsQuery = z.object({
  account_id: accountId.optional(),
  template_id: z.string().max(100).optional(),
  template_version: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'must be the number of a version')
    .transform(Number)
    .optional(),
  target: z.string().max(100).optional(),
  target_type: targetType.optional(),
  limit: pageSize.optional(),
  pagetoken: z.string().optional(),
  sort: z.enum(['created_at', 'last_modified_at', 'template_id']).optional(),
  order: order.optional(),
  include_history: flag.optional(),
});

export const getAssignmentQuery = z.object({ include_history: flag.optional() });

const printResource = (kind: TemplateAssignment['kind'], { target, status, resourceId, error }: AssignmentResource) => ({
  target,
  [kind]: withoutUndefined({ resource_created: resourceId === undefined ? undefined : { id: resourceId }, error_message: error, status }),
  // As in the template itself: policy templates are not offered yet.
  ...(kind === 'profile' && { policy_template_references: [] }),
});

/** As a list shows it: without what came of it. */
export function printListedAssignment(assignment: TemplateAssignment, extra: Extras = {}) {
  return {
    id: assignment.id,
    account_id: assignment.accountId,
    template_id: assignment.templateId,
    template_version: assignment.templateVersion,
    target_type: assignment.targetType,
    target: assignment.target,
    status: assignment.status,
    ...printExtras(extra),
    ...printAuthors(assignment),
    entity_tag: assignment.entityTag,
  };
}

export function printAssignment(assignment: TemplateAssignment, extra: Extras = {}) {
  return {
    ...printListedAssignment(assignment, extra),
    resources: assignment.resources.map((resource) => printResource(assignment.kind, resource)),
  };
}
