/** Service IDs, API keys and enterprises that the identity checks start from, made over the API. */
import { randomUUID } from 'node:crypto';
import type { Reply, TestAccount, TestUser, Wire, World } from '../../support/world.ts';

type Members = Readonly<Record<string, unknown>>;

/** A service ID made by the account's owner; `members` are members of its body. */
export async function makeServiceId(world: World, account: TestAccount, members: Members = {}): Promise<Wire> {
  const body = { account_id: account.id, name: `service ${randomUUID().slice(0, 8)}`, ...members };
  return (await world.expect(201, 'POST', '/v1/serviceids', { token: account.owner, body })).body;
}

/** An API key of a user or a service ID, made with this token; `members` are members of its body. */
export async function makeApiKey(world: World, token: string, iamId: string, members: Members = {}): Promise<Wire> {
  const body = { name: `key ${randomUUID().slice(0, 8)}`, iam_id: iamId, ...members };
  return (await world.expect(201, 'POST', '/v1/apikeys', { token, body })).body;
}

/** A service ID with an API key, signed in. */
export async function makeSignedInServiceId(world: World, account: TestAccount): Promise<TestUser> {
  const serviceId = await makeServiceId(world, account, { apikey: { name: 'own' } });
  const { apikey } = serviceId.apikey;
  return { iamId: serviceId.iam_id, apikey, token: await world.login(apikey) };
}

/** A user of the account with roles on the identity service. */
export async function makeUserWith(world: World, account: TestAccount, ...roles: readonly string[]): Promise<TestUser> {
  const user = await world.user(account.id);
  await world.policy(account, user.iamId, roles, { serviceName: 'iam-identity' });
  return user;
}

/** An account of a given owner, below a parent where one is named. */
export async function makeAccount(world: World, ownerIamId: string, parentAccountId?: string): Promise<TestAccount> {
  const body = {
    name: `account ${randomUUID().slice(0, 8)}`,
    owner_iam_id: ownerIamId,
    ...(parentAccountId !== undefined && { parent_account_id: parentAccountId }),
  };
  const { id } = (await world.expect(201, 'POST', '/podpass/v1/accounts', { token: world.admin, body })).body;
  const ownerApiKey = await world.apiKey(id, ownerIamId);
  return { id, ownerIamId, ownerApiKey, owner: await world.login(ownerApiKey) };
}

export interface Enterprise {
  readonly root: TestAccount;
  readonly child: TestAccount;
}

/** A root account and a child of it, with one owner, who sees both with the token of either. */
export async function makeEnterprise(world: World): Promise<Enterprise> {
  const ownerIamId = `IBMid-enterprise-${randomUUID().slice(0, 8)}`;
  const root = await makeAccount(world, ownerIamId);
  return { root, child: await makeAccount(world, ownerIamId, root.id) };
}

/** Sets account settings over whatever is there. */
export function setAccountSettings(world: World, account: TestAccount, body: Members): Promise<Reply<Wire>> {
  const path = `/v1/accounts/${account.id}/settings/identity`;
  return world.expect(200, 'PUT', path, { token: account.owner, headers: { 'if-match': '*' }, body });
}

/** Follows `next` of a list reply to the last page; the pages, the first included. */
export async function walkPages(world: World, token: string, first: Wire): Promise<Wire[]> {
  const pages = [first];
  for (let page = first; page.next !== undefined; pages.push(page)) {
    const { pathname, search } = new URL(page.next);
    page = (await world.expect(200, 'GET', pathname + search, { token })).body;
  }
  return pages;
}

/** The page token in the `next` link of a list reply. */
export const nextPageToken = (body: Wire): string => new URL(body.next).searchParams.get('pagetoken') ?? '';
