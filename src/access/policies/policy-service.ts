/** Policies of both API versions: one function per operation. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Mutate, MutationContext, Recording } from '../../audit/mutation.ts';
import { PUBLIC_ACCESS_GROUP } from '../../groups/group.ts';
import type { Clock } from '../../kernel/clock.ts';
import { readCrn } from '../../kernel/crn.ts';
import { ifMatchNames } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { type Ids, isUuid } from '../../kernel/ids.ts';
import type { Limits } from '../../kernel/limits.ts';
import type { Warning } from '../../kernel/route.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Guards } from '../decisions/guard.ts';
import { customRoleCrn } from '../roles/custom-role.ts';
import type { RoleReads } from '../roles/role-store.ts';
import { holdReason } from './access-hold.ts';
import {
  AUTHORIZATION_SUBJECT,
  accessSubject,
  contentOf,
  evaluatedPolicy,
  type PolicyContent,
  type StoredPolicy,
  toEvaluatedPolicy,
  type VersionedDocument,
} from './policy.ts';
import {
  addPolicy,
  newPolicy,
  policyTarget,
  RESTORABLE_MS,
  removePolicy,
  replacePolicy,
  restored,
  withDocument,
} from './policy-changes.ts';
import { checkNames, checkPolicy, FIELDS_V1, FIELDS_V2, invalid } from './policy-checks.ts';
import type { PolicyListQuery, PolicyPlace, PolicyReads, PolicyWrites } from './policy-store.ts';
import { policyWarnings } from './policy-warnings.ts';

export interface PolicyDeps {
  readonly reads: PolicyReads;
  readonly mutate: Mutate<PolicyWrites & Pick<RoleReads, 'listCustomRoles'>>;
  readonly guards: Pick<Guards, 'guardPolicy' | 'mayManage'>;
  /** The catalog as an account sees it; the built-in one for an account that there is not. */
  readonly findCatalog: (accountId: string) => Promise<Catalog>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: Limits;
  /** A policy as the version of the API prints it, for the reply to a duplicate. */
  readonly print: (policy: StoredPolicy, apiVersion: 1 | 2) => Promise<Readonly<Record<string, unknown>>>;
}

export type PolicyService = ReturnType<typeof createPolicyService>;

/** What a change left, and what its author should know of it. */
export interface ChangedPolicy {
  readonly policy: StoredPolicy;
  readonly warnings: readonly Warning[];
}

export interface PolicyFilter extends Omit<PolicyListQuery, 'deletedAfter'> {
  /** Beyond what the store compares: whether the policy belongs into the list. */
  readonly admits: (content: PolicyContent) => boolean;
}

/** Where a page begins: after a place, or before it. */
export interface PageStart {
  readonly place: PolicyPlace;
  readonly backwards: boolean;
}

/** A page of the policies that the caller may read, with the places at its ends where there are more beyond. */
export interface PolicyPage {
  readonly policies: readonly StoredPolicy[];
  readonly next: PolicyPlace | undefined;
  readonly previous: PolicyPlace | undefined;
}

/** How many policies of a list are decided about before others have their turn. */
const DECIDED_AT_ONCE = 16;
const READ_AT_ONCE = 200;

type Writes = PolicyWrites & Pick<RoleReads, 'listCustomRoles'>;
type Tx = Writes & Recording;

const fieldsOf = ({ apiVersion }: Pick<StoredPolicy, 'apiVersion'>) => (apiVersion === 1 ? FIELDS_V1 : FIELDS_V2);

const policyNotFound = (id: string) => new DomainError('policy_not_found', { message: `Policy '${id.slice(0, 60)}' was not found.` });

