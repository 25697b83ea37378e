/** Trust by discovery, against an issuer with real TLS on loopback. */
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Answer, CA, discovery, type Issuer, JWKS_PATH, json, startIssuer } from '../../kube-documents/world.ts';
import { startWorld, type TestAccount, type TestCluster, TestIssuer, type Wire, type World } from '../../support/world.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

interface LiveIssuer {
  readonly server: Issuer;
  readonly url: string;
  /** Whose key is published; a test may put another in its place. */
  signer: TestIssuer;
}

const urlOf = ({ port }: Issuer) => `https://127.0.0.1:${port}`;

async function liveIssuer(t: TestContext): Promise<LiveIssuer> {
  const keys: Answer = (...exchange) => json(live.signer.jwks, 'application/jwk-set+json')(...exchange);
  const named = discovery((issuer) => ({ issuer: urlOf(issuer), jwks_uri: `${urlOf(issuer)}${JWKS_PATH}` }));
  const server = await startIssuer(t, { discovery: named, keys });
  const live: LiveIssuer = { server, url: urlOf(server), signer: new TestIssuer(urlOf(server)) };
  return live;
}

const trust = { mode: 'discovery', ca_bundle: CA.pem };
const issuersOf = ({ url }: LiveIssuer, allow_private = true) => [{ issuer: url, audiences: ['vault'], allow_private }];

async function registered(live: LiveIssuer): Promise<{ cluster: TestCluster; profile: Wire }> {
  const cluster = await world.cluster(account, { issuers: issuersOf(live), trust }, live.signer);
  const profile = await world.profile(account);
  await world.link(account, profile.id, cluster.crn);
  return { cluster, profile };
}

/** Repeats an exchange, as clients do, until the keys are no longer being fetched. */
async function settled(profile: Wire, token: string): Promise<Wire> {
  for (;;) {
    const reply = await world.crToken(token, { profile_id: profile.id });
    if (reply.status !== 503) return reply;
  }
}

async function refused(live: LiveIssuer, overrides: Readonly<Record<string, unknown>>): Promise<string> {
  const body = await world.clusterBody(account, overrides, live.signer);
  const reply = await world.expect(400, 'POST', '/podpass/v1/clusters', { token: account.owner, body });
  return reply.body.errors[0].message;
}

describe('trust by discovery', () => {
  it('fetches the keys with the CA bundle at registration, and exchanges', async (t) => {
    const live = await liveIssuer(t);
    const { cluster, profile } = await registered(live);
    assert.deepEqual([cluster.body.trust.mode, cluster.body.trust.keys[0].kid], ['discovery', live.signer.kid]);
    assert.equal((await world.crToken(live.signer.token(), { profile_id: profile.id })).status, 200);
    const fetched = live.server.seen.length;
    assert.equal((await world.crToken(live.signer.token(), { profile_id: profile.id })).status, 200);
    assert.equal(live.server.seen.length, fetched);
  });

  it('a key that the issuer has changed is 503 once, and good when it is fetched', async (t) => {
    const live = await liveIssuer(t);
    const { cluster, profile } = await registered(live);
    const old = live.signer;
    live.signer = new TestIssuer(live.url);
    const first = await world.crToken(live.signer.token(), { profile_id: profile.id });
    assert.deepEqual([first.status, first.body.errorCode, first.headers.get('retry-after')], [503, 'PODP0501E', '1']);
    assert.equal((await settled(profile, live.signer.token())).status, 200);
    const gone = await world.crToken(old.token(), { profile_id: profile.id });
    assert.deepEqual([gone.status, gone.body.errorCode], [400, 'BXNIM0405E']);
    const { trust: now } = (await world.expect(200, 'GET', `/podpass/v1/clusters/${cluster.id}`, { token: account.owner })).body;
    assert.deepEqual(
      now.keys.map((key: Wire) => key.kid),
      [live.signer.kid],
    );
  });

  it('an unknown key asks the issuer once, not each time', async (t) => {
    const live = await liveIssuer(t);
    const { profile } = await registered(live);
    const before = live.server.seen.length;
    const stranger = () => new TestIssuer(live.url).token();
    assert.equal((await world.crToken(stranger(), { profile_id: profile.id })).status, 503);
    assert.equal((await settled(profile, stranger())).body.errorCode, 'BXNIM0405E');
    assert.equal((await world.crToken(stranger(), { profile_id: profile.id })).body.errorCode, 'BXNIM0405E');
    assert.deepEqual(
      live.server.seen.slice(before).map(({ path }) => path),
      ['/.well-known/openid-configuration', JWKS_PATH],
    );
  });

  it('CL-33: an issuer that does not answer leaves its keys usable and the cluster in warning', async (t) => {
    const live = await liveIssuer(t);
    const { cluster, profile } = await registered(live);
    await live.server.stop();
    assert.equal((await settled(profile, new TestIssuer(live.url).token())).body.errorCode, 'BXNIM0405E');
    assert.equal((await world.crToken(live.signer.token(), { profile_id: profile.id })).status, 200);
    const { body } = await world.expect(200, 'GET', '/global/v1/clusters', { token: account.owner });
    const shown = body.find(({ id }: Wire) => id === cluster.id);
    assert.deepEqual([shown.state, shown.masterHealth], ['warning', 'unavailable']);
  });

  it('refuses a private address without consent, before anything is sent there', async (t) => {
    const live = await liveIssuer(t);
    const message = await refused(live, { issuers: issuersOf(live, false), trust });
    assert.match(message, /loopback address/);
    assert.match(message, /allow_private/);
    assert.deepEqual(live.server.seen, []);
  });

  it('refuses an issuer whose certificate is not vouched for, and a bundle that holds none', async (t) => {
    const live = await liveIssuer(t);
    assert.match(await refused(live, { issuers: issuersOf(live), trust: { mode: 'discovery' } }), /certificate/);
    assert.match(await refused(live, { issuers: issuersOf(live), trust: { ...trust, ca_bundle: 'nothing' } }), /PEM/);
    assert.deepEqual(live.server.seen, []);
  });

  it('refuses a proof that is not signed with a published key, and addresses without TLS', async (t) => {
    const live = await liveIssuer(t);
    const proved = await world.clusterBody(account, { issuers: issuersOf(live), trust }, live.signer);
    live.signer = new TestIssuer(live.url);
    const reply = await world.expect(400, 'POST', '/podpass/v1/clusters', { token: account.owner, body: proved });
    assert.match(reply.body.errors[0].message, /none of the keys to register signed it/);
    const issuers = [{ issuer: live.url.replace('https', 'http'), audiences: ['vault'], allow_private: true }];
    assert.match(await refused(live, { issuers, trust }), /https/);
  });

  it('asks nothing for a caller who may not register', async (t) => {
    const live = await liveIssuer(t);
    const body = await world.clusterBody(account, { issuers: issuersOf(live), trust }, live.signer);
    const user = await world.user(account.id);
    await world.expect(403, 'POST', '/podpass/v1/clusters', { token: user.token, body });
    assert.deepEqual(live.server.seen, []);
  });
});
