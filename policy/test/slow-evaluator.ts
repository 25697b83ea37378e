// The evaluator once more, slow and obvious, from the text of the contract: no index, no compilation, every policy looked at every time.
// It shares no code with the evaluator, so that one mistake is not made twice; a test holds that it imports types and nothing else.
import type { AccessRequest, AttributeClause, Condition, Policy, RoleCatalog, Rule, SubjectContext } from '../src/types.ts';

const administrator = 'crn:v1:bluemix:public:iam::::role:Administrator';
const manager = 'crn:v1:bluemix:public:iam::::serviceRole:Manager';

/** The ids of the policies that permit, `owner` alone where the owner rule does, and nothing for a deny. */
export function decideSlowly(
  policies: readonly Policy[],
  catalog: RoleCatalog,
  request: AccessRequest,
  subject: SubjectContext,
): readonly string[] {
  const { accountId, serviceName } = request.resource;
  if (!accountId) return [];
  if (subject.boundary === 'excluded') return [];
  const restrictions = (request.scope ?? '')
    .split(' ')
    .filter((word) => !['', 'ibm', 'openid', 'email', 'profile', 'roles'].includes(word));
  if (restrictions.length > 0 && !restrictions.some((service) => isOrIsChildOf(serviceName, service))) return [];

  const isService = request.subjectAttributes !== undefined;
  const type = serviceName === undefined ? undefined : catalog.serviceType(serviceName);
  const ownerRoles = type === 'service' ? [administrator, manager] : type === 'platform_service' ? [administrator] : [];
  const ownerMay = ownerRoles.some((role) => catalog.actions(role, serviceName ?? '').has(request.action));
  if (subject.isOwner && !isService && ownerMay) return ['owner'];

  return policies
    .filter((policy) => policy.accountId === accountId)
    .filter((policy) => isFor(policy, request, subject))
    .filter((policy) => policy.resource.every((clause) => holds(clause, valuesOf(clause.key, request, catalog))))
    .filter((policy) => policy.tags.every((clause) => holds(clause, tagValues(clause.key, request))))
    .filter((policy) => policy.rule === undefined || ruleHolds(policy.rule, request, catalog, '+00:00'))
    .filter((policy) => policy.roleIds.some((role) => catalog.actions(role, serviceName ?? '').has(request.action)))
    .map((policy) => policy.id);
}

function isFor({ subject: whom }: Policy, request: AccessRequest, { groups, groupsEndAt }: SubjectContext): boolean {
  const service = request.subjectAttributes;
  if ('serviceAttributes' in whom) {
    if (service === undefined) return false;
    return whom.serviceAttributes.every((clause) => {
      const value = Object.entries(service).find(([name]) => name === clause.key)?.[1];
      return holds(clause, value === undefined ? [] : [value]);
    });
  }
  if (service !== undefined) return false;
  if ('iamId' in whom) return whom.iamId === request.subjectId;
  const end = groupsEndAt?.get(whom.accessGroupId);
  return groups.includes(whom.accessGroupId) && (end === undefined || request.at < end);
}

function isOrIsChildOf(serviceName: string | undefined, parent: string): boolean {
  return serviceName === parent || serviceName?.startsWith(`${parent}.`) === true;
}

function valuesOf(key: string, { resource }: AccessRequest, catalog: RoleCatalog): readonly string[] {
  const { serviceName } = resource;
  if (key === 'serviceType')
    return serviceName === undefined ? [] : [catalog.serviceType(serviceName)].filter((type) => type !== undefined);
  if (key === 'service_group_id') return serviceName === undefined ? [] : catalog.serviceGroups(serviceName);
  const value = Object.entries(resource).find(([name]) => name === key)?.[1];
  if (value === undefined) return [];
  if (key !== 'serviceName') return [value];
  return value.split('.').map((_, at, parts) => parts.slice(0, at + 1).join('.'));
}

function tagValues(key: string, { resourceTags = [] }: AccessRequest): readonly string[] {
  return resourceTags.filter((tag) => tag.split(':')[0] === key).map((tag) => tag.slice(key.length + 1));
}

