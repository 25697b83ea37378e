/** What registered services, their operators and access tags ask of the store. */
import type { EpochMs } from '../../kernel/clock.ts';
import type { StoredPolicy } from '../policies/policy.ts';
import type { ResourceTags } from './resource-tags.ts';
import type { RegisteredService } from './service-registration.ts';

export interface ServiceReads {
  findService(accountId: string, name: string): Promise<RegisteredService | undefined>;
  listServices(accountId: string): Promise<readonly RegisteredService[]>;
  countServices(accountId: string): Promise<number>;
  /** Who may ask for decisions about which service, built-in ones included. */
  listOperators(accountId: string): Promise<readonly { readonly serviceName: string; readonly iamId: string }[]>;
  /** The operators of one service, in the order in which they were given. */
  operatorsOf(accountId: string, serviceName: string): Promise<readonly string[]>;
  /** The active policies of the account whose document has this text somewhere; the text has no character that JSON escapes. */
  listPoliciesMentioning(accountId: string, text: string): Promise<readonly StoredPolicy[]>;
  findResourceTags(accountId: string, serviceName: string, serviceInstance: string): Promise<ResourceTags>;
  /** Every instance of the account that has access tags. */
  listResourceTags(accountId: string): Promise<readonly ResourceTags[]>;
  /** The tags that instances of the account have, each once. */
  listAccessTags(accountId: string): Promise<readonly string[]>;
}

export interface TagsChange extends ResourceTags {
  readonly accountId: string;
  readonly modifiedAt: EpochMs;
  readonly modifiedById: string;
}

export interface ServiceWrites extends ServiceReads {
  putService(service: RegisteredService): Promise<void>;
  deleteService(accountId: string, name: string): Promise<void>;
  /** Replaces the operators of one service. */
  putOperators(accountId: string, serviceName: string, iamIds: readonly string[]): Promise<void>;
  /** Replaces the tags of one instance. */
  putResourceTags(tags: TagsChange): Promise<void>;
}
