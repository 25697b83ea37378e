/** Which tokens are believed. */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type PodTokenOptions, TestIssuer } from '../../support/world.ts';
import { assertIssued, assertRefused, type Setting, startSetting } from './setting.ts';

/** A loopback server that counts who asks it for anything. */
async function listenForRequests() {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(404).end();
  });
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    contacts: () => requests + connections,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

describe('verifying a token', () => {
  let setting: Setting;
  before(async () => {
    setting = await startSetting();
  });
  after(() => setting[Symbol.asyncDispose]());

  const present = (crToken: string) => setting.world.crToken(crToken, { profile_id: setting.profile.id });
  const exchange = (options: PodTokenOptions) => present(setting.cluster.issuer.token(options));
  const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payloadOf = (token: string) => token.split('.')[1] ?? '';

  test('C49: an expired token is refused, one within the skew is accepted', async () => {
    const body = assertRefused(await exchange({ issuedAt: secondsAgo(700), expiresIn: 600 }), 400, 'BXNIM0405E');
    assert.equal(body.errorMessage, 'Provided token is not supported');
    assert.match(body.errorDetails, /expired/);
    assertIssued(await exchange({ issuedAt: secondsAgo(630), expiresIn: 600 }));
  });

  test('a token from the future is refused, one within the skew is accepted', async () => {
    assert.match(assertRefused(await exchange({ issuedAt: secondsAgo(-120) }), 400, 'BXNIM0405E').errorDetails, /not valid yet/);
    assertIssued(await exchange({ issuedAt: secondsAgo(-30) }));
  });

  test('C50: a token for another audience is refused with the accepted ones', async () => {
    const { errorDetails } = assertRefused(await exchange({ audience: ['other'] }), 400, 'BXNIM0405E');
    assert.match(errorDetails, /vault, iam/);
    assert.ok(!errorDetails.includes('other'));
    assertIssued(await exchange({ audience: ['other', 'vault'] }));
  });

  test('C51: audience vault may live two hours', async () => {
    assertIssued(await exchange({ audience: ['vault'], expiresIn: 7200 }));
    assertRefused(await exchange({ audience: ['vault'], expiresIn: 7201 }), 400, 'BXNIM0405E');
  });

  test('C52: audience iam may live one hour', async () => {
    assert.match(assertRefused(await exchange({ audience: ['iam'], expiresIn: 7200 }), 400, 'BXNIM0405E').errorDetails, /3600/);
    assertIssued(await exchange({ audience: ['iam'], expiresIn: 3600 }));
  });

  test('C53: a token of ten minutes gets an access token of an hour', async () => {
    const claims = assertIssued(await exchange({ expiresIn: 600 }));
    assert.equal(claims.exp - claims.iat, 3600);
  });

  test('C54: a legacy token without exp is refused', async () => {
    assertRefused(await exchange({ claims: { exp: undefined } }), 400, 'BXNIM0405E');
    assertRefused(await exchange({ claims: { exp: undefined, iss: 'kubernetes/serviceaccount' } }), 400, 'BXNIM0405E');
  });

  test('C55: a token without a signature, or signed with the public key as a secret, is refused', async () => {
    const { issuer } = setting.cluster;
    const payload = payloadOf(issuer.token());
    for (const alg of ['none', 'None', 'NONE']) {
      const header = encode({ alg, kid: issuer.kid });
      for (const signature of ['', 'AAAA']) assertRefused(await present(`${header}.${payload}.${signature}`), 400, 'BXNIM0401E');
    }
    const secrets = [issuer.publicKey.export({ type: 'spki', format: 'pem' }), issuer.publicKey.export({ type: 'spki', format: 'der' })];
    for (const secret of secrets) {
      const input = `${encode({ alg: 'HS256', kid: issuer.kid })}.${payload}`;
      const mac = createHmac('sha256', secret).update(input).digest('base64url');
      assertRefused(await present(`${input}.${mac}`), 400, 'BXNIM0401E');
    }
  });

  test('C56: keys that a header brings or points to are never used', async () => {
    await using elsewhere = await listenForRequests();
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: setting.cluster.issuer.kid };
    for (const header of [{ jwk }, { jku: `${elsewhere.url}/keys` }, { x5u: `${elsewhere.url}/certificate` }]) {
      assertRefused(await exchange({ header, key: privateKey }), 400, 'BXNIM0405E');
      assertRefused(await exchange({ header: { ...header, kid: 'another' }, key: privateKey }), 400, 'BXNIM0405E');
    }
    assert.equal(elsewhere.contacts(), 0);
  });

  test('C57: an unknown issuer is refused and never contacted', async () => {
    await using elsewhere = await listenForRequests();
    const stranger = new TestIssuer(elsewhere.url);
    const first = assertRefused(await present(stranger.token()), 400, 'BXNIM0405E');
    assertRefused(await present(stranger.token()), 400, 'BXNIM0405E');
    assertIssued(await exchange({}));
    assert.equal(elsewhere.contacts(), 0);
    assert.ok(!first.errorDetails.includes(elsewhere.url));
  });

  test('unknown issuer, unknown key and bad signature are not told apart, and none is recorded', async () => {
    const { issuer } = setting.cluster;
    const tokens = [
      new TestIssuer().token(),
      issuer.token({ header: { kid: 'unknown' } }),
      new TestIssuer(issuer.issuer, issuer.kid).token(),
      issuer.token().replace(/\.[^.]*$/, `.${Buffer.alloc(256, 1).toString('base64url')}`),
    ];
    const replies = await Promise.all(tokens.map(present));
    const [first, ...others] = replies.map((reply) => {
      const { errorMessage, errorDetails } = assertRefused(reply, 400, 'BXNIM0405E');
      return { errorMessage, errorDetails };
    });
    for (const other of others) assert.deepEqual(other, first);
    for (const reply of replies) {
      assert.deepEqual(await setting.world.events(setting.account, reply.headers.get('x-request-id') ?? ''), []);
    }
  });

  test('C58: a subject that disagrees with the kubernetes.io claim is refused', async () => {
    const subjects = [
      'system:serviceaccount:other:default',
      'system:serviceaccount:default:other',
      'default',
      'system:serviceaccount:default:default:x',
    ];
    for (const sub of subjects) assertRefused(await exchange({ claims: { sub } }), 400, 'BXNIM0405E');
  });

  test('a kubernetes.io claim that Kubernetes would not write is refused', async () => {
    const account = { name: 'default', uid: 'u' };
    const claims = [undefined, null, 'x', [], {}, { namespace: 'default' }, { namespace: ['default'], serviceaccount: account }];
    for (const claim of claims) assertRefused(await exchange({ claims: { 'kubernetes.io': claim } }), 400, 'BXNIM0405E');
    for (const pod of ['x', {}, { name: 'A B', uid: 'u' }, { name: 'web-0' }, { name: 'web-0:x', uid: 'u' }]) {
      const claim = { namespace: 'default', serviceaccount: account, pod };
      assertRefused(await exchange({ claims: { 'kubernetes.io': claim } }), 400, 'BXNIM0405E');
    }
  });

  test('C59: text that is no token is refused as malformed', async () => {
    const token = setting.cluster.issuer.token();
    const texts = [
      'random',
      'a.b',
      'a.b.c',
      '..',
      `${token}.x`,
      `${token}=`,
      token.slice(1),
      `${encode([])}.${encode({})}.AAAA`,
      'x'.repeat(20_000),
      '\u201c',
    ];
    for (const text of texts) {
      const body = assertRefused(await present(text), 400, 'BXNIM0401E');
      assert.equal(body.errorMessage, 'Provided token is malformed');
    }
  });

  test('an access token of Podpass is not a compute resource token', async () => {
    assertRefused(await present(setting.account.owner), 400, 'BXNIM0405E');
  });
});
