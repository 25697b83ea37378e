import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { ROLE, startWorld, type TestAccount, TestIssuer, type Wire, type World } from '../../support/world.ts';

const PATH = '/podpass/v1/clusters';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

/** Registers with some members replaced and expects a refusal; answers its error. */
async function refused(
  overrides: Readonly<Record<string, unknown>>,
  { status = 400, issuer = new TestIssuer() }: { status?: number; issuer?: TestIssuer } = {},
): Promise<Wire> {
  const body = await world.clusterBody(account, overrides, issuer);
  const reply = await world.expect(status, 'POST', PATH, { token: account.owner, body });
  const error = reply.body.errors[0];
  assert.match(error.message, /\.$/);
  const { clusters } = (await world.expect(200, 'GET', `${PATH}?account_id=${account.id}`, { token: account.owner })).body;
  assert.ok(!clusters.some((cluster: Wire) => cluster.name === body.name));
  return error;
}

const audienceFor = async (of: TestAccount): Promise<string> =>
  (await world.expect(201, 'POST', `${PATH}/registrations`, { token: of.owner, body: { account_id: of.id } })).body.audience;

describe('registering a cluster', () => {
  it('answers 201 with an id and a CRN of its own, and reads it back', async () => {
    const issuer = new TestIssuer();
    const body = await world.clusterBody(account, {}, issuer);
    const made = await world.expect(201, 'POST', PATH, { token: account.owner, body });
    const { id, crn, trust } = made.body;
    assert.match(id, /^[a-z0-9]{20}$/);
    assert.equal(crn, `crn:v1:bluemix:public:containers-kubernetes:eu-de:a/${account.id}:${id}::`);
    assert.deepEqual(made.body.issuers, [{ issuer: issuer.issuer, audiences: ['vault', 'iam'], allow_private: false }]);
    assert.deepEqual([trust.mode, trust.keys.length, trust.keys[0].kid], ['jwks', 1, issuer.kid]);
    assert.deepEqual([made.body.created_version, made.body.state, made.body.link_name_may_be_cluster_name], ['4.16.2', 'active', false]);
    const read = await world.expect(200, 'GET', `${PATH}/${id}`, { token: account.owner });
    assert.deepEqual(read.body, made.body);
    assert.equal(read.headers.get('etag'), made.headers.get('etag'));
  });

  it('takes OpenShift 4.7 itself, and any Kubernetes', async () => {
    await world.cluster(account, { created_version: '4.7.0' });
    await world.cluster(account, { created_version: '4.10.3_1520_openshift' });
    await world.cluster(account, { type: 'kubernetes', version: '1.8.6_1505', created_version: undefined });
  });

  it('refuses OpenShift that was created below 4.7, in a sentence that names the prerequisite', async () => {
    for (const created_version of ['4.6.57_1560_openshift', '3.11.784', '4.6']) {
      const { message } = await refused({ created_version, version: '4.16.2_1544_openshift' });
      assert.match(message, /created at OpenShift 4\.7 or later/);
      assert.ok(message.includes(created_version));
    }
  });

  it('refuses OpenShift that does not say what it was created at, or says nonsense', async () => {
    assert.match((await refused({ created_version: undefined })).message, /created_version/);
    for (const created_version of ['latest', '', '4', 'v4.16.2']) await refused({ created_version });
  });

  it('takes any OpenShift where the installation lifts the gate', async () => {
    await using open = await startWorld({ settings: { 'clusters-allow-updated': 'true' } });
    await open.cluster(await open.account(), { created_version: '4.5.0' });
  });

  it('needs Administrator on clusters, for the nonce too', async () => {
    const editor = await world.user(account.id);
    await world.policy(account, editor.iamId, [ROLE('Editor')], { serviceName: 'containers-kubernetes' });
    const body = await world.clusterBody(account);
    await world.expect(403, 'POST', PATH, { token: editor.token, body });
    await world.expect(403, 'POST', `${PATH}/registrations`, { token: editor.token, body: { account_id: account.id } });
    await world.expect(401, 'POST', PATH, { body });
  });
});

