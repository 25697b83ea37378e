import type { CompiledPolicy } from './compiled-policy.ts';
import { evaluate, ownerHolds, subjectKeys } from './evaluate.ts';
import { type ResourceFacts, readFacts } from './facts.ts';
import { countMisses, inOrderOfPromise, missesOf } from './misses.ts';
import type { PolicySource } from './policy-source.ts';
import { scopedServices, scopeReaches } from './scope.ts';
import type {
  AccessRequest,
  CheckName,
  Decision,
  DecisionCheck,
  ExaminedPolicy,
  Explanation,
  RoleCatalog,
  SubjectContext,
} from './types.ts';

/** One question with all that a step of its explanation looks at. */
interface Question {
  readonly source: PolicySource;
  readonly catalog: RoleCatalog;
  readonly request: AccessRequest;
  readonly subject: SubjectContext;
  readonly facts: ResourceFacts | undefined;
  readonly decision: Decision;
}

/** What a step found; `ends` when it decides, so that the later ones are idle. */
interface Finding {
  readonly outcome: DecisionCheck['outcome'];
  readonly detail: string;
  readonly ends?: boolean;
}

const maxExamined = 1_000;
const maxListed = 10;

/** The steps in the order in which a decision takes them. */
const steps: readonly (readonly [CheckName, (question: Question) => Finding])[] = [
  ['resource', checkResource],
  ['boundary', checkBoundary],
  ['scope', checkScope],
  ['owner', checkOwner],
  ['candidates', checkCandidates],
  ['policies', checkPolicies],
];

/**
 * A decision with its reasons: the same decision as `evaluate`, the steps that led to it, and the policies of the subject that were
 * looked at, those that missed least first. It names policies and groups: show it only to those who may read them.
 */
export function explain(source: PolicySource, catalog: RoleCatalog, request: AccessRequest, subject: SubjectContext): Explanation {
  const decision = evaluate(source, catalog, request, subject);
  const question = { source, catalog, request, subject, facts: readFacts(request, catalog), decision };
  const checks: DecisionCheck[] = [];
  let isDecided = false;
  let reachesPolicies = false;
  for (const [check, look] of steps) {
    if (isDecided) {
      checks.push({ check, outcome: 'skipped', detail: 'An earlier step decided.' });
      continue;
    }
    const { outcome, detail, ends = false } = look(question);
    checks.push({ check, outcome, detail });
    isDecided = ends;
    reachesPolicies ||= check === 'candidates';
  }
  return { decision, checks, policies: reachesPolicies ? examine(question) : [] };
}

function checkResource({ facts }: Question): Finding {
  if (facts === undefined)
    return failed('The request names no account: without accountId nothing can match, because every policy has one.');
  const service = facts.serviceName === undefined ? 'no service' : `the service ${facts.serviceName}`;
  const registered = facts.serviceName === undefined || facts.serviceType !== undefined ? '' : ', which is not registered';
  return { outcome: 'passed', detail: `The request names the account ${facts.accountId} and ${service}${registered}.` };
}

function checkBoundary({ subject }: Question): Finding {
  if (subject.boundary === 'excluded') {
    return failed('The account admits identities of few other accounts, and the account of this token is none of them.');
  }
  if (subject.boundary === 'admitted') {
    return {
      outcome: 'passed',
      detail: 'The account admits identities of few other accounts, and the account of this token is one of them.',
    };
  }
  return { outcome: 'skipped', detail: 'The account does not restrict from which accounts such identities come.' };
}

function checkScope({ request, facts }: Question): Finding {
  const services = scopedServices(request.scope);
  if (services.length === 0) return { outcome: 'skipped', detail: 'The scope of the token restricts no services.' };
  const asked = facts?.serviceName ?? 'a resource that names no service';
  const reaches = scopeReaches(request.scope, facts?.serviceNames ?? []);
  const list = services.join(', ');
  if (!reaches) return failed(`The scope of the token reaches ${list} only, not ${asked}.`);
  return { outcome: 'passed', detail: `The scope of the token reaches ${list} only, and so ${asked}.` };
}

function checkOwner({ request, facts, catalog, subject }: Question): Finding {
  if (request.subjectAttributes !== undefined)
    return { outcome: 'skipped', detail: 'A service asks for itself, and services own no account.' };
  if (!subject.isOwner) return { outcome: 'skipped', detail: 'The subject does not own the account.' };
  if (facts !== undefined && ownerHolds(request, facts, catalog, subject)) {
    return {
      outcome: 'passed',
      detail: `The subject owns the account, and an owner may do ${request.action} without a policy.`,
      ends: true,
    };
  }
  const detail = `The subject owns the account, but an owner has no role that gives ${request.action} here, and needs a policy as others do.`;
  return { outcome: 'skipped', detail };
}

function checkCandidates(question: Question): Finding {
  const { source, request, subject, facts } = question;
  const keys = subjectKeys(request, subject);
  const found = facts === undefined ? 0 : source.candidates(keys, facts).length;
  const groups = keys.filter((key) => key.kind === 'group').length;
  const whose =
    request.subjectAttributes !== undefined
      ? 'authorization policies for this service'
      : `policies of the subject${groups === 0 ? '' : ` and its ${groups === 1 ? 'one access group' : `${groups} access groups`}`}`;
  if (found === 0) return { outcome: 'failed', detail: `Of the ${whose}, none could match this service, instance and resource.` };
  return { outcome: 'passed', detail: `Of the ${whose}, ${found} could match this service, instance and resource.` };
}

function checkPolicies({ decision }: Question): Finding {
  if (decision.permitted) return { outcome: 'passed', detail: `Permitted by ${decision.permittedBy.join(', ')}.` };
  if (decision.nearest === undefined) return failed('The subject has no policy in this account.');
  const { policyId, missed } = decision.nearest;
  const lacks = missed.map((miss) => (miss.kind === 'role' ? 'the role' : `the ${miss.kind} ${miss.key}`)).join(', ');
  return failed(`No policy permits. The nearest is ${policyId}, which fails on ${lacks}.`);
}

function failed(detail: string): Finding {
  return { outcome: 'failed', detail, ends: true };
}

function examine({ source, catalog, request, subject, facts }: Question): readonly ExaminedPolicy[] {
  if (facts === undefined) return [];
  const examined: { readonly compiled: CompiledPolicy; readonly missed: number }[] = [];
  for (const compiled of inOrderOfPromise(source, subjectKeys(request, subject), facts)) {
    examined.push({ compiled, missed: countMisses(compiled, request.action, facts, catalog) });
    if (examined.length === maxExamined) break;
  }
  return examined
    .toSorted((one, other) => one.missed - other.missed)
    .slice(0, maxListed)
    .map(({ compiled }) => {
      const { accessGroupId } = compiled;
      const missed = missesOf(compiled, request.action, facts, catalog);
      return { policyId: compiled.policy.id, ...(accessGroupId === undefined ? {} : { accessGroupId }), missed };
    });
}
