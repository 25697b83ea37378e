/** An account and its owner, made over the API as an administrator makes them. */
import { call, type Wire } from '../test/support/world.ts';

const APIKEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';
export const OWNER_IAM_ID = 'IBMid-bench-owner';

export interface OwnedAccount {
  readonly id: string;
  readonly ownerApiKey: string;
}

/** Makes something and insists that it was made. */
export async function makeOverApi(url: string, path: string, token: string, body: unknown): Promise<Wire> {
  const reply = await call(url, 'POST', path, { token, body });
  if (reply.status !== 201) throw new Error(`POST ${path}: expected 201, got ${reply.status}: ${reply.text}`);
  return reply.body;
}

/** An access token for an API key. */
export async function login(url: string, apikey: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: APIKEY_GRANT, apikey }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const reply = await call(url, 'POST', '/identity/token', { body, headers });
  if (reply.status !== 200) throw new Error(`The login with an API key failed: ${reply.text}`);
  return reply.body.access_token;
}

/** Makes an administrator with the first API key of the installation, and as this one an account. */
export async function makeAccount(url: string, firstApiKey: string): Promise<OwnedAccount> {
  const body = { iam_id: 'IBMid-bench', name: 'Bench' };
  const administrator = await makeOverApi(url, '/podpass/v1/administrators', await login(url, firstApiKey), body);
  const admin = await login(url, administrator.apikey);
  const account = await makeOverApi(url, '/podpass/v1/accounts', admin, { name: 'bench', owner_iam_id: OWNER_IAM_ID });
  const keys = `/podpass/v1/accounts/${account.id}/users/${OWNER_IAM_ID}/apikeys`;
  const { apikey } = await makeOverApi(url, keys, admin, { name: 'bench' });
  return { id: account.id, ownerApiKey: apikey };
}
