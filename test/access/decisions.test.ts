import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AccessRequest, compilePolicy, evaluate, PolicyIndex } from '@podpass/policy';
import { createCatalog } from '../../src/access/catalog/catalog.ts';
import { type DecisionRow, ownerOf, parseDecisionTable, policyOf, readDecisionTable } from './decision-table.ts';

const catalog = createCatalog();

function decide(
  { members, policies }: DecisionRow,
  { subject, account, action, on, tags }: DecisionRow['requests'][number],
): 'allow' | 'deny' {
  const index = new PolicyIndex();
  for (const [at, policy] of policies.entries()) index.put(compilePolicy(policyOf(policy, `policy-${at}`)));
  const request: AccessRequest = {
    subjectId: subject,
    scope: 'ibm openid',
    action,
    at: 0,
    resource: account === 'none' ? on : { accountId: account, ...on },
    resourceTags: tags,
  };
  const groups = Object.keys(members).filter((group) => members[group]?.includes(subject));
  return evaluate(index, catalog, request, { groups, isOwner: ownerOf.get(account) === subject }).permitted ? 'allow' : 'deny';
}

describe('decisions', () => {
  for (const row of readDecisionTable()) {
    it(`${row.row}: ${row.says}`, () => {
      for (const request of row.requests) assert.equal(decide(row, request), request.expect, JSON.stringify(request));
    });
  }
});

describe('the decision table', () => {
  it('has each row once, and the rows that a first version needs', () => {
    const names = readDecisionTable().map((row) => row.row);
    assert.equal(new Set(names).size, names.length);
    for (let number = 1; number <= 16; number += 1) assert.ok(names.includes(`D-${String(number).padStart(2, '0')}`));
    assert.ok(names.includes('D-50'));
  });

  it('refuses fields that it does not know', () => {
    const request = '{ action: a.b, on: {}, expect: deny }';
    const row = (more: string, asked = request) => `- { row: D-99, says: x, requests: [${asked}] ${more} }`;
    assert.equal(parseDecisionTable(row('')).length, 1);
    for (const odd of [
      row(', rules: []'),
      row('', '{ action: a.b, on: {}, expect: deny, at: now }'),
      row('', '{ action: a.b, on: {}, expect: maybe }'),
      row(', policies: [{ who: U, roles: [Viewer], on: {}, rule: {} }]'),
      row(', policies: [{ who: U, roles: [Viewer], on: { resource: { stringContains: x } } }]'),
    ]) {
      assert.throws(() => parseDecisionTable(odd));
    }
  });
});
