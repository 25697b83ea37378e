/** The claims of access tokens, as IBM Cloud IAM's clients read them. */
import { realmOf, type User } from '../identity/accounts/account.ts';
import { type Profile, profileIamId } from '../identity/profiles/profile.ts';
import { type ServiceId, serviceIdIamId } from '../identity/service-ids/service-id.ts';
import type { PodIdentity } from './cr-token.ts';
import { trustIds } from './match.ts';
import type { Trust } from './match-checks.ts';

export const DEFAULT_SCOPE = 'ibm openid';

export interface IssueContext {
  readonly issuer: string;
  readonly nowSeconds: number;
  readonly tokenId: string;
  readonly scope: string;
  readonly clientId: string;
  readonly grantType: string;
}

const common = (context: IssueContext, lifetimeSeconds: number) => ({
  iat: context.nowSeconds,
  exp: context.nowSeconds + lifetimeSeconds,
  iss: context.issuer,
  grant_type: context.grantType,
  scope: context.scope,
  client_id: context.clientId,
});

/**
 * Claims of a trusted profile that a pod assumed. `podpass` is an addition that clients ignore: what the token was
 * given for, so that it can be refused when that ends.
 */
export function profileClaims(context: IssueContext, profile: Profile, pod: PodIdentity, by: Trust, lifetimeSeconds: number) {
  const iamId = profileIamId(profile.id);
  return {
    iam_id: iamId,
    id: iamId,
    realmid: 'iam',
    jti: context.tokenId,
    identifier: profile.id,
    name: profile.name,
    sub: profile.id,
    sub_type: 'Profile',
    authn: { sub: pod.cluster.crn, iam_id: `crn-${pod.cluster.crn}`, sub_type: 'ComputeResource', name: pod.identifier },
    account: { boundary: 'global', valid: true, bss: profile.accountId },
    ...common(context, lifetimeSeconds),
    podpass: {
      cluster: pod.cluster.id,
      namespace: pod.namespace,
      service_account: pod.serviceAccount,
      ...(pod.podUid !== undefined && { pod_uid: pod.podUid }),
      ...trustIds(by),
      root: context.tokenId,
    },
  };
}

/** Claims of a user who signed in with an API key. */
export function userClaims(context: IssueContext, user: User, apiKeyId: string, lifetimeSeconds: number) {
  const [givenName = user.name, ...familyNames] = user.name.split(' ');
  const realm = realmOf(user.iamId);
  const sub = user.email || user.iamId;
  const person = { name: user.name, given_name: givenName, family_name: familyNames.join(' '), email: user.email };
  return {
    iam_id: user.iamId,
    id: user.iamId,
    realmid: realm,
    jti: context.tokenId,
    identifier: user.iamId.slice(realm.length + 1) || user.iamId,
    ...person,
    sub,
    authn: { sub, iam_id: user.iamId, ...person },
    account: { valid: true, bss: user.accountId },
    ...common(context, lifetimeSeconds),
    ...byApiKey(apiKeyId),
  };
}

/** Claims of a service ID that signed in with an API key. */
export function serviceIdClaims(context: IssueContext, serviceId: ServiceId, apiKeyId: string, lifetimeSeconds: number) {
  const iamId = serviceIdIamId(serviceId.id);
  const subject = { name: serviceId.name, sub: serviceId.id, sub_type: 'ServiceId' };
  return {
    iam_id: iamId,
    id: iamId,
    realmid: 'iam',
    jti: context.tokenId,
    identifier: serviceId.id,
    ...subject,
    authn: { ...subject, iam_id: iamId },
    account: { valid: true, bss: serviceId.accountId },
    ...common(context, lifetimeSeconds),
    ...byApiKey(apiKeyId),
  };
}

/** What a token says of the key that its subject signed in with. */
const byApiKey = (apiKeyId: string) => ({ acr: 1, amr: ['pwd'], apikey_uuid: apiKeyId });
