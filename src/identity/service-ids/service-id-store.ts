import type { Filter } from '../filter.ts';
import type { ServiceId, ServiceIdGroup } from './service-id.ts';

export interface ServiceIdListQuery {
  readonly accountId: string;
  readonly groupId: string;
  readonly name?: string;
  readonly filter?: Filter;
  readonly sort: 'name' | 'description' | 'created_at' | 'modified_at';
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface ServiceIdReads {
  findServiceId(id: string): Promise<ServiceId | undefined>;
  /** At most `limit` service IDs from `offset` on, in the order asked for, ties broken by id. */
  listServiceIds(query: ServiceIdListQuery): Promise<readonly ServiceId[]>;
  countServiceIds(accountId: string): Promise<number>;
  countServiceIdsOfGroup(groupId: string): Promise<number>;
  /** One of the groups that were made; the default group of an account has no row. */
  findServiceIdGroup(id: string): Promise<ServiceIdGroup | undefined>;
  findServiceIdGroupByName(accountId: string, name: string): Promise<ServiceIdGroup | undefined>;
  /** The groups that were made, the oldest first. */
  listServiceIdGroups(accountId: string): Promise<readonly ServiceIdGroup[]>;
  countServiceIdGroups(accountId: string): Promise<number>;
}

export interface ServiceIdWrites {
  insertServiceId(serviceId: ServiceId): Promise<void>;
  updateServiceId(serviceId: ServiceId): Promise<void>;
  /** Deletes the service ID with its memberships, its preferences and the policies whose subject it is. Its API keys go before it. */
  deleteServiceId(serviceId: ServiceId, iamId: string): Promise<void>;
  insertServiceIdGroup(group: ServiceIdGroup): Promise<void>;
  updateServiceIdGroup(group: ServiceIdGroup): Promise<void>;
  deleteServiceIdGroup(group: ServiceIdGroup): Promise<void>;
}
