/** A real kube-apiserver mints the token, Podpass fetches its keys by discovery and exchanges it, through a key rotation. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type KubeCluster, startKube } from '../../tools/kube/cluster.ts';
import { claimsOf, startWorld, type TestAccount, type Wire, type World } from '../support/world.ts';

let kube: KubeCluster;
let world: World;
let account: TestAccount;
let cluster: Wire;
let profile: Wire;
let pod: { readonly name: string; readonly uid: string };

before(async () => {
  kube = await startKube({ log: (line) => process.stderr.write(`${line}\n`) });
  await kube.createNamespace('shop');
  await kube.createServiceAccount('shop', 'checkout');
  const created = await kube.createPod('shop', 'checkout-7d9f', 'checkout');
  pod = { name: 'checkout-7d9f', uid: created.uid };
  world = await startWorld();
  account = await world.account();
  profile = await world.profile(account, 'checkout');
});

after(async () => {
  await world?.[Symbol.asyncDispose]();
  await kube?.stop();
});

const podToken = (audiences: readonly string[], expirationSeconds = 3600) =>
  kube.requestToken({ namespace: 'shop', serviceAccount: 'checkout', pod, audiences, expirationSeconds });

const registration = async (overrides: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> => {
  const nonce = await world.expect(201, 'POST', '/podpass/v1/clusters/registrations', {
    token: account.owner,
    body: { account_id: account.id },
  });
  return {
    account_id: account.id,
    name: 'real',
    type: 'kubernetes',
    version: kube.version,
    issuers: [{ issuer: kube.issuer, audiences: ['iam', 'vault'], allow_private: true }],
    trust: { mode: 'discovery', ca_bundle: kube.caPem },
    proofs: [await podToken([nonce.body.audience], 600)],
    ...overrides,
  };
};

test('registration by discovery refuses a private address without consent, and names the remedy', async () => {
  const body = await registration({ issuers: [{ issuer: kube.issuer, audiences: ['iam'] }] });
  const reply = await world.call('POST', '/podpass/v1/clusters', { token: account.owner, body });
  assert.equal(reply.status, 400);
  assert.match(reply.body.errors[0].message, /allow_private/);
});

test('registration by discovery refuses a self-signed API server without its CA bundle, and names the remedy', async () => {
  const reply = await world.call('POST', '/podpass/v1/clusters', {
    token: account.owner,
    body: await registration({ trust: { mode: 'discovery' } }),
  });
  assert.equal(reply.status, 400);
  assert.match(reply.body.errors[0].message, /ca_bundle/);
});

test('a cluster is registered by its discovery documents and a proof that its API server signed', async () => {
  const reply = await world.expect(201, 'POST', '/podpass/v1/clusters', { token: account.owner, body: await registration({}) });
  cluster = reply.body;
  assert.equal(cluster.trust.mode, 'discovery');
  assert.equal(cluster.trust.keys.length, 1);
  await world.link(account, profile.id, cluster.crn, 'shop', 'checkout');
});

test('a pod-bound token of the TokenRequest API is exchanged', async () => {
  const reply = await world.crToken(await podToken(['iam']), { profile_id: profile.id });
  assert.equal(reply.status, 200, reply.text);
  const claims = claimsOf(reply.body.access_token);
  assert.equal(claims.iam_id, profile.iam_id);
  assert.equal(claims.authn.name, 'real:shop:checkout:checkout-7d9f');
  assert.equal(claims.podpass.pod_uid, pod.uid);
});

test('tokens for another audience, for the API server and of another service account are refused', async () => {
  assert.equal((await world.crToken(await podToken(['somebody-else']), { profile_id: profile.id })).body.errorCode, 'BXNIM0405E');
  assert.equal((await world.crToken(await podToken([kube.issuer]), { profile_id: profile.id })).body.errorCode, 'BXNIM0405E');
  await kube.createServiceAccount('shop', 'other');
  const other = await kube.requestToken({ namespace: 'shop', serviceAccount: 'other', audiences: ['iam'], expirationSeconds: 3600 });
  assert.equal((await world.crToken(other, { profile_id: profile.id })).body.errorCode, 'BXNIM0398E');
});

test('after the cluster has rotated its signing key, its new tokens are exchanged without a restart, and old ones still are', async () => {
  const old = await podToken(['iam']);
  await kube.rotateSigningKey();
  const fresh = await podToken(['iam']);
  const first = await world.crToken(fresh, { profile_id: profile.id });
  assert.equal(first.status, 503, first.text);
  assert.equal(first.body.errorCode, 'PODP0501E');
  assert.equal(first.headers.get('retry-after'), '1');
  const accepted = await untilAnswered(fresh);
  assert.equal(accepted.status, 200, accepted.text);
  assert.equal((await world.crToken(old, { profile_id: profile.id })).status, 200);
});

/** Does as a client does with Retry-After: asks again until the keys are there. */
async function untilAnswered(token: string) {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const reply = await world.crToken(token, { profile_id: profile.id });
    if (reply.status !== 503) return reply;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error('The keys did not arrive in 30 s.');
}
