/** How policies are shown: each version of the API shows those of the other in a form of its own. */
import type { AttributeClause } from '@podpass/policy';
import { printInstant } from '../../kernel/times.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { contentOf, type StoredPolicy } from './policy.ts';
import type { PolicyFormat } from './policy-schema.ts';
import type { PolicyPermits } from './policy-store.ts';

export interface PrintContext {
  /** The catalog of the policy's account. */
  readonly catalog: Catalog;
  readonly publicUrl: string;
  readonly format?: PolicyFormat;
  /** Given with the format `include_last_permit`. */
  readonly permits?: PolicyPermits | undefined;
}

export type PrintedPolicy = Readonly<Record<string, unknown>>;

const UNSUPPORTED_ROLE = 'crn:v1:bluemix:public:iam::::role:UnsupportedVersion';

const serverMembers = (policy: StoredPolicy, { publicUrl, format, permits }: PrintContext) => ({
  id: policy.id,
  // Terraform tells by the version in this address which API it replaces and deletes the policy with.
  href: `${publicUrl}/v${policy.apiVersion}/policies/${policy.id}`,
  created_at: printInstant(policy.createdAt),
  created_by_id: policy.createdById,
  last_modified_at: printInstant(policy.lastModifiedAt),
  last_modified_by_id: policy.lastModifiedById,
  state: policy.state,
  ...(format === 'include_last_permit' && {
    last_permit_at: permits === undefined ? null : printInstant(permits.lastAt),
    last_permit_frequency: permits?.permits ?? 0,
  }),
});

/** In version 1. What version 2 made cannot be said there, and is shown as a placeholder that points to it. */
export function printPolicyV1(policy: StoredPolicy, context: PrintContext): PrintedPolicy {
  if (policy.apiVersion === 2) {
    return {
      type: policy.type,
      description: 'This version of the policy API does not support the policy. Use version 2 to read and change it.',
      subjects: [{ attributes: [{ name: 'iam_id', value: 'unsupported version' }] }],
      roles: [
        {
          role_id: UNSUPPORTED_ROLE,
          display_name: 'Unsupported Version',
          description: 'The policy is one of version 2 of the policy API.',
        },
      ],
      resources: [{ attributes: [{ name: 'accountId', value: policy.accountId }] }],
      ...serverMembers(policy, context),
    };
  }
  const { type, description, subjects, roles, resources } = policy.document;
  return {
    type,
    ...(description !== undefined && { description }),
    subjects,
    roles: roles.map(({ role_id }) => {
      const role = context.catalog.role(role_id);
      return { role_id, ...(role && { display_name: role.displayName, description: role.description }) };
    }),
    resources,
    ...serverMembers(policy, context),
  };
}

/** What the service of a policy makes of a role, as `format=display` asks for it. */
function displayedRole(roleId: string, serviceName: string | undefined, { catalog }: PrintContext) {
  const role = catalog.role(roleId);
  const actions = [...catalog.actions(roleId, serviceName ?? '')].map((id) => ({ id, display_name: id, description: '' }));
  return { role_id: roleId, ...(role && { display_name: role.displayName, description: role.description }), actions };
}

/** In version 2, which can say all of version 1. */
export function printPolicyV2(policy: StoredPolicy, context: PrintContext): PrintedPolicy {
  const content = contentOf(policy);
  const { document, apiVersion } = policy;
  const { type, description } = document;
  const service = content.resource.find(({ key, operator }) => key === 'serviceName' && operator === 'stringEquals')?.value;
  const granted = content.roleIds.map((role_id) =>
    context.format === 'display' ? displayedRole(role_id, service === undefined ? undefined : String(service), context) : { role_id },
  );
  const parts: { subject: unknown; resource: { attributes: readonly AttributeClause[]; tags?: readonly AttributeClause[] } } =
    apiVersion === 2
      ? { subject: document.subject, resource: document.resource }
      : {
          subject: { attributes: content.subject },
          resource: { attributes: content.resource, ...(content.tags.length > 0 && { tags: content.tags }) },
        };
  return {
    type,
    ...(description !== undefined && { description }),
    control: { grant: { roles: granted } },
    ...parts,
    ...(content.pattern !== undefined && { pattern: content.pattern }),
    ...(content.rule !== undefined && { rule: content.rule }),
    ...serverMembers(policy, context),
  };
}
