import type { AccessRequest, CheckName, ExaminedPolicy, Explanation, Miss } from './types.ts';

export type RemedyKind =
  | ('add_role' | 'change_attribute' | 'wait' | 'add_tag' | 'create_policy')
  | ('fix_request' | 'change_scope' | 'change_setting');

/** The smallest change that would turn a deny into a permit. */
export interface Remedy {
  readonly kind: RemedyKind;
  /** The policy to change, or that would permit then; absent where a new one is needed. */
  readonly policyId?: string;
  /** What was missed, where the remedy is about one thing. */
  readonly miss?: Miss;
  /** For `add_role`, the roles that have the action, where they are known. */
  readonly roleIds?: readonly string[];
  /** What to do, in full sentences. */
  readonly sentence: string;
}

/** A role of the catalog that has the action which was asked for. */
export interface RoleWithAction {
  readonly roleId: string;
  readonly displayName: string;
}

type Draft = Omit<Remedy, 'policyId' | 'miss'>;

/** Everything that a remedy is written from. */
interface Case {
  readonly policyId: string;
  readonly request: AccessRequest;
  readonly roles: readonly RoleWithAction[];
}

/** What to do about an early step that refused. */
const stepRemedies: Readonly<Partial<Record<CheckName, (request: AccessRequest) => Remedy>>> = {
  resource: () => ({
    kind: 'fix_request',
    sentence: 'Name the account of the resource in the request: add the attribute accountId.',
  }),
  boundary: () => ({
    kind: 'change_setting',
    sentence: 'Let the setting of the account on identities of other accounts allow the account of the token, or set it to enabled.',
  }),
  scope: ({ resource }) => ({
    kind: 'change_scope',
    sentence: `Ask with a token whose scope includes ${resource.serviceName ?? 'the service'} or restricts no services.`,
  }),
};

/** What to do about one miss, by its kind. */
const missRemedies: Readonly<Record<Miss['kind'], (miss: Miss, on: Case) => Draft>> = Object.freeze({
  attribute: ({ key = '', expected = '', actual }, { policyId }) => {
    const came = actual === undefined ? `the request has no ${key}` : `the request says '${actual}'`;
    return {
      kind: 'change_attribute',
      sentence: `Policy ${policyId} asks for ${key} ${quoted(expected)}, and ${came}. ${askFor(key, expected)}, or change policy ${policyId}.`,
    };
  },
  tag: ({ key = '', expected = '', actual }, { policyId }) => ({
    kind: 'add_tag',
    sentence:
      `Policy ${policyId} asks for the access tag ${key}:${expected}, and the resource has ` +
      `${actual === undefined ? 'none with this key' : `${key}:${actual}`}. Attach the tag to the resource, or change policy ${policyId}.`,
  }),
  condition: ({ key = '', expected = '', actual, operator = '' }, { policyId }) => {
    const name = key.slice(key.lastIndexOf('.') + 1, -'}}'.length);
    if (!key.startsWith('{{environment.')) {
      const came = actual === undefined ? `the request has no ${name}` : `the request says '${actual}'`;
      return {
        kind: 'change_attribute',
        sentence: `The rule of policy ${policyId} asks for ${name} ${quoted(expected)}, and ${came}. ${askFor(name, expected)}, or change policy ${policyId}.`,
      };
    }
    const says = `The rule of policy ${policyId} asks for ${name} ${expected}, and it was ${actual ?? 'another'}.`;
    if (isOver(operator)) {
      return {
        kind: 'create_policy',
        sentence: `${says} That time is over: give policy ${policyId} a later end, or create another policy.`,
      };
    }
    return { kind: 'wait', sentence: `${says} Ask again when it holds, or change policy ${policyId}.` };
  },
  role: ({ expected = '', actual = '' }, { policyId, roles }) => {
    const names = roles.map((role) => role.displayName).join(', ');
    const add = names === '' ? 'Add a role that has it' : `Add one of the roles that have it (${names})`;
    return {
      kind: 'add_role',
      sentence: `Policy ${policyId} covers the resource, but none of its roles (${actual}) has the action ${expected}. ${add} to policy ${policyId}.`,
      ...(roles.length === 0 ? {} : { roleIds: roles.map((role) => role.roleId) }),
    };
  },
});

