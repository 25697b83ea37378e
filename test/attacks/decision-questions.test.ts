/** Attacks on the decision APIs: questions that try to get a permit into a cache, an answer about somebody else, or the server down. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createDecisionLog } from '../../src/access/decisions/decision-log.ts';
import { createDecisionPoint } from '../../src/access/decisions/decision-point.ts';
import { Asking, CK, crnOf, operate, payload } from '../conformance/policies/asking.ts';
import { EnforcementClient } from '../support/enforcement-client.ts';
import { ROLE, SERVICE_ROLE, type TestAccount, type Wire } from '../support/world.ts';

let asking: Asking;
let other: TestAccount;
const read = `${CK}.cluster.read`;

before(async () => {
  asking = await Asking.start();
  other = await asking.world.account();
  const { world, account, user } = asking;
  await world.policy(account, user.iamId, [ROLE('Viewer')], { serviceName: CK });
  await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms', serviceInstance: 'i*' });
});
after(() => asking[Symbol.asyncDispose]());

const raw = (body: string, path = '/v2/authz', method = 'POST') =>
  asking.world.call(method, path, { token: asking.account.owner, body, headers: { 'content-type': 'application/json' } });
const obligationOf = async (item: Wire) => (await asking.decided(item)).obligation;

describe('a decision that poisons a cache', () => {
  it('64: has a resource in its obligation whole or not at all, whatever the request left out', async () => {
    const owner = { id: asking.account.ownerIamId, scope: 'ibm openid' };
    for (const subject of [owner, { id: asking.user.iamId, scope: 'ibm openid' }]) {
      for (const resource of [
        { serviceInstance: '' },
        { serviceInstance: '', resourceType: '', resource: '' },
        { region: '' },
        { serviceInstance: '*' },
      ]) {
        const { resource: promised } = await obligationOf(asking.item(read, resource, subject));
        if (promised !== undefined) assert.deepEqual(promised.attributes, { serviceName: CK, accountId: asking.account.id });
      }
    }
  });

  it('64: is not given for a resource without a service or an account', async () => {
    for (const attributes of [
      { accountId: asking.account.id },
      { accountId: asking.account.id, serviceName: '' },
      { serviceName: CK },
      { x: 'y' },
    ]) {
      const decision = await asking.decided({ ...asking.item(read, {}, { id: asking.account.ownerIamId }), resource: { attributes } });
      assert.deepEqual([decision.permitted, 'obligation' in decision], [false, false], JSON.stringify(attributes));
    }
  });

  it('64: does not cross subjects that differ by separators, order or scope', async () => {
    const pep = new EnforcementClient({ url: asking.world.url, token: asking.account.owner, asks: 'in bulk' });
    const { id } = asking.account;
    const resource = { serviceName: CK, accountId: id };
    const subject = { id: asking.user.iamId, scope: 'ibm openid' };
    assert.equal((await pep.enforce({ subject, action: read, resource })).permitted, true);
    const reordered = await pep.enforce({
      subject: { scope: 'ibm openid', id: asking.user.iamId },
      action: read,
      resource: { accountId: id, serviceName: CK },
    });
    assert.deepEqual(reordered, { permitted: true, isFromCache: true });
    for (const impostor of [
      `${asking.user.iamId},scope=ibm openid`,
      `${asking.user.iamId} `,
      asking.user.iamId.toUpperCase(),
      `"${asking.user.iamId}"`,
    ]) {
      assert.equal((await pep.enforce({ subject: { ...subject, id: impostor }, action: read, resource })).permitted, false, impostor);
    }
    assert.equal((await pep.enforce({ subject: { ...subject, scope: 'ibm openid kms' }, action: read, resource })).permitted, false);
  });
});

describe('a value that looks like a pattern', () => {
  it('38: is a text: an instance called * is one instance', async () => {
    for (const serviceInstance of ['*', '?', 'i?', '{{*}}', 'i', 'i1']) {
      assert.equal(
        await asking.permits(asking.item('kms.secrets.list', { serviceName: 'kms', serviceInstance })),
        serviceInstance === 'i*',
        serviceInstance,
      );
    }
    for (const serviceName of ['*', 'containers-*', '', ' ', `${CK}*`])
      assert.equal(await asking.permits(asking.item(read, { serviceName })), false);
    for (const action of ['*', `${CK}.*`, `${CK}.cluster.rea?`]) assert.equal(await asking.permits(asking.item(action)), false);
    assert.equal(await asking.permits(asking.item(read, {}, { id: '*' })), false);
  });
});

describe('names of members that every object has', () => {
  it('44: are attributes like any other, or ignored, and change no answer', async () => {
    const { id } = asking.account;
    const { iamId } = asking.user;
    const text = (more: string) =>
      `[{"subject":{"attributes":{"id":"${iamId}"}},"action":"${read}","resource":{"attributes":{"serviceName":"${CK}","accountId":"${id}"${more}}}}]`;
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']) {
      const reply = await raw(text(`,"${name}":"x"`));
      assert.deepEqual([reply.status, reply.body.responses?.[0].authorizationDecision.permitted], [200, true], name);
    }
    for (const body of [
      `[{"__proto__":{"action":"${read}"},"subject":{"attributes":{"id":"${iamId}"}},"resource":{"attributes":{"accountId":"${id}"}}}]`,
      `[{"subject":{"__proto__":{"attributes":{"id":"${iamId}"}}},"action":"${read}","resource":{"attributes":{"accountId":"${id}"}}}]`,
      `[{"subject":{"attributes":{"__proto__":{"id":"${iamId}"}}},"action":"${read}","resource":{"attributes":{"accountId":"${id}"}}}]`,
    ]) {
      assert.equal((await raw(body)).status, 400, body);
    }
    const inherited = `[{"subject":{"attributes":{"id":"${iamId}"}},"action":"constructor","resource":{"attributes":{"serviceName":"__proto__","accountId":"${id}"}}}]`;
    assert.equal((await raw(inherited)).body.responses[0].authorizationDecision.permitted, false);
    assert.equal(
      (
        await raw(
          `{"subject":{"type":"__proto__","id":"a"},"action":{"name":"a"},"resource":{"type":"a","id":"a"}}`,
          '/access/v1/evaluation',
        )
      ).status,
      400,
    );
    const bulk = `{"subject":{"attributes":{"id":"${iamId}"}},"action":"${read}","resources":{"sharedAttributes":{"serviceName":"${CK}","accountId":"${id}"},"uniqueAttributes":[{"__proto__":"x"},{"constructor":"x"}]}}`;
    assert.deepEqual(
      (await raw(bulk, '/v2/authz/bulk', 'PUT')).body.decisions.map(({ decision }: Wire) => decision),
      ['Permit', 'Permit'],
    );
  });
});

describe('a member that is there twice', () => {
  it('32: is refused wherever it is, in the payload of a token too', async () => {
    const { id } = asking.account;
    const subject = `{"attributes":{"id":"${asking.user.iamId}","id":"${asking.account.ownerIamId}"}}`;
    assert.equal((await raw(`[{"subject":${subject},"action":"${read}","resource":{"attributes":{"accountId":"${id}"}}}]`)).status, 400);
    const twice = Buffer.from(`{"iam_id":"${asking.user.iamId}","iam_id":"${asking.account.ownerIamId}"}`).toString('base64url');
    assert.equal((await asking.post([{ ...asking.item(read), subject: { accessTokenBody: twice } }])).status, 400);
  });
});

describe('questions of every size', () => {
  it('77: are bounded in depth, width and length before anything is decided', async () => {
    const nested = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
    assert.equal((await raw(`[${nested}]`)).status, 400);
    assert.equal((await raw(`[${'['.repeat(100_000)}`)).status, 400);
    const wide = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`a${index}`, 'x']));
    for (const item of [
      asking.item(read, wide),
      asking.item(read, { a: 'x'.repeat(2001) }),
      asking.item(read, { ['k'.repeat(101)]: 'x' }),
      asking.item(read, { '': 'x' }),
      asking.item('a'.repeat(301)),
      asking.item(read, {}, { id: 'x'.repeat(1900) }),
    ]) {
      assert.equal((await asking.post([item])).status, 400);
    }
    assert.equal((await asking.post([asking.item(read, { a: 'x'.repeat(1024 * 1024) })])).status, 413);
    assert.equal(await asking.permits(asking.item(read, { serviceName: `${'a.'.repeat(900)}b` })), false);
  });
});

describe('asking across accounts', () => {
  it('61: is no use with the word of another account’s owner in a payload', async () => {
    const forged = payload({ iam_id: other.ownerIamId, scope: 'ibm openid', account: { bss: other.id } });
    const about = (accountId: string) => ({ ...asking.item(read, { accountId }), subject: { accessTokenBody: forged } });
    assert.equal((await asking.post([about(other.id)])).status, 403);
    assert.equal(await asking.permits(about(asking.account.id)), false, 'owning another account is nothing here');
    const bulk = {
      subject: { accessTokenBody: forged },
      action: read,
      resources: { sharedAttributes: { serviceName: CK, accountId: other.id }, uniqueAttributes: [{}] },
    };
    assert.equal((await asking.bulk(bulk)).status, 403);
  });

  it('61: hides behind no CRN, no second spelling and no item of another account', async () => {
    const crn = crnOf(other.id, CK);
    for (const resource of [
      { crn },
      { crn: crn.replace('crn:', 'CRN:') },
      { attributes: { serviceName: CK, accountId: `${other.id} ` } },
    ]) {
      assert.equal((await asking.post([{ ...asking.item(read), resource }])).status, 403);
    }
    assert.equal(
      (await asking.post([{ ...asking.item(read), resource: { crn, attributes: { accountId: asking.account.id } } }])).status,
      400,
    );
    const mixed = await asking.post([asking.item(read), asking.item(read, { accountId: other.id })]);
    assert.deepEqual([mixed.status, mixed.body.responses.map(({ status }: Wire) => status)], [207, ['200', '403']]);
    assert.ok(!('authorizationDecision' in mixed.body.responses[1]));
  });

  it('61: says the same of an account that there is and of one that there is not', async () => {
    const texts = [];
    for (const accountId of [other.id, 'f'.repeat(32)]) {
      const single = await asking.post([asking.item(read, { accountId })]);
      const roles = await asking.world.call('POST', '/v2/authz/roles', {
        token: asking.account.owner,
        body: [asking.item(read, { accountId })],
      });
      const body = {
        subject: { type: 'user', id: 'a' },
        action: { name: read },
        resource: { type: CK, id: 'c1', properties: { accountId } },
      };
      const evaluation = await asking.world.call('POST', '/access/v1/evaluation', { token: asking.account.owner, body });
      texts.push(
        [single, roles, evaluation].map(({ status, body: { responses, errors } }) => [status, responses?.[0].error.errors, errors]),
      );
    }
    assert.deepEqual(texts[0], texts[1]);
  });

  it('61: ends when the account names another operator', async () => {
    const operator = await asking.world.user(other.id);
    await operate(asking.world, asking.account, CK, operator.iamId);
    assert.equal(await asking.permits(asking.item(read), operator.token), true);
    await operate(asking.world, asking.account, CK);
    assert.equal((await asking.post([asking.item(read)], operator.token)).status, 403);
  });
});

describe('a decision without a record', () => {
  it('79: is not given where the audit log takes no more records', async () => {
    const full = new Error('full');
    const unused = () => assert.fail('nothing is decided');
    const log = createDecisionLog({
      recorder: {
        room: () => Promise.reject(full),
        record: unused,
      },
      recordRefusal: unused,
      kept: 'refused',
      clock: { now: () => 0, monotonic: () => 0 },
      onError: unused,
    });
    const decisions = { decide: unused, explain: unused, manage: unused, holdsAll: unused, rolesOn: unused, catalogOf: unused };
    const point = createDecisionPoint({
      decisions,
      findAccess: unused,
      findInstance: unused,
      countPermits: unused,
      log,
      clock: { now: () => 0, monotonic: () => 0 },
    });
    const caller = { iamId: 'a', accountId: 'b', scope: '', name: '', tokenId: '' };
    const info = { requestId: 'r', transactionId: 't', sourceAddress: '', userAgent: '' };
    await assert.rejects(point.begin(caller, info, 'authz'), full);
  });
});
