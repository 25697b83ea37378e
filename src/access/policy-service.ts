/** Access policies: one function per operation of the v1 policy API. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Mutate, MutationContext } from '../audit/mutation.ts';
import type { Clock } from '../kernel/clock.ts';
import { readCrn } from '../kernel/crn.ts';
import { newEntityTag } from '../kernel/entity-tag.ts';
import { DomainError } from '../kernel/errors.ts';
import { type Ids, isUuid } from '../kernel/ids.ts';
import type { Limits } from '../kernel/limits.ts';
import { holdReason } from './access-hold.ts';
import type { Catalog } from './catalog/catalog.ts';
import { roleHome } from './catalog/roles.ts';
import type { Guards } from './guard.ts';
import { fingerprintOf, type PolicyAttribute, type PolicyDocument, type StoredPolicy, toEvaluatedPolicy } from './policy.ts';
import { addPolicy, policyTarget, removePolicy } from './policy-changes.ts';
import type { PolicyListQuery, PolicyReads, PolicyWrites } from './store.ts';

export interface PolicyDeps {
  readonly reads: PolicyReads;
  readonly mutate: Mutate<PolicyWrites>;
  readonly guards: Pick<Guards, 'guardPolicy' | 'mayManage'>;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: Limits;
  /** A policy as the API prints it, for the reply to a duplicate. */
  readonly print: (policy: StoredPolicy) => Readonly<Record<string, unknown>>;
}

export type PolicyService = ReturnType<typeof createPolicyService>;

export type PolicyFilter = Omit<PolicyListQuery, 'subjectKey'> & {
  readonly subjectKey?: string;
  readonly serviceType?: string | undefined;
  readonly tagName?: string | undefined;
  readonly tagValue?: string | undefined;
};

const SUBJECT_NAMES = new Set(['iam_id', 'access_group_id']);
const SCOPING_NAMES = new Set(['serviceType', 'serviceName', 'resourceGroupId', 'service_group_id']);

/** How many policies of a list are decided about before others have their turn. */
const DECIDED_AT_ONCE = 16;

const invalid = (message: string) => new DomainError('invalid_body', { message });

/** Refuses an attribute list that says two things about one name. */
function refuseRepeatedNames(field: string, attributes: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of attributes) {
    if (seen.has(name)) throw invalid(`Field '${field}' has multiple entries for the attribute '${name}'; exactly one is expected.`);
    seen.add(name);
  }
}

/** Checks what an access policy must say (contract of the v1 API) and returns its account. */
function checkDocument(document: PolicyDocument, catalog: Catalog): string {
  const subject = document.subjects[0].attributes;
  if (subject.length !== 1 || !SUBJECT_NAMES.has(subject[0]?.name ?? '')) {
    throw invalid("Field 'subjects[0].attributes' must hold exactly one attribute: iam_id or access_group_id.");
  }
  const { attributes, tags = [] } = document.resources[0];
  refuseRepeatedNames('resources[0].attributes', attributes);
  const valueNamed = (name: string) => attributes.find((attribute) => attribute.name === name)?.value;
  const account = attributes.find((attribute) => attribute.name === 'accountId');
  if (!account || (account.operator ?? 'stringEquals') !== 'stringEquals' || account.value === '*') {
    throw invalid("Field 'resources[0].attributes' must name the account: accountId with its id as the value.");
  }
  if (!attributes.some(({ name }) => SCOPING_NAMES.has(name)) && valueNamed('resourceType') !== 'resource-group') {
    throw invalid(
      "Field 'resources[0].attributes' must hold serviceName, serviceType, resourceGroupId or service_group_id beside accountId.",
    );
  }
  if (valueNamed('serviceName') !== undefined && valueNamed('service_group_id') !== undefined) {
    throw invalid("Field 'resources[0].attributes' may hold serviceName or service_group_id, not both.");
  }
  checkTags(attributes, tags);
  const service = attributes.find((attribute) => attribute.name === 'serviceName' && attribute.operator !== 'stringMatch')?.value;
  for (const { role_id } of document.roles) checkRole(role_id, service, catalog);
  return account.value;
}

/** A role exists, and one that a service made for itself goes with that service only. */
function checkRole(roleId: string, serviceName: string | undefined, catalog: Catalog): void {
  const role = catalog.role(roleId);
  if (!role) throw invalid(`Field 'roles' names an unknown role: '${roleId.slice(0, 200)}'.`);
  const home = readCrn(role.crn)?.serviceName;
  if (serviceName === undefined || serviceName === '*' || home === roleHome) return;
  if (!catalog.serviceRoles(serviceName).some((own) => own.crn === role.crn)) {
    throw invalid(
      `Field 'roles' names '${role.displayName}', a role of the service '${home}', which '${serviceName.slice(0, 100)}' does not have.`,
    );
  }
}

function checkTags(attributes: readonly PolicyAttribute[], tags: readonly PolicyAttribute[]): void {
  if (tags.length === 0) return;
  const onlyServices = attributes.length === 2 && attributes.some(({ name, value }) => name === 'serviceType' && value === 'service');
  if (!onlyServices) throw invalid("Field 'resources[0].tags' goes with the attributes accountId and serviceType=service and no other.");
}