/** How many things one remedy may ask for; a policy that is further away is better left alone. */
const maxMisses = 2;

/**
 * The smallest change that would permit what the explanation says is denied; undefined where it is permitted. With the roles that have
 * the action on the service, it names them.
 */
export function remedyFor(
  explanation: Explanation,
  request: AccessRequest,
  rolesWithAction: readonly RoleWithAction[] = [],
): Remedy | undefined {
  const { decision, checks, policies } = explanation;
  if (decision.permitted) return undefined;
  for (const { check, outcome } of checks) {
    const remedy = outcome === 'failed' ? stepRemedies[check]?.(request) : undefined;
    if (remedy !== undefined) return remedy;
  }
  const [nearest] = policies;
  if (nearest === undefined || nearest.missed.length > maxMisses || namesOtherService(nearest)) return newPolicy(request, rolesWithAction);
  return fromMisses(nearest, request, rolesWithAction);
}

function fromMisses({ policyId, missed }: ExaminedPolicy, request: AccessRequest, roles: readonly RoleWithAction[]): Remedy {
  const drafts = missed.map((miss) => ({ miss, ...missRemedies[miss.kind](miss, { policyId, request, roles }) }));
  const [first, second] = drafts;
  if (first === undefined) return newPolicy(request, roles);
  // Of a window that is not open, the end of time matters more than its hours.
  const over = drafts.find((draft) => draft.kind === 'create_policy');
  if (second === undefined || over !== undefined) return { policyId, ...(over ?? first) };
  const { miss: _, ...draft } = first;
  return { ...draft, policyId, sentence: drafts.map(({ sentence }) => sentence).join(' ') };
}

function newPolicy({ action, resource, subjectAttributes }: AccessRequest, roles: readonly RoleWithAction[]): Remedy {
  const { serviceName } = resource;
  const names = roles.map((role) => role.displayName).join(', ');
  const role = names === '' ? `a role that has ${action}` : `one of the roles that have ${action} (${names})`;
  const kind = subjectAttributes === undefined ? 'a policy' : 'an authorization policy';
  const on = serviceName === undefined ? 'the resource' : `the service ${serviceName}`;
  return {
    kind: 'create_policy',
    sentence: `No policy of the subject is about this. Create ${kind} that gives it ${role} on ${on}.`,
    ...(roles.length === 0 ? {} : { roleIds: roles.map(({ roleId }) => roleId) }),
  };
}

/** A policy on another service is not the one to change. */
function namesOtherService({ missed }: ExaminedPolicy): boolean {
  return missed.some(({ kind, key }) => kind === 'attribute' && key !== undefined && serviceKeys.includes(key));
}

const serviceKeys: readonly string[] = Object.freeze(['serviceName', 'serviceType', 'service_group_id']);

/** Whether a bound that was missed lies in the past for good. */
function isOver(operator: string): boolean {
  return operator.startsWith('date') && operator.includes('LessThan');
}

// What a miss expects begins with its operator unless that is equality.
const operatorWords = /^(stringMatchAnyOf|stringMatch|stringEqualsAnyOf|stringExists) /;

const quoted = (expected: string): string => (operatorWords.test(expected) ? expected : `'${expected}'`);

function askFor(key: string, expected: string): string {
  if (expected === 'stringExists false') return `Ask without ${key}`;
  if (expected === 'stringExists true') return `Ask with a value for ${key}`;
  return operatorWords.test(expected) ? `Ask for a ${key} that fits` : `Ask for ${key} '${expected}'`;
}