describe('proof of possession', () => {
  it('refuses a registration without proof', async () => {
    assert.match((await refused({ proofs: [] })).message, /proofs/);
    await refused({ proofs: undefined });
    await refused({ proofs: ['nonsense'] });
  });

  it('refuses a proof for another account, for a nonce of another account, and for one that nobody gave', async () => {
    const issuer = new TestIssuer();
    const foreign = await audienceFor(await world.account());
    const nonce = foreign.split(':')[2];
    for (const audience of [
      foreign,
      `podpass-register:${account.id}:${nonce}`,
      `podpass-register:${account.id}:${'n'.repeat(32)}`,
      'vault',
    ]) {
      await refused({ proofs: [issuer.token({ audience })] }, { issuer });
    }
  });

  it('takes a nonce once', async () => {
    const issuer = new TestIssuer();
    const body = await world.clusterBody(account, {}, issuer);
    const made = await world.expect(201, 'POST', PATH, { token: account.owner, body });
    await world.expect(204, 'DELETE', `${PATH}/${made.body.id}`, { token: account.owner });
    const { message } = await refused({ proofs: body.proofs }, { issuer });
    assert.match(message, /nonce/);
  });

  it('refuses a proof by another key, of another issuer, or out of date', async () => {
    const issuer = new TestIssuer();
    const audience = await audienceFor(account);
    const stranger = new TestIssuer(issuer.issuer, issuer.kid);
    await refused({ proofs: [stranger.token({ audience })] }, { issuer });
    await refused({ proofs: [new TestIssuer().token({ audience })] }, { issuer });
    await refused({ proofs: [issuer.token({ audience, claims: { iss: 'https://elsewhere.example' } })] }, { issuer });
    const past = Math.floor(Date.now() / 1000) - 7200;
    await refused({ proofs: [issuer.token({ audience, issuedAt: past, expiresIn: 600 })] }, { issuer });
  });

  it('refuses another account that registers the same issuer with its public keys', async () => {
    const cluster = await world.cluster(account);
    const thief = await world.account();
    const stolen = await world.clusterBody(thief, {}, cluster.issuer);
    const withoutKey = {
      ...stolen,
      proofs: [new TestIssuer(cluster.issuer.issuer, cluster.issuer.kid).token({ audience: await audienceFor(thief) })],
    };
    await world.expect(400, 'POST', PATH, { token: thief.owner, body: withoutKey });
    // Even with a proof, a key of an issuer belongs to one cluster.
    await world.expect(409, 'POST', PATH, { token: thief.owner, body: stolen });
    await refused({}, { status: 409, issuer: cluster.issuer });
  });
});

