import type { ResourcePlace } from './facts.ts';

/**
 * One small number for what a policy names literally: service, instance and resource, each some bits of its name's hash, and 0 for none. Equal
 * names have equal bits; unequal ones rarely do.
 */
const serviceBits = 12;
const instanceBits = 9;
const resourceBits = 9;
const instanceShift = resourceBits;
const serviceShift = resourceBits + instanceBits;

export const serviceMask = ((1 << serviceBits) - 1) << serviceShift;
export const instanceMask = ((1 << instanceBits) - 1) << instanceShift;
export const resourceMask = (1 << resourceBits) - 1;

/** A name's part of the number: never 0, which stands for none. */
function codeOf(name: string | undefined, bits: number): number {
  if (name === undefined) return 0;
  let hash = 7;
  for (let at = 0; at < name.length; at += 1) hash = (Math.imul(hash, 31) + name.charCodeAt(at)) | 0;
  return ((hash >>> 0) % ((1 << bits) - 1)) + 1;
}

const serviceCode = (name: string | undefined) => codeOf(name, serviceBits) << serviceShift;

/** The number of a policy that names these. */
export function codeOfNames(serviceName: string | undefined, serviceInstance: string | undefined, resource: string | undefined): number {
  return serviceCode(serviceName) | (codeOf(serviceInstance, instanceBits) << instanceShift) | codeOf(resource, resourceBits);
}

/** The parts that a policy's number may have, where it names something, to match a place. */
export interface PlaceCodes {
  readonly services: readonly number[];
  readonly instance: number;
  readonly resource: number;
}

export function codesOf({ serviceNames, serviceInstance, resource }: ResourcePlace): PlaceCodes {
  return {
    services: serviceNames.map(serviceCode),
    instance: codeOf(serviceInstance, instanceBits) << instanceShift,
    resource: codeOf(resource, resourceBits),
  };
}
