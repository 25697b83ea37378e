/** A mix of questions about an account: half of them permitted, half denied, each with the outcome that the account's plan says it has. */
import type { Question } from '../../src/access/decisions/decide.ts';
import { type AccountPlan, type PlannedPolicy, permits, policiesOf } from './account.ts';
import { profileIamIdOf } from './names.ts';
import { type BenchTime, instanceId, type Place, resourceGroupOf, TEAMS } from './policy-kinds.ts';
import { createRandom, type Random } from './random.ts';
import { type Level, SERVICES } from './services.ts';

export interface AskedQuestion {
  readonly question: Question;
  readonly permitted: boolean;
}

/** What is asked, before it is put in words. */
interface Asked {
  readonly profile: number;
  readonly level: Level;
  readonly place: Place;
}

/** A Wednesday, at ten o'clock: within office hours. */
export const OFFICE_TIME = Date.UTC(2026, 0, 14, 10);
const SCOPE = 'ibm openid';
/** Draws that turn out permitted although they aim at a refusal are drawn again, at most so often. */
const TRIES = 50;

/** Says of the resource exactly what the policy asks for. */
function aimAt({ draw, kind }: PlannedPolicy, random: Random, { instanceCount }: AccountPlan): Place {
  return { service: draw.service, instance: random.below(instanceCount), withResourceGroup: false, ...kind.ask(draw) };
}

/** What a refused question gets wrong about a place that a policy of its profile covers. */
const FAULTS: readonly ((asked: Asked, random: Random, plan: AccountPlan) => Asked)[] = [
  // More than the policy's role gives.
  (asked) => ({ ...asked, level: 2 }),
  // Another instance, another resource.
  ({ place, ...asked }, random, { instanceCount }) => ({
    ...asked,
    place: {
      ...place,
      instance: random.below(instanceCount),
      ...(place.resource !== undefined && { resource: `data-${TEAMS + random.below(TEAMS)}` }),
      ...(place.path !== undefined && { path: `private/${random.below(TEAMS)}` }),
    },
  }),
  // Another service.
  ({ place, ...asked }, random) => ({ ...asked, place: { ...place, service: random.oneOf(SERVICES) } }),
  // Nothing that any policy of the profile was made for.
  (asked, random, { instanceCount }) => ({
    ...asked,
    level: random.oneOf([0, 1, 2] as const),
    place: { service: random.oneOf(SERVICES), instance: random.below(instanceCount), withResourceGroup: random.below(2) === 0 },
  }),
];

const isPermitted = (plan: AccountPlan, { profile, level, place }: Asked, time: BenchTime): boolean =>
  policiesOf(plan, profile).some((planned) => permits(planned, level, place, time));

function drawPermitted(plan: AccountPlan, random: Random, profiles: number): Asked {
  for (;;) {
    const profile = random.below(profiles);
    const planned = random.oneOf(policiesOf(plan, profile));
    const asked = { profile, level: random.below(planned.level + 1) as Level, place: aimAt(planned, random, plan) };
    if (isPermitted(plan, asked, 'office')) return asked;
  }
}

function drawDenied(plan: AccountPlan, random: Random, profiles: number, fault: (typeof FAULTS)[number]): Asked {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const asked = fault(drawPermitted(plan, random, profiles), random, plan);
    if (!isPermitted(plan, asked, 'office')) return asked;
  }
  throw new Error('The plan of the account leaves nothing to refuse.');
}

function resourceOf(accountId: string, place: Place): Readonly<Record<string, string>> {
  const { service, instance, resourceType, resource, path, withResourceGroup } = place;
  return {
    serviceName: service.name,
    accountId,
    serviceInstance: instanceId(service, instance),
    ...(resourceType !== undefined && { resourceType }),
    ...(resource !== undefined && { resource }),
    ...(path !== undefined && { path }),
    ...(withResourceGroup && { resourceGroupId: resourceGroupOf(instance) }),
  };
}

const inWords = (accountId: string, { profile, level, place }: Asked): Question => ({
  subject: { iamId: profileIamIdOf(profile), scope: SCOPE },
  action: place.service.actions[level],
  resource: resourceOf(accountId, place),
});

export interface MixOptions {
  /** Leaves out questions whose outcome depends on the hour. */
  readonly anyTime?: true;
  /** How many profiles ask; all of them where absent. */
  readonly profiles?: number;
}

/** Questions at `OFFICE_TIME`. */
export function makeQuestions(plan: AccountPlan, count: number, options: MixOptions = {}): readonly AskedQuestion[] {
  const { anyTime = false, profiles = plan.profiles.length } = options;
  const random = createRandom(plan.policyCount + 1);
  const questions: AskedQuestion[] = [];
  while (questions.length < count) {
    const index = questions.length;
    const permitted = index % 2 === 0;
    const asked = permitted
      ? drawPermitted(plan, random, profiles)
      : drawDenied(plan, random, profiles, FAULTS[(index >> 1) % FAULTS.length] as (typeof FAULTS)[number]);
    if (!anyTime || isPermitted(plan, asked, 'weekend') === permitted)
      questions.push({ question: inWords(plan.accountId, asked), permitted });
  }
  return questions;
}

/** One subject's question about one action on many instances of one service. */
export interface BulkQuestion {
  readonly iamId: string;
  readonly scope: string;
  readonly action: string;
  readonly serviceName: string;
  readonly instances: readonly string[];
  readonly permitted: readonly boolean[];
}

/** Bulk questions whose outcomes do not depend on the hour, about distinct instances, of which a policy of the subject was made for one. */
export function makeBulkQuestions(plan: AccountPlan, count: number, size: number): readonly BulkQuestion[] {
  const random = createRandom(plan.policyCount + 2);
  const questions: BulkQuestion[] = [];
  while (questions.length < count) {
    const { profile, level, place } = drawPermitted(plan, random, plan.profiles.length);
    const { service } = place;
    const instances = new Set([place.instance]);
    while (instances.size < size) instances.add(random.below(plan.instanceCount));
    const outcomes = (time: BenchTime) =>
      [...instances].map((instance) => isPermitted(plan, { profile, level, place: { service, instance, withResourceGroup: false } }, time));
    const permitted = outcomes('office');
    if (outcomes('weekend').some((outcome, index) => outcome !== permitted[index])) continue;
    questions.push({
      iamId: profileIamIdOf(profile),
      scope: SCOPE,
      action: service.actions[level],
      serviceName: service.name,
      instances: [...instances].map((instance) => instanceId(service, instance)),
      permitted,
    });
  }
  return questions;
}
