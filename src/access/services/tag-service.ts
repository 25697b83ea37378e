/** Access tags of instances: policies on all services may ask for them. */
import type { AuditTarget } from '../../audit/events.ts';
import type { Guard, Mutate, MutationContext } from '../../audit/mutation.ts';
import type { Clock } from '../../kernel/clock.ts';
import { crnAccountId, readCrn } from '../../kernel/crn.ts';
import { DomainError } from '../../kernel/errors.ts';
import { type Limits, refuseExcess } from '../../kernel/limits.ts';
import { INSTANCE, type ResourceTags } from './resource-tags.ts';
import { isServiceName } from './service-names.ts';
import type { ServiceReads, ServiceWrites } from './service-store.ts';

export interface TagDeps {
  readonly reads: ServiceReads;
  readonly mutate: Mutate<ServiceWrites>;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly limits: Limits;
}

/** One instance of a service in an account. */
export interface Instance {
  readonly accountId: string;
  readonly serviceName: string;
  readonly serviceInstance: string;
}

export type TagService = ReturnType<typeof createTagService>;

const ATTACH = 'global-search-tagging.tag.attach-access-tag';
const DETACH = 'global-search-tagging.tag.detach-access-tag';

/** The instance that a request names by its parts or by its CRN. Throws where it names none, or two. */
export function readInstance(
  where: 'Field' | 'Query parameter',
  said: {
    readonly account_id?: string | undefined;
    readonly service_name?: string | undefined;
    readonly service_instance?: string | undefined;
    readonly crn?: string | undefined;
  },
): Instance {
  const { account_id: accountId, service_name: serviceName, service_instance: serviceInstance, crn } = said;
  if (crn === undefined) {
    for (const name of ['account_id', 'service_name', 'service_instance'] as const) {
      if (said[name] !== undefined) continue;
      throw new DomainError(where === 'Field' ? 'missing_field' : 'missing_query', {
        message: `${where} '${name}' is missing or empty.`,
        details: 'An instance is named by account_id, service_name and service_instance, or by crn alone.',
      });
    }
    return { accountId: accountId ?? '', serviceName: serviceName ?? '', serviceInstance: serviceInstance ?? '' };
  }
  const read = readCrn(crn);
  const account = read && crnAccountId(read);
  if (read === undefined || account === undefined || !isServiceName(read.serviceName) || !INSTANCE.test(read.serviceInstance)) {
    throw new DomainError('invalid_crn', {
      message: `${where} 'crn' is not acceptable: it must be the CRN of an instance of a service in an account.`,
      details: 'Expected crn:v1:bluemix:public:<service>:<region>:a/<account>:<instance>::.',
    });
  }
  if (read.resourceType !== '' || read.resource !== '') {
    throw new DomainError('invalid_crn', {
      message: `${where} 'crn' is not acceptable: tags are attached to instances, and what is below one inherits them.`,
      details: 'Leave the last two segments of the CRN empty.',
    });
  }
  const named: Instance = { accountId: account, serviceName: read.serviceName, serviceInstance: read.serviceInstance };
  const differs =
    (accountId ?? named.accountId) !== named.accountId ||
    (serviceName ?? named.serviceName) !== named.serviceName ||
    (serviceInstance ?? named.serviceInstance) !== named.serviceInstance;
  if (differs) {
    throw new DomainError('invalid_field', {
      message: `${where} 'crn' names another instance than account_id, service_name and service_instance beside it.`,
    });
  }
  return named;
}

const targetOf = ({ accountId, serviceName, serviceInstance }: Instance): AuditTarget => ({
  id: `crn:v1:bluemix:public:${serviceName}::a/${accountId}:${serviceInstance}::`,
  typeURI: `${serviceName}/instance`,
});

const resourceOf = ({ accountId, serviceName, serviceInstance }: Instance) => ({ accountId, serviceName, serviceInstance });

export function createTagService({ reads, mutate, guard, clock, limits }: TagDeps) {
  return {
    async get(context: MutationContext, instance: Instance): Promise<ResourceTags> {
      await guard(context, 'global-search-tagging.resource.read', resourceOf(instance), targetOf(instance));
      return reads.findResourceTags(instance.accountId, instance.serviceName, instance.serviceInstance);
    },

    /** Replaces the tags of an instance. What attaches a tag may bring the instance under policies; what takes one away, out of them. */
    async put(context: MutationContext, instance: Instance, tags: readonly string[]): Promise<ResourceTags> {
      const { accountId, serviceName, serviceInstance } = instance;
      const resource = resourceOf(instance);
      const target = targetOf(instance);
      return mutate(context, async (tx) => {
        await guard(context, ATTACH, resource, target);
        const before = await tx.findResourceTags(accountId, serviceName, serviceInstance);
        if (before.tags.some((tag) => !tags.includes(tag))) await guard(context, DETACH, resource, target);
        if (JSON.stringify(before.tags) === JSON.stringify(tags)) return before;
        const after = { serviceName, serviceInstance, tags };
        await tx.putResourceTags({ ...after, accountId, modifiedAt: clock.now(), modifiedById: context.caller.iamId });
        if (tags.some((tag) => !before.tags.includes(tag))) {
          refuseExcess('access tags in the account', (await tx.listAccessTags(accountId)).length, limits.accessTagsPerAccount);
        }
        tx.changed({ accountId, kind: 'resource_tags', id: `${serviceName}/${serviceInstance}` });
        tx.event({ action: 'global-search-tagging.access-tags.update', accountId, target, before: before.tags, after: tags });
        return after;
      });
    },
  };
}
