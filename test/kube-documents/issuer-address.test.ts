import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IssuerDocumentsErrorCode } from '../../src/kube/issuer-documents.ts';
import { CA, createClient, discovery, HOST, JWKS_PATH, KEYS, refusal, startIssuer, WELL_KNOWN } from './world.ts';

const trusted = { caBundle: CA.pem, allowPrivate: true };

describe("the issuer's address", () => {
  it('finds the discovery document below a path', async (t) => {
    const issuer = await startIssuer(t, { discovery: discovery(({ url }) => ({ issuer: `${url}/id/7F`, jwks_uri: `${url}/id/7F/keys` })) });
    const result = await createClient().fetchKeys({ issuer: `${issuer.url}/id/7F`, ...trusted });
    assert.deepEqual(result, { jwks: KEYS, issuer: `${issuer.url}/id/7F`, jwksUri: `${issuer.url}/id/7F/keys` });
    assert.deepEqual(
      issuer.seen.map(({ path }) => path),
      [`/id/7F${WELL_KNOWN}`, '/id/7F/keys'],
    );
  });

  for (const tail of ['/', '/tenant/']) {
    it(`writes no double slash for an issuer that ends in ${tail}`, async (t) => {
      const issuer = await startIssuer(t, { discovery: discovery(({ url }) => ({ issuer: `${url}${tail}` })) });
      await createClient().fetchKeys({ issuer: `${issuer.url}${tail}`, ...trusted });
      assert.equal(issuer.seen[0]?.path, `${tail.slice(0, -1)}${WELL_KNOWN}`);
    });
  }

  const REFUSED: readonly (readonly [issuer: string, code: IssuerDocumentsErrorCode, message: RegExp])[] = [
    [`http://${HOST}`, 'not_https', /does not begin with https/],
    ['http://127.0.0.1', 'not_https', /does not begin with https/],
    ['file:///etc/passwd', 'not_https', /does not begin with https/],
    ['kubernetes/serviceaccount', 'not_https', /is not a URL/],
    ['', 'not_https', /is not a URL/],
    [`https:${HOST}`, 'not_https', /slashes/],
    [`https:///${HOST}`, 'not_https', /slashes/],
    [`https:\\\\${HOST}`, 'not_https', /backslash/],
    [` https://${HOST}`, 'not_https', /white space/],
    [`https://${HOST}/a\tb`, 'not_https', /white space/],
    [`https://${HOST}\n`, 'not_https', /white space/],
    [`https://${HOST}/\u0000`, 'not_https', /white space/],
    [`https://${HOST}?a=b`, 'not_https', /query or a fragment/],
    [`https://${HOST}/?`, 'not_https', /query or a fragment/],
    [`https://${HOST}/#`, 'not_https', /query or a fragment/],
    [`https://${HOST}?@other.test`, 'not_https', /query or a fragment/],
    [`https://admin:hunter2@${HOST}`, 'userinfo', /user name or password/],
    [`https://@${HOST}`, 'userinfo', /user name or password/],
    [`https://:@${HOST}/`, 'userinfo', /user name or password/],
    [`https://${HOST}${WELL_KNOWN}`, 'issuer_mismatch', /leave out \/\.well-known\/openid-configuration: "https:\/\/api\.cluster\.test"/],
    [`https://${HOST}/id/1${WELL_KNOWN}/`, 'issuer_mismatch', /"https:\/\/api\.cluster\.test\/id\/1"/],
  ];
  for (const [issuer, code, message] of REFUSED) {
    it(`refuses ${JSON.stringify(issuer)} as ${code} before anything is resolved`, async () => {
      const client = createClient();
      const error = await refusal(client.fetchKeys({ issuer, ...trusted }), code);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /hunter2/);
      assert.deepEqual(client.lookups, []);
    });
  }

  it('keeps foreign text in messages short', async () => {
    const error = await refusal(createClient().fetchKeys({ issuer: `http://${'a'.repeat(100_000)}`, ...trusted }), 'not_https');
    assert.ok(error.message.length < 600);
  });

  it('sends neither credentials nor cookies, and keeps no connection', async (t) => {
    const issuer = await startIssuer(t, {
      discovery: (request, response, self) => {
        response.setHeader('set-cookie', 'visitor=1');
        discovery()(request, response, self);
      },
    });
    await createClient().fetchKeys({ issuer: issuer.url, ...trusted });
    const [first, second] = issuer.seen;
    for (const seen of [first, second]) {
      assert.deepEqual(Object.keys(seen?.headers ?? {}).sort(), ['accept', 'accept-encoding', 'connection', 'host', 'user-agent']);
      assert.equal(seen?.headers.host, `${HOST}:${issuer.port}`);
      assert.equal(seen?.headers.connection, 'close');
    }
    assert.notEqual(first?.remotePort, second?.remotePort);
    assert.equal(second?.path, JWKS_PATH);
  });
});
