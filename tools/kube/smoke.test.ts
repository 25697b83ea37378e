import assert from 'node:assert/strict';
import { createPublicKey, type JsonWebKey, verify, X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { issueLoopbackCertificates } from './certificates.ts';
import { type KubeCluster, type ObjectReference, startKube } from './cluster.ts';

interface PublishedKey extends JsonWebKey {
  readonly kid: string;
}

interface PodTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly iat: number;
  readonly exp: number;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly pod: ObjectReference;
    readonly serviceaccount: ObjectReference;
  };
}

describe('a loopback certificate', () => {
  it('is issued by its authority for 127.0.0.1', () => {
    const { caPem, server } = issueLoopbackCertificates();
    const authority = new X509Certificate(caPem);
    const certificate = new X509Certificate(server.certificatePem);
    assert.equal(authority.ca, true);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.checkIssued(authority), true);
    assert.equal(certificate.verify(authority.publicKey), true);
    assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  });
});

describe('a test cluster', () => {
  const namespace = 'shop';
  let cluster: KubeCluster;
  let account: ObjectReference;
  let pod: ObjectReference;

  before(async () => {
    cluster = await startKube();
    await cluster.createNamespace(namespace);
    account = await cluster.createServiceAccount(namespace, 'checkout');
    pod = await cluster.createPod(namespace, 'checkout-0', 'checkout');
  });
  after(async () => cluster?.stop());

  const requestToken = () =>
    cluster.requestToken({ namespace, serviceAccount: 'checkout', pod, audiences: ['iam'], expirationSeconds: 3600 });

  const publishedKeys = async () => {
    const { status, body } = await cluster.request({ method: 'GET', path: '/openid/v1/jwks' });
    assert.equal(status, 200);
    return (body as { readonly keys: readonly PublishedKey[] }).keys;
  };

  it('reports the version it was built from', async () => {
    const { body } = await cluster.request({ method: 'GET', path: '/version' });
    assert.equal((body as { readonly gitVersion: string }).gitVersion, `v${cluster.version}`);
  });

  it('publishes its issuer and key set to anyone', async () => {
    const { status, body } = await cluster.request({ method: 'GET', path: '/.well-known/openid-configuration' });
    assert.equal(status, 200);
    const document = body as { readonly issuer: string; readonly jwks_uri: string };
    assert.equal(document.issuer, cluster.issuer);
    assert.equal(document.jwks_uri, `${cluster.issuer}/openid/v1/jwks`);
  });

  it('refuses anonymous callers everything else', async () => {
    const { status } = await cluster.request({ method: 'GET', path: '/api/v1/pods' });
    assert.equal(status, 403);
  });

  it('issues a token bound to the pod that the published keys verify', async () => {
    const token = await requestToken();
    const claims = claimsOf(token);
    assert.equal(claims.iss, cluster.issuer);
    assert.equal(claims.sub, 'system:serviceaccount:shop:checkout');
    assert.deepEqual(claims.aud, ['iam']);
    assert.equal(claims.exp - claims.iat, 3600);
    assert.deepEqual(claims['kubernetes.io'], { namespace, pod, serviceaccount: account });
    assert.equal(verifies(token, await publishedKeys()), true);
  });

  it('creates the service account of a pod that names a new one', async () => {
    const other = await cluster.createPod(namespace, 'billing-0', 'billing');
    const token = await cluster.requestToken({
      namespace,
      serviceAccount: 'billing',
      pod: other,
      audiences: ['iam'],
      expirationSeconds: 600,
    });
    assert.deepEqual(claimsOf(token)['kubernetes.io'].pod, other);
    await cluster.deletePod(namespace, 'billing-0');
    const { status } = await cluster.request({ method: 'GET', path: '/api/v1/namespaces/shop/pods/billing-0', token: cluster.adminToken });
    assert.equal(status, 404);
  });

  it("repeats Kubernetes' reason for a refusal", async () => {
    const order = { namespace, serviceAccount: 'checkout', audiences: ['iam'], expirationSeconds: 60 };
    await assert.rejects(cluster.requestToken(order), /422: .*may not specify a duration less than 10 minutes/);
  });

  it('signs with a new key after a rotation and publishes both', async () => {
    const former = await requestToken();
    await cluster.rotateSigningKey();
    const current = await requestToken();
    const keys = await publishedKeys();
    assert.notEqual(headerOf(current).kid, headerOf(former).kid);
    assert.equal(keys.length, 2);
    assert.equal(verifies(former, keys), true);
    assert.equal(verifies(current, keys), true);
  });
});

function verifies(token: string, keys: readonly PublishedKey[]): boolean {
  const [header, payload, signature] = token.split('.');
  const jwk = keys.find((key) => key.kid === headerOf(token).kid);
  assert.ok(jwk, 'the key set has no key of that id');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature ?? '', 'base64url'));
}

function headerOf(token: string): { readonly kid: string; readonly alg: string } {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

function claimsOf(token: string): PodTokenClaims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
