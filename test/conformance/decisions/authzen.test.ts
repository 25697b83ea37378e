/** The OpenID AuthZEN Authorization API 1.0: evaluation and evaluations, by the examples of the specification. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SERVICE_ROLE, type Wire } from '../../support/world.ts';
import { type Asking, crnOf, operate, payload } from '../policies/asking.ts';
import { Documents, read, record, user, write } from './documents.ts';

let documents: Documents;
let asking: Asking;
let alice: string;
let bob: string;

before(async () => {
  documents = await Documents.start();
  ({ asking, alice, bob } = documents);
});
after(() => documents[Symbol.asyncDispose]());

const call: Documents['call'] = (...asked) => documents.call(...asked);
const decisions = (body: unknown) => documents.decisions(body);
const ask = (subject: Wire, action: Wire, resource: Wire): Wire => ({ subject, action, resource });

async function decision(body: unknown): Promise<boolean> {
  const reply = await call('evaluation', body);
  assert.equal(reply.status, 200, reply.text);
  return reply.body.decision;
}

describe('access evaluation', () => {
  it('permits and denies', async () => {
    assert.equal(await decision(ask(user(alice), read, record('record-1'))), true);
    assert.equal(await decision(ask(user(alice), write, record('record-1'))), true);
    assert.equal(await decision(ask(user(bob), read, record('record-1'))), true);
    assert.equal(await decision(ask(user(bob), write, record('record-1'))), false);
  });

  it('looks at the properties of the resource', async () => {
    const archived = record('record-2', { properties: { status: 'archived' } });
    assert.deepEqual([await decision(ask(user(alice), write, archived)), await decision(ask(user(bob), write, archived))], [false, true]);
    for (const status of [['archived'], { a: 'archived' }, null]) {
      assert.equal(await decision(ask(user(bob), write, record('record-2', { properties: { status } }))), false);
    }
  });

  it('ignores context, properties that no policy names, and members that it does not know', async () => {
    const body = {
      subject: user(alice, { properties: { department: 'Sales', role: 'manager' } }),
      action: { ...read, properties: { method: 'GET' } },
      resource: record('record-1', { properties: { status: 'active', owner: 'bob', tags: ['a'] } }),
      context: { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' },
      foo: 'bar',
      futureField: { nested: true },
    };
    assert.equal(await decision(body), true);
  });

  it('answers with the obligation of a permit and the key of the record, and of a deny tells no more than that', async () => {
    const permit = await call('evaluation', ask(user(alice, { properties: { scope: 'ibm openid' } }), read, record('record-1')));
    const single = asking.item('record.read', { serviceName: 'record', serviceInstance: 'record-1' }, { id: alice, scope: 'ibm openid' });
    assert.deepEqual(permit.body.context.obligation, (await asking.decided(single)).obligation);
    const [event] = await asking.records(permit.body.context.request_id);
    assert.deepEqual([event?.data.action, event?.data.requestData.api], ['podpass.decision.evaluate', 'access/evaluation']);
    const deny = await call('evaluation', ask(user(bob), write, record('record-1')));
    assert.deepEqual(deny.body, { decision: false, context: { reason: 'IAM', request_id: deny.headers.get('x-request-id') } });
  });

  it('names resources wider than an instance by CRN, and takes a resource without an account for one of the caller', async () => {
    const { id } = asking.account;
    assert.equal(await decision(ask(user(bob), read, { type: 'crn', id: crnOf(id, 'record') })), true);
    assert.equal(await decision(ask(user(alice), read, { type: 'crn', id: crnOf(id, 'record', 'record-1::') })), true);
    assert.equal(await decision(ask(user(alice), read, { type: 'crn', id: crnOf(id, 'record') })), false);
    assert.equal(await decision(ask(user(bob), read, { type: 'crn', id: 'crn:v1:bluemix:public:record::::::' })), true);
    const other = await asking.world.account();
    assert.equal((await call('evaluation', ask(user(bob), read, record('record-1', { properties: { accountId: other.id } })))).status, 403);
    assert.equal((await call('evaluation', ask(user(bob), read, record('record-1')), { token: other.owner })).body.decision, false);
  });

  it('knows users, service IDs, profiles, services and nobody in particular as subjects', async () => {
    const { world, account } = asking;
    const profile = await world.profile(account);
    await world.policy(account, profile.iam_id, [SERVICE_ROLE('Reader')], { serviceName: 'record' });
    const may = (type: string, id: string, properties: Wire = {}) =>
      call('evaluation', ask({ type, id, properties }, read, record('record-1')));
    assert.equal((await may('profile', profile.iam_id)).body.decision, true);
    const crn = crnOf(account.id, 'kms', 'k1::');
    for (const [type, id] of [
      ['service_id', 'iam-ServiceId-x'],
      ['service', crn],
      ['service', `crn-${crn}`],
      ['anonymous', 'anyone'],
    ] as const) {
      const reply = await may(type, id);
      assert.deepEqual([reply.status, reply.body.decision], [200, false], type);
    }
    for (const [type, id] of [
      ['user', profile.iam_id],
      ['profile', alice],
      ['service_id', alice],
      ['service', alice],
      ['user', crn],
      ['spaceship', alice],
      ['__proto__', alice],
      ['constructor', alice],
    ] as const) {
      assert.equal((await may(type, id)).status, 400, `${type} ${id}`);
    }
    const accessTokenBody = payload({ iam_id: bob, scope: 'ibm openid kms' });
    assert.equal((await may('user', bob, { accessTokenBody })).body.decision, false, 'the scope of the token counts');
    assert.equal((await may('user', alice, { accessTokenBody })).status, 400);
  });

  it('refuses what lacks a part, and says which', async () => {
    const whole = ask(user(alice), read, record('record-1'));
    const cases: readonly (readonly [Wire, string])[] = [
      [{ ...whole, subject: undefined }, 'subject'],
      [{ ...whole, action: undefined }, 'action'],
      [{ ...whole, resource: undefined }, 'resource'],
      [{ ...whole, subject: { id: alice } }, 'subject.type'],
      [{ ...whole, subject: { type: 'user' } }, 'subject.id'],
      [{ ...whole, action: {} }, 'action.name'],
      [{ ...whole, resource: { id: 'record-1' } }, 'resource.type'],
      [{ ...whole, resource: { type: 'record' } }, 'resource.id'],
      [{ ...whole, subject: 'alice' }, 'subject'],
      [{ ...whole, subject: [alice] }, 'subject'],
      [{ ...whole, action: { name: 123 } }, 'action.name'],
      [{ ...whole, resource: record('record-1', { properties: 'x' }) }, 'resource.properties'],
      [{ ...whole, resource: record('record-1', { properties: { serviceInstance: 'record-2' } }) }, 'resource.properties.serviceInstance'],
      [{ ...whole, resource: record('record-1', { properties: { a: 'x'.repeat(2001) } }) }, 'resource.properties.a'],
    ];
    for (const [body, field] of cases) {
      const { status, body: reply } = await call('evaluation', body);
      assert.deepEqual([status, reply.errors[0].code], [400, 'invalid_body'], JSON.stringify(body));
      assert.ok(reply.errors[0].message.includes(`'${field}'`), reply.errors[0].message);
    }
  });

  it('answers 400 to what is no JSON, 401 to a stranger and 403 to who may not ask', async () => {
    const whole = ask(user(alice), read, record('record-1'));
    const json = { 'content-type': 'application/json' };
    assert.equal((await call('evaluation', JSON.stringify(whole), { headers: { 'content-type': 'text/plain' } })).status, 400);
    for (const text of ['{', '[]', '7', '']) assert.equal((await call('evaluation', text, { headers: json })).status, 400, text);
    assert.equal((await call('evaluation', undefined)).status, 400);
    assert.equal((await call('evaluation', whole, { token: undefined })).status, 401);
    const stranger = await call('evaluation', whole, { token: asking.user.token });
    assert.equal(stranger.status, 403);
    await operate(asking.world, asking.account, 'record', asking.user.iamId);
    assert.equal((await call('evaluation', whole, { token: asking.user.token })).body.decision, true);
  });

  it('repeats the identifier of the request, of an answer and of an error', async () => {
    const name = 'bfe9eb29 & "ab87"/4ca3';
    for (const [body, token] of [
      [ask(user(alice), read, record('record-1')), asking.account.owner],
      [{}, asking.account.owner],
      [{}, 'nonsense'],
    ]) {
      const reply = await call('evaluation', body, { token, headers: { 'x-request-id': name } });
      assert.equal(reply.headers.get('x-request-id'), name);
    }
    const own = await asking.world.call('POST', '/v2/authz', { token: asking.account.owner, body: [], headers: { 'x-request-id': name } });
    assert.notEqual(own.headers.get('x-request-id'), name, 'elsewhere it is the key of the record');
    assert.ok((await call('evaluation', {})).headers.get('x-request-id'));
  });
});

describe('access evaluations', () => {
  const three = () => ({
    subject: user(bob),
    evaluations: [
      { action: read, resource: record('record-1') },
      { action: write, resource: record('record-1') },
      { action: read, resource: record('record-2') },
    ],
  });

  it('answer in order, each completed by what is said for all', async () => {
    assert.deepEqual(await decisions(three()), [true, false, true]);
    const whole = [ask(user(alice), read, record('record-1')), ask(user(bob), write, record('record-1'))];
    assert.deepEqual(await decisions({ evaluations: whole }), [true, false]);
    const evaluations = [
      { resource: record('record-1') },
      { resource: record('record-2') },
      { action: write, subject: user(alice), resource: record('record-1') },
    ];
    assert.deepEqual(await decisions({ subject: user(bob), action: read, context: { time: 'now' }, evaluations }), [true, true, true]);
  });

  it('replace an entity as a whole, but for what identifies it', async () => {
    const body = {
      subject: user(bob),
      action: write,
      resource: { type: 'record', id: 'record-9', properties: { status: 'archived' } },
      evaluations: [
        {},
        { resource: { id: 'record-2' } },
        { resource: { id: 'record-2', properties: { status: 'archived' } } },
        { subject: { id: alice } },
      ],
    };
    assert.deepEqual(await decisions(body), [true, false, true, false]);
  });

  it('end with the first deny or the first permit where they are asked to', async () => {
    const semantic = (evaluations_semantic: string) => ({ ...three(), options: { evaluations_semantic, another_option: 'value' } });
    assert.deepEqual(await decisions(semantic('execute_all')), [true, false, true]);
    assert.deepEqual(await decisions(semantic('deny_on_first_deny')), [true, false]);
    assert.deepEqual(await decisions(semantic('permit_on_first_permit')), [true]);
    const { evaluations } = (await call('evaluations', semantic('deny_on_first_deny'))).body;
    assert.equal(evaluations[1].context.code, '200');
    assert.equal((await call('evaluations', semantic('at_random'))).status, 400);
  });

  it('deny what cannot be decided, with the error in its place', async () => {
    const body = {
      subject: user(bob),
      action: read,
      evaluations: [
        { resource: record('record-1') },
        {},
        7,
        { resource: record('record-1', { properties: { accountId: 'f'.repeat(32) } }) },
        { subject: {}, resource: record('record-1') },
      ],
    };
    const { status, body: reply } = await call('evaluations', body);
    assert.equal(status, 200);
    assert.deepEqual(
      reply.evaluations.map(({ decision: permitted, context }: Wire) => [permitted, context.error?.status]),
      [
        [true, undefined],
        [false, 400],
        [false, 400],
        [false, 403],
        [true, undefined],
      ],
    );
    const refused = await call('evaluations', { ...body, evaluations: [body.evaluations[3]] });
    assert.equal(refused.status, 403, 'who may ask about none is told so');
    const failing = {
      ...body,
      options: { evaluations_semantic: 'deny_on_first_deny' },
      evaluations: [{ resource: record('record-1') }, {}, { resource: record('record-1') }],
    };
    assert.deepEqual(await decisions(failing), [true, false]);
  });

  it('without evaluations are one', async () => {
    const single = ask(user(alice), read, record('record-1'));
    for (const body of [single, { ...single, evaluations: [] }]) assert.equal((await call('evaluations', body)).body.decision, true);
    for (const evaluations of ['x', {}, Array.from({ length: 1001 }, () => ({}))])
      assert.equal((await call('evaluations', { ...single, evaluations })).status, 400);
  });
});

describe('the metadata', () => {
  it('say where the calls are, to anybody', async () => {
    const { status, body } = await asking.world.call('GET', '/.well-known/authzen-configuration');
    const { url } = asking.world;
    assert.equal(status, 200);
    assert.deepEqual(body, {
      policy_decision_point: url,
      access_evaluation_endpoint: `${url}/access/v1/evaluation`,
      access_evaluations_endpoint: `${url}/access/v1/evaluations`,
      search_subject_endpoint: `${url}/access/v1/search/subject`,
      search_resource_endpoint: `${url}/access/v1/search/resource`,
      search_action_endpoint: `${url}/access/v1/search/action`,
    });
  });
});