function holds({ operator, value }: Pick<AttributeClause, 'operator' | 'value'>, values: readonly string[]): boolean {
  if (operator === 'stringExists') return values.length > 0 === (String(value) === 'true');
  const expected = [value].flat().map(String);
  const isMatch =
    operator === 'stringMatch' || operator === 'stringMatchAnyOf' ? naiveMatch : (one: string, other: string) => one === other;
  return expected.some((one) => values.some((actual) => isMatch(one, actual)));
}

function ruleHolds(rule: Rule, request: AccessRequest, catalog: RoleCatalog, zoneOfBareDays: string): boolean {
  if (!('conditions' in rule)) return conditionHolds(rule, request, catalog, zoneOfBareDays);
  if (rule.operator === 'or') return rule.conditions.some((part) => ruleHolds(part, request, catalog, '+00:00'));
  const zones = rule.conditions
    .flatMap((part) => ('conditions' in part ? [] : [part]))
    .filter(({ key }) => key.includes('.current_'))
    .map(({ value }) => zoneOf(String(value)));
  const agreed = new Set(zones.map(minutesOf)).size === 1 ? (zones[0] ?? '+00:00') : '+00:00';
  return rule.conditions.every((part) => ruleHolds(part, request, catalog, agreed));
}

function conditionHolds({ key, operator, value }: Condition, request: AccessRequest, catalog: RoleCatalog, zoneOfBareDays: string) {
  const name = key.slice(key.lastIndexOf('.') + 1, key.indexOf('}}'));
  if (key.startsWith('{{resource.attributes.')) {
    return holds({ operator: operator as AttributeClause['operator'], value }, valuesOf(name, request, catalog));
  }
  if (name === 'day_of_week') {
    return [value].flat().some((day) => {
      const text = String(day);
      const zone = text.length === 1 ? zoneOfBareDays : zoneOf(text);
      return text.startsWith(String(new Date(`${clockAt(request.at, zone)}Z`).getUTCDay() || 7));
    });
  }
  const text = String(value);
  const zone = zoneOf(text);
  const bound = text.slice(0, text.endsWith('Z') ? -1 : -6);
  const clock = clockAt(request.at, zone);
  const now = name === 'current_time' ? clock.slice(11) : name === 'current_date' ? clock.slice(0, 10) : clock;
  if (now === bound) return operator.endsWith('OrEquals');
  return operator.includes('LessThan') ? now < bound : now > bound;
}

/** What a clock in the zone shows: `2022-12-26T09:00:00`. */
function clockAt(at: number, zone: string): string {
  return new Date(at + minutesOf(zone) * 60_000).toISOString().slice(0, 19);
}

function zoneOf(text: string): string {
  return text.endsWith('Z') ? '+00:00' : text.slice(-6);
}

function minutesOf(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith('-') ? 0 - minutes : minutes;
}

type NaiveToken = { readonly kind: 'literal'; readonly character: string } | { readonly kind: 'one' } | { readonly kind: 'many' };

/** The obvious matcher: every prefix of the pattern against every prefix of the value. */
export function naiveMatch(pattern: string, value: string): boolean {
  const tokens = (pattern.match(/\{\{[*?]\}\}|[\s\S]/gu) ?? []).map((text): NaiveToken => {
    if (text === '*') return { kind: 'many' };
    if (text === '?') return { kind: 'one' };
    return { kind: 'literal', character: text.length === '{{*}}'.length ? (text[2] ?? '') : text };
  });
  const characters = [...value];
  let row = [true, ...characters.map(() => false)];
  for (const token of tokens) {
    const next = [token.kind === 'many' && row[0] === true];
    for (const [at, character] of characters.entries()) {
      const advances = token.kind === 'one' || (token.kind === 'literal' && token.character === character);
      next.push(token.kind === 'many' ? row[at + 1] === true || next[at] === true : advances && row[at] === true);
    }
    row = next;
  }
  return row.at(-1) === true;
}
