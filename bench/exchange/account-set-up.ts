/** What exchanges need, made over the API as an administrator makes it: an account, a cluster with a proof, a profile and a link. */
import { randomUUID } from 'node:crypto';
import { TestIssuer } from '../../test/support/world.ts';
import { login, makeAccount, makeOverApi } from '../account-owner.ts';

const NAMESPACE = 'bench';
const SERVICE_ACCOUNT = 'worker';

export interface ExchangeSubject {
  readonly profileId: string;
  /** A token of a pod that no other token is for. */
  mintPodToken(number: number): string;
}

export async function setUpSubject(url: string, firstApiKey: string): Promise<ExchangeSubject> {
  const account = await makeAccount(url, firstApiKey);
  const owner = await login(url, account.ownerApiKey);
  const make = (path: string, token: string, body: unknown) => makeOverApi(url, path, token, body);

  const issuer = new TestIssuer();
  const registration = await make('/podpass/v1/clusters/registrations', owner, { account_id: account.id });
  const cluster = await make('/podpass/v1/clusters', owner, {
    account_id: account.id,
    name: 'bench',
    type: 'openshift',
    version: '4.16.2_1544_openshift',
    created_version: '4.16.2',
    region: 'eu-de',
    issuers: [{ issuer: issuer.issuer, audiences: ['vault', 'iam'] }],
    trust: { mode: 'jwks', jwks: issuer.jwks },
    proofs: [issuer.token({ audience: registration.audience, expiresIn: 600 })],
  });
  const profile = await make('/v1/profiles', owner, { name: 'bench', account_id: account.id });
  const link = { crn: cluster.crn, namespace: NAMESPACE, name: SERVICE_ACCOUNT };
  await make(`/v1/profiles/${profile.id}/links`, owner, { cr_type: 'ROKS_SA', link });

  const serviceAccount = { name: SERVICE_ACCOUNT, uid: randomUUID() };
  return {
    profileId: profile.id,
    mintPodToken(number) {
      const pod = { name: `worker-${number}`, uid: randomUUID() };
      const claim = { namespace: NAMESPACE, node: { name: '10.0.0.7', uid: randomUUID() }, pod, serviceaccount: serviceAccount };
      return issuer.token({ namespace: NAMESPACE, serviceAccount: SERVICE_ACCOUNT, claims: { 'kubernetes.io': claim } });
    },
  };
}
