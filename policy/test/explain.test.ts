import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AccessRequest, evaluate, explain, type Remedy, type Rule, remedyFor, type SubjectContext } from '../src/index.ts';
import { administrator, catalog, indexOf, owner, type PolicyText, policy, reader, request, stranger, viewer } from './world.ts';

function explained(policies: readonly PolicyText[], asked: AccessRequest, context: SubjectContext = stranger) {
  const index = indexOf(...policies.map(policy));
  const explanation = explain(index, catalog, asked, context);
  assert.deepEqual(explanation.decision, evaluate(index, catalog, asked, context));
  for (const { detail } of explanation.checks) assert.match(detail, /^[A-Z].+\.$/);
  return explanation;
}

function remedy(policies: readonly PolicyText[], asked: AccessRequest, context: SubjectContext = stranger): Remedy | undefined {
  const found = remedyFor(explained(policies, asked, context), asked, [{ roleId: reader, displayName: 'Reader' }]);
  if (found !== undefined) assert.match(found.sentence, /^[A-Z].+\.$/);
  return found;
}

const onKms = { serviceName: 'kms' };
const hours: Rule = {
  operator: 'and',
  conditions: [
    { key: '{{environment.attributes.current_time}}', operator: 'timeGreaterThanOrEquals', value: '09:00:00-05:00' },
    { key: '{{environment.attributes.current_time}}', operator: 'timeLessThanOrEquals', value: '17:00:00-05:00' },
  ],
};
const once = (until: string): Rule => ({
  key: '{{environment.attributes.current_date_time}}',
  operator: 'dateTimeLessThanOrEquals',
  value: until,
});

describe('an explanation', () => {
  const outcomes = (...args: Parameters<typeof explained>) => explained(...args).checks.map(({ check, outcome }) => `${check} ${outcome}`);

  it('goes through the steps of a decision in their order', () => {
    assert.deepEqual(outcomes([{ on: onKms }], request(onKms)), [
      'resource passed',
      'boundary skipped',
      'scope skipped',
      'owner skipped',
      'candidates passed',
      'policies passed',
    ]);
    assert.deepEqual(outcomes([], request(onKms)).slice(4), ['candidates failed', 'policies failed']);
    assert.deepEqual(outcomes([{ roles: [reader], on: onKms }], request(onKms)).slice(4), ['candidates passed', 'policies failed']);
  });

  it('ends with the step that decides', () => {
    const { accountId: _, ...unplaced } = request(onKms).resource;
    const all = [{ on: onKms }];
    assert.equal(outcomes(all, { ...request(onKms), resource: unplaced })[0], 'resource failed');
    assert.equal(outcomes(all, request(onKms), { ...stranger, boundary: 'excluded' })[1], 'boundary failed');
    assert.equal(outcomes(all, request(onKms), { ...stranger, boundary: 'admitted' })[1], 'boundary passed');
    assert.equal(outcomes(all, request(onKms, { scope: 'ibm openid books' }))[2], 'scope failed');
    assert.equal(outcomes(all, request(onKms, { scope: 'ibm openid kms' }))[2], 'scope passed');
    assert.deepEqual(outcomes(all, request(onKms), owner).slice(3), ['owner passed', 'candidates skipped', 'policies skipped']);
    assert.equal(outcomes(all, request(onKms, { action: 'data.read' }), owner)[3], 'owner skipped');
    assert.deepEqual(explained(all, request(onKms), owner).policies, []);
    assert.deepEqual(explained(all, request(onKms), { ...stranger, boundary: 'excluded' }).policies, []);
  });

  it('lists the policies that were looked at, the nearest first, with the groups that they came from', () => {
    const policies = [
      { id: 'far', on: { serviceName: 'books', region: 'eu-de' } },
      { id: 'near', group: 'G', on: { serviceName: 'kms', serviceInstance: 'i1' } },
      { id: 'permits', on: onKms },
    ];
    const { policies: examined } = explained(policies, request(onKms), { groups: ['G'], isOwner: false });
    assert.deepEqual(
      examined.map(({ policyId, accessGroupId, missed }) => [policyId, accessGroupId, missed.length]),
      [
        ['permits', undefined, 0],
        ['near', 'G', 1],
        ['far', undefined, 2],
      ],
    );
  });

  it('lists ten at most, and no policy of another subject or account', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({ on: { serviceName: 'kms', serviceInstance: `i${at}` } }));
    assert.equal(explained(many, request(onKms)).policies.length, 10);
    const foreign = [
      { who: 'V', on: onKms },
      { account: 'B', on: onKms },
      { group: 'H', on: onKms },
    ];
    assert.deepEqual(explained(foreign, request(onKms)).policies, []);
  });

  it('says which condition of a rule was missed, and how the instant read', () => {
    const { policies } = explained([{ id: 'p', on: onKms, rule: hours }], request(onKms, { at: Date.parse('2026-01-07T13:59:59.500Z') }));
    assert.deepEqual(policies, [
      {
        policyId: 'p',
        missed: [
          {
            kind: 'condition',
            key: '{{environment.attributes.current_time}}',
            operator: 'timeGreaterThanOrEquals',
            expected: 'timeGreaterThanOrEquals 09:00:00-05:00',
            actual: '08:59:59-05:00',
          },
        ],
      },
    ]);
  });

  it('says of conditions joined by or those of the branch that was nearest', () => {
    const rule: Rule = {
      operator: 'or',
      conditions: [
        hours,
        { key: '{{resource.attributes.path}}', operator: 'stringEquals', value: 'x' },
        { key: '{{environment.attributes.day_of_week}}', operator: 'dayOfWeekAnyOf', value: ['1+00:00', '2+00:00'] },
      ],
    };
    const { policies } = explained([{ on: onKms, rule }], request({ ...onKms, path: 'y' }, { at: Date.parse('2026-01-07T23:00:00Z') }));
    assert.deepEqual(
      policies[0]?.missed.map(({ expected, actual }) => [expected, actual]),
      [['timeLessThanOrEquals 17:00:00-05:00', '18:00:00-05:00']],
    );
  });
});

