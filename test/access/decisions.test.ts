import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AccessRequest,
  accountBoundary,
  canManagePolicy,
  compilePolicy,
  evaluate,
  explain,
  PolicyIndex,
  type RoleCatalog,
  type SubjectContext,
} from '@podpass/policy';
import { createCatalog } from '../../src/access/catalog/catalog.ts';
import {
  type DecisionWorld,
  identityTypeOf,
  instantOf,
  type ManageRow,
  ownerOf,
  parseDecisionTable,
  policyOf,
  publicAccessGroup,
  type RequestRow,
  readDecisionTable,
  roleIdOf,
  worldsOf,
} from './decision-table.ts';

const builtIn = createCatalog();

/** The built-in catalog with the custom roles and the registered services of a row. */
function catalogOf({ customRoles, services }: DecisionWorld): RoleCatalog {
  return {
    actions(roleId, serviceName) {
      const custom = customRoles.find(({ name }) => roleIdOf(`custom/${name}`) === roleId);
      if (custom !== undefined) return new Set(custom.service === serviceName ? custom.actions : []);
      const grants = services.find(({ name }) => name === serviceName)?.grants ?? {};
      const own = Object.entries(grants).flatMap(([role, actions]) => (roleIdOf(role) === roleId ? actions : []));
      return new Set([...builtIn.actions(roleId, serviceName), ...own]);
    },
    serviceType: (serviceName) => (services.some(({ name }) => name === serviceName) ? 'service' : builtIn.serviceType(serviceName)),
    serviceGroups: (serviceName) => builtIn.serviceGroups(serviceName),
  };
}

function indexOf({ policies, states }: DecisionWorld): PolicyIndex {
  const index = new PolicyIndex();
  for (const [at, policy] of policies.entries()) {
    if (states[at] === 'active') index.put(compilePolicy(policyOf(policy, `policy-${at}`)));
  }
  return index;
}

const hour = 3_600_000;

/** The groups of the identity; an ended membership is still listed, as it may be by a caller that does not look. */
function contextOf(world: DecisionWorld, { subject, account }: { readonly subject: string; readonly account: string }): SubjectContext {
  const statically = Object.keys(world.members).filter((group) => world.members[group]?.includes(subject));
  const dynamically = Object.entries(world.dynamicMembers).flatMap(([group, members]) =>
    members.filter(({ who }) => who === subject).map(({ login, hours }) => [group, Date.parse(login) + hours * hour] as const),
  );
  return {
    groups: [...statically, ...dynamically.map(([group]) => group), ...(world.publicAccess ? [publicAccessGroup] : [])],
    groupsEndAt: new Map(dynamically),
    isOwner: ownerOf.get(account) === subject,
  };
}

function decide(world: DecisionWorld, row: RequestRow): 'allow' | 'deny' {
  const { subject, service, tokenAccount = 'A', scope, account, action, on, tags } = row;
  const request: AccessRequest = {
    subjectId: service === undefined ? subject : 'crn-crn:v1:bluemix:public',
    ...(service === undefined ? {} : { subjectAttributes: service }),
    scope,
    action,
    at: instantOf(row),
    resource: account === 'none' ? on : { accountId: account, ...on },
    resourceTags: tags,
  };
  const type = identityTypeOf(row);
  const setting = type === undefined ? undefined : world.settings[type];
  const boundary = accountBoundary(setting && { state: setting.state, allowedAccounts: setting.allowed }, account, tokenAccount);
  const context = { ...contextOf(world, row), boundary };
  const [index, catalog] = [indexOf(world), catalogOf(world)];
  const decision = evaluate(index, catalog, request, context);
  assert.deepEqual(explain(index, catalog, request, context).decision, decision);
  return decision.permitted ? 'allow' : 'deny';
}

function manage(world: DecisionWorld, row: ManageRow): 'allow' | 'deny' {
  const { subject, verb, policy, instance } = row;
  const request = {
    subjectId: subject,
    scope: 'ibm openid',
    verb,
    policy: policyOf(policy, 'target'),
    at: instantOf(row),
    ...(instance === undefined ? {} : { instanceAttributes: instance }),
  };
  const context = contextOf(world, { subject, account: policy.account });
  return canManagePolicy(indexOf(world), catalogOf(world), request, context).permitted ? 'allow' : 'deny';
}

describe('decisions', () => {
  for (const row of readDecisionTable()) {
    for (const world of worldsOf(row)) {
      it(`${row.row}: ${world.says}`, () => {
        for (const request of world.requests) assert.equal(decide(world, request), request.expect, JSON.stringify(request));
        for (const question of world.manage) assert.equal(manage(world, question), question.expect, JSON.stringify(question));
      });
    }
  }
});

describe('the decision table', () => {
  it('has every row of the contract, each once and in order', () => {
    const wanted = Array.from({ length: 66 }, (_, at) => `D-${String(at + 1).padStart(2, '0')}`);
    assert.deepEqual(
      readDecisionTable().map(({ row }) => row),
      wanted,
    );
  });

  it('keeps in a later world what it does not change', () => {
    const text = `
      - row: D-99
        says: x
        members: { G: [U] }
        policies: [{ who: U, roles: [Viewer], on: {} }]
        requests: [{ action: a.b, on: {}, expect: deny }]
        then: [{ says: later, states: [deleted], requests: [{ action: a.c, on: {}, expect: deny }] }]`;
    const [first, later] = parseDecisionTable(text).flatMap(worldsOf);
    assert.deepEqual([first?.says, first?.states, first?.members], ['x', ['active'], { G: ['U'] }]);
    assert.deepEqual([later?.says, later?.states, later?.members], ['x: later', ['deleted'], { G: ['U'] }]);
    assert.deepEqual(
      [first, later].map((world) => world?.requests.map(({ action }) => action)),
      [['a.b'], ['a.c']],
    );
  });

  it('refuses fields that it does not know, and rows that say nothing', () => {
    const request = '{ action: a.b, on: {}, expect: deny }';
    const row = (more: string, asked = request) => `- { row: D-99, says: x, requests: [${asked}] ${more} }`;
    const policy = (more: string) => row(`, policies: [{ roles: [Viewer], on: {} ${more} }]`);
    const leaf = '{ key: k, operator: stringEquals, value: v }';
    assert.equal(parseDecisionTable(row('')).length, 1);
    assert.equal(parseDecisionTable(policy(', who: U')).length, 1);
    assert.equal(parseDecisionTable(policy(`, who: U, pattern: p, rule: ${leaf}`)).length, 1);
    for (const odd of [
      row(', rules: []'),
      row('', ''),
      row('', '{ action: a.b, on: {}, expect: deny, at: now }'),
      row('', '{ action: a.b, on: {}, expect: maybe }'),
      row(', states: [active]'),
      row(', settings: { robot: { state: limited } }'),
      row(', then: [{ says: later }]'),
      row(', then: [{ says: later, policies: [], requests: [] }]'),
      policy(''),
      policy(', who: U, group: G'),
      policy(', who: U, rule: {}'),
      policy(`, who: U, rule: ${leaf}`),
      policy(', who: U, pattern: p'),
      policy(`, who: U, pattern: p, rule: { operator: and, conditions: [${leaf}] }`),
      policy(`, who: U, pattern: p, rule: { operator: not, conditions: [${leaf}, ${leaf}] }`),
      row(', policies: [{ who: U, roles: [Viewer], on: { resource: { stringContains: x } } }]'),
    ]) {
      assert.throws(() => parseDecisionTable(odd), odd);
    }
  });
});
