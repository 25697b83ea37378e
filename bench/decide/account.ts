/** The plan of an account: who is in which group, and which policies there are. It knows what each policy covers without an evaluator. */
import { type BenchTime, type Draw, NEIGHBOURS, type Place, POLICY_KINDS, type PolicyKind, TAGGED_EVERY, TEAMS } from './policy-kinds.ts';
import { createRandom, type Random } from './random.ts';
import { type Level, SERVICES } from './services.ts';

export const GROUPS_OF_PROFILE = 4;
const POLICIES_A_GROUP = 15;
const POLICIES_A_PROFILE = 3;
/** One policy of a hundred lets a service use another. */
const AUTHORIZATION_EVERY = 100;
const INSTANCES_LEAST = 120;
const PUBLIC_POLICIES = 2;
const PUBLIC_TEAM = 999;

export interface PlannedPolicy {
  readonly number: number;
  readonly kind: PolicyKind;
  readonly draw: Draw;
  readonly level: Level;
  /** Gives the custom role of its service, which has what the level has. */
  readonly byCustomRole: boolean;
}

export interface AccountPlan {
  readonly accountId: string;
  readonly policyCount: number;
  /** Instances of each service, counted from 0. */
  readonly instanceCount: number;
  /** The groups of each profile. */
  readonly profiles: readonly (readonly number[])[];
  readonly ofProfile: readonly PlannedPolicy[];
  readonly ofGroup: readonly (readonly PlannedPolicy[])[];
  readonly ofPublic: readonly PlannedPolicy[];
  /** Numbers of the policies between services. */
  readonly authorizations: readonly number[];
}

const LEVELS: readonly Level[] = [0, 0, 0, 1, 1, 2];
const KINDS_BY_SHARE = POLICY_KINDS.flatMap((kind) => Array.from({ length: kind.share }, () => kind));

export function planAccount(accountId: string, policyCount: number): AccountPlan {
  const random = createRandom(policyCount);
  const profileCount = Math.round(policyCount / POLICIES_A_PROFILE);
  const groupCount = Math.round(policyCount / POLICIES_A_GROUP);
  const authorizationCount = Math.round(policyCount / AUTHORIZATION_EVERY);
  const instanceCount = Math.max(INSTANCES_LEAST, policyCount / 10);
  let made = 0;
  const plan = (kind: PolicyKind): PlannedPolicy => {
    const service = random.oneOf(SERVICES);
    const draw = { service, instance: random.below(instanceCount - NEIGHBOURS), team: random.below(TEAMS) };
    const level = random.oneOf(LEVELS);
    const byCustomRole = level === 1 && service.hasCustomRole && kind.isForAllServices !== true && random.below(2) === 0;
    made += 1;
    return { number: made, kind, draw: kind.name === 'tags' ? withTags(draw) : draw, level, byCustomRole };
  };
  const anyKind = () => plan(random.oneOf(KINDS_BY_SHARE));
  const ofProfile = Array.from({ length: profileCount }, anyKind);
  const ofGroup: PlannedPolicy[][] = Array.from({ length: groupCount }, () => []);
  for (let left = policyCount - profileCount - authorizationCount - PUBLIC_POLICIES; left > 0; left -= 1) {
    ofGroup[left % groupCount]?.push(anyKind());
  }
  const wildcard = POLICY_KINDS.find((kind) => kind.name === 'wildcard') as PolicyKind;
  const ofPublic = Array.from({ length: PUBLIC_POLICIES }, () => {
    const planned = plan(wildcard);
    return { ...planned, level: 0 as const, byCustomRole: false, draw: { ...planned.draw, team: PUBLIC_TEAM } };
  });
  const authorizations = Array.from({ length: authorizationCount }, (_, index) => made + index + 1);
  const profiles = Array.from({ length: profileCount }, () => drawGroups(random, groupCount));
  return { accountId, policyCount, instanceCount, profiles, ofProfile, ofGroup, ofPublic, authorizations };
}

/** The nearest instance that has the tags which policies ask for: they are for the even ones of those that have any. */
const withTags = (draw: Draw): Draw => ({ ...draw, instance: draw.instance - (draw.instance % (2 * TAGGED_EVERY)) });

function drawGroups(random: Random, groupCount: number): readonly number[] {
  const groups = new Set<number>();
  while (groups.size < GROUPS_OF_PROFILE) groups.add(random.below(groupCount));
  return [...groups];
}

/** All that a profile has: its own policy, those of its groups, and those of everybody. */
export function policiesOf({ profiles, ofProfile, ofGroup, ofPublic }: AccountPlan, profile: number): readonly PlannedPolicy[] {
  const own = ofProfile[profile];
  return [...(own === undefined ? [] : [own]), ...(profiles[profile] ?? []).flatMap((group) => ofGroup[group] ?? []), ...ofPublic];
}

/** Whether the policy permits what asks for `level` at the place. */
export function permits({ kind, draw, level }: PlannedPolicy, asked: Level, place: Place, time: BenchTime): boolean {
  return level >= asked && (kind.isForAllServices === true || draw.service === place.service) && kind.covers(draw, place, time);
}
