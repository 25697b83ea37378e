/** Profiles that trust pods by claim rules. */
import type { PodTokenOptions, Reply, TestCluster, Wire } from '../../support/world.ts';
import type { Setting } from './setting.ts';

export interface Condition {
  readonly claim: string;
  readonly operator: string;
  readonly value: string;
}

export const when = (claim: string, operator: string, value: string): Condition => ({ claim, operator, value });

/** Text as the API's examples write it: a JSON string inside the JSON string. */
export const quoted = (text: unknown): string => JSON.stringify(text);

/** Sends a rule for a profile; `overrides` are members of its body, `undefined` takes one out. */
export function postRule(
  { world, account }: Pick<Setting, 'world' | 'account'>,
  profileId: string,
  conditions: readonly unknown[],
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<Reply<Wire>> {
  const body = { type: 'Profile-CR', cr_type: 'ROKS_SA', conditions, ...overrides };
  return world.call('POST', `/v1/profiles/${profileId}/rules`, { token: account.owner, body });
}

/** Makes a rule and returns it. */
export async function addRule(
  setting: Pick<Setting, 'world' | 'account'>,
  profileId: string,
  conditions: readonly Condition[],
  overrides: Readonly<Record<string, unknown>> = {},
): Promise<Wire> {
  const reply = await postRule(setting, profileId, conditions, overrides);
  if (reply.status !== 201) throw new Error(`The rule was not made: ${reply.status} ${reply.text}`);
  return reply.body;
}

/** A new profile with these rules and no link. */
export async function profileWith(setting: Pick<Setting, 'world' | 'account'>, ...rules: readonly (readonly Condition[])[]): Promise<Wire> {
  const profile = await setting.world.profile(setting.account);
  for (const conditions of rules) await addRule(setting, profile.id, conditions);
  return profile;
}

/** A pod of a cluster asks for a profile. */
export function exchange(
  { world }: Pick<Setting, 'world'>,
  cluster: TestCluster,
  profileId: string,
  pod: PodTokenOptions = {},
): Promise<Reply<Wire>> {
  return world.crToken(cluster.issuer.token(pod), { profile_id: profileId });
}
