/** `PUT /v2/authz/bulk`: one subject, one action, many resources. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, type Wire } from '../../support/world.ts';
import { Asking, CK, crnOf, operate, payload } from './asking.ts';
import { assertRefused, clause } from './making.ts';

let asking: Asking;

before(async () => {
  asking = await Asking.start();
  const { world, account, user } = asking;
  await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceName: CK, serviceInstance: 'c1' });
  const body = {
    type: 'authorization',
    control: { grant: { roles: [{ role_id: SERVICE_ROLE('Reader') }] } },
    subject: {
      attributes: [clause('accountId', account.id), clause('serviceName', 'cloud-object-storage'), clause('serviceInstance', 'i1')],
    },
    resource: { attributes: [clause('accountId', account.id), clause('serviceName', 'kms')] },
  };
  await world.expect(201, 'POST', '/v2/policies', { token: account.owner, body });
});
after(() => asking[Symbol.asyncDispose]());

const shared = () => ({ serviceName: CK, accountId: asking.account.id });
const body = (uniqueAttributes: unknown, more: Wire = {}): Wire => ({
  subject: { attributes: { id: asking.user.iamId, scope: 'ibm openid' } },
  action: `${CK}.cluster.read`,
  resources: { sharedAttributes: shared(), uniqueAttributes },
  environment: { attributes: {} },
  ...more,
});
const decisions = async (asked: unknown): Promise<string[]> => {
  const reply = await asking.bulk(asked);
  assert.equal(reply.status, 200, reply.text);
  return reply.body.decisions.map(({ decision }: Wire) => decision);
};

describe('asking in bulk', () => {
  it('Z-08: one empty unique part is one decision on what is shared', async () => {
    const reply = await asking.bulk(
      body([{}], { resources: { sharedAttributes: { ...shared(), serviceInstance: 'c1' }, uniqueAttributes: [{}] } }),
    );
    assert.equal(reply.status, 200);
    assert.deepEqual(Object.keys(reply.body).sort(), ['cacheKeyPattern', 'decisions']);
    const [{ decision, obligation }] = reply.body.decisions;
    assert.equal(decision, 'Permit');
    assert.deepEqual(obligation.resource.attributes, { ...shared(), serviceInstance: 'c1' });
    assert.deepEqual((await asking.bulk(body([{}]))).body.decisions, [{ decision: 'Deny', reason: 'IAM' }]);
  });

  it('says of each resource what the single form says', async () => {
    const single = await asking.decided(asking.item(`${CK}.cluster.read`, { serviceInstance: 'c1' }));
    const [permit] = (await asking.bulk(body([{ serviceInstance: 'c1' }]))).body.decisions;
    assert.deepEqual(permit.obligation, single.obligation);
  });

  it('Z-09: takes 1 to 1000 resources and answers in their order', async () => {
    const unique = Array.from({ length: 1000 }, (_, index) => ({ serviceInstance: index % 3 === 0 ? 'c1' : `x${index}` }));
    const answers = await decisions(body(unique));
    assert.equal(answers.length, 1000);
    for (const [index, answer] of answers.entries()) assert.equal(answer, index % 3 === 0 ? 'Permit' : 'Deny', `${index}`);
    for (const wrong of [[...unique, {}], [], undefined, {}]) assertRefused(await asking.bulk(body(wrong)), 400, 'invalid_body');
  });

  it('Z-10: is a PUT, and every other method is 405 with the right one', async () => {
    for (const method of ['POST', 'GET', 'PATCH', 'DELETE']) {
      const reply = await asking.world.call(method, '/v2/authz/bulk', {
        token: asking.account.owner,
        ...(method !== 'GET' && { body: body([{}]) }),
      });
      assert.deepEqual([reply.status, reply.headers.get('allow')], [405, 'PUT'], method);
    }
  });

  it('Z-11: an attribute beside a token may not repeat what the token says', async () => {
    const iam_id = `crn-${crnOf(asking.account.id, 'cloud-object-storage', 'i1:bucket:b1')}`;
    const accessTokenBody = payload({ iam_id, sub_type: 'CRN', realmid: 'crn' });
    const with_ = (attributes: Wire, token = accessTokenBody) =>
      body([{}], {
        subject: { accessTokenBody: token, attributes },
        action: 'kms.secrets.wrap',
        resources: { sharedAttributes: { serviceName: 'kms', accountId: asking.account.id }, uniqueAttributes: [{}] },
      });
    assert.deepEqual(await decisions(with_({})), ['Permit']);
    assert.deepEqual(await decisions(with_({ 'test-attribute': 'x' })), ['Permit']);
    for (const attributes of [
      { resource: 'b1' },
      { resource: 'b2' },
      { serviceInstance: 'i1' },
      { accountId: asking.account.id },
      { region: 'eu-de' },
    ]) {
      assert.match(
        assertRefused(await asking.bulk(with_(attributes)), 400, 'invalid_body').message,
        /repeats one which the access token says already/,
      );
    }
    const ofUser = payload({ iam_id: asking.user.iamId, scope: 'ibm openid' });
    assertRefused(await asking.bulk(with_({ id: asking.user.iamId }, ofUser)), 400, 'invalid_body');
    assert.deepEqual(await decisions(with_({ resource: 'b1' }, ofUser)), ['Deny']);
  });

  it('refuses an attribute that is both shared and unique, whatever its values', async () => {
    for (const value of [CK, 'kms']) {
      const { message } = assertRefused(await asking.bulk(body([{}, { serviceName: value }])), 400, 'invalid_body');
      assert.match(message, /uniqueAttributes\[1\]\.serviceName/);
    }
  });

  it('refuses as a whole what lacks a part, or what the caller may not ask', async () => {
    for (const more of [{ subject: undefined }, { action: undefined }, { action: '' }, { resources: undefined }, { resources: [] }]) {
      assertRefused(await asking.bulk(body([{}], more)), 400, 'invalid_body');
    }
    assertRefused(await asking.bulk(body([{}], { resources: { uniqueAttributes: [{}] } })), 400, 'invalid_body');
    assertRefused(await asking.bulk([]), 400, 'invalid_body');
    const { message } = assertRefused(await asking.bulk(body([{}]), asking.user.token), 403, 'insufficent_permissions');
    assert.match(message, /unauthorized to make this request/);
    const mixed = { sharedAttributes: {}, uniqueAttributes: [shared(), { ...shared(), accountId: 'f'.repeat(32) }] };
    assertRefused(await asking.bulk(body([{}], { resources: mixed })), 403, 'insufficent_permissions');
    await operate(asking.world, asking.account, CK, asking.user.iamId);
    assert.equal((await asking.bulk(body([{}]), asking.user.token)).status, 200);
  });
});
