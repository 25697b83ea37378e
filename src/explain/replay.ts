/** Asks recorded questions again of one state of an account, each at its own instant, and equal questions once. */
import { groupKey, iamKey, type SubjectKey, serviceKey } from '@podpass/policy';
import type { DecisionSubject, Question } from '../access/decisions/decide.ts';
import type { ClusterDirectory } from '../clusters/directory.ts';
import type { RecordedExchange } from '../token/exchange-record.ts';
import { matchProfile } from '../token/match.ts';
import type { FindView, MatchView } from '../token/match-checks.ts';
import { podIdentity } from './exchange-explanation.ts';
import type { Outcome } from './explanation.ts';
import type { InspectedView, InspectionDeps } from './inspection.ts';

export interface Answer {
  readonly outcome: Outcome;
  /** Of a decision that was permitted, the policies that did. */
  readonly by?: readonly string[];
}

export type Asked = { readonly exchange: RecordedExchange } | { readonly question: Question };

export type Replay = (asked: Asked, at: number) => Promise<Answer>;

export interface ReplayDeps extends Pick<InspectionDeps, 'decisions' | 'findView'> {
  readonly clusters: Pick<ClusterDirectory, 'findByCrn'>;
}

const MAX_REMEMBERED = 20_000;
const REFUSED: Answer = Object.freeze({ outcome: 'refused' });

export function createReplay({ decisions, findView, clusters }: ReplayDeps, view: InspectedView): Replay {
  const answers = new Map<string, Answer>();
  const dependsOnTime = createTimeDependence(view);
  // The account itself is never looked for: it is the state that is asked.
  const findOther: FindView<MatchView> = (accountId) => (accountId === view.accountId ? Promise.resolve(view) : findView(accountId));

  async function exchange({ selector, cluster: crn, pod, tenants }: RecordedExchange): Promise<Answer> {
    const cluster = clusters.findByCrn(crn);
    if (!pod || cluster?.state !== 'active' || cluster.accountId !== view.accountId) return REFUSED;
    const { matched } = await matchProfile<MatchView>(selector, podIdentity(cluster, pod), view, findOther, tenants);
    return { outcome: matched ? 'permitted' : 'refused' };
  }

  function decide(question: Question, at: number): Answer {
    const named = question.resource.accountId;
    if (named !== undefined && named !== view.accountId) return REFUSED;
    const decision = decisions.decide(view, { ...question, at });
    return decision.permitted ? { outcome: 'permitted', by: decision.permittedBy } : REFUSED;
  }

  async function remembered(key: string, answer: () => Answer | Promise<Answer>): Promise<Answer> {
    const known = answers.get(key);
    if (known) return known;
    if (answers.size >= MAX_REMEMBERED) answers.clear();
    const given = await answer();
    answers.set(key, given);
    return given;
  }

  return async (asked, at) => {
    if ('exchange' in asked) return remembered(JSON.stringify(asked.exchange), () => exchange(asked.exchange));
    const { subject, action, resource } = asked.question;
    const instant = dependsOnTime(subject) ? at : 0;
    return remembered(JSON.stringify([subject, action, resource, instant]), () => decide(asked.question, at));
  };
}

/** Whether what a subject may do depends on the instant: it has a policy with a rule on time, or a membership that ends by itself. */
function createTimeDependence(view: InspectedView): (subject: DecisionSubject) => boolean {
  const known = new Map<string, boolean>();
  const hasTimedPolicy = (key: SubjectKey): boolean => {
    for (const { rule } of view.policies.ofSubject(key)) if (rule?.conditions.some(({ isTimed }) => isTimed)) return true;
    return false;
  };
  return ({ iamId, attributes }) => {
    const name = attributes?.serviceName;
    const id = attributes === undefined ? `identity ${iamId}` : `service ${name ?? ''}`;
    const before = known.get(id);
    if (before !== undefined) return before;
    const { groups, endAt } = attributes === undefined ? view.membershipsOf(iamId, 0) : { groups: [] };
    const keys = attributes === undefined ? [iamKey(iamId), ...groups.map(groupKey)] : [serviceKey(name), serviceKey(undefined)];
    const depends = endAt !== undefined || keys.some(hasTimedPolicy);
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(id, depends);
    return depends;
  };
}
