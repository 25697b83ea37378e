/** A profile made over the management SDK and used by a pod through the SDK core: what the one writes is what the other is let in by. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ContainerAuthenticator } from 'ibm-cloud-sdk-core';
import { claimsOf, type TestCluster, type Wire } from '../../support/world.ts';
import { NAMES } from './clean-up.ts';
import { refusal, type Suite, startSuite } from './suite.ts';

describe("a pod with a profile made over IBM's Node SDK", () => {
  let suite: Suite;
  let cluster: TestCluster;
  let profileId: string;
  let crTokenFilename: string;

  before(async () => {
    suite = await startSuite();
    cluster = await suite.world.cluster(suite.account);
    profileId = (await suite.identity.createProfile({ name: NAMES.profiles[0], accountId: suite.accountId })).result.id;
    crTokenFilename = join(suite.world.dir, 'vault-token');
  });
  after(() => suite[Symbol.asyncDispose]());

  /** An access token for a pod of the service account, as the SDK core's authenticator fetches it. */
  async function signIn(namespace: string, serviceAccount: string): Promise<string> {
    writeFileSync(crTokenFilename, cluster.issuer.token({ namespace, serviceAccount }));
    const request: { headers: Record<string, string> } = { headers: {} };
    await new ContainerAuthenticator({ url: suite.world.url, crTokenFilename, iamProfileId: profileId }).authenticate(request);
    return request.headers.Authorization?.replace('Bearer ', '') ?? '';
  }

  const notEligible = (error: Wire): true => {
    assert.equal(error.status, 400);
    assert.equal(error.result.errorCode, 'BXNIM0398E');
    return true;
  };

  it('is not let in before anything trusts it', async () => {
    await assert.rejects(signIn('shop', 'web'), notEligible);
  });

  it('is let in by a claim rule, and not any more when the rule is deleted', async () => {
    const { identity } = suite;
    const conditions = [
      { claim: 'namespace', operator: 'EQUALS', value: '"shop"' },
      { claim: 'name', operator: 'IN', value: '["web","job"]' },
    ];
    const { result: rule } = await identity.createClaimRule({ profileId, type: 'Profile-CR', crType: 'ROKS_SA', conditions });
    const token = await signIn('shop', 'web');
    assert.equal(claimsOf(token).iam_id, `iam-${profileId}`);
    await assert.rejects(signIn('shop', 'default'), notEligible);
    await assert.rejects(signIn('other', 'web'), notEligible);
    assert.equal((await identity.deleteClaimRule({ profileId, ruleId: rule.id })).status, 204);
    await assert.rejects(signIn('shop', 'web'), notEligible);
  });

  it('is let in by what a replaced rule says, not by what it said', async () => {
    const { identity } = suite;
    const of = (value: string) => ({
      type: 'Profile-CR',
      crType: 'IKS_SA',
      conditions: [{ claim: 'namespace', operator: 'EQUALS', value }],
    });
    const { result: rule } = await identity.createClaimRule({ profileId, ...of('shop') });
    await signIn('shop', 'web');
    await identity.updateClaimRule({ profileId, ruleId: rule.id, ifMatch: rule.entity_tag, ...of('bank') });
    await assert.rejects(signIn('shop', 'web'), notEligible);
    await signIn('bank', 'web');
    await identity.deleteClaimRule({ profileId, ruleId: rule.id });
  });

  it('is let in by a link, and not any more when the link is deleted', async () => {
    const { identity } = suite;
    const link = { crn: cluster.crn, namespace: 'shop', name: 'web' };
    const { result: made } = await identity.createLink({ profileId, crType: 'ROKS_SA', link });
    const token = await signIn('shop', 'web');
    assert.equal(claimsOf(token).iam_id, `iam-${profileId}`);
    assert.equal(claimsOf(token).authn.sub, cluster.crn);
    await assert.rejects(signIn('shop', 'job'), notEligible);
    assert.equal((await identity.deleteLink({ profileId, linkId: made.id })).status, 204);
    await assert.rejects(signIn('shop', 'web'), notEligible);
  });

  it('leaves its activity, and keeps its token without the right to anything', async () => {
    const { identity, world } = suite;
    const link = { crn: cluster.crn, namespace: 'shop', name: 'web' };
    await identity.createLink({ profileId, crType: 'ROKS_SA', link });
    const token = await signIn('shop', 'web');
    const { activity } = (await identity.getProfile({ profileId, includeActivity: true })).result;
    assert.ok(activity && activity.authn_count > 0 && activity.last_authn);
    assert.equal((await world.call('GET', `/v1/profiles/${profileId}`, { token })).status, 403);
    assert.equal((await identity.deleteProfile({ profileId })).status, 204);
    await assert.rejects(signIn('shop', 'web'), notEligible);
    await assert.rejects(identity.listLinks({ profileId }), refusal(404));
  });
});
