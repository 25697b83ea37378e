/** `POST /v2/authz`: its forms, its errors, and who is asked about. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, type Wire } from '../../support/world.ts';
import { Asking, CK, crnOf, payload } from './asking.ts';

let asking: Asking;

before(async () => {
  asking = await Asking.start();
  await asking.world.policy(asking.account, asking.user.iamId, [ROLE('Viewer')], { serviceName: CK });
});
after(() => asking[Symbol.asyncDispose]());

const permitItem = () => asking.item(`${CK}.cluster.read`);
const denyItem = () => asking.item(`${CK}.cluster.create`);
const times = (count: number) => Array.from({ length: count }, permitItem);

async function ask(status: number, items: unknown, token?: string): Promise<Wire> {
  const reply = await asking.post(items, token);
  assert.equal(reply.status, status, reply.text);
  return reply.body;
}

/** The message of the one item's error. */
async function itemError(status: '400' | '403', item: unknown, token?: string): Promise<string> {
  const { responses } = await ask(Number(status), [item], token);
  assert.equal(responses[0].status, status);
  const { transactionId, instanceId, errors } = responses[0].error;
  assert.ok(transactionId && instanceId);
  assert.deepEqual(Object.keys(errors[0]).sort(), ['businessCode', 'code', 'message', 'moreInfo', 'target']);
  return errors[0].message;
}

describe('asking for decisions', () => {
  it('Z-01: answers in order, with statuses as strings and the key pattern for caches', async () => {
    const { responses, cacheKeyPattern } = await ask(200, [permitItem(), denyItem()]);
    assert.deepEqual(
      responses.map((response: Wire) => [response.status, response.authorizationDecision.permitted]),
      [
        ['200', true],
        ['200', false],
      ],
    );
    assert.equal(responses[1].authorizationDecision.reason, 'IAM');
    assert.deepEqual(cacheKeyPattern, {
      order: ['subject', 'resource', 'action'],
      subject: [['id'], ['id', 'scope']],
      resource: [
        [],
        ['serviceName'],
        ['serviceName', 'accountId'],
        ['serviceName', 'accountId', 'serviceInstance'],
        ['serviceName', 'accountId', 'serviceInstance', 'resourceType'],
        ['serviceName', 'accountId', 'serviceInstance', 'resourceType', 'resource'],
      ],
    });
  });

  it('Z-02: refuses what is not an array', async () => {
    for (const body of [permitItem(), {}, 7, true]) await ask(400, body);
    const { errors } = await ask(400, permitItem());
    assert.equal(errors[0].code, 'invalid_body');
  });

  it('Z-03: takes 1 to 100 items', async () => {
    await ask(400, []);
    await ask(400, times(101));
    assert.equal((await ask(200, times(100))).responses.length, 100);
  });

  it('Z-04: an item without action, subject or resource fails with 400', async () => {
    const { action, subject, resource } = permitItem();
    const cases = [
      [{ subject, resource }, 'action'],
      [{ subject, action: '', resource }, 'action'],
      [{ action, resource }, 'subject'],
      [{ action, subject: { attributes: {} }, resource }, 'subject'],
      [{ action, subject: { attributes: { id: '' } }, resource }, 'subject'],
      [{ action, subject: { attributes: { scope: 'ibm openid' } }, resource }, 'subject'],
      [{ action, subject }, 'resource'],
      [{ action, subject, resource: { attributes: {} } }, 'resource'],
      [{ action, subject, resource: { crn: 'nonsense' } }, 'resource'],
    ] as const;
    for (const [broken, missing] of cases)
      assert.match(await itemError('400', broken), new RegExp(`^An? ${missing} needs to be provided for a valid request.*\\.$`));
  });

  it('Z-05: a caller who neither operates the service nor owns the account is unauthorized', async () => {
    const other = await asking.world.account();
    const unauthorized = /unauthorized to make this request/;
    for (const token of [asking.user.token, other.owner]) assert.match(await itemError('403', permitItem(), token), unauthorized);
    const elsewhere = [other.id, 'f'.repeat(32), 'nonsense', '__proto__'].map((accountId) => asking.item('a.b', { accountId }));
    const texts = await Promise.all(elsewhere.map((item) => itemError('403', item)));
    assert.deepEqual(new Set(texts).size, 1, 'an account that there is not looks like one of others');
  });

  it('items that do not fail alike answer 207, so that no mistake is taken for a deny', async () => {
    const { responses } = await ask(207, [permitItem(), { ...permitItem(), action: undefined }, denyItem()]);
    assert.deepEqual(
      responses.map((response: Wire) => response.status),
      ['200', '400', '200'],
    );
    assert.ok(!('authorizationDecision' in responses[1]));
    await ask(207, [asking.item('a.b', { accountId: 'f'.repeat(32) }), { ...permitItem(), action: undefined }]);
    await ask(400, [
      { ...permitItem(), action: undefined },
      { ...permitItem(), subject: undefined },
    ]);
  });

  it('takes wrong types for what they are, and names the field', async () => {
    const { action, subject, resource } = permitItem();
    const cases = [
      [{ action: 7, subject, resource }, '[0].action'],
      [{ action, subject: 'someone', resource }, '[0].subject'],
      [{ action, subject: { attributes: [] }, resource }, '[0].subject.attributes'],
      [{ action, subject: { attributes: { id: ['a'] } }, resource }, '[0].subject.attributes.id'],
      [{ action, subject, resource: { attributes: { accountId: null } } }, '[0].resource.attributes.accountId'],
      [{ action, subject, resource: { attributes: { a: { b: 1 } } } }, '[0].resource.attributes.a'],
      [{ action, subject, resource: { crn: 7 } }, '[0].resource.crn'],
      [{ action, subject: { accessTokenBody: {} }, resource }, '[0].subject.accessTokenBody'],
      [{ action, subject, resource, environment: 'now' }, '[0].environment'],
      [7, '[0]'],
      [null, '[0]'],
    ] as const;
    for (const [item, field] of cases) {
      const { errors } = await ask(400, [item]);
      assert.ok(errors[0].message.includes(`'${field}'`), `${errors[0].message} does not name ${field}`);
    }
  });

  it('answers as the older client asks, and repeats its transaction id', async () => {
    const headers = { accept: 'application/vnd.authz.v2+json', 'transaction-id': 'abc-1', 'x-request-count': '10', 'pep-version': '3' };
    const reply = await asking.world.call('POST', '/v2/authz', { token: asking.account.owner, body: [permitItem()], headers });
    assert.deepEqual([reply.status, reply.headers.get('transaction-id')], [200, 'abc-1']);
    assert.equal(reply.body.responses[0].authorizationDecision.permitted, true);
  });

  it('the addresses of the first version answer 404', async () => {
    for (const path of ['/v1/authz', '/v1/authz_bulk']) {
      const { status, body } = await asking.world.call('POST', path, { token: asking.account.owner, body: [permitItem()] });
      assert.deepEqual([status, body.errors[0].code, body.status_code], [404, 'not_found', 404]);
    }
  });

  it('Z-07: a resource may be a CRN, beside which attributes may say more and nothing else', async () => {
    const crn = crnOf(asking.account.id, CK, 'c1::', 'eu-de');
    const on = (resource: Wire) => ({ ...permitItem(), resource });
    assert.equal(await asking.permits(on({ crn })), true);
    assert.equal(await asking.permits({ ...denyItem(), resource: { crn } }), false);
    assert.equal(await asking.permits(on({ crn, attributes: { serviceInstance: 'c1', namespace: 'dev' } })), true);
    assert.match(await itemError('400', on({ crn, attributes: { serviceInstance: 'c2' } })), /'serviceInstance' is not what its CRN says/);
  });

  it('Z-23: refuses a token that is none', async () => {
    await ask(401, [permitItem()], 'nonsense');
    const { body } = await asking.world.expect(401, 'POST', '/v2/authz', { body: [permitItem()] });
    assert.equal(body.errors[0].code, 'invalid_token');
    for (const [method, path] of [
      ['PUT', '/v2/authz/bulk'],
      ['POST', '/v2/authz/bulk'],
      ['POST', '/v2/authz/roles'],
    ] as const) {
      await asking.world.expect(401, method, path, { token: 'nonsense', body: [permitItem()] });
    }
  });
});

