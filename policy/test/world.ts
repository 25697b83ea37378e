// A small world for the evaluator's tests: a catalog of four services, and short ways to write policies and requests.
import {
  type AccessRequest,
  type AttributeClause,
  compilePolicy,
  type Decision,
  evaluate,
  type Policy,
  PolicyIndex,
  type PolicySubject,
  type RoleCatalog,
  type Rule,
  type ServiceType,
  type SubjectContext,
  serviceLineage,
} from '../src/index.ts';

export const administrator = 'crn:v1:bluemix:public:iam::::role:Administrator';
export const viewer = 'crn:v1:bluemix:public:iam::::role:Viewer';
export const manager = 'crn:v1:bluemix:public:iam::::serviceRole:Manager';
export const reader = 'crn:v1:bluemix:public:iam::::serviceRole:Reader';

const baseActions: ReadonlyMap<string, readonly string[]> = new Map([
  [administrator, ['iam.policy.read', 'iam.policy.create', 'iam.policy.update', 'iam.policy.delete', 'instance.create', 'instance.view']],
  [viewer, ['iam.policy.read', 'instance.view']],
  [manager, ['iam.policy.read', 'data.delete']],
  [reader, ['iam.policy.read', 'data.read']],
]);

const services: ReadonlyMap<string, { type: ServiceType; groups: readonly string[] }> = new Map([
  ['kms', { type: 'service', groups: [] }],
  ['books', { type: 'service', groups: [] }],
  ['iam-groups', { type: 'platform_service', groups: ['IAM'] }],
  ['billing', { type: 'platform_service', groups: [] }],
]);

const findService = (name: string) =>
  serviceLineage(name)
    .map((candidate) => services.get(candidate))
    .find((found) => found !== undefined);

const roleActions = new Map<string, ReadonlySet<string>>();

export const catalog: RoleCatalog = {
  actions(roleId, serviceName) {
    const key = JSON.stringify([roleId, serviceName]);
    const known = roleActions.get(key);
    if (known !== undefined) return known;
    const own = roleId === manager && findService(serviceName) !== undefined ? [`${serviceName.split('.')[0]}.manage`] : [];
    const actions = new Set([...(baseActions.get(roleId) ?? []), ...own]);
    roleActions.set(key, actions);
    return actions;
  },
  serviceType: (name) => findService(name)?.type,
  serviceGroups: (name) => findService(name)?.groups ?? [],
};

export type ClauseText = readonly [key: string, operator: AttributeClause['operator'], value: AttributeClause['value']];

export interface PolicyText {
  readonly id?: string;
  readonly account?: string;
  readonly who?: string;
  readonly group?: string;
  readonly roles?: readonly string[];
  /** Literal attributes; `accountId` is added. */
  readonly on?: Readonly<Record<string, string>>;
  readonly where?: readonly ClauseText[];
  readonly tags?: readonly ClauseText[];
  readonly rule?: Rule;
  /** What it says of the services that an authorization policy is for. */
  readonly service?: Readonly<Record<string, string | boolean>>;
}

let made = 0;

export function policy(text: PolicyText): Policy {
  made += 1;
  const literal: readonly ClauseText[] = Object.entries({ accountId: text.account ?? 'A', ...text.on }).map(
    ([key, value]) => [key, 'stringEquals', value] as const,
  );
  const clauses = (texts: readonly ClauseText[]) => texts.map(([key, operator, value]) => ({ key, operator, value }));
  return {
    id: text.id ?? `policy-${made}`,
    accountId: text.account ?? 'A',
    subject: subjectOf(text),
    roleIds: text.roles ?? [viewer],
    resource: clauses([...literal, ...(text.where ?? [])]),
    tags: clauses(text.tags ?? []),
    ...(text.rule === undefined ? {} : { rule: text.rule }),
  };
}

function subjectOf({ service, group, who = 'U' }: PolicyText): PolicySubject {
  if (service === undefined) return group === undefined ? { iamId: who } : { accessGroupId: group };
  const serviceAttributes = Object.entries(service).map(([key, value]): AttributeClause => {
    return { key, operator: typeof value === 'boolean' ? 'stringExists' : 'stringEquals', value };
  });
  return { serviceAttributes };
}

export function indexOf(...policies: readonly Policy[]): PolicyIndex {
  const index = new PolicyIndex();
  for (const one of policies) index.put(compilePolicy(one));
  return index;
}

export const stranger: SubjectContext = { groups: [], isOwner: false };
export const owner: SubjectContext = { groups: [], isOwner: true };

/** An instant of no importance: a Wednesday, noon. */
export const wednesdayNoon = Date.parse('2022-12-28T12:00:00Z');

/** `instance.view` by U with the identity scope on these attributes of account A. */
export function request(resource: Readonly<Record<string, string>>, more: Partial<AccessRequest> = {}): AccessRequest {
  return {
    subjectId: 'U',
    scope: 'ibm openid',
    action: 'instance.view',
    resource: { accountId: 'A', ...resource },
    at: wednesdayNoon,
    ...more,
  };
}

export function decide(policies: readonly PolicyText[], asked: AccessRequest, subject: SubjectContext = stranger): Decision {
  return evaluate(indexOf(...policies.map(policy)), catalog, asked, subject);
}

export function permits(policies: readonly PolicyText[], asked: AccessRequest, subject: SubjectContext = stranger): boolean {
  return decide(policies, asked, subject).permitted;
}
