/** Service IDs: one function per operation of the identity API. */
import type { MutationContext } from '../../audit/mutation.ts';
import { guardSaying } from '../../audit/visible.ts';
import { newEntityTag, requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { limitWarnings, refuseExcess } from '../../kernel/limits.ts';
import { isMember } from '../accounts/member.ts';
import { requireNamedAccount } from '../accounts/named-account.ts';
import type { NewApiKey } from '../api-keys/api-key.ts';
import { createApiKeyMint, type KeyWish } from '../api-keys/api-key-minting.ts';
import { removeApiKeys } from '../api-keys/api-key-record.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import { parseFilter } from '../filter.ts';
import { changedMessage, type Extras, type HistoryRecord, historyRecord, type Included, readExtras, readHistories } from '../history.ts';
import { cutPage, type Page } from '../pages.ts';
import { nextRevision } from '../revision.ts';
import { effectiveSettings } from '../settings/account-settings.ts';
import { refuseLocked, refuseSwitch, SWITCHES } from '../switches.ts';
import { changedFields, defaultGroupId, type ServiceId, serviceIdIamId, serviceIdResource } from './service-id.ts';
import { createCreatorAdmission } from './service-id-creator.ts';
import { createServiceIdGate, findServiceIdGroup, serviceIdGroupNotFound, serviceIdTarget } from './service-id-gate.ts';
import type { ServiceIdListQuery } from './service-id-store.ts';

/** What a page token of the list carries: the query and the place in it. */
export interface ServiceIdPage extends Page, Pick<ServiceIdListQuery, 'groupId' | 'name' | 'sort' | 'descending'> {
  readonly filter?: string;
  readonly includeHistory: boolean;
  readonly showGroupId: boolean;
}

export interface ServiceIdDetails extends Extras {
  readonly serviceId: ServiceId;
}

export interface ServiceIdWish extends Pick<ServiceId, 'accountId' | 'name' | 'description' | 'uniqueInstanceCrns' | 'locked'> {
  /** The default group where absent. */
  readonly groupId?: string | undefined;
  readonly apiKey?: KeyWish | undefined;
}

export type ServiceIdService = ReturnType<typeof createServiceIdService>;

const WHAT = 'The service ID';
const IN_ACCOUNT = 'service IDs in the account';
const IN_GROUP = 'service IDs in the group';

const WHERE_RESTRICTED =
  'The account restricts who creates service IDs (restrict_create_service_id): it takes the role Service ID creator.';
const FOR_OTHERS =
  'Users of the account create service IDs in it with a token of the account; everybody else needs the role Service ID creator.';

export function createServiceIdService(deps: IdentityDeps) {
  const { reads, mutate, guard, clock, ids, limits } = deps;
  const gate = createServiceIdGate(guard);
  const mintApiKey = createApiKeyMint(deps);
  const { admitCreator, dismissCreator } = createCreatorAdmission(deps);

  /** Every user of the account may make service IDs, unless the account restricts that; everybody else needs the action. */
  async function guardCreation(context: MutationContext, tx: Tx, { accountId, name }: ServiceIdWish): Promise<void> {
    const { restrictCreateServiceId } = effectiveSettings(await tx.findAssignedSettings(accountId));
    const isRestricted = restrictCreateServiceId === 'RESTRICTED';
    if (!isRestricted && (await isMember(tx, context.caller, accountId))) return;
    // Who is of another account learns nothing of its settings.
    const details = isRestricted && context.caller.accountId === accountId ? WHERE_RESTRICTED : FOR_OTHERS;
    const target = serviceIdTarget({ id: '', accountId, name });
    await guardSaying(details, guard, context, 'iam-identity.serviceid.create', serviceIdResource(accountId), target);
  }

  /** The group that a new service ID is to be in, with room for it. Throws `invalid_field` where the account has no such group. */
  async function requireGroup(tx: Tx, accountId: string, groupId = defaultGroupId(accountId)): Promise<string> {
    const group = await findServiceIdGroup(tx, groupId);
    if (group?.accountId === accountId) return group.id;
    throw new DomainError('invalid_field', {
      message: `Field 'group_id' names '${groupId.slice(0, 60)}', which is no service ID group of the account.`,
    });
  }

  /** What the record of a creation warns of; throws where there is no room for one more. */
  async function requireRoom(tx: Tx, accountId: string, groupId: string): Promise<readonly string[]> {
    const inAccount = (await tx.countServiceIds(accountId)) + 1;
    const inGroup = (await tx.countServiceIdsOfGroup(groupId)) + 1;
    refuseExcess(IN_ACCOUNT, inAccount, limits.serviceIdsPerAccount);
    refuseExcess(IN_GROUP, inGroup, limits.serviceIdsPerGroup);
    return [
      ...limitWarnings(IN_ACCOUNT, inAccount, limits.serviceIdsPerAccount),
      ...limitWarnings(IN_GROUP, inGroup, limits.serviceIdsPerGroup),
    ];
  }

  /** What every change leaves behind. */
  async function record(
    tx: Tx,
    context: MutationContext,
    before: ServiceId,
    after: ServiceId,
    { action, params, message }: Pick<HistoryRecord, 'action' | 'params' | 'message'>,
    requestData?: Readonly<Record<string, string>>,
  ): Promise<void> {
    await tx.updateServiceId(after);
    await tx.insertHistory(after.id, historyRecord(context, after.modifiedAt, action, params, message));
    tx.changed({ accountId: after.accountId, kind: 'service_id', id: after.id });
    tx.event({
      action: 'iam-identity.account-serviceid.update',
      accountId: after.accountId,
      target: serviceIdTarget(after),
      before,
      after,
      ...(requestData && { requestData }),
    });
  }

  return {
    async create(context: MutationContext, wish: ServiceIdWish): Promise<{ serviceId: ServiceId; apiKey: NewApiKey | undefined }> {
      return mutate(context, async (tx) => {
        const { accountId, groupId: wantedGroup, apiKey: keyWish, ...fields } = wish;
        await requireNamedAccount(tx, accountId);
        await guardCreation(context, tx, wish);
        const groupId = await requireGroup(tx, accountId, wantedGroup);
        const warnings = await requireRoom(tx, accountId, groupId);
        const id = `ServiceId-${ids.uuid()}`;
        const at = clock.now();
        const serviceId: ServiceId = {
          ...fields,
          id,
          accountId,
          groupId,
          creatorPolicyId: await admitCreator(tx, context, accountId, id),
          revision: 1,
          entityTag: newEntityTag(ids, 1),
          createdBy: context.caller.iamId,
          createdAt: at,
          modifiedAt: at,
        };
        await tx.insertServiceId(serviceId);
        await tx.insertHistory(id, historyRecord(context, at, 'CREATE', changedFields(serviceId), 'The service ID was created.'));
        tx.changed({ accountId, kind: 'service_id', id });
        tx.event({
          action: 'iam-identity.account-serviceid.create',
          accountId,
          target: serviceIdTarget(serviceId),
          after: serviceId,
          ...(warnings.length > 0 && { warnings }),
        });
        const apiKey = keyWish && (await mintApiKey(tx, context, { accountId, iamId: serviceIdIamId(id) }, keyWish));
        return { serviceId, apiKey };
      });
    },

    /** The service IDs of one group. */
    async list(context: MutationContext, page: ServiceIdPage): Promise<{ items: readonly ServiceIdDetails[]; hasMore: boolean }> {
      const filter = page.filter === undefined ? undefined : parseFilter(page.filter);
      const target = { id: page.accountId, typeURI: 'iam-identity/serviceids' };
      await guard(context, 'iam-identity.serviceid.get', serviceIdResource(page.accountId), target);
      const group = await findServiceIdGroup(reads, page.groupId);
      if (group?.accountId !== page.accountId) throw serviceIdGroupNotFound(page.groupId);
      const { filter: _, includeHistory, showGroupId: __, ...query } = page;
      const found = await reads.listServiceIds({ ...query, ...(filter && { filter }), limit: page.limit + 1 });
      const { items, hasMore } = cutPage(found, page.limit);
      const extrasOf = await readHistories(
        reads,
        items.map((serviceId) => serviceId.id),
        includeHistory,
      );
      return { items: items.map((serviceId) => ({ serviceId, ...extrasOf(serviceId.id) })), hasMore };
    },

    async get(context: MutationContext, id: string, included: Included): Promise<ServiceIdDetails> {
      const serviceId = await gate(context, reads, id, 'iam-identity.serviceid.get');
      return { serviceId, ...(await readExtras(reads, serviceId.id, included)) };
    },

    async update(
      context: MutationContext,
      id: string,
      ifMatch: string,
      input: {
        readonly name?: string | undefined;
        readonly description?: string | undefined;
        readonly uniqueInstanceCrns?: readonly string[] | undefined;
      },
    ): Promise<ServiceId> {
      return mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'iam-identity.serviceid.update');
        requireEntityTag(ifMatch, before);
        refuseLocked(WHAT, before);
        const wanted = {
          name: input.name ?? before.name,
          description: input.description === undefined ? before.description : input.description || null,
          uniqueInstanceCrns: input.uniqueInstanceCrns ?? before.uniqueInstanceCrns,
        };
        const params = changedFields(wanted, before);
        if (params.length === 0) return before;
        const after = nextRevision(deps, before, wanted);
        await record(tx, context, before, after, { action: 'UPDATE', params, message: changedMessage(params) });
        return after;
      });
    },

    /**
     * Deletes the service ID: first its API keys, then itself with its memberships and policies, and its creator's policy on it. A lock on
     * it, or on one of its keys, keeps all of that.
     */
    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const serviceId = await gate(context, tx, id, 'iam-identity.serviceid.delete');
        refuseLocked(WHAT, serviceId);
        const { accountId } = serviceId;
        const iamId = serviceIdIamId(serviceId.id);
        const keys = await tx.listApiKeysOf(accountId, iamId);
        for (const key of keys) refuseLocked('An API key of the service ID', key);
        await removeApiKeys(tx, keys);
        await dismissCreator(tx, context, serviceId);
        await tx.deleteServiceId(serviceId, iamId);
        tx.changed({ accountId, kind: 'service_id', id: serviceId.id });
        tx.event({ action: 'iam-identity.account-serviceid.delete', accountId, target: serviceIdTarget(serviceId), before: serviceId });
      });
    },

    /** Locks or unlocks the service ID; 409 where it is so already. */
    async turn(context: MutationContext, id: string, name: 'lock' | 'unlock'): Promise<void> {
      await mutate(context, async (tx) => {
        const before = await gate(context, tx, id, 'iam-identity.serviceid.update');
        refuseSwitch(WHAT, before, name);
        const { value, action, state } = SWITCHES[name];
        const after = nextRevision(deps, before, { locked: value });
        const history = { action, params: ['locked'], message: `The service ID is ${state}.` };
        await record(tx, context, before, after, history, { operation: name });
      });
    },
  };
}
