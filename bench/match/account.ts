/** An account in memory with as many links as are asked for: ten links and two claim rules a profile, one pod a link. */
import type { Cluster } from '../../src/clusters/cluster.ts';
import type { ClaimRule } from '../../src/identity/profiles/claim-rule.ts';
import type { Link } from '../../src/identity/profiles/link.ts';
import type { Profile } from '../../src/identity/profiles/profile.ts';
import type { PodIdentity } from '../../src/token/cr-token.ts';
import { AccountView } from '../../src/view/account-view.ts';

export const LINKS_PER_PROFILE = 10;
export const RULES_PER_PROFILE = 2;
const ACCOUNT = 'a'.repeat(32);
const CRN = `crn:v1:bluemix:public:containers-kubernetes:eu-de:a/${ACCOUNT}:c1::`;

/** A pod with the profile that it asks for. */
export interface Asking {
  readonly profileId: string;
  readonly pod: PodIdentity;
}

export interface BenchAccount {
  readonly view: AccountView;
  /** Pods that a link lets in, one a link. */
  readonly linked: readonly Asking[];
  /** Pods that only the last claim rule of their profile lets in. */
  readonly ruled: readonly Asking[];
  /** Pods that nothing lets in. */
  readonly strangers: readonly Asking[];
}

const at = { entityTag: '1-a', createdAt: 0, modifiedAt: 0 };
const idOf = (kind: string, number: number) => `${kind}-${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

// What a match reads of a cluster; the rest of one has no part in it.
const cluster = { id: 'c1', crn: CRN, name: 'bench', accountId: ACCOUNT, region: 'eu-de', resourceGroupId: null } as unknown as Cluster;

const podOf = (namespace: string, serviceAccount: string): PodIdentity => ({
  cluster,
  issuer: 'https://kubernetes.default.svc',
  kid: 'k',
  namespace,
  serviceAccount,
  pod: 'web-0',
  podUid: undefined,
  identifier: `bench:${namespace}:${serviceAccount}:web-0`,
});

function newLink(profileId: string, number: number): Link {
  const [namespace, serviceAccount] = [`ns-${number % 977}`, `sa-${number}`];
  return {
    ...at,
    id: idOf('link', number),
    profileId,
    accountId: ACCOUNT,
    label: null,
    crType: 'ROKS_SA',
    crn: CRN,
    crnAccountId: ACCOUNT,
    target: { crn: CRN, namespace, name: serviceAccount },
    namespace,
    serviceAccount,
    matchServiceAccount: null,
    matchEnabled: true,
    isCrossAccount: null,
  };
}

const newRule = (profileId: string, number: number): ClaimRule => ({
  ...at,
  id: idOf('ClaimRule', number),
  profileId,
  accountId: ACCOUNT,
  name: null,
  type: 'Profile-CR',
  realmName: null,
  crType: 'ROKS_SA',
  expiration: 0,
  conditions: [
    { claim: 'namespace', operator: 'EQUALS', value: `"rules-${number}"` },
    { claim: 'name', operator: 'IN', value: '["runner","worker"]' },
  ],
  revision: 1,
});

/** Mixed up, the same way in every run, so that no pod follows its neighbour in memory. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  const mixed = [...items];
  let state = 1;
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    state = (state * 48271) % 2147483647;
    const other = state % (index + 1);
    [mixed[index], mixed[other]] = [mixed[other] as T, mixed[index] as T];
  }
  return mixed;
}

export function makeAccount(linkCount: number): BenchAccount {
  const profiles: Profile[] = Array.from({ length: linkCount / LINKS_PER_PROFILE }, (_, number) => ({
    ...at,
    id: idOf('Profile', number),
    accountId: ACCOUNT,
    name: `profile ${number}`,
    description: null,
    email: null,
    managedBy: null,
    revision: 1,
  }));
  const profileOf = (number: number, each: number) => profiles[Math.floor(number / each)]?.id ?? '';
  const links = Array.from({ length: linkCount }, (_, number) => newLink(profileOf(number, LINKS_PER_PROFILE), number));
  const rules = Array.from({ length: profiles.length * RULES_PER_PROFILE }, (_, number) =>
    newRule(profileOf(number, RULES_PER_PROFILE), number),
  );
  const view = new AccountView({
    account: {
      id: ACCOUNT,
      name: 'bench',
      ownerIamId: 'IBMid-bench',
      parentAccountId: null,
      state: 'active',
      entityTag: '1-a',
      createdAt: 0,
    },
    settings: { own: undefined, templates: [] },
    users: [],
    profiles,
    links,
    rules,
    memberships: [],
    policies: [],
    ruleMemberships: [],
    publicAccessEnabled: false,
    customRoles: [],
    services: { services: [], operators: [] },
    accessSettings: undefined,
    resourceTags: [],
    foreignProfiles: [],
  });
  return {
    view,
    linked: shuffled(
      links.map(({ profileId, namespace, serviceAccount }) => ({ profileId, pod: podOf(namespace ?? '', serviceAccount ?? '') })),
    ),
    ruled: shuffled(profiles.map(({ id }, number) => ({ profileId: id, pod: podOf(`rules-${number * RULES_PER_PROFILE + 1}`, 'worker') }))),
    strangers: shuffled(profiles.map(({ id }) => ({ profileId: id, pod: podOf('elsewhere', 'nobody') }))),
  };
}
