import type { ServiceId } from './service-id.ts';

export interface ServiceIdReads {
  findServiceId(id: string): Promise<ServiceId | undefined>;
}

export type ServiceIdWrites = object;
