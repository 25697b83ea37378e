import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createIssuerDocuments } from '../../src/kube/issuer-documents.ts';
import { CA, createClient, HOST, JWKS_PATH, KEYS, refusal, startIssuer, WELL_KNOWN } from './world.ts';

const trusted = { caBundle: CA.pem, allowPrivate: true };
// Global unicast space that IANA has given to nobody: public by the rules, and nobody is there.
const NOBODYS_ADDRESS = '2d00::1';

describe("where an issuer's host may lead", () => {
  it('resolves the host once for both documents', async (t) => {
    const issuer = await startIssuer(t);
    const client = createClient();
    await client.fetchKeys({ issuer: issuer.url, ...trusted });
    assert.deepEqual(client.lookups, [HOST]);
    assert.deepEqual(
      issuer.seen.map(({ path }) => path),
      [WELL_KNOWN, JWKS_PATH],
    );
  });

  it('stays with the first answer where the name is bound to another address afterwards', async (t) => {
    const issuer = await startIssuer(t);
    const client = createClient({ answers: [['127.0.0.1'], ['169.254.169.254']] });
    await client.fetchKeys({ issuer: issuer.url, ...trusted });
    assert.equal(client.lookups.length, 1);
    assert.equal(issuer.seen.length, 2);
  });

  it('never reaches a private address that a second lookup of a public name would return', async (t) => {
    const issuer = await startIssuer(t);
    const client = createClient({ answers: [[NOBODYS_ADDRESS], ['127.0.0.1']], timeoutMs: 200 });
    await assert.rejects(client.fetchKeys({ issuer: issuer.url, caBundle: CA.pem, allowPrivate: false }), {
      code: /^(timeout|unreachable)$/,
    });
    assert.equal(client.lookups.length, 1);
    assert.equal(issuer.seen.length, 0);
  });

  it('refuses a private address without consent and names the ways out', async (t) => {
    const issuer = await startIssuer(t);
    const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, caBundle: CA.pem, allowPrivate: false }), 'private_address');
    assert.match(error.message, /allow_private/);
    assert.match(error.message, /trust mode jwks/);
    assert.equal(issuer.seen.length, 0);
  });

  it('keeps looked-up addresses out of the message and in the cause', async () => {
    const client = createClient({ answers: [['10.20.30.40']] });
    const error = await refusal(client.fetchKeys({ issuer: `https://${HOST}`, allowPrivate: false }), 'private_address');
    assert.doesNotMatch(error.message, /10\.20\.30\.40/);
    assert.match(String(error.cause), /10\.20\.30\.40/);
  });

  it('refuses a host of which one address among several is private', async (t) => {
    const issuer = await startIssuer(t);
    const client = createClient({ answers: [[NOBODYS_ADDRESS, '127.0.0.1']] });
    await refusal(client.fetchKeys({ issuer: issuer.url, caBundle: CA.pem, allowPrivate: false }), 'private_address');
    assert.equal(issuer.seen.length, 0);
  });

  for (const address of ['169.254.169.254', '::ffff:169.254.169.254', '0.0.0.0', '::', '224.0.0.1', 'ff02::1', '64:ff9b::a9fe:a9fe']) {
    it(`refuses ${address} even with consent, and offers no option`, async () => {
      const client = createClient({ answers: [['127.0.0.1', address]] });
      const error = await refusal(client.fetchKeys({ issuer: `https://${HOST}`, ...trusted }), 'private_address');
      assert.doesNotMatch(error.message, /allow_private/);
      assert.match(error.message, /trust mode jwks/);
    });
  }

  for (const host of [
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '１２７.0.0.1',
  ]) {
    it(`judges the literal host ${host} without a lookup`, async () => {
      const client = createClient({ answers: [[NOBODYS_ADDRESS]] });
      await refusal(client.fetchKeys({ issuer: `https://${host}:1`, allowPrivate: false }), 'private_address');
      assert.deepEqual(client.lookups, []);
    });
  }

  it('fetches from a literal address with consent and checks the certificate for that address', async (t) => {
    const issuer = await startIssuer(t, {
      discovery: (_request, response, { port }) => {
        const url = `https://127.0.0.1:${port}`;
        response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}${JWKS_PATH}` }));
      },
    });
    const client = createClient();
    const { jwks } = await client.fetchKeys({ issuer: `https://127.0.0.1:${issuer.port}`, ...trusted });
    assert.deepEqual(jwks, KEYS);
    assert.deepEqual(client.lookups, []);
  });

  it('turns to the next checked address where the first one does not answer', async (t) => {
    const issuer = await startIssuer(t);
    const { jwks } = await createClient({ answers: [['::1', '127.0.0.1']] }).fetchKeys({ issuer: issuer.url, ...trusted });
    assert.deepEqual(jwks, KEYS);
  });

  it('refuses a host without addresses', async () => {
    const error = await refusal(
      createClient({ answers: [[]] }).fetchKeys({ issuer: `https://${HOST}`, allowPrivate: false }),
      'unresolvable',
    );
    assert.match(error.message, /trust mode jwks/);
  });

  it('refuses a host that cannot be resolved, and keeps the cause', async () => {
    const cause = new Error('getaddrinfo ENOTFOUND');
    const client = createIssuerDocuments({ lookup: () => Promise.reject(cause) });
    const error = await refusal(client.fetchKeys({ issuer: 'https://kubernetes.default.svc', allowPrivate: false }), 'unresolvable');
    assert.equal(error.cause, cause);
  });

  it('judges what the machine itself resolves where no lookup is given', async () => {
    await refusal(createIssuerDocuments().fetchKeys({ issuer: 'https://localhost:1', allowPrivate: false }), 'private_address');
  });

  it('reports a port where nobody listens as unreachable, with the cause', async (t) => {
    const issuer = await startIssuer(t);
    await issuer.stop();
    const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'unreachable');
    assert.match(error.message, /ECONNREFUSED/);
    assert.match(error.message, /trust mode push/);
    assert.ok(error.cause instanceof Error);
  });
});
