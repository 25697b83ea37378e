import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createCertificate } from './certificates.ts';
import { CA, createClient, HOST, KEYS, LEAF, refusal, startIssuer } from './world.ts';

const DAY_MS = 86_400_000;
const trusted = { caBundle: CA.pem, allowPrivate: true };

describe('TLS with an issuer', () => {
  it('accepts a certificate that the CA bundle vouches for, and asks for it by name', async (t) => {
    const issuer = await startIssuer(t);
    const { jwks } = await createClient().fetchKeys({ issuer: issuer.url, ...trusted });
    assert.deepEqual(jwks, KEYS);
    assert.equal(issuer.seen[0]?.serverName, HOST);
  });

  it('accepts a bundle of several certificates, with text between them', async (t) => {
    const issuer = await startIssuer(t);
    const other = createCertificate({ name: 'other', isCa: true });
    await createClient().fetchKeys({ issuer: issuer.url, allowPrivate: true, caBundle: `# first\n${other.pem}# second\r\n${CA.pem}` });
  });

  it('accepts a bundle that holds the intermediate CA only, as kubectl does', async (t) => {
    const intermediate = createCertificate({ name: 'intermediate', isCa: true, issuer: CA });
    const certificate = createCertificate({ name: 'apiserver', hosts: [HOST], issuer: intermediate });
    const issuer = await startIssuer(t, { certificate, chain: [intermediate] });
    await createClient().fetchKeys({ issuer: issuer.url, allowPrivate: true, caBundle: intermediate.pem });
  });

  it('accepts a self-signed certificate that is its own bundle', async (t) => {
    const certificate = createCertificate({ name: 'alone', hosts: [HOST] });
    const issuer = await startIssuer(t, { certificate });
    await createClient().fetchKeys({ issuer: issuer.url, allowPrivate: true, caBundle: certificate.pem });
  });

  it('refuses a CA of its own without a bundle and names ca_bundle', async (t) => {
    const issuer = await startIssuer(t);
    const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, allowPrivate: true }), 'tls');
    assert.match(error.message, /into ca_bundle/);
    assert.match(error.message, /trust mode jwks/);
    assert.ok(error.cause instanceof Error);
    assert.equal(issuer.seen.length, 0);
  });

  it('refuses a certificate that another CA signed and names ca_bundle', async (t) => {
    const issuer = await startIssuer(t);
    const other = createCertificate({ name: 'kubernetes', isCa: true });
    const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, allowPrivate: true, caBundle: other.pem }), 'tls');
    assert.match(error.message, /ca_bundle replaces the public CAs/);
    assert.equal(issuer.seen.length, 0);
  });

  it('refuses a certificate signed by a leaf of the bundle', async (t) => {
    const certificate = createCertificate({ name: 'forged', hosts: [HOST], issuer: LEAF });
    const issuer = await startIssuer(t, { certificate, chain: [LEAF] });
    for (const caBundle of [CA.pem, LEAF.pem]) {
      await refusal(createClient().fetchKeys({ issuer: issuer.url, allowPrivate: true, caBundle }), 'tls');
    }
    assert.equal(issuer.seen.length, 0);
  });

  it('refuses a certificate for another name', async (t) => {
    const certificate = createCertificate({ name: HOST, hosts: ['other.cluster.test'], issuer: CA });
    const issuer = await startIssuer(t, { certificate });
    const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'tls');
    assert.match(error.message, /carries the name "api\.cluster\.test"/);
    assert.match(error.message, /ca_bundle/);
    assert.equal(issuer.seen.length, 0);
  });

  for (const [what, dates] of [
    ['an expired certificate', { notAfter: new Date(Date.now() - DAY_MS / 2) }],
    ['a certificate that is not valid yet', { notBefore: new Date(Date.now() + DAY_MS / 2) }],
  ] as const) {
    it(`refuses ${what}`, async (t) => {
      const issuer = await startIssuer(t, { certificate: createCertificate({ name: 'apiserver', hosts: [HOST], issuer: CA, ...dates }) });
      const error = await refusal(createClient().fetchKeys({ issuer: issuer.url, ...trusted }), 'tls');
      assert.match(error.message, /has expired or is not valid yet/);
      assert.match(error.message, /ca_bundle/);
      assert.equal(issuer.seen.length, 0);
    });
  }

  for (const [what, caBundle] of [
    ['empty', ''],
    ['no PEM', 'kubernetes'],
    ['a private key', LEAF.key],
    ['broken', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['cut off', CA.pem.slice(0, 200)],
    ['broken in its second certificate', `${CA.pem}-----BEGIN CERTIFICATE-----\n`],
  ] as const) {
    it(`refuses a ca_bundle that is ${what} instead of taking the default roots`, async () => {
      const client = createClient();
      const error = await refusal(client.fetchKeys({ issuer: `https://${HOST}`, allowPrivate: true, caBundle }), 'tls');
      assert.match(error.message, /ca_bundle/);
      assert.deepEqual(client.lookups, []);
    });
  }

  it('reports a port that speaks plain http', async (t) => {
    const server = createPlainServer((_request, response) => response.end(JSON.stringify(KEYS))).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const error = await refusal(createClient().fetchKeys({ issuer: `https://${HOST}:${port}`, ...trusted }), 'tls');
    assert.match(error.message, /speaks no TLS/);
  });

  it('reports a host that hangs up during the handshake as unreachable', async (t) => {
    const server = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await refusal(createClient().fetchKeys({ issuer: `https://${HOST}:${port}`, ...trusted }), 'unreachable');
  });

  it('checks certificates and passes proxies by whatever the environment says', async (t) => {
    const issuer = await startIssuer(t);
    let proxied = 0;
    const proxy = createTcpServer((socket) => {
      proxied += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    t.after(() => proxy.close());
    await once(proxy, 'listening');
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const code = `
      import { createIssuerDocuments } from ${JSON.stringify(new URL('../../src/kube/issuer-documents.ts', import.meta.url).href)};
      const client = createIssuerDocuments({ lookup: async () => [{ address: '127.0.0.1' }] });
      const attempt = (caBundle) => client.fetchKeys({ issuer: ${JSON.stringify(issuer.url)}, allowPrivate: true, ...caBundle }).then(() => 'ok', (error) => error.code);
      console.log(await attempt({}), await attempt({ caBundle: process.env.BUNDLE }));
    `;
    const env = {
      BUNDLE: CA.pem,
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      NODE_USE_ENV_PROXY: '1',
      HTTPS_PROXY: proxyUrl,
      https_proxy: proxyUrl,
      NO_PROXY: '',
    };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { env });
    assert.equal(stdout.trim(), 'tls ok');
    assert.equal(proxied, 0);
  });
});
