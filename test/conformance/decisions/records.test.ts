/** What the audit log keeps of decisions. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readDecisionRecord } from '../../../src/access/decisions/decision-records.ts';
import { ROLE, type TestAccount, type Wire } from '../../support/world.ts';
import { Asking, CK, operate, payload } from '../policies/asking.ts';

let asking: Asking;
let policy: Wire;

before(async () => {
  asking = await Asking.start();
  policy = await asking.world.policy(asking.account, asking.user.iamId, [ROLE('Viewer')], { serviceName: CK });
});
after(() => asking[Symbol.asyncDispose]());

const read = `${CK}.cluster.read`;
const create = `${CK}.cluster.create`;

const recordsOf = (requestId: string | null, count = 1, account: TestAccount = asking.account, from = asking): Promise<Wire[]> =>
  from.records(requestId, count, account);

async function recorded(items: readonly Wire[]): Promise<Wire> {
  const reply = await asking.post(items);
  const events = await recordsOf(reply.headers.get('x-request-id'));
  assert.equal(events.length, 1, reply.text);
  return events[0];
}

describe('the record of decisions', () => {
  it('is one for a call, with what was asked and what permitted', async () => {
    const { data, type } = await recorded([asking.item(read, { serviceInstance: 'c1' }), asking.item(read, { serviceInstance: 'c2' })]);
    assert.deepEqual([type, data.action, data.outcome], ['podpass.decision.evaluate', 'podpass.decision.evaluate', 'success']);
    assert.deepEqual(data.target, { id: CK, typeURI: 'podpass/decision' });
    assert.equal(data.initiator.id, asking.account.ownerIamId);
    assert.deepEqual(data.requestData, {
      api: 'authz',
      shared: {
        subject: { id: asking.user.iamId, scope: 'ibm openid' },
        action: read,
        resource: { serviceName: CK, accountId: asking.account.id },
      },
      items: [{ resource: { serviceInstance: 'c1' } }, { resource: { serviceInstance: 'c2' } }],
    });
    assert.deepEqual(data.responseData, { results: [1, 2].map(() => ({ permitted: true, by: [policy.id] })) });
  });

  it('is a failure where something was denied, with the nearest miss', async () => {
    const { data } = await recorded([asking.item(read), asking.item(create), asking.item(read, {}, { id: 'IBMid-nobody' })]);
    assert.equal(data.outcome, 'failure');
    const [permitted, nearly, nothing] = data.responseData.results;
    assert.equal(permitted.permitted, true);
    assert.deepEqual([nearly.permitted, nearly.nearest.policyId, nearly.nearest.missed[0].kind], [false, policy.id, 'role']);
    assert.deepEqual(nothing, { permitted: false });
    assert.equal(data.requestData.items.length, 3);
  });

  it('can be read back as the questions that were asked', async () => {
    const { world, account, user } = asking;
    await operate(world, account, CK, account.ownerIamId);
    const service = { serviceName: 'cloud-object-storage', accountId: account.id, serviceInstance: 'i1' };
    const accessTokenBody = payload({ iam_id: user.iamId, scope: 'ibm openid', account: { bss: account.id } });
    const items = [
      asking.item(read, { serviceInstance: 'c1', resourceGroupId: 'rg1', serviceType: 'platform_service' }),
      { ...asking.item(create), subject: { accessTokenBody } },
      asking.item(read, {}, service),
    ];
    const before_ = Date.now();
    const event = await recorded(items);
    const resource = { serviceName: CK, accountId: account.id };
    const read_ = readDecisionRecord(event);
    assert.deepEqual(
      read_.map(({ question: { at: _, ...question }, permitted, by }) => ({ question, permitted, by })),
      [
        {
          question: {
            subject: { iamId: user.iamId, scope: 'ibm openid' },
            action: read,
            resource: { ...resource, serviceInstance: 'c1', resourceGroupId: 'rg1' },
          },
          permitted: true,
          by: [policy.id],
        },
        {
          question: { subject: { iamId: user.iamId, scope: 'ibm openid', accountId: account.id }, action: create, resource },
          permitted: false,
          by: [],
        },
        {
          question: {
            subject: { iamId: `crn-crn:v1:bluemix:public:cloud-object-storage::a/${account.id}:i1::`, attributes: service },
            action: read,
            resource,
          },
          permitted: false,
          by: [],
        },
      ],
    );
    for (const { question } of read_) assert.ok(question.at >= before_ - 1000 && question.at <= Date.now() + 1000);
    await operate(world, account, CK);
  });

  it('reads nothing from any other event', () => {
    const data = { action: 'podpass.decision.evaluate', requestData: { api: 'authz' } };
    for (const event of [undefined, null, 7, 'text', [], {}, { data: null }, { time: 'x', data }, { time: '2026-01-01T00:00:00Z', data }]) {
      assert.deepEqual(readDecisionRecord(event), []);
    }
  });

  it('is in each account that was asked about, and names none of the others', async () => {
    const { world, account } = asking;
    const operator = await world.user(account.id);
    const others = [await world.account(), await world.account()];
    for (const other of others) await operate(world, other, CK, operator.iamId);
    const items = others.map((other) => asking.item(read, { accountId: other.id }));
    const reply = await asking.post(items, operator.token);
    assert.equal(reply.status, 200);
    for (const [index, other] of others.entries()) {
      const [event, ...more] = await recordsOf(reply.headers.get('x-request-id'), 1, other);
      assert.equal(more.length, 0);
      assert.equal(event.data.requestData.shared.resource.accountId, other.id);
      assert.ok(!JSON.stringify(event).includes(others[1 - index]?.id ?? ''));
    }
  });

  it('says who was refused an answer, in the account that was asked about', async () => {
    const { world, account } = asking;
    const other = await world.account();
    const reply = await asking.post([asking.item(read), asking.item(create)], other.owner);
    assert.equal(reply.status, 403);
    const [event, ...more] = await recordsOf(reply.headers.get('x-request-id'), 1, account);
    assert.equal(more.length, 0);
    assert.deepEqual([event.data.outcome, event.data.initiator.id, event.data.reason.reasonCode], ['failure', other.ownerIamId, 403]);
    assert.deepEqual(readDecisionRecord(event), []);
    for (const [path, body] of [
      ['/v2/authz/roles', [asking.item(read)]],
      [
        '/access/v1/search/action',
        { subject: { type: 'user', id: 'a' }, resource: { type: CK, id: 'c1', properties: { accountId: account.id } } },
      ],
    ] as const) {
      const { status, headers } = await world.call('POST', path, { token: (await world.account()).owner, body });
      assert.deepEqual([status, (await recordsOf(headers.get('x-request-id'))).length], [403, 1], path);
    }
    const unknown = await asking.post([asking.item(read, { accountId: 'f'.repeat(32) })], other.owner);
    assert.equal((await recordsOf(unknown.headers.get('x-request-id'), 1, other)).length, 1);
  });

  it('says under a setting that only watches which identity came from elsewhere', async () => {
    const { world } = asking;
    const [account, elsewhere] = [await world.account(), await world.account()];
    const user = await world.user(account.id);
    await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceName: CK });
    const path = `/v1/accounts/${account.id}/settings/access_management`;
    const body = { external_account_identity_interaction: { identity_types: { user: { state: 'monitor' } } } };
    await world.expect(200, 'PATCH', path, { token: account.owner, body, headers: { 'if-match': '*' } });
    const from = (bss: string) => ({
      ...asking.item(read, { accountId: account.id }),
      subject: { accessTokenBody: payload({ iam_id: user.iamId, account: { bss } }) },
    });
    const items = [from(elsewhere.id), from(account.id), asking.item(read, { accountId: account.id }, { id: user.iamId })];
    const reply = await asking.post(items, account.owner);
    const [event] = await recordsOf(reply.headers.get('x-request-id'), 1, account);
    assert.deepEqual(
      event.data.responseData.results.map((result: Wire) => [result.permitted, result.external_account]),
      [
        [true, elsewhere.id],
        [true, undefined],
        [true, 'unknown'],
      ],
    );
  });

  it('of a list of roles or a search says how much was listed, and holds no decision', async () => {
    const { world, account, user } = asking;
    const search = { subject: { type: 'user', id: user.iamId }, resource: { type: CK, id: 'c1' } };
    for (const [path, body] of [
      ['/v2/authz/roles', [asking.item(read)]],
      ['/access/v1/search/action', search],
    ] as const) {
      const { headers } = await world.expect(200, 'POST', path, { token: account.owner, body });
      const [event] = await recordsOf(headers.get('x-request-id'));
      assert.equal(event.data.action, 'podpass.decision.list');
      assert.ok(event.data.requestData.count > 0);
      assert.deepEqual(readDecisionRecord(event), []);
    }
  });

  it('counts the permits of a policy', async () => {
    const { world, account, user } = asking;
    const own = await world.policy(account, user.iamId, [ROLE('Editor')], { serviceName: CK, serviceInstance: 'counted' });
    await asking.post([1, 2, 3].map(() => asking.item(`${CK}.cluster.update`, { serviceInstance: 'counted' })));
    const { body } = await world.expect(200, 'GET', `/v1/policies/${own.id}?format=include_last_permit`, { token: account.owner });
    assert.equal(body.last_permit_frequency, 3);
  });

  it('has a bound: items that do not fit are counted, and long texts are cut', async () => {
    const unique = Array.from({ length: 1000 }, (_, index) => ({ serviceInstance: `c${index}`, resource: `${'é'.repeat(150)}${index}` }));
    const body = {
      subject: { attributes: { id: asking.user.iamId } },
      action: create,
      resources: { sharedAttributes: { serviceName: CK, accountId: asking.account.id }, uniqueAttributes: unique },
    };
    const reply = await asking.bulk(body);
    assert.equal(reply.status, 200, reply.text);
    const [event] = await recordsOf(reply.headers.get('x-request-id'));
    const { items, omitted } = event.data.requestData;
    assert.ok(omitted > 0 && items.length > 200, `${items.length} and ${omitted}`);
    assert.equal(items.length + omitted, 1000);
    assert.ok(JSON.stringify(event).replace(/[\u007f-\uffff]/g, '\\u0000').length < 512 * 1024);
    assert.equal(event.data.responseData.results.length, items.length);
    assert.equal(readDecisionRecord(event).length, items.length);

    const long = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`a${index}`, 'é'.repeat(1900)]));
    const wide = await recorded([asking.item(read, long)]);
    assert.deepEqual([wide.data.requestData.items.length, wide.data.requestData.shared.action], [1, read]);
    assert.match(wide.data.requestData.shared.resource.a7, /^é{100} \(cut\)$/);
    assert.equal(wide.data.requestData.shared.resource.serviceName, CK);
  });
});

describe("with 'audit.decisions' set to 'refused'", () => {
  it('calls in which everything was permitted are not recorded, and all others are', async () => {
    await using quiet = await Asking.start({ 'audit-decisions': 'refused' });
    await quiet.world.policy(quiet.account, quiet.user.iamId, [ROLE('Viewer')], { serviceName: CK });
    const permitted = await quiet.post([quiet.item(read)]);
    const denied = await quiet.post([quiet.item(read), quiet.item(create)]);
    const [event] = await recordsOf(denied.headers.get('x-request-id'), 1, quiet.account, quiet);
    assert.deepEqual([event.data.outcome, event.data.responseData.results.length], ['failure', 2]);
    assert.deepEqual(await quiet.world.events(quiet.account, permitted.headers.get('x-request-id') ?? ''), []);
  });
});
