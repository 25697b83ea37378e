/** How many of a thing an account may hold. `ibm` are IBM Cloud's published figures; `default` are Podpass's own. */
export interface Limits {
  readonly profilesPerAccount: number;
  readonly linksPerProfile: number;
  readonly groupsPerAccount: number;
  readonly groupsPerIdentity: number;
  readonly policiesPerAccount: number;
  readonly policiesPerSubject: number;
}

export type LimitSet = 'default' | 'ibm';

const SETS: Readonly<Record<LimitSet, Limits>> = Object.freeze({
  default: Object.freeze({
    profilesPerAccount: 100_000,
    linksPerProfile: 10_000,
    groupsPerAccount: 10_000,
    groupsPerIdentity: 10_000,
    policiesPerAccount: 100_000,
    policiesPerSubject: 100_000,
  }),
  ibm: Object.freeze({
    profilesPerAccount: 2000,
    linksPerProfile: 100,
    groupsPerAccount: 500,
    groupsPerIdentity: 50,
    policiesPerAccount: 4020,
    policiesPerSubject: 1000,
  }),
});

export function limitsNamed(set: LimitSet): Limits {
  return SETS[set];
}
