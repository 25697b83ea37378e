/** A decision explained to somebody who may not be able to read all that it rests on. */
import { type AccessRequest, type Explanation, ownerMarker, remedyFor } from '@podpass/policy';
import type { AccountAccess, Decisions, Question } from '../access/decisions/decide.ts';
import { type Advice, type CheckReport, type Explained, HIDDEN, HIDDEN_ADVICE, type Nearest } from './explanation.ts';
import type { Visibility } from './visibility.ts';

/** The question asked in the account, as far as the caller may see what answers it. */
export async function explainDecision(
  decisions: Pick<Decisions, 'explain' | 'catalogOf'>,
  see: Visibility,
  access: AccountAccess,
  question: Question,
  at: number,
): Promise<Omit<Explained, 'kind'>> {
  const explanation = decisions.explain(access, { ...question, at });
  const { decision, policies } = explanation;
  const visible = await visiblePolicies(explanation, see, access);
  const isMember = access.membershipsOf(question.subject.iamId, at).groups.length > 0;
  const seesAll = policies.every(({ policyId }) => visible.has(policyId)) && (!isMember || (await see.members(access.accountId)));
  const checks = explanation.checks.map((check): CheckReport => ({ ...check, detail: detailOf(check, decision, visible, seesAll) }));
  if (decision.permitted) return { outcome: 'permitted', checks };

  const [closest] = policies;
  const nearest: Nearest | undefined =
    closest && (visible.has(closest.policyId) ? { policyId: closest.policyId, missed: closest.missed } : HIDDEN);
  const remedy = adviceOf(decisions, access, explanation, question, at);
  const isHidden = remedy?.policyId !== undefined && !visible.has(remedy.policyId);
  const advice = isHidden ? HIDDEN_ADVICE : remedy;
  return { outcome: 'refused', checks, ...(nearest && { nearest }), ...(advice && { remedy: advice }) };
}

/** How many policies that permit are named. */
const MAX_NAMED = 20;

/** Those of the policies that the explanation speaks of which the caller may read. */
async function visiblePolicies({ decision, policies }: Explanation, see: Visibility, access: AccountAccess): Promise<ReadonlySet<string>> {
  const ids = new Set([
    ...policies.map(({ policyId }) => policyId),
    ...(decision.permitted ? decision.permittedBy.slice(0, MAX_NAMED) : []),
  ]);
  const nearest = decision.permitted ? undefined : decision.nearest?.policyId;
  if (nearest !== undefined) ids.add(nearest);
  const visible = new Set<string>();
  for (const id of ids) {
    const policy = access.policies.get(id)?.policy;
    if (policy && (await see.policy(policy))) visible.add(id);
  }
  return visible;
}

/** The detail of a check, without what the caller may not read: which policies and groups there are, and how many. */
function detailOf(
  { check, outcome, detail }: CheckReport,
  decision: Explanation['decision'],
  visible: ReadonlySet<string>,
  seesAll: boolean,
): string {
  if (check === 'candidates' && !seesAll && outcome !== 'skipped') {
    return outcome === 'passed'
      ? 'The subject has policies that could match this service, instance and resource.'
      : 'The subject has no policy that could match this service, instance and resource.';
  }
  if (check !== 'policies' || outcome === 'skipped') return detail;
  if (!decision.permitted) {
    return decision.nearest === undefined || visible.has(decision.nearest.policyId) ? detail : 'No policy of the subject permits.';
  }
  const readable = decision.permittedBy.filter((id) => id === ownerMarker || visible.has(id)).slice(0, MAX_NAMED);
  if (readable.length === decision.permittedBy.length) return detail;
  return readable.length === 0 ? 'Permitted by a policy that you may not read.' : `Permitted by ${readable.join(', ')}.`;
}

function adviceOf(
  decisions: Pick<Decisions, 'catalogOf'>,
  access: AccountAccess,
  explanation: Explanation,
  { subject, action, resource }: Question,
  at: number,
): Advice | undefined {
  const { attributes: subjectAttributes } = subject;
  const request: AccessRequest = { subjectId: subject.iamId, action, resource, at, ...(subjectAttributes && { subjectAttributes }) };
  const { serviceName } = resource;
  const roles = serviceName === undefined ? [] : decisions.catalogOf(access).rolesWithAction(action, serviceName);
  const remedy = remedyFor(
    explanation,
    request,
    roles.map(({ crn, displayName }) => ({ roleId: crn, displayName })),
  );
  if (!remedy) return undefined;
  const { kind, sentence, policyId, roleIds } = remedy;
  return { kind, sentence, ...(policyId !== undefined && { policyId }), ...(roleIds && { roleIds }) };
}