const policyNotFound = (id: string) => new DomainError('policy_not_found', { message: `Policy '${id.slice(0, 60)}' was not found.` });

export function createPolicyService(deps: PolicyDeps) {
  const { reads, mutate, guards, catalog, clock, ids, limits } = deps;

  /** Finds the policy that a path names and lets the caller pass; 404 for what it may not know of. */
  async function gate(context: MutationContext, from: PolicyReads, id: string, verb: 'read' | 'delete'): Promise<StoredPolicy> {
    const policy = isUuid(id) ? await from.findPolicy(id) : undefined;
    if (!policy) throw policyNotFound(id);
    const evaluated = toEvaluatedPolicy(policy);
    if (policy.accountId !== context.caller.accountId && !(await guards.mayManage(context, verb, evaluated))) throw policyNotFound(id);
    await guards.guardPolicy(context, verb, evaluated, policyTarget(policy));
    return policy;
  }

  async function refuseExcess(tx: PolicyReads, accountId: string, subjectKey: string): Promise<void> {
    if ((await tx.countPolicies(accountId)) >= limits.policiesPerAccount) {
      throw new DomainError('limit_exceeded', {
        message: `The account exceeds the maximum policies quota of ${limits.policiesPerAccount}.`,
      });
    }
    if ((await tx.countPolicies(accountId, subjectKey)) >= limits.policiesPerSubject) {
      throw new DomainError('limit_exceeded', {
        message: `The subject exceeds the maximum policies quota of ${limits.policiesPerSubject}.`,
      });
    }
  }

  async function refuseHeld(tx: PolicyReads, accountId: string, subjectKey: string, verb: 'add' | 'remove'): Promise<void> {
    const message = holdReason(await tx.findAccessHold(accountId, subjectKey), subjectKey, verb);
    if (message !== undefined) throw new DomainError('invalid_state', { message });
  }

  return {
    async create(context: MutationContext, document: PolicyDocument): Promise<StoredPolicy> {
      const accountId = checkDocument(document, catalog);
      const subject = document.subjects[0].attributes[0] ?? { name: '', value: '' };
      return mutate(context, async (tx) => {
        const at = clock.now();
        const policy: StoredPolicy = {
          id: ids.uuid(),
          accountId,
          type: 'access',
          subjectKey: subject.value,
          document,
          fingerprint: fingerprintOf(document),
          state: 'active',
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdAt: at,
          createdById: context.caller.iamId,
          lastModifiedAt: at,
          lastModifiedById: context.caller.iamId,
        };
        await guards.guardPolicy(context, 'create', toEvaluatedPolicy(policy), policyTarget(policy));
        if (!(await tx.hasSubject(accountId, subject))) {
          throw invalid(`Field 'subjects[0].attributes' names '${subject.value.slice(0, 140)}', which the account does not have.`);
        }
        await refuseHeld(tx, accountId, subject.value, 'add');
        const same = await tx.findActiveByFingerprint(accountId, policy.fingerprint);
        if (same) {
          throw new DomainError('conflict', {
            message: `Policy ${same.id} grants the same roles on the same resources to the same subject.`,
            conflictsWith: { etag: same.entityTag, policy: deps.print(same) },
          });
        }
        await refuseExcess(tx, accountId, policy.subjectKey);
        await addPolicy(tx, policy);
        return policy;
      });
    },

    get: (context: MutationContext, id: string): Promise<StoredPolicy> => gate(context, reads, id, 'read'),

    /** The policies that the caller may read; an empty list where it may read none. */
    async list(context: MutationContext, filter: PolicyFilter): Promise<readonly StoredPolicy[]> {
      const { serviceType, tagName, tagValue, ...query } = filter;
      const visible: StoredPolicy[] = [];
      for (const [index, policy] of (await reads.listPolicies(query)).entries()) {
        // Each decision looks at the caller's own policies, of which there may be thousands too: everybody else is served in between.
        if (index % DECIDED_AT_ONCE === DECIDED_AT_ONCE - 1) await nextTurn();
        const { attributes, tags = [] } = policy.document.resources[0];
        if (serviceType !== undefined && !attributes.some(({ name, value }) => name === 'serviceType' && value === serviceType)) continue;
        if (tagName !== undefined && !tags.some(({ name }) => name === tagName)) continue;
        if (tagValue !== undefined && !tags.some(({ value }) => value === tagValue)) continue;
        if (await guards.mayManage(context, 'read', toEvaluatedPolicy(policy))) visible.push(policy);
      }
      return visible;
    },

    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const policy = await gate(context, tx, id, 'delete');
        if (policy.state === 'deleted') throw policyNotFound(id);
        await refuseHeld(tx, policy.accountId, policy.subjectKey, 'remove');
        await removePolicy(deps, tx, policy, context.caller.iamId);
      });
    },
  };
}