describe('what a registration may say', () => {
  it("refuses the API server's own audience unless it is asked for, with a warning that stays", async () => {
    const issuer = new TestIssuer();
    for (const audience of [issuer.issuer, 'https://kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']) {
      const { message } = await refused({ issuers: [{ issuer: issuer.issuer, audiences: ['podpass', audience] }] }, { issuer });
      assert.ok(message.includes(audience));
    }
    const issuers = [{ issuer: issuer.issuer, audiences: ['https://kubernetes.default.svc'] }];
    const body = await world.clusterBody(account, { issuers, allow_api_server_audience: true }, issuer);
    const made = await world.expect(201, 'POST', PATH, { token: account.owner, body });
    assert.match(made.headers.get('podpass-warning') ?? '', /^api_server_audience; /);
    const read = await world.expect(200, 'GET', `${PATH}/${made.body.id}`, { token: account.owner });
    assert.match(read.headers.get('podpass-warning') ?? '', /^api_server_audience; /);
  });

  it('is warned of where claim rules of the account would let in pods of any cluster, and not where each rule names its cluster', async () => {
    const home = await world.account();
    const first = await world.cluster(home);
    const profile = await world.profile(home);
    const addRule = (conditions: readonly Wire[]) =>
      world.expect(201, 'POST', `/v1/profiles/${profile.id}/rules`, { token: home.owner, body: { type: 'Profile-CR', conditions } });
    const register = async () => world.expect(201, 'POST', PATH, { token: home.owner, body: await world.clusterBody(home) });
    const namespace = { claim: 'namespace', operator: 'EQUALS', value: 'default' };
    await addRule([namespace, { claim: 'service_instance', operator: 'EQUALS', value: first.id }]);
    assert.doesNotMatch((await register()).headers.get('podpass-warning') ?? '', /rules_reach_cluster/);
    await addRule([namespace]);
    const { headers } = await register();
    assert.match(headers.get('podpass-warning') ?? '', /rules_reach_cluster; 1 claim rules of the account/);
    const [event] = await world.events(home, headers.get('x-request-id') ?? '');
    assert.ok(event.data.warnings.some((text: string) => /claim rules of the account name no cluster/.test(text)));
  });

  it('refuses issuers without audiences, without issuers, and one issuer twice', async () => {
    const issuer = new TestIssuer();
    await refused({ issuers: [{ issuer: issuer.issuer, audiences: [] }] }, { issuer });
    await refused({ issuers: [{ issuer: issuer.issuer }] }, { issuer });
    await refused({ issuers: [] }, { issuer });
    const own = { issuer: issuer.issuer, audiences: ['vault'] };
    await refused({ issuers: [own, own] }, { issuer });
  });

  it('refuses weak keys, private keys, symmetric keys and empty key sets', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const { issuer } = new TestIssuer();
    const sets = [
      { keys: [{ ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256', use: 'sig' }] },
      { keys: [] },
      { keys: [{ kty: 'oct', k: 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0', kid: 'shared', alg: 'HS256' }] },
    ];
    for (const jwks of sets) await refused({ trust: { mode: 'jwks', jwks } }, { issuer: new TestIssuer(issuer) });
    await refused({ trust: { mode: 'jwks' } });
    await refused({ trust: { mode: 'guess' } });
    const own = new TestIssuer();
    const pasted = { ...own.privateKey.export({ format: 'jwk' }), kid: own.kid, alg: 'RS256', use: 'sig' };
    const { message, details } = await refused({ trust: { mode: 'jwks', jwks: { keys: [pasted] } } }, { issuer: own });
    assert.match(`${message} ${details}`, /private/);
    assert.ok(!`${message} ${details}`.includes(String(pasted.d)));
  });

  it('refuses the CRN of another account, of another service and with an id that is none', async () => {
    const other = await world.account();
    const id = 'cbsqftpt0thsm9b20hig';
    const own = `crn:v1:bluemix:public:containers-kubernetes:eu-de:a/${account.id}:${id}::`;
    await refused({ crn: own.replace(account.id, other.id) });
    await refused({ crn: own.replace('containers-kubernetes', 'kms') });
    await refused({ crn: own.replace('eu-de', 'us-south') });
    await refused({ crn: own, id: 'cbsqftpt0thsm9b20hih' });
    for (const bad of ['*', 'UPPER', 'a/b', 'short']) await refused({ crn: own.replace(id, bad) });
    const { body } = await world.cluster(account, { crn: own.replace(/::$/, '') });
    assert.deepEqual([body.crn, body.id], [own, id]);
  });

  it('never gives an id or a CRN again', async () => {
    const id = randomUUID().replaceAll('-', '');
    const cluster = await world.cluster(account, { id });
    for (const region of ['eu-de', 'us-south']) await refused({ id, region }, { status: 409 });
    const other = await world.account();
    await world.expect(409, 'POST', PATH, { token: other.owner, body: await world.clusterBody(other, { id }) });
    await world.expect(204, 'DELETE', `${PATH}/${cluster.id}`, { token: account.owner });
    await refused({ id }, { status: 409, issuer: cluster.issuer });
    await refused({ crn: cluster.crn }, { status: 409 });
    const elsewhere = await world.clusterBody(account, { id: cluster.id, region: 'us-south' }, cluster.issuer);
    assert.equal(
      (await world.call('POST', '/podpass/v1/clusters', { token: account.owner, body: elsewhere })).status,
      409,
      'in another region',
    );
    const again = await world.cluster(account, {}, cluster.issuer);
    assert.notEqual(again.id, cluster.id);
  });

  it('refuses a name that is taken or that is none', async () => {
    const { name } = await world.cluster(account);
    const body = await world.clusterBody(account, { name });
    await world.expect(409, 'POST', PATH, { token: account.owner, body });
    await world.cluster(await world.account(), { name });
    for (const bad of ['', '1st', 'with space', 'n'.repeat(33)]) await refused({ name: bad });
  });
});

describe('clusters that share an issuer', () => {
  it('are told apart by their keys, where namespace and service account are the same', async () => {
    const stock = 'https://kubernetes.default.svc.cluster.local';
    const other = await world.account();
    const [mine, theirs] = [new TestIssuer(stock, 'same-kid'), new TestIssuer(stock, 'same-kid')];
    const here = await world.cluster(account, {}, mine);
    const there = await world.cluster(other, {}, theirs);
    const [ours, foreign] = [await world.profile(account), await world.profile(other)];
    await world.link(account, ours.id, here.crn);
    await world.link(other, foreign.id, there.crn);
    assert.equal((await world.crToken(mine.token(), { profile_id: ours.id })).status, 200);
    assert.equal((await world.crToken(theirs.token(), { profile_id: foreign.id })).status, 200);
    for (const [issuer, profile] of [
      [mine, foreign],
      [theirs, ours],
    ] as const) {
      const reply = await world.crToken(issuer.token(), { profile_id: profile.id });
      assert.deepEqual([reply.status, reply.body.errorCode], [400, 'BXNIM0398E']);
    }
    const stranger = await world.crToken(new TestIssuer(stock, 'same-kid').token(), { profile_id: ours.id });
    assert.deepEqual([stranger.status, stranger.body.errorCode], [400, 'BXNIM0405E']);
  });

  it('are so many at most that no key is pushed out of those that a token is tried against', async () => {
    const issuer = `https://${randomUUID()}.example`;
    const first = new TestIssuer(issuer, 'same-kid');
    const trusted = await world.cluster(account, {}, first);
    const profile = await world.profile(account);
    await world.link(account, profile.id, trusted.crn);
    const other = await world.account();
    for (let number = 2; number <= 4; number += 1) await world.cluster(other, {}, new TestIssuer(issuer, 'same-kid'));
    const fifth = new TestIssuer(issuer, 'same-kid');
    const reply = await world.call('POST', PATH, { token: other.owner, body: await world.clusterBody(other, {}, fifth) });
    assert.equal(reply.status, 409, reply.text);
    await world.cluster(other, {}, new TestIssuer(issuer, 'another-kid'));
    assert.equal((await world.crToken(first.token(), { profile_id: profile.id })).status, 200);
  });
});
