/** What a policy must say beside having the right shape: IBM Cloud, "How IAM policies work". Throws `invalid_body` naming the field. */
import { type AttributeClause, clauseProblem } from '@podpass/policy';
import { PUBLIC_ACCESS_GROUP } from '../../groups/group.ts';
import { readCrn } from '../../kernel/crn.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { roleHome } from '../catalog/roles.ts';
import { accessSubject, literalResource, type PolicyContent } from './policy.ts';
import { checkRule } from './rule-checks.ts';

/** How the parts of a policy are called in the API version that was spoken. */
export interface PolicyFields {
  readonly subject: string;
  readonly roles: string;
  readonly resource: string;
  readonly tags: string;
}

export const FIELDS_V1: PolicyFields = Object.freeze({
  subject: 'subjects[0].attributes',
  roles: 'roles',
  resource: 'resources[0].attributes',
  tags: 'resources[0].tags',
});

export const FIELDS_V2: PolicyFields = Object.freeze({
  subject: 'subject.attributes',
  roles: 'control.grant.roles',
  resource: 'resource.attributes',
  tags: 'resource.tags',
});

const SUBJECT_KEYS: ReadonlySet<string> = new Set(['iam_id', 'access_group_id']);
const SOURCE_KEYS: ReadonlySet<string> = new Set([
  ...['accountId', 'serviceName', 'serviceInstance', 'region', 'resourceType', 'resource', 'resourceGroupId'],
]);
const SCOPING_KEYS: ReadonlySet<string> = new Set(['serviceType', 'serviceName', 'resourceGroupId', 'service_group_id']);
const SERVICE_TYPES: ReadonlySet<string> = new Set(['service', 'platform_service']);
const SERVICE_GROUPS: ReadonlySet<string> = new Set(['IAM']);
const TARGET_KEYS: ReadonlySet<string> = new Set(['serviceName', 'resourceType', 'resourceGroupId', 'serviceType']);

export const invalid = (message: string, details?: string) =>
  new DomainError('invalid_body', { message, ...(details !== undefined && { details }) });

const shown = (text: string): string => text.slice(0, 140);

/** Refuses an attribute list that says two things about one name, or that an operator does not fit. */
function checkClauses(field: string, clauses: readonly AttributeClause[], isTag = false): void {
  const seen = new Set<string>();
  for (const clause of clauses) {
    const problem = clauseProblem(clause);
    if (problem !== undefined) throw invalid(`Field '${field}' is not acceptable in the attribute '${shown(clause.key)}': ${problem}`);
    const name = isTag ? JSON.stringify([clause.key, clause.value]) : clause.key;
    if (seen.has(name)) {
      throw invalid(`Field '${field}' has multiple entries for the attribute '${shown(clause.key)}'; exactly one is expected.`);
    }
    seen.add(name);
  }
}

const find = (clauses: readonly AttributeClause[], key: string) => clauses.find((clause) => clause.key === key);

/** The account that clauses name literally; a policy that could reach several accounts reaches none. */
function accountOf(field: string, clauses: readonly AttributeClause[]): string {
  const clause = find(clauses, 'accountId');
  if (clause?.operator === 'stringEquals' && typeof clause.value === 'string' && clause.value !== '') return clause.value;
  throw invalid(`Field '${field}' must name the account: accountId with its id as the value, compared with stringEquals.`);
}

function checkAccessSubject(field: string, { subject }: PolicyContent): void {
  const [only] = subject;
  if (subject.length !== 1 || !SUBJECT_KEYS.has(only?.key ?? '') || only?.operator !== 'stringEquals' || typeof only.value !== 'string') {
    throw invalid(`Field '${field}' must hold exactly one attribute: iam_id or access_group_id, compared with stringEquals.`);
  }
}

function checkSourceService(field: string, { subject }: PolicyContent): void {
  accountOf(field, subject);
  const foreign = subject.find(({ key }) => !SOURCE_KEYS.has(key));
  if (foreign !== undefined) {
    throw invalid(`Field '${field}' may hold ${[...SOURCE_KEYS].join(', ')} in an authorization, not '${shown(foreign.key)}'.`);
  }
  const odd = subject.find(({ operator }) => operator !== 'stringEquals' && operator !== 'stringExists');
  if (odd !== undefined) throw invalid(`Field '${field}' takes the operators stringEquals and stringExists, not '${odd.operator}'.`);
  if (find(subject, 'serviceName') === undefined && find(subject, 'resourceGroupId') === undefined) {
    throw invalid(`Field '${field}' must hold serviceName or resourceGroupId beside accountId: which services are authorized.`);
  }
}

/** Refuses words that no service answers to, and clauses of which one excludes the other whatever the resource is. */
function checkServices(field: string, content: PolicyContent): void {
  const serviceType = literalResource(content, 'serviceType');
  const serviceName = literalResource(content, 'serviceName');
  const group = literalResource(content, 'service_group_id');
  if (serviceName === '') throw invalid(`Field '${field}' is not acceptable: serviceName must not be empty.`);
  if (serviceType !== undefined && !SERVICE_TYPES.has(serviceType)) {
    throw invalid(`Field '${field}' is not acceptable: serviceType must be 'service' or 'platform_service', not '${shown(serviceType)}'.`);
  }
  if (group !== undefined && !SERVICE_GROUPS.has(group)) {
    throw invalid(`Field '${field}' is not acceptable: service_group_id must be 'IAM', not '${shown(group)}'.`);
  }
  if (group !== undefined && serviceType === 'service') {
    throw invalid(`Field '${field}' can match nothing: the services of the group '${group}' are account management services.`);
  }
}

