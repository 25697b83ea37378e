/** What a permit obliges caches to, and what a client that follows it answers by itself. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createManualClock } from '../../../src/kernel/clock.ts';
import { type EnforcedRequest, EnforcementClient, type EnforcementClientOptions } from '../../support/enforcement-client.ts';
import { ROLE, SERVICE_ROLE, startWorld, type TestUser, type Wire } from '../../support/world.ts';
import { Asking, CK, payload, policyV2 } from './asking.ts';
import { clause } from './making.ts';

const clock = createManualClock(Date.parse('2026-01-07T12:00:00Z'));
let asking: Asking;

before(async () => {
  const world = await startWorld({ clock });
  const account = await world.account();
  asking = new Asking(world, account, await world.user(account.id));
  const { iamId } = asking.user;
  await world.policy(account, iamId, [ROLE('Viewer')], { serviceName: CK });
  await world.policy(account, iamId, [SERVICE_ROLE('Writer')], { serviceName: CK, namespace: 'dev' });
  await world.policy(account, iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms', region: 'eu-de' });
  await policyV2(world, account, iamId, SERVICE_ROLE('Manager'), [
    clause('serviceName', 'messagehub'),
    clause('resource', false, 'stringExists'),
  ]);
});
after(() => asking[Symbol.asyncDispose]());

const read = `${CK}.cluster.read`;
const obligationOf = async (action: string, resource = {}, subject?: Wire) => {
  const { permitted, obligation } = await asking.decided(asking.item(action, resource, subject));
  assert.equal(permitted, true);
  return obligation;
};

describe('what a permit obliges caches to', () => {
  it("Z-12: a policy on a service permits the policy's actions on that service and account", async () => {
    const obligation = await obligationOf(read, { serviceInstance: 'c1' });
    assert.deepEqual(obligation.resource.attributes, { serviceName: CK, accountId: asking.account.id });
    assert.deepEqual(obligation.subject.attributes, { id: asking.user.iamId, scope: 'ibm openid' });
    assert.deepEqual(obligation.environment, { attributes: {} });
    assert.equal(obligation.maxCacheAgeSeconds, 600);
    const { roles } = { roles: await asking.world.expect(200, 'GET', `/v2/roles?service_name=${CK}`, { token: asking.account.owner }) };
    const viewer = roles.body.system_roles.find((role: Wire) => role.display_name === 'Viewer');
    assert.deepEqual([...obligation.actions].sort(), [...viewer.actions].sort());
  });

  it('Z-14: a policy on a region permits what was asked and no more', async () => {
    const obligation = await obligationOf('kms.secrets.list', { serviceName: 'kms', region: 'eu-de' });
    assert.deepEqual([obligation.actions, 'resource' in obligation], [['kms.secrets.list'], false]);
  });

  it('Z-15: a policy that rests on the absence of an attribute permits nothing to be generalised', async () => {
    const obligation = await obligationOf('messagehub.topic.manage', { serviceName: 'messagehub' });
    assert.deepEqual([obligation.actions, 'resource' in obligation], [[], false]);
  });

  it('Z-16: no permit is for every resource, and every one has an age', async () => {
    const owner = { id: asking.account.ownerIamId, scope: 'ibm openid' };
    const obligations = [
      await obligationOf(read),
      await obligationOf(`${CK}.kube.write`, { namespace: 'dev' }),
      await obligationOf('messagehub.topic.manage', { serviceName: 'messagehub' }),
      await obligationOf('iam-identity.profile.create', { serviceName: 'iam-identity' }, owner),
      await obligationOf(read, {}, { id: asking.user.iamId }),
    ];
    for (const { maxCacheAgeSeconds, resource } of obligations) {
      assert.ok(Number.isInteger(maxCacheAgeSeconds) && maxCacheAgeSeconds >= 1 && maxCacheAgeSeconds <= 600);
      if (resource !== undefined) assert.deepEqual(Object.keys(resource.attributes).slice(0, 2), ['serviceName', 'accountId']);
    }
  });

  it('Z-17: no permit outlives the window of time that it rests on', async () => {
    const user = await asking.world.user(asking.account.id);
    const when = (operator: string, value: string) => ({ key: '{{environment.attributes.current_date_time}}', operator, value });
    await policyV2(asking.world, asking.account, user.iamId, ROLE('Viewer'), [clause('serviceName', CK)], {
      pattern: 'time-based-conditions:once',
      rule: {
        operator: 'and',
        conditions: [
          when('dateTimeGreaterThanOrEquals', '2026-01-07T00:00:00+00:00'),
          when('dateTimeLessThanOrEquals', new Date(clock.now() + 30_000).toISOString().replace('.000Z', '+00:00')),
        ],
      },
    });
    const ages: number[] = [];
    for (let second = 0; second <= 30; second += 10) {
      const { permitted, obligation } = await asking.decided(asking.item(read, {}, { id: user.iamId, scope: 'ibm openid' }));
      assert.equal(permitted, true);
      ages.push(obligation.maxCacheAgeSeconds);
      clock.advance(10_000);
    }
    for (const [index, age] of ages.entries()) assert.ok(age >= 1 && age <= Math.max(1, 31 - 10 * index), `${ages}`);
    assert.equal(await asking.permits(asking.item(read, {}, { id: user.iamId })), false);
  });

  it('a permit that rests on the account of the token is for this request and this second only', async () => {
    const { world } = asking;
    const account = await world.account();
    const user = await world.user(account.id);
    await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceName: CK });
    const path = `/v1/accounts/${account.id}/settings/access_management`;
    const body = { external_account_identity_interaction: { identity_types: { user: { state: 'limited' } } } };
    await world.expect(200, 'PATCH', path, { token: account.owner, body, headers: { 'if-match': '*' } });
    const asked = { ...asking.item(read, { accountId: account.id }), subject: { accessTokenBody: user.token.split('.')[1] } };
    const { permitted, obligation } = await asking.decided(asked, account.owner);
    assert.deepEqual([permitted, obligation.actions, obligation.maxCacheAgeSeconds, 'resource' in obligation], [true, [], 1, false]);
    const byId = asking.item(
      read,
      { accountId: account.id },
      { id: user.iamId, scope: 'ibm openid', accountId: account.id, account: account.id },
    );
    assert.equal(await asking.permits(byId, account.owner), false, 'only the payload of a token says which account it is from');
    const elsewhere = payload({ iam_id: user.iamId, scope: 'ibm openid', account: { bss: asking.account.id } });
    assert.equal(await asking.permits({ ...asked, subject: { accessTokenBody: elsewhere } }, account.owner), false);
  });
});

const client = (options: Partial<EnforcementClientOptions> = {}) =>
  new EnforcementClient({ url: asking.world.url, token: asking.account.owner, asks: 'in bulk', now: clock.now, ...options });
const request = (action: string, resource = {}, user: TestUser = asking.user): EnforcedRequest => ({
  subject: { id: user.iamId, scope: 'ibm openid' },
  action,
  resource: { serviceName: CK, accountId: asking.account.id, ...resource },
});

for (const asks of ['one by one', 'in bulk'] as const) {
  describe(`a client that asks ${asks}`, () => {
    it('Z-13: is answered by the server for another namespace, and denied', async () => {
      const pep = client({ asks });
      assert.deepEqual(await pep.enforce(request(`${CK}.kube.write`, { namespace: 'dev' })), { permitted: true, isFromCache: false });
      assert.deepEqual(await pep.enforce(request(`${CK}.kube.write`, { namespace: 'prod' })), { permitted: false, isFromCache: false });
      assert.deepEqual(await pep.enforce(request(`${CK}.kube.write`, { namespace: 'dev' })), { permitted: true, isFromCache: true });
    });

    it('Z-18: answers for what a permit covers, and for as long as it lasts', async () => {
      const pep = client({ asks });
      assert.deepEqual(await pep.enforce(request(read)), { permitted: true, isFromCache: false });
      for (const asked of [
        request(read, { serviceInstance: 'c1' }),
        request('resource-controller.instance.retrieve', { region: 'eu-de' }),
      ]) {
        assert.deepEqual(await pep.enforce(asked), { permitted: true, isFromCache: true });
      }
      assert.equal((await pep.enforce(request(`${CK}.cluster.create`))).isFromCache, false);
      assert.equal((await pep.enforce(request(read, { serviceName: 'kms' }))).isFromCache, false);
      clock.advance(599_000);
      assert.equal((await pep.enforce(request(read))).isFromCache, true);
      clock.advance(1_000);
      assert.equal((await pep.enforce(request(read))).isFromCache, false);
    });

    it('Z-19: keeps a deny for two minutes, and for this very request', async () => {
      const pep = client({ asks });
      const create = `${CK}.cluster.create`;
      const isCached = async (asked: EnforcedRequest) => {
        const { permitted, isFromCache } = await pep.enforce(asked);
        assert.equal(permitted, false);
        return isFromCache;
      };
      assert.deepEqual([await isCached(request(create)), await isCached(request(create))], [false, true]);
      assert.deepEqual(
        [await isCached(request(create, { serviceInstance: 'c1' })), await isCached(request(`${CK}.cluster.update`))],
        [false, false],
      );
      clock.advance(119_000);
      assert.equal(await isCached(request(create)), true);
      clock.advance(1_000);
      assert.equal(await isCached(request(create)), false);
    });
  });
}

describe('a client that follows obligations', () => {
  it('Z-20: waits as long as it is told and repeats three times at most', async () => {
    const waits: number[] = [];
    for (const [failures, status] of [
      [3, 200],
      [4, 429],
    ] as const) {
      let left = failures;
      const front = createServer(async (incoming, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk);
        if (left > 0) {
          left -= 1;
          response.writeHead(429, { 'retry-after': '1' }).end();
          return;
        }
        const { method = 'PUT', url = '', headers } = incoming;
        const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
        const reply = await asking.world.call(method, url, { token: headers.authorization?.slice(7), body });
        response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.text);
      });
      await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
      try {
        const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
        const pep = client({ url, wait: async (ms) => void waits.push(ms) });
        if (status === 200) assert.deepEqual(await pep.enforce(request(read)), { permitted: true, isFromCache: false });
        else await assert.rejects(pep.enforce(request(read)), /429/);
        assert.equal(pep.sent, 4);
      } finally {
        front.closeAllConnections();
        front.close();
      }
    }
    assert.deepEqual(
      waits,
      Array.from({ length: 6 }, () => 1000),
    );
  });

  it('Z-24: answers nothing that the server would not answer, in whatever order it is asked', async () => {
    const { world, account } = asking;
    const user = await world.user(account.id);
    const on = (...clauses: Wire[]) =>
      policyV2(world, account, user.iamId, SERVICE_ROLE('Reader'), [clause('serviceName', 'kms'), ...clauses]);
    await on(clause('serviceInstance', 'i1'));
    await on(clause('serviceInstance', 'i2'), clause('resourceType', 'key'));
    await on(clause('serviceInstance', 'i3'), clause('resource', 'r1'));
    await on(clause('resourceType', 'key'), clause('resource', 'r*', 'stringMatch'), clause('serviceInstance', 'i4'));
    await on(clause('serviceInstance', 'i5'), clause('resource', false, 'stringExists'));
    await on(clause('region', 'eu-de'));
    const requests = [];
    for (const serviceInstance of [undefined, 'i1', 'i2', 'i3', 'i4', 'i5']) {
      for (const resourceType of [undefined, 'key']) {
        for (const resource of [undefined, 'r1', 'x']) {
          for (const region of [undefined, 'eu-de']) {
            const attributes = Object.entries({ serviceInstance, resourceType, resource, region }).filter(
              ([, value]) => value !== undefined,
            );
            requests.push(request('kms.secrets.list', { serviceName: 'kms', ...Object.fromEntries(attributes) }, user));
          }
        }
      }
    }
    const items = requests.map((asked) => ({
      subject: { attributes: asked.subject },
      action: asked.action,
      resource: { attributes: asked.resource },
    }));
    const { responses } = (await asking.post(items)).body;
    let answered = 0;
    for (const asks of ['one by one', 'in bulk'] as const) {
      for (const order of [requests.keys(), [...requests.keys()].reverse()]) {
        const pep = client({ asks });
        for (const index of order) {
          const asked: EnforcedRequest = requests[index] ?? assert.fail();
          const { permitted, isFromCache } = await pep.enforce(asked);
          if (isFromCache) answered += 1;
          assert.equal(permitted, responses[index].authorizationDecision.permitted, JSON.stringify(asked));
        }
      }
    }
    assert.ok(answered > 20, `only ${answered} answers came from a cache`);
  });
});
