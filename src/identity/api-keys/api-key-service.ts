/** API keys: one function per operation of the identity API. */
import type { MutationContext } from '../../audit/mutation.ts';
import { guardSaying } from '../../audit/visible.ts';
import { requireEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { reachesIdentity } from '../accounts/member.ts';
import { requireNamedAccount } from '../accounts/named-account.ts';
import type { IdentityDeps } from '../deps.ts';
import { parseFilter } from '../filter.ts';
import { changedMessage, type Extras, historyRecord, type Included, readExtras, readHistories } from '../history.ts';
import { cutPage, type Page } from '../pages.ts';
import { nextRevision } from '../revision.ts';
import { serviceIdIamId, serviceIdResource } from '../service-ids/service-id.ts';
import { effectiveSettings } from '../settings/account-settings.ts';
import type { IdentityReads } from '../store.ts';
import { refuseLocked, refuseSwitch, SWITCHES, type SwitchName } from '../switches.ts';
import { type ApiKey, changedFields, MAX_VALUE_LENGTH, type NewApiKey, ownerOf } from './api-key.ts';
import { createApiKeyGate } from './api-key-gate.ts';
import { createApiKeyMint, type KeyWish } from './api-key-minting.ts';
import { apiKeyTarget, recordApiKey, removeApiKeys } from './api-key-record.ts';
import type { ApiKeyListQuery } from './api-key-store.ts';

/** What a page token of the list carries: the query and the place in it. */
export interface ApiKeyPage extends Page, Pick<ApiKeyListQuery, 'iamId' | 'type' | 'groupId' | 'sort' | 'descending'> {
  readonly filter?: string;
  readonly includeHistory: boolean;
}

export interface ApiKeyDetails extends Extras {
  readonly key: ApiKey;
  /** The value, where it was stored and the caller may read it. */
  readonly value?: string;
}

export type ApiKeyChanges = { readonly [Member in keyof ChangeableFields]?: ChangeableFields[Member] | undefined };
type ChangeableFields = Pick<ApiKey, 'name' | 'description' | 'supportSessions' | 'actionWhenLeaked' | 'expiresAt'>;

export type ApiKeyService = ReturnType<typeof createApiKeyService>;

const WHAT = 'The API key';
/** No role has this action: a key that signs a user in is a login of that user. */
const MAKE_FOR_ANOTHER = 'iam-identity.user-apikey.create-for-another';
const BY_ITS_USER = 'An API key of a user is made by that user, with an access token of the account that the key is for.';
const WHERE_RESTRICTED =
  'The account restricts who creates API keys (restrict_create_platform_apikey): it takes the role User API key creator.';
const LIST_ACTIONS = ['iam-identity.apikey.list', 'iam-identity.apikey.review', 'iam-identity.apikey.manage'] as const;

export function createApiKeyService(deps: IdentityDeps) {
  const { reads, mutate, guard, hashApiKey, openApiKey } = deps;
  const gate = createApiKeyGate(deps);
  const mint = createApiKeyMint(deps);

  const newKeyTarget = (name: string) => ({ id: '', name, typeURI: 'iam-identity/apikey' });
  const keyResource = (accountId: string) => ({ accountId, serviceName: 'iam-identity', resourceType: 'apikey' });

  /** Lets pass who may make a key that signs this identity in. The keys of a user are made by that user alone. */
  async function guardCreation(context: MutationContext, tx: IdentityReads, accountId: string, iamId: string, name: string) {
    const scope = { accountId, iamId };
    const { serviceId } = ownerOf(iamId);
    if (serviceId !== undefined) {
      await gate.pass(context, ['iam-identity.apikey.create'], scope, newKeyTarget(name));
      const grantee = { subjectKey: iamId, resource: serviceIdResource(accountId, serviceId) };
      return deps.guardConferral(context, grantee, newKeyTarget(name));
    }
    if (!(await gate.isOwn(tx, context.caller, scope))) return refuseForAnother(context, accountId, name);
    const settings = effectiveSettings(await tx.findAssignedSettings(accountId));
    if (settings.restrictCreatePlatformApikey !== 'RESTRICTED') return;
    const target = newKeyTarget(name);
    await guardSaying(WHERE_RESTRICTED, guard, context, 'iam-identity.user-apikey.create', keyResource(accountId), target);
  }

  /** Refuses a key that would sign somebody else in. */
  async function refuseForAnother(context: MutationContext, accountId: string, name: string): Promise<never> {
    await guardSaying(BY_ITS_USER, guard, context, MAKE_FOR_ANOTHER, keyResource(accountId), newKeyTarget(name));
    throw new DomainError('forbidden', { details: BY_ITS_USER });
  }

  /** The owner of a key to be made, `iam-` form; 400 for one that the account does not have. */
  async function requireOwner(context: MutationContext, tx: IdentityReads, accountId: string, sent: string, name: string): Promise<string> {
    const { serviceId } = ownerOf(sent);
    // With a token of another account nobody makes a key of a user: whether that user is in the account is not even looked up.
    if (serviceId === undefined && accountId !== context.caller.accountId) return refuseForAnother(context, accountId, name);
    const known =
      serviceId === undefined
        ? await tx.findUser(accountId, sent)
        : await tx.findServiceId(serviceId).then((found) => (found?.accountId === accountId ? found : undefined));
    if (known) return serviceId === undefined ? sent : serviceIdIamId(serviceId);
    // Whoever has no right in an account of others does not learn who is in it.
    if (accountId !== context.caller.accountId) {
      await gate.pass(context, ['iam-identity.apikey.create'], { accountId }, newKeyTarget(name));
    }
    throw new DomainError('invalid_field', {
      message: `Field 'iam_id' names '${sent.slice(0, 140)}', which is no user or service ID of account ${accountId}.`,
      details:
        'Profiles have no API keys. Users are added with POST /podpass/v1/accounts/{account_id}/users, service IDs with POST /v1/serviceids.',
    });
  }

  /** The stored value, once it is on record that it was read. */
  async function readValue(context: MutationContext, id: string): Promise<string | undefined> {
    return mutate(context, async (tx) => {
      const key = await gate.find(context, tx, id, 'iam-identity.apikey.get');
      if (key.sealedValue === null) return undefined;
      tx.event({ action: 'iam-identity.serviceid-apikey.read', accountId: key.accountId, target: apiKeyTarget(key) });
      return openApiKey(key.id, key.sealedValue);
    });
  }

  return {
    async create(
      context: MutationContext,
      owner: { readonly accountId: string; readonly iamId: string },
      wish: KeyWish,
    ): Promise<NewApiKey> {
      return mutate(context, async (tx) => {
        const { accountId } = owner;
        await requireNamedAccount(tx, accountId);
        const iamId = await requireOwner(context, tx, accountId, owner.iamId, wish.name);
        await guardCreation(context, tx, accountId, iamId, wish.name);
        return mint(tx, context, { accountId, iamId }, wish);
      });
    },

    async list(context: MutationContext, page: ApiKeyPage): Promise<{ items: readonly ApiKeyDetails[]; hasMore: boolean }> {
      const filter = page.filter === undefined ? undefined : parseFilter(page.filter);
      const { accountId, iamId } = page;
      // Everybody may see which keys sign them in; a list shows no value.
      const isHolder = iamId === context.caller.iamId && accountId === context.caller.accountId && reachesIdentity(context.caller);
      if (!isHolder) {
        await gate.pass(context, LIST_ACTIONS, { accountId, iamId }, { id: accountId, typeURI: 'iam-identity/apikeys' });
      }
      const { filter: _, includeHistory, ...query } = page;
      const found = await reads.listApiKeys({ ...query, ...(filter && { filter }), limit: page.limit + 1 });
      const { items, hasMore } = cutPage(found, page.limit);
      const extrasOf = await readHistories(
        reads,
        items.map((key) => key.id),
        includeHistory,
      );
      return { items: items.map((key) => ({ key, ...extrasOf(key.id) })), hasMore };
    },

    /**
     * The key with its value, where it is a service ID's and was stored: nobody gets here without the right to read it, and nobody reads
     * a value without a record of it.
     */
    async get(context: MutationContext, id: string, included: Included): Promise<ApiKeyDetails> {
      const key = await gate.find(context, reads, id, 'iam-identity.apikey.get');
      const value = key.sealedValue === null ? undefined : await readValue(context, id);
      return { key, ...(value !== undefined && { value }), ...(await readExtras(reads, key.id, included)) };
    },

    /** The key that has this value, for whoever holds it; its hash is looked up, so that no comparison takes longer for a better guess. */
    async getByValue(value: string, included: Included): Promise<ApiKeyDetails> {
      const key = value.length <= MAX_VALUE_LENGTH ? await reads.findApiKeyByHash(hashApiKey(value)) : undefined;
      if (!key) {
        throw new DomainError('not_found', {
          message: 'There is no API key with this value.',
          details: "Header 'IAM-ApiKey' must hold the whole value of a key that has not been deleted.",
        });
      }
      return { key, ...(await readExtras(reads, key.id, included)) };
    },

    async update(context: MutationContext, id: string, ifMatch: string, changes: ApiKeyChanges): Promise<ApiKey> {
      return mutate(context, async (tx) => {
        const before = await gate.find(context, tx, id, 'iam-identity.apikey.update');
        requireEntityTag(ifMatch, before);
        refuseLocked(WHAT, before);
        const wanted = {
          name: changes.name ?? before.name,
          description: changes.description === undefined ? before.description : changes.description,
          supportSessions: changes.supportSessions ?? before.supportSessions,
          actionWhenLeaked: changes.actionWhenLeaked ?? before.actionWhenLeaked,
          expiresAt: changes.expiresAt === undefined ? before.expiresAt : changes.expiresAt,
        };
        const params = changedFields(wanted, before);
        if (params.length === 0) return before;
        const after = nextRevision(deps, before, wanted);
        await tx.updateApiKey(after);
        await tx.insertHistory(after.id, historyRecord(context, after.modifiedAt, 'UPDATE', params, changedMessage(params)));
        recordApiKey(tx, after, { operation: 'update', before, after });
        return after;
      });
    },

    async remove(context: MutationContext, id: string): Promise<void> {
      await mutate(context, async (tx) => {
        const key = await gate.find(context, tx, id, 'iam-identity.apikey.delete');
        refuseLocked(WHAT, key);
        await removeApiKeys(tx, [key]);
      });
    },

    /** Locks, unlocks, disables or enables the key; 409 where it is so already. */
    async turn(context: MutationContext, id: string, name: SwitchName): Promise<void> {
      await mutate(context, async (tx) => {
        const before = await gate.find(context, tx, id, 'iam-identity.apikey.update');
        refuseSwitch(WHAT, before, name);
        const { member, value, action, state } = SWITCHES[name];
        const after = nextRevision(deps, before, { [member]: value });
        await tx.updateApiKey(after);
        await tx.insertHistory(after.id, historyRecord(context, after.modifiedAt, action, [member], `The API key is ${state}.`));
        recordApiKey(tx, after, { operation: 'update', before, after, requestData: { operation: name } });
      });
    },
  };
}
