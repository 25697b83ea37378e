/** Who may ask for decisions, and what their word counts for. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ROLE, type TestAccount, type TestUser } from '../../support/world.ts';
import { Asking, CK, operate, payload, policyV2 } from './asking.ts';
import { clause } from './making.ts';

let asking: Asking;
let operator: TestUser;
let home: TestAccount;

before(async () => {
  asking = await Asking.start();
  home = await asking.world.account();
  operator = await asking.world.user(home.id);
});
beforeEach(() => operate(asking.world, asking.account, 'kms'));
after(() => asking[Symbol.asyncDispose]());

const on = (serviceName: string, more = {}) => asking.item('kms.secrets.list', { serviceName, ...more });
const status = async (item: unknown, token = operator.token) => (await asking.post([item], token)).status;

describe('who may ask', () => {
  it('is the operator that the account of the resource named, wherever it lives', async () => {
    assert.equal(await status(on('kms')), 403);
    await operate(asking.world, asking.account, 'kms', operator.iamId);
    assert.equal(await status(on('kms')), 200);
    assert.equal(await status(on('kms', { accountId: home.id })), 403, 'another account named nobody');
    assert.equal(await status(on(CK)), 403);
    assert.equal(await status(on('kms'), asking.user.token), 403);
  });

  it('operates the children of its service with it, and not its parents, siblings or namesakes', async () => {
    await operate(asking.world, asking.account, 'kms', operator.iamId);
    const asked = await Promise.all(
      ['kms.keys', 'kms.keys.old', 'kmsx', 'kms-keys', 'KMS', 'k', '.kms', 'xkms', ' kms', 'kms*', '*', ''].map((name) => status(on(name))),
    );
    assert.deepEqual(asked, [200, 200, ...Array.from({ length: 10 }, () => 403)]);
  });

  it('is not who operates a service of the installation, nor who administers the installation', async () => {
    const { world, account } = asking;
    for (const token of [world.admin, world.bootstrap]) assert.equal(await status(on('kms'), token), 403);
    await operate(world, home, 'kms', operator.iamId);
    assert.equal(await status(on('kms')), 403, 'being an operator elsewhere counts for nothing here');
    assert.equal(await status(on('kms', { accountId: account.id }), home.owner), 403);
  });

  it('is not who says so in the payload of a token', async () => {
    const forged = {
      ...on('kms'),
      subject: { accessTokenBody: payload({ iam_id: asking.account.ownerIamId, account: { bss: asking.account.id } }) },
    };
    assert.equal(await status(forged), 403);
    await asking.world.expect(401, 'POST', '/v2/authz', {
      token: `${payload({ alg: 'none' })}.${payload({ iam_id: operator.iamId })}.`,
      body: [forged],
    });
  });

  it('of a resource without an account is who may ask at home, and is told that nothing is permitted', async () => {
    const nowhere = { ...on('kms'), resource: { attributes: { serviceName: 'kms' } } };
    const own = await asking.decided(nowhere, asking.account.owner);
    assert.deepEqual([own.permitted, own.reason], [false, 'IAM']);
    await operate(asking.world, asking.account, 'kms', operator.iamId);
    assert.equal(await status(nowhere, asking.user.token), 403);
    await operate(asking.world, home, 'kms');
    assert.equal(await status(nowhere), 403, 'operating it in another account is not operating it at home');
    await operate(asking.world, home, 'kms', operator.iamId);
    assert.equal(await status(nowhere), 200);
    await operate(asking.world, home, 'kms');
  });

  it('gets no answer about what the scope of its own token excludes', async () => {
    const { world, account } = asking;
    const form = { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: account.ownerApiKey };
    const { body } = await world.exchange({ ...form, scope: 'ibm openid kms' });
    assert.deepEqual([await status(on('kms'), body.access_token), await status(on(CK), body.access_token)], [200, 403]);
  });
});

describe('what the asker says of a resource', () => {
  const read = `${CK}.cluster.read`;

  it('is never its type of service or its group of services', async () => {
    const user = await asking.world.user(asking.account.id);
    const { world, account } = asking;
    await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceType: 'platform_service' });
    const subject = { id: user.iamId };
    const lies = { serviceType: 'platform_service', service_group_id: 'IAM' };
    assert.equal(await asking.permits(asking.item(read, lies, subject)), false);
    assert.equal(
      await asking.permits(asking.item('iam-groups.groups.read', { serviceName: 'iam-groups', serviceType: 'service' }, subject)),
      true,
    );
  });

  it('is its resource group only where an operator says it of an instance that nobody registered', async () => {
    const { world, account } = asking;
    const user = await world.user(account.id);
    await world.policy(account, user.iamId, [ROLE('Viewer')], { resourceGroupId: 'rg1' });
    const [inside, outside] = [
      await world.cluster(account, { resource_group_id: 'rg1' }),
      await world.cluster(account, { resource_group_id: 'rg2' }),
    ];
    const foreign = await world.cluster(home, { resource_group_id: 'rg1' });
    const may = (serviceInstance: string, resourceGroupId: string | undefined, token?: string) =>
      asking.permits(
        asking.item(read, { serviceInstance, ...(resourceGroupId !== undefined && { resourceGroupId }) }, { id: user.iamId }),
        token,
      );
    assert.deepEqual([await may(inside.id, undefined), await may(inside.id, 'rg2'), await may(outside.id, 'rg1')], [true, true, false]);
    assert.equal(await may('unknown', 'rg1'), false, 'the owner of the account is not the operator of the service');
    assert.equal(await may(foreign.id, undefined), false, 'the cluster of another account is no instance of this one');
    await operate(world, account, CK, operator.iamId);
    assert.deepEqual([await may('unknown', 'rg1', operator.token), await may(outside.id, 'rg1', operator.token)], [true, false]);
  });

  it('is never its access tags', async () => {
    const { world, account } = asking;
    const user = await world.user(account.id);
    await policyV2(world, account, user.iamId, ROLE('Viewer'), [clause('serviceType', 'service')], {
      resource: { attributes: [clause('accountId', account.id), clause('serviceType', 'service')], tags: [clause('project', 'x')] },
    });
    const lies = { tags: 'project:x', tag: 'project:x', project: 'x', serviceInstance: 'c1' };
    assert.equal(await asking.permits(asking.item(read, lies, { id: user.iamId })), false);
  });

  it('is never what time it is', async () => {
    const { world, account } = asking;
    const user = await world.user(account.id);
    const when = (operator_: string, value: string) => ({
      key: '{{environment.attributes.current_date_time}}',
      operator: operator_,
      value,
    });
    await policyV2(world, account, user.iamId, ROLE('Viewer'), [clause('serviceName', CK)], {
      pattern: 'time-based-conditions:once',
      rule: {
        operator: 'and',
        conditions: [
          when('dateTimeGreaterThanOrEquals', '2022-12-26T09:00:00-05:00'),
          when('dateTimeLessThanOrEquals', '2022-12-27T17:00:00-05:00'),
        ],
      },
    });
    const environment = { attributes: { current_date_time: '2022-12-26T12:00:00-05:00', at: 0 } };
    assert.equal(await asking.permits({ ...asking.item(read, {}, { id: user.iamId }), environment }), false);
  });
});
