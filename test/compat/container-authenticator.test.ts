/** The authenticators of IBM's Node SDK core, unmodified, against a Podpass. */
import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { ContainerAuthenticator, IamAuthenticator } from 'ibm-cloud-sdk-core';
import { claimsOf, startWorld, type TestAccount, type TestCluster, type Wire, type World } from '../support/world.ts';

const ACCESS_TOKEN_SECONDS = 3600;

describe('the Node SDK', () => {
  let world: World;
  let account: TestAccount;
  let cluster: TestCluster;
  let profile: Wire;
  let crTokenFilename: string;
  /** Paths that the SDK asked for; it speaks through node:http, which the helpers of these tests do not. */
  let requests: string[];
  const onRequest = (message: unknown) => void requests.push((message as { request: { path: string } }).request.path);

  before(async () => {
    world = await startWorld();
    account = await world.account();
    cluster = await world.cluster(account);
    profile = await world.profile(account, 'the SDK profile');
    await world.link(account, profile.id, cluster.crn);
    await world.policy(account, profile.iam_id, ['crn:v1:bluemix:public:iam::::role:Viewer'], { serviceName: 'iam-identity' });
    crTokenFilename = join(world.dir, 'vault-token');
    diagnostics.subscribe('http.client.request.start', onRequest);
  });

  after(async () => {
    diagnostics.unsubscribe('http.client.request.start', onRequest);
    await world[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    requests = [];
    writeFileSync(crTokenFilename, `${cluster.issuer.token()}\n`);
  });

  afterEach(() => mock.timers.reset());

  const tokenOf = async (authenticator: ContainerAuthenticator | IamAuthenticator): Promise<string> => {
    const request: { headers: Record<string, string> } = { headers: {} };
    await authenticator.authenticate(request);
    const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.Authorization ?? '') ?? [];
    return token;
  };

  for (const suffix of ['', '/', '/identity/token']) {
    for (const by of ['id', 'name', 'id and name']) {
      it(`gets a pod its token with AUTH_URL = address${suffix}, profile by ${by}, a newline at the end of the file`, async () => {
        const token = await tokenOf(
          new ContainerAuthenticator({
            url: world.url + suffix,
            crTokenFilename,
            ...(by.includes('id') && { iamProfileId: profile.id as string }),
            ...(by.includes('name') && { iamProfileName: profile.name as string }),
          }),
        );
        assert.deepEqual(requests, ['/identity/token']);
        assert.equal(claimsOf(token).iam_id, profile.iam_id);
        const read = await world.expect(200, 'GET', `/v1/profiles/${profile.id}`, { token });
        assert.equal(read.body.name, profile.name);
        await world.expect(403, 'DELETE', `/v1/profiles/${profile.id}`, { token });
      });
    }
  }

  it('asks once for many callers, and not again while 80 % of the life of the token are not over', async () => {
    const authenticator = new ContainerAuthenticator({ url: world.url, crTokenFilename, iamProfileId: profile.id });
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => tokenOf(authenticator)));
    for (const other of others) assert.equal(other, first);
    const started = Date.now();
    mock.timers.enable({ apis: ['Date'], now: started + (ACCESS_TOKEN_SECONDS * 0.8 - 60) * 1000 });
    assert.equal(await tokenOf(authenticator), first);
    assert.deepEqual(requests, ['/identity/token']);
  });

  it('asks again after 80 %, in the background, and has a new token then', async () => {
    const authenticator = new ContainerAuthenticator({ url: world.url, crTokenFilename, iamProfileId: profile.id });
    const first = await tokenOf(authenticator);
    mock.timers.enable({ apis: ['Date'], now: Date.now() + (ACCESS_TOKEN_SECONDS * 0.8 + 60) * 1000 });
    assert.equal(await tokenOf(authenticator), first, 'the old token is used as long as it is valid');
    let next = first;
    while (next === first) {
      await new Promise((resolve) => setImmediate(resolve));
      next = await tokenOf(authenticator);
    }
    assert.deepEqual(requests, ['/identity/token', '/identity/token']);
    assert.equal(claimsOf(next).iam_id, profile.iam_id);
    assert.notEqual(claimsOf(next).jti, claimsOf(first).jti);
  });

  it('reads the file anew for every request, as rotation by a kubelet needs', async () => {
    const authenticator = new ContainerAuthenticator({ url: world.url, crTokenFilename, iamProfileId: profile.id });
    writeFileSync(crTokenFilename, 'half a tok');
    await assert.rejects(tokenOf(authenticator));
    writeFileSync(crTokenFilename, `${cluster.issuer.token()}\n`);
    const fresh = new ContainerAuthenticator({ url: world.url, crTokenFilename, iamProfileId: profile.id });
    assert.equal(claimsOf(await tokenOf(fresh)).iam_id, profile.iam_id);
  });

  it('gives the caller the status and the code of a refusal', async () => {
    const stranger = await world.profile(account, 'not linked');
    const authenticator = new ContainerAuthenticator({ url: world.url, crTokenFilename, iamProfileId: stranger.id });
    await assert.rejects(tokenOf(authenticator), (error: Wire) => {
      assert.equal(error.status, 400);
      assert.equal(error.result?.errorCode ?? JSON.parse(error.body).errorCode, 'BXNIM0398E');
      return true;
    });
  });

  it('signs a user in with an API key', async () => {
    const token = await tokenOf(new IamAuthenticator({ apikey: account.ownerApiKey, url: world.url }));
    assert.equal(claimsOf(token).iam_id, account.ownerIamId);
    await world.expect(200, 'GET', `/v1/profiles?account_id=${account.id}`, { token });
  });

  it('tells a user with a wrong API key so', async () => {
    const authenticator = new IamAuthenticator({ apikey: 'no-such-key', url: world.url });
    await assert.rejects(tokenOf(authenticator), (error: Wire) => {
      assert.equal(error.status, 400);
      assert.equal(error.result?.errorCode ?? JSON.parse(error.body).errorCode, 'BXNIM0415E');
      return true;
    });
  });
});
