/** The smallest change that would let a pod become the profile that it asks for. */
import type { Cluster } from '../clusters/cluster.ts';
import type { Profile } from '../identity/profiles/profile.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { MatchCheckName } from '../token/match-checks.ts';
import type { NearestLink, NearestRule, NearMiss } from '../token/near-miss.ts';
import type { Advice } from './explanation.ts';

/** The pod that was refused. */
export interface RefusedPod {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** What to do about a token that the cluster signed and that is refused for what it says, by the words of the refusal. */
const TOKEN_ADVICE: readonly (readonly [words: string, sentence: string])[] = [
  [
    'audience is not accepted',
    'Project the token for an audience of the cluster: it is the audience of the serviceAccountToken volume of the pod, or --audience of kubectl create token.',
  ],
  [
    'expired',
    'Read the token from its file for every exchange: the kubelet renews it there. A token of kubectl create token is made anew.',
  ],
  ['not valid yet', "Set the clock of the cluster's API server, or wait until the token is valid."],
  [
    'lives longer',
    'Ask for a shorter life: expirationSeconds of the serviceAccountToken volume of the pod, or --duration of kubectl create token.',
  ],
];

export function adviseOnToken(reason: string): Advice {
  const [, sentence] = TOKEN_ADVICE.find(([words]) => reason.includes(words)) ?? [];
  return { kind: 'change_token', sentence: sentence ?? "Send the pod's own projected service-account token, as the cluster made it." };
}

/** `cluster` is undefined where there is none, or none that may be told of. */
export function adviseOnCluster(cluster: Pick<Cluster, 'id' | 'name'> | undefined): Advice {
  if (!cluster) {
    return {
      kind: 'register_cluster',
      sentence: 'Register the cluster that the pod runs in with the account (POST /podpass/v1/clusters), or name one that is registered.',
    };
  }
  return {
    kind: 'activate_cluster',
    sentence: `Make the cluster '${cluster.name}' active again: PATCH /podpass/v1/clusters/${cluster.id} with {"state":"active"}.`,
  };
}

/** What to do about the checks that look at no link and no rule. */
const CHECK_ADVICE: Readonly<Record<Exclude<MatchCheckName, 'trust'>, Advice>> = Object.freeze({
  account: { kind: 'activate_account', sentence: 'Make the account of the cluster active again.' },
  profile: {
    kind: 'change_selector',
    sentence:
      'Ask for a profile of the account of the cluster, by its id, its CRN or its exact name; several selectors must name the same one.',
  },
  profile_account: { kind: 'activate_account', sentence: 'Make the account of the profile active again.' },
  tenant: {
    kind: 'change_request',
    sentence: 'Name the account of the profile in the header ibm-cloud-tenant, or leave the header out.',
  },
});

/** What to do about a refusal of the match. */
export function adviseOnMatch(
  check: MatchCheckName,
  pod: RefusedPod,
  profile: Profile | undefined,
  nearest: NearMiss | undefined,
): Advice | undefined {
  if (check !== 'trust') return CHECK_ADVICE[check];
  if (!profile) return undefined;
  const { cluster, namespace, serviceAccount } = pod;
  const link = {
    cr_type: cluster.type === 'openshift' ? 'ROKS_SA' : 'IKS_SA',
    link: { crn: cluster.crn, namespace, name: serviceAccount },
    ...(cluster.accountId !== profile.accountId && { is_cross_account: true }),
  };
  const made = { profileId: profile.id, link };
  const make = `Make a link for namespace '${namespace}' and service account '${serviceAccount}' of cluster '${cluster.name}'`;
  if (!nearest) return { kind: 'create_link', sentence: `The profile trusts no pods yet. ${make}.`, ...made };
  if ('ruleId' in nearest) return { kind: 'change_rule', sentence: `${onRule(nearest)} ${lowerFirst(make)}.`, ...made };
  return { kind: 'create_link', sentence: `${make}${insteadOf(nearest)}.`, ...made };
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What of the pod could be changed in place of the link. */
function insteadOf({ linkId, missed, advice }: NearestLink): string {
  if (advice !== undefined) return `. About link ${linkId}: ${advice.replace(/\.$/, '')}`;
  const words = {
    namespace: (expected: string) => `in namespace '${expected}'`,
    service_account: (expected: string) => `as service account '${expected}'`,
    crn: (expected: string) => `in the cluster ${expected}`,
  };
  const elsewhere = missed.map(({ attribute, expected }) => (expected === '' ? undefined : words[attribute](expected)));
  if (elsewhere.length === 0 || elsewhere.includes(undefined)) return '';
  return `, or run the pod ${elsewhere.join(' and ')}, which link ${linkId} names`;
}

function onRule({ ruleId, missed }: NearestRule): string {
  const conditions = missed.map(({ claim, operator, value, actual }) => {
    const came = actual === undefined ? 'which the token of the pod does not have' : `and the pod has '${actual}'`;
    return `${claim} ${operator} ${value}, ${came}`;
  });
  return `Claim rule ${ruleId} asks for ${conditions.join('; and for ')}. Change the rule or the pod, or do without the rule:`;
}

/** What an operator is told about a request that was refused before a signature held, by the words that only the operator is told. */
const EARLY_ADVICE: readonly (readonly [words: string, sentence: string])[] = [
  [
    'unknown issuer',
    'Compare the issuer that the token names with the issuers of the registered clusters, character by character, or register the cluster.',
  ],
  ['unknown key', 'Upload the current key set of the cluster: the issuer is registered, and the key that the token names is not.'],
  [
    'signature does not hold',
    'Compare the keys of the cluster with those that are registered: another key with the same id signed, or the token was changed.',
  ],
  ['is suspended', 'Make the cluster active again: PATCH /podpass/v1/clusters/{id} with {"state":"active"}.'],
  ['being fetched', 'Ask again. If it stays, see trust.keys_error of the cluster.'],
];

export function adviseOnEarlyRefusal(code: ErrorCode, reason: string): Advice | undefined {
  if (code === 'token_malformed') {
    return { kind: 'change_request', sentence: 'Check what the client sends: the content of the token file, whole, and not its path.' };
  }
  const [, sentence] = EARLY_ADVICE.find(([words]) => reason.includes(words)) ?? [];
  return sentence === undefined ? undefined : { kind: 'change_cluster', sentence };
}
