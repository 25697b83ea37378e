// The evaluator once more, slow and obvious, from the text of the contract: no index, no compilation, every policy looked at every time.
import type { AccessRequest, AttributeClause, Policy, RoleCatalog, SubjectContext } from '../src/index.ts';
import { administrator, manager } from './world.ts';

/** The ids of the policies that permit, `owner` alone where the owner rule does, and nothing for a deny. */
export function decideSlowly(
  policies: readonly Policy[],
  catalog: RoleCatalog,
  request: AccessRequest,
  subject: SubjectContext,
): readonly string[] {
  const { accountId, serviceName } = request.resource;
  if (!accountId) return [];
  const restrictions = (request.scope ?? '')
    .split(' ')
    .filter((word) => !['', 'ibm', 'openid', 'email', 'profile', 'roles'].includes(word));
  if (restrictions.length > 0 && !restrictions.some((service) => isOrIsChildOf(serviceName, service))) return [];

  const type = serviceName === undefined ? undefined : catalog.serviceType(serviceName);
  const ownerRoles = type === 'service' ? [administrator, manager] : type === 'platform_service' ? [administrator] : [];
  if (subject.isOwner && ownerRoles.some((role) => catalog.actions(role, serviceName ?? '').has(request.action))) return ['owner'];

  return policies
    .filter((policy) => policy.accountId === accountId)
    .filter(({ subject: who }) => ('iamId' in who ? who.iamId === request.subjectId : subject.groups.includes(who.accessGroupId)))
    .filter((policy) => policy.resource.every((clause) => holds(clause, valuesOf(clause.key, request, catalog))))
    .filter((policy) => policy.tags.every((clause) => holds(clause, tagValues(clause.key, request))))
    .filter((policy) => policy.roleIds.some((role) => catalog.actions(role, serviceName ?? '').has(request.action)))
    .map((policy) => policy.id);
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

function holds({ operator, value }: AttributeClause, values: readonly string[]): boolean {
  if (operator === 'stringExists') return values.length > 0 === value;
  const expected = Array.isArray(value) ? value : [value];
  const isMatch =
    operator === 'stringMatch' || operator === 'stringMatchAnyOf' ? naiveMatch : (one: string, other: string) => one === other;
  return expected.some((one) => values.some((actual) => isMatch(one, actual)));
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