describe('the subject of a decision', () => {
  it('Z-06: may be the payload of its token', async () => {
    const accessTokenBody = asking.user.token.split('.')[1];
    for (const item of [permitItem(), denyItem()]) {
      const byToken = await asking.decided({ ...item, subject: { accessTokenBody } });
      assert.deepEqual(byToken, await asking.decided(item));
    }
  });

  it('is not a payload that cannot be read', async () => {
    const bodies = ['nonsense', '', '!!', payload('text'), payload({}), payload({ iam_id: 7 }), payload({ iam_id: 'a', scope: [] })];
    const more = [
      asking.user.token,
      payload({ iam_id: 'crn-crn:nonsense' }),
      Buffer.from('{"iam_id":"a","iam_id":"b"}').toString('base64url'),
    ];
    for (const accessTokenBody of [...bodies, ...more]) {
      assert.match(await itemError('400', { ...permitItem(), subject: { accessTokenBody } }), /accessTokenBody/, accessTokenBody);
    }
    await ask(400, [{ ...permitItem(), subject: { accessTokenBody: 'A'.repeat(16_385) } }]);
  });

  it('is what the payload says, which attributes may repeat and not contradict', async () => {
    const accessTokenBody = payload({ iam_id: asking.user.iamId, scope: 'ibm openid' });
    const with_ = (attributes: Wire) => ({ ...permitItem(), subject: { accessTokenBody, attributes } });
    for (const attributes of [{}, { id: asking.user.iamId }, { 'test-attribute': 'x' }])
      assert.equal(await asking.permits(with_(attributes)), true);
    for (const attributes of [{ id: asking.account.ownerIamId }, { scope: 'ibm' }]) {
      assert.match(await itemError('400', with_(attributes)), /which the access token says differently/);
    }
  });

  it('may be restricted by its scope', async () => {
    for (const [scope, permitted] of [
      ['ibm openid', true],
      [`ibm openid ${CK}`, true],
      ['ibm openid kms', false],
    ] as const) {
      assert.equal(await asking.permits(asking.item(`${CK}.cluster.read`, {}, { id: asking.user.iamId, scope })), permitted, scope);
      const accessTokenBody = payload({ iam_id: asking.user.iamId, scope });
      assert.equal(await asking.permits({ ...permitItem(), subject: { accessTokenBody } }), permitted, scope);
    }
  });

  it('may be anonymous, which is no identity and excludes being one', async () => {
    assert.equal(await asking.permits(asking.item(`${CK}.cluster.read`, {}, { anonymous: true })), false);
    const { errors } = { errors: await itemError('400', asking.item('a.b', {}, { anonymous: true, id: asking.user.iamId })) };
    assert.match(errors, /'anonymous' excludes 'id'/);
  });
});
