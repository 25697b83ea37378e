import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';

const CK = 'containers-kubernetes';

let world: World;
let account: TestAccount;
let user: TestUser;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceName: CK });
  await world.policy(account, user.iamId, [SERVICE_ROLE('Writer')], { serviceName: CK, namespace: 'dev' });
  await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms', region: 'eu-de' });
});
after(() => world[Symbol.asyncDispose]());

const item = (action: string, resource: Readonly<Record<string, string>> = {}) => ({
  subject: { attributes: { id: user.iamId, scope: 'ibm openid' } },
  action,
  resource: { attributes: { serviceName: CK, accountId: account.id, ...resource } },
});
const permitItem = () => item(`${CK}.cluster.read`);
const denyItem = () => item(`${CK}.cluster.create`);
const ask = (status: number, items: unknown, token = account.owner) => world.expect(status, 'POST', '/v2/authz', { token, body: items });
const decided = async (question: unknown): Promise<Wire> => (await ask(200, [question])).body.responses[0].authorizationDecision;

describe('asking for decisions', () => {
  it('Z-01: answers in order, with statuses as strings and the key pattern for caches', async () => {
    const { body } = await ask(200, [permitItem(), denyItem()]);
    assert.deepEqual(
      body.responses.map((response: Wire) => [response.status, response.authorizationDecision.permitted]),
      [
        ['200', true],
        ['200', false],
      ],
    );
    assert.deepEqual(body.cacheKeyPattern.order, ['subject', 'resource', 'action']);
    assert.deepEqual(body.cacheKeyPattern.subject, [['id'], ['id', 'scope']]);
    assert.deepEqual(body.cacheKeyPattern.resource.slice(0, 3), [[], ['serviceName'], ['serviceName', 'accountId']]);
  });

  it('Z-02, Z-03: refuses what is not an array of 1 to 100 items', async () => {
    await ask(400, permitItem());
    await ask(400, []);
    await ask(
      400,
      Array.from({ length: 101 }, () => permitItem()),
    );
    const { body } = await ask(
      200,
      Array.from({ length: 100 }, () => permitItem()),
    );
    assert.equal(body.responses.length, 100);
  });

  it('Z-04: an item without action, subject or resource fails with 400', async () => {
    const { action, subject, resource } = permitItem();
    const cases = [
      [{ subject, resource }, 'action'],
      [{ action, resource }, 'subject'],
      [{ action, subject: { attributes: {} }, resource }, 'subject'],
      [{ action, subject }, 'resource'],
      [{ action, subject, resource: { attributes: {} } }, 'resource'],
      [{ action, subject, resource: { crn: 'nonsense' } }, 'resource'],
    ] as const;
    for (const [broken, missing] of cases) {
      const [response] = (await ask(400, [broken])).body.responses;
      assert.equal(response.status, '400');
      assert.ok(response.error.errors[0].message.includes(missing), JSON.stringify(response));
    }
  });

  it('Z-05: a caller who neither operates the service nor owns the account is unauthorized', async () => {
    const other = await world.account();
    for (const token of [user.token, other.owner]) {
      const [response] = (await ask(403, [permitItem()], token)).body.responses;
      assert.equal(response.status, '403');
      assert.match(response.error.errors[0].message, /unauthorized to make this request/);
    }
    const elsewhere = { ...permitItem(), resource: { attributes: { serviceName: CK, accountId: other.id } } };
    await ask(403, [elsewhere]);
    await ask(403, [{ ...permitItem(), resource: { attributes: { serviceName: CK } } }]);
  });

  it('items that do not fail alike answer 207, so that no mistake is taken for a deny', async () => {
    const { body } = await ask(207, [permitItem(), { ...permitItem(), action: undefined }, denyItem()]);
    assert.deepEqual(
      body.responses.map((response: Wire) => response.status),
      ['200', '400', '200'],
    );
    assert.ok(!('authorizationDecision' in body.responses[1]));
  });

  it('Z-06: a subject may be the payload of its token', async () => {
    const accessTokenBody = user.token.split('.')[1];
    assert.equal((await decided({ ...permitItem(), subject: { accessTokenBody } })).permitted, true);
    assert.equal((await decided({ ...denyItem(), subject: { accessTokenBody } })).permitted, false);
    await ask(400, [{ ...permitItem(), subject: { accessTokenBody: 'nonsense' } }]);
  });

  it('Z-07: a resource may be a CRN', async () => {
    const resource = { crn: `crn:v1:bluemix:public:${CK}:eu-de:a/${account.id}:c1::` };
    assert.equal((await decided({ ...permitItem(), resource })).permitted, true);
    assert.equal((await decided({ ...denyItem(), resource })).permitted, false);
  });

  it('Z-23: refuses a token that is none', async () => {
    await ask(401, [permitItem()], 'nonsense');
    const { body } = await world.expect(401, 'POST', '/v2/authz', { body: [permitItem()] });
    assert.equal(body.errors[0].code, 'invalid_token');
  });
});

describe('what a permit obliges caches to', () => {
  it("Z-12: a policy on a service permits the policy's actions on that service and account", async () => {
    const { obligation } = await decided(item(`${CK}.cluster.read`, { serviceInstance: 'c1' }));
    assert.deepEqual(obligation.resource.attributes, { serviceName: CK, accountId: account.id });
    assert.deepEqual(obligation.subject.attributes, { id: user.iamId, scope: 'ibm openid' });
    assert.equal(obligation.maxCacheAgeSeconds, 600);
    assert.ok(obligation.actions.includes(`${CK}.cluster.read`) && !obligation.actions.includes(`${CK}.cluster.create`));
  });

  it('Z-13, Z-14: a policy on a namespace or a region permits what was asked and no more', async () => {
    const write = `${CK}.kube.write`;
    const inNamespace = await decided(item(write, { namespace: 'dev' }));
    assert.deepEqual([inNamespace.permitted, inNamespace.obligation.actions, 'resource' in inNamespace.obligation], [true, [write], false]);
    assert.equal((await decided(item(write, { namespace: 'prod' }))).permitted, false);
    const inRegion = await decided(item('kms.secrets.list', { serviceName: 'kms', region: 'eu-de' }));
    assert.deepEqual([inRegion.obligation.actions, 'resource' in inRegion.obligation], [['kms.secrets.list'], false]);
  });

  it('Z-16: no permit is for every resource, and every one has an age', async () => {
    const question = item('iam-identity.profile.create', { serviceName: 'iam-identity' });
    const asked = { ...question, subject: { attributes: { id: account.ownerIamId } } };
    for (const decision of [await decided(permitItem()), await decided(asked)]) {
      assert.equal(decision.permitted, true);
      assert.ok(decision.obligation.maxCacheAgeSeconds >= 1);
      if (decision.obligation.resource) assert.notDeepEqual(decision.obligation.resource.attributes, {});
    }
  });
});
