/**
 * Under what a subject's policies are found. Identities, groups and the services of authorization policies never share a key, whatever
 * their ids are. It is an object, not a text, because a decision looks one up for every group of its subject.
 */
export interface SubjectKey {
  readonly kind: SubjectKind;
  readonly id: string;
}

/** `anyService` is where authorization policies are that name no one source service. */
export type SubjectKind = 'identity' | 'group' | 'service' | 'anyService';

export const subjectKinds: readonly SubjectKind[] = Object.freeze(['identity', 'group', 'service', 'anyService']);

export function iamKey(iamId: string): SubjectKey {
  return { kind: 'identity', id: iamId };
}

export function groupKey(accessGroupId: string): SubjectKey {
  return { kind: 'group', id: accessGroupId };
}

/** The key of authorization policies whose source is this service, or of those that name none. */
export function serviceKey(serviceName: string | undefined): SubjectKey {
  return serviceName === undefined ? anyService : { kind: 'service', id: serviceName };
}

const anyService: SubjectKey = Object.freeze({ kind: 'anyService', id: '' });