export function createPolicyService(deps: PolicyDeps) {
  const { reads, mutate, guards, findCatalog, clock, limits } = deps;

  const isForgotten = ({ deletedAt }: StoredPolicy) => deletedAt !== null && deletedAt <= clock.now() - RESTORABLE_MS;

  /** Finds the policy that a path names and lets the caller pass; 404 for what it may not know of. */
  async function gate(context: MutationContext, from: PolicyReads, id: string, verb: 'read' | 'update' | 'delete'): Promise<StoredPolicy> {
    const policy = isUuid(id) ? await from.findPolicy(id) : undefined;
    if (!policy || isForgotten(policy)) throw policyNotFound(id);
    const evaluated = toEvaluatedPolicy(policy);
    if (policy.accountId !== context.caller.accountId && !(await guards.mayManage(context, verb, evaluated))) throw policyNotFound(id);
    await guards.guardPolicy(context, verb, evaluated, policyTarget(policy));
    return policy;
  }

  function requireTag(ifMatch: string, policy: StoredPolicy): void {
    if (ifMatchNames(ifMatch, policy.entityTag)) return;
    throw new DomainError('etag_mismatch', {
      details: `The current ETag of ${policy.id} is ${policy.entityTag}.`,
      conflictsWith: { etag: policy.entityTag },
    });
  }

  /** Refuses what would be one too many: of the account, of its subject, or with tags. `before` is what the policy replaces. */
  async function refuseExcess(tx: Tx, policy: StoredPolicy, before?: StoredPolicy): Promise<void> {
    const exceeds = (what: string, limit: number) =>
      new DomainError('limit_exceeded', { message: `${what} exceeds the maximum policies quota of ${limit}.` });
    const { accountId, subjectKey } = policy;
    const isTagged = (one: StoredPolicy | undefined) => one !== undefined && contentOf(one).tags.length > 0;
    if (before === undefined && (await tx.countPolicies(accountId)) >= limits.policiesPerAccount) {
      throw exceeds('The account', limits.policiesPerAccount);
    }
    const isNewToSubject = subjectKey !== AUTHORIZATION_SUBJECT && subjectKey !== before?.subjectKey;
    if (isNewToSubject && (await tx.countPolicies(accountId, subjectKey)) >= limits.policiesPerSubject) {
      throw exceeds('The subject', limits.policiesPerSubject);
    }
    if (isTagged(policy) && !isTagged(before) && (await tx.countPoliciesWithTags(accountId)) >= limits.policiesWithTags) {
      throw new DomainError('limit_exceeded', {
        message: `The account exceeds the maximum policies quota of ${limits.policiesWithTags} for policies with access tags.`,
      });
    }
  }

  /** The custom roles are there still: one may have been deleted since the policy was checked. */
  async function requireCustomRoles(tx: Tx, policy: StoredPolicy): Promise<void> {
    const { roleIds } = contentOf(policy);
    const custom = roleIds.filter((roleId) => readCrn(roleId)?.resourceType === 'customRole');
    if (custom.length === 0) return;
    const known = new Set((await tx.listCustomRoles(policy.accountId)).map(({ accountId, name }) => customRoleCrn(accountId, name)));
    const gone = custom.find((roleId) => !known.has(roleId));
    const field = policy.apiVersion === 1 ? FIELDS_V1.roles : FIELDS_V2.roles;
    if (gone !== undefined) throw invalid(`Field '${field}' names an unknown role: '${gone.slice(0, 200)}'.`);
  }

  async function refuseHeld(tx: PolicyReads, accountId: string, subjectKey: string, verb: 'add' | 'remove'): Promise<void> {
    const message = holdReason(await tx.findAccessHold(accountId, subjectKey), subjectKey, verb);
    if (message !== undefined) throw new DomainError('invalid_state', { message });
  }

  /** The account has the subject, and it is given access now. */
  async function requireSubject(tx: PolicyReads, policy: StoredPolicy): Promise<void> {
    if (policy.type === 'authorization') return;
    const { accountId } = policy;
    const subject = accessSubject(contentOf(policy));
    if (subject.value === PUBLIC_ACCESS_GROUP) {
      if (await tx.isPublicAccessEnabled(accountId)) return;
      throw new DomainError('invalid_state', {
        message: `Public access is disabled in the account, so ${PUBLIC_ACCESS_GROUP} is given no policies.`,
      });
    }
    if (!(await tx.hasSubject(accountId, subject))) {
      const field = fieldsOf(policy).subject;
      throw invalid(`Field '${field}' names '${subject.value.slice(0, 140)}', which the account does not have.`);
    }
    await refuseHeld(tx, accountId, subject.value, 'add');
  }

  async function refuseDuplicate(tx: PolicyReads, policy: StoredPolicy, apiVersion: 1 | 2): Promise<void> {
    const same = await tx.findActiveByFingerprint(policy.accountId, policy.fingerprint);
    if (!same || same.id === policy.id) return;
    throw new DomainError('conflict', {
      message: `Policy ${same.id} grants the same roles on the same resources to the same subject.`,
      conflictsWith: { etag: same.entityTag, policy: await deps.print(same, apiVersion) },
    });
  }

  /** Checks the services and roles that a document names in its account; what its author should know. */
  async function checkNamesOf(accountId: string, versioned: VersionedDocument): Promise<readonly Warning[]> {
    const content = contentOf(versioned);
    const catalog = await findCatalog(accountId);
    checkNames(content, fieldsOf(versioned), catalog);
    return policyWarnings(content, catalog);
  }

  /** A page of the policies that the caller may read, at most `limit` of them; none where it may read none. */
  async function list(context: MutationContext, filter: PolicyFilter, limit: number, start: PageStart | undefined): Promise<PolicyPage> {
    const { admits, ...compared } = filter;
    const query = { ...compared, deletedAfter: clock.now() - RESTORABLE_MS };
    const backwards = start?.backwards ?? false;
    const visible: { policy: StoredPolicy; place: PolicyPlace }[] = [];
    let place = start?.place;
    let decided = 0;
    // One more than the page holds, to know whether there is anything beyond it.
    while (visible.length <= limit) {
      const found = await reads.listPolicies(query, { ...(place !== undefined && { place }), backwards, limit: READ_AT_ONCE });
      for (const { policy, value } of found) {
        place = { value, id: policy.id };
        decided += 1;
        // Each decision looks at the caller's own policies, of which there may be thousands too: everybody else is served in between.
        if (decided % DECIDED_AT_ONCE === 0) await nextTurn();
        if (!admits(contentOf(policy)) || !(await guards.mayManage(context, 'read', toEvaluatedPolicy(policy)))) continue;
        visible.push({ policy, place });
        if (visible.length > limit) break;
      }
      if (found.length < READ_AT_ONCE) break;
    }
    // Where everything before a page is gone, the page before it is the first one.
    if (backwards && visible.length === 0) return list(context, filter, limit, undefined);
    const page = visible.slice(0, limit);
    const isMore = visible.length > limit;
    if (backwards) page.reverse();
    const first = page.at(0)?.place;
    const last = page.at(-1)?.place;
    return {
      policies: page.map(({ policy }) => policy),
      next: backwards || isMore ? last : undefined,
      previous: (backwards ? isMore : start !== undefined) ? first : undefined,
    };
  }

  return {
    async create(context: MutationContext, versioned: VersionedDocument): Promise<ChangedPolicy> {
      const accountId = checkPolicy(contentOf(versioned), fieldsOf(versioned));
      const wanted = evaluatedPolicy('', accountId, contentOf(versioned));
      // Which services and roles an account of others has is told to those alone who may make policies there.
      if (accountId !== context.caller.accountId) await guards.guardPolicy(context, 'create', wanted, policyTarget({ id: '' }));
      const warnings = await checkNamesOf(accountId, versioned);
      return mutate(context, async (tx) => {
        const policy = newPolicy(deps, accountId, versioned, context.caller.iamId);
        await guards.guardPolicy(context, 'create', toEvaluatedPolicy(policy), policyTarget(policy));
        await requireSubject(tx, policy);
        await requireCustomRoles(tx, policy);
        await refuseDuplicate(tx, policy, versioned.apiVersion);
        await refuseExcess(tx, policy);
        await addPolicy(tx, policy);
        return { policy, warnings };
      });
    },

    get: (context: MutationContext, id: string): Promise<StoredPolicy> => gate(context, reads, id, 'read'),

    /** Puts another document in the place of a policy's own; whoever does so needs the right on what it was and on what it becomes. */
    async replace(context: MutationContext, id: string, ifMatch: string, versioned: VersionedDocument): Promise<ChangedPolicy> {
      const accountId = checkPolicy(contentOf(versioned), fieldsOf(versioned));
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'update');
        if (before.state === 'deleted') throw policyNotFound(id);
        if (versioned.apiVersion === 1 && before.apiVersion === 2) {
          throw invalid(`Policy ${before.id} was made by version 2 of this API, which alone can change it: PUT /v2/policies/${before.id}.`);
        }
        if (accountId !== before.accountId)
          throw invalid('The account of a policy cannot be changed: delete it, and make one in the other account.');
        if (versioned.document.type !== before.type) {
          throw invalid(`Field 'type' cannot be changed: it is '${before.type}'. Delete the policy, and make one of the other type.`);
        }
        const evaluated = evaluatedPolicy(before.id, accountId, contentOf(versioned));
        await guards.guardPolicy(context, 'update', evaluated, policyTarget(before));
        const warnings = await checkNamesOf(accountId, versioned);
        requireTag(ifMatch, before);
        const policy = withDocument(deps, before, versioned, context.caller.iamId);
        await refuseHeld(tx, accountId, before.subjectKey, 'remove');
        await requireSubject(tx, policy);
        await requireCustomRoles(tx, policy);
        await refuseDuplicate(tx, policy, versioned.apiVersion);
        await refuseExcess(tx, policy, before);
        await replacePolicy(tx, before, policy);
        return { policy, warnings };
      });
    },

    /** Deletes a policy, or restores one that was deleted less than ten days ago; the state that it has already changes nothing. */
    async setState(context: MutationContext, id: string, ifMatch: string, state: StoredPolicy['state']): Promise<StoredPolicy> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, state === 'active' ? 'update' : 'delete');
        requireTag(ifMatch, before);
        if (before.state === state) return before;
        const { accountId, subjectKey } = before;
        if (state === 'deleted') {
          await refuseHeld(tx, accountId, subjectKey, 'remove');
          return removePolicy(deps, tx, before, context.caller.iamId);
        }
        const policy = restored(deps, before, context.caller.iamId);
        checkPolicy(contentOf(policy), fieldsOf(policy));
        await checkNamesOf(accountId, policy);
        await requireSubject(tx, policy);
        await requireCustomRoles(tx, policy);
        await refuseDuplicate(tx, policy, 1);
        await refuseExcess(tx, policy);
        await replacePolicy(tx, before, policy);
        return policy;
      });
    },

    list,

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