/** Refuses a service under a type that is not its own. */
function refuseOtherType(field: string, content: PolicyContent, catalog: Catalog): void {
  const serviceType = literalResource(content, 'serviceType');
  const serviceName = literalResource(content, 'serviceName');
  const known = serviceName === undefined ? undefined : catalog.serviceType(serviceName);
  if (serviceType !== undefined && known !== undefined && known !== serviceType) {
    throw invalid(`Field '${field}' can match nothing: the serviceType of '${shown(serviceName ?? '')}' is '${known}'.`);
  }
}

function checkAccessResource(field: string, content: PolicyContent): void {
  const { resource } = content;
  if (!resource.some(({ key }) => SCOPING_KEYS.has(key)) && literalResource(content, 'resourceType') !== 'resource-group') {
    throw invalid(`Field '${field}' must hold serviceName, serviceType, resourceGroupId or service_group_id beside accountId.`);
  }
  if (find(resource, 'serviceName') !== undefined && find(resource, 'service_group_id') !== undefined) {
    throw invalid(`Field '${field}' may hold serviceName or service_group_id, not both.`);
  }
}

function checkTags(fields: PolicyFields, { resource, tags }: PolicyContent): void {
  if (tags.length === 0) return;
  const onlyServices = resource.length === 2 && resource.some(({ key, value }) => key === 'serviceType' && value === 'service');
  if (!onlyServices) throw invalid(`Field '${fields.tags}' goes with the attributes accountId and serviceType=service and no other.`);
  const odd = tags.find(({ operator }) => operator !== 'stringEquals' && operator !== 'stringMatch');
  if (odd !== undefined) throw invalid(`Field '${fields.tags}' takes the operators stringEquals and stringMatch, not '${odd.operator}'.`);
  const starred = tags.find(({ operator, value }) => operator === 'stringEquals' && value === '*');
  if (starred !== undefined) {
    throw invalid(`Field '${fields.tags}' compares '${shown(starred.key)}' with '*', which no tag is: for any value use stringMatch.`);
  }
}

/** A role exists, and one that a service made for itself goes with that service only. */
function checkRoles(field: string, content: PolicyContent, catalog: Catalog): void {
  const serviceName = literalResource(content, 'serviceName');
  for (const roleId of content.roleIds) {
    const role = catalog.role(roleId);
    if (!role)
      throw invalid(`Field '${field}' names an unknown role: '${roleId.slice(0, 200)}'.`, 'GET /v2/roles lists the roles that there are.');
    const crn = readCrn(role.crn);
    if (serviceName === undefined || crn?.serviceName === roleHome) continue;
    const own = crn?.resourceType === 'customRole' ? catalog.customRoles(serviceName) : catalog.serviceRoles(serviceName);
    if (!own.some((one) => one.crn === role.crn)) {
      throw invalid(`Field '${field}' names '${role.displayName}', a role that the service '${shown(serviceName)}' does not have.`);
    }
  }
}

const PRIVILEGED: ReadonlySet<string> = new Set(['role:Administrator', 'serviceRole:Manager']);

/** What everybody has stays small: one resource of one service, and nothing that changes it as a whole. */
function checkPublicAccess(fields: PolicyFields, content: PolicyContent): void {
  if (content.type !== 'access' || accessSubject(content).value !== PUBLIC_ACCESS_GROUP) return;
  const isSingle =
    literalResource(content, 'serviceName') !== undefined &&
    (literalResource(content, 'resource') !== undefined || literalResource(content, 'serviceInstance') !== undefined);
  if (!isSingle) {
    throw invalid(
      `Field '${fields.resource}' must name one resource for the public access group: serviceName with serviceInstance or resource.`,
    );
  }
  const wide = content.roleIds.find((roleId) => PRIVILEGED.has(roleId.split(':').slice(-2).join(':')));
  if (wide !== undefined)
    throw invalid(`Field '${fields.roles}' gives everybody '${wide}'; the public access group takes roles that read or write data.`);
}

/** Checks what can be checked of a policy without knowing its account, and returns the account. */
export function checkPolicy(content: PolicyContent, fields: PolicyFields): string {
  checkClauses(fields.subject, content.subject);
  checkClauses(fields.resource, content.resource);
  checkClauses(fields.tags, content.tags, true);
  const accountId = accountOf(fields.resource, content.resource);
  if (content.type === 'access') {
    checkAccessSubject(fields.subject, content);
    checkAccessResource(fields.resource, content);
  } else {
    checkSourceService(fields.subject, content);
    if (!content.resource.some(({ key }) => TARGET_KEYS.has(key))) {
      throw invalid(
        `Field '${fields.resource}' must hold serviceName or resourceType beside accountId: what the service is authorized on.`,
      );
    }
  }
  checkServices(fields.resource, content);
  checkTags(fields, content);
  checkPublicAccess(fields, content);
  checkRule(content);
  return accountId;
}

/** Checks the services and roles that a policy names against what its account has. */
export function checkNames(content: PolicyContent, fields: PolicyFields, catalog: Catalog): void {
  refuseOtherType(fields.resource, content, catalog);
  checkRoles(fields.roles, content, catalog);
}
