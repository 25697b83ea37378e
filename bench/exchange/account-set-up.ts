/** What exchanges need, made over the API as an administrator makes it: an account, a cluster with a proof, a profile and a link. */
import { randomUUID } from 'node:crypto';
import { call, TestIssuer } from '../../test/support/world.ts';

const NAMESPACE = 'bench';
const SERVICE_ACCOUNT = 'worker';
const APIKEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';

export interface ExchangeSubject {
  readonly profileId: string;
  /** A token of a pod that no other token is for. */
  mintPodToken(number: number): string;
}

export async function setUpAccount(url: string, firstApiKey: string): Promise<ExchangeSubject> {
  const make = async (path: string, token: string, body: unknown) => {
    const reply = await call(url, 'POST', path, { token, body });
    if (reply.status !== 201) throw new Error(`POST ${path}: expected 201, got ${reply.status}: ${reply.text}`);
    return reply.body;
  };
  const login = async (apikey: string): Promise<string> => {
    const body = new URLSearchParams({ grant_type: APIKEY_GRANT, apikey }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await call(url, 'POST', '/identity/token', { body, headers });
    if (reply.status !== 200) throw new Error(`The login with an API key failed: ${reply.text}`);
    return reply.body.access_token;
  };

  const administrator = await make('/podpass/v1/administrators', await login(firstApiKey), { iam_id: 'IBMid-bench', name: 'Bench' });
  const admin = await login(administrator.apikey);
  const ownerIamId = 'IBMid-bench-owner';
  const account = await make('/podpass/v1/accounts', admin, { name: 'bench', owner_iam_id: ownerIamId });
  const apiKey = await make(`/podpass/v1/accounts/${account.id}/users/${ownerIamId}/apikeys`, admin, { name: 'bench' });
  const owner = await login(apiKey.apikey);

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