describe('a remedy', () => {
  it('is none where the request is permitted', () => {
    assert.equal(remedy([{ on: onKms }], request(onKms)), undefined);
    assert.equal(remedy([], request(onKms), owner), undefined);
  });

  it('is to ask for what the policy allows, or to change the policy', () => {
    const found = remedy([{ id: 'p', on: { ...onKms, serviceInstance: 'c1' } }], request({ ...onKms, serviceInstance: 'c2' }));
    assert.deepEqual(found, {
      kind: 'change_attribute',
      policyId: 'p',
      miss: { kind: 'attribute', key: 'serviceInstance', expected: 'c1', actual: 'c2' },
      sentence: "Policy p asks for serviceInstance 'c1', and the request says 'c2'. Ask for serviceInstance 'c1', or change policy p.",
    });
    const absent = remedy([{ id: 'p', on: onKms, where: [['resource', 'stringExists', false]] }], request({ ...onKms, resource: 'r' }));
    assert.match(absent?.sentence ?? '', /Ask without resource, or change policy p\.$/);
    const wild = remedy([{ id: 'p', on: onKms, where: [['resource', 'stringMatch', 'dev*']] }], request(onKms));
    assert.match(
      wild?.sentence ?? '',
      /asks for resource stringMatch dev\*, and the request has no resource\. Ask for a resource that fits/,
    );
    const rule: Rule = { key: '{{resource.attributes.path}}', operator: 'stringEquals', value: 'home' };
    assert.match(remedy([{ id: 'p', on: onKms, rule }], request(onKms))?.sentence ?? '', /^The rule of policy p asks for path 'home'/);
  });

  it('is a role that has the action, by its name where it is known', () => {
    const found = remedy([{ id: 'p', on: onKms }], request(onKms, { action: 'data.read' }));
    assert.deepEqual([found?.kind, found?.policyId, found?.roleIds], ['add_role', 'p', [reader]]);
    assert.match(found?.sentence ?? '', /has the action data\.read\. Add one of the roles that have it \(Reader\) to policy p\.$/);
    const asked = request(onKms, { action: 'data.read' });
    const unnamed = remedyFor(explained([{ id: 'p', on: onKms }], asked), asked);
    assert.match(unnamed?.sentence ?? '', /Add a role that has it to policy p\.$/);
    assert.equal(unnamed?.roleIds, undefined);
  });

  it('is to wait for the window, or a new policy once it is over', () => {
    const early = remedy([{ id: 'p', on: onKms, rule: hours }], request(onKms, { at: Date.parse('2026-01-07T13:00:00Z') }));
    assert.equal(early?.kind, 'wait');
    assert.match(early?.sentence ?? '', /current_time timeGreaterThanOrEquals 09:00:00-05:00, and it was 08:00:00-05:00\./);
    const late = remedy([{ id: 'p', on: onKms, rule: hours }], request(onKms, { at: Date.parse('2026-01-07T23:00:00Z') }));
    assert.equal(late?.kind, 'wait');
    const over = remedy(
      [{ id: 'p', on: onKms, rule: once('2026-01-01T00:00:00Z') }],
      request(onKms, { at: Date.parse('2026-01-07T00:00:00Z') }),
    );
    assert.deepEqual([over?.kind, over?.policyId], ['create_policy', 'p']);
    assert.match(over?.sentence ?? '', /That time is over: give policy p a later end/);
  });

  it('is the tag that the resource lacks', () => {
    const policies: readonly PolicyText[] = [{ id: 'p', on: { serviceType: 'service' }, tags: [['env', 'stringEquals', 'test']] }];
    assert.match(remedy(policies, request(onKms))?.sentence ?? '', /access tag env:test, and the resource has none with this key/);
    const other = remedy(policies, request(onKms, { resourceTags: ['env:prod'] }));
    assert.deepEqual([other?.kind, other?.miss?.actual], ['add_tag', 'prod']);
  });

  it('says both things where two are lacking', () => {
    const found = remedy([{ id: 'p', on: { ...onKms, serviceInstance: 'c1' } }], request(onKms, { action: 'data.read' }));
    assert.deepEqual([found?.kind, found?.policyId, found?.miss], ['change_attribute', 'p', undefined]);
    assert.match(found?.sentence ?? '', /Ask for serviceInstance 'c1'.+Add one of the roles/);
  });

  it('is a new policy where none is near', () => {
    for (const policies of [
      [],
      [{ on: { serviceName: 'books' } }],
      [{ roles: [reader], on: { ...onKms, serviceInstance: 'a', region: 'b' } }],
    ]) {
      const found = remedy(policies, request(onKms));
      assert.deepEqual([found?.kind, found?.policyId], ['create_policy', undefined]);
      assert.match(found?.sentence ?? '', /Create a policy .+ \(Reader\) on the service kms\.$/);
    }
    const service = request(onKms, { subjectAttributes: { serviceName: 'cos' } });
    assert.match(remedy([], service)?.sentence ?? '', /Create an authorization policy/);
  });

  it('is about the step that refused', () => {
    const policies = [{ roles: [administrator, viewer], on: onKms }];
    const { accountId: _, ...unplaced } = request(onKms).resource;
    assert.equal(remedy(policies, { ...request(onKms), resource: unplaced })?.kind, 'fix_request');
    assert.equal(remedy(policies, request(onKms), { ...stranger, boundary: 'excluded' })?.kind, 'change_setting');
    assert.equal(remedy(policies, request(onKms, { scope: 'ibm openid books' }))?.kind, 'change_scope');
  });
});
