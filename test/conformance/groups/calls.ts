/** Groups, members, rules and sign-ins that the checks start from, made over the API by an account's owner. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { CallOptions, Reply, TestAccount, Wire, World } from '../../support/world.ts';

export const REALM = 'https://idp.example/sso';

type Members = Readonly<Record<string, unknown>>;

/** A condition as IBM's clients send it: the value is JSON in a text. */
export const when = (claim: string, operator: string, value: unknown): Wire => ({ claim, operator, value: JSON.stringify(value) });

export function createCalls(world: World, account: TestAccount) {
  const asOwner = (body?: unknown, headers: Readonly<Record<string, string>> = {}): CallOptions => ({
    token: account.owner,
    body,
    headers,
  });

  return {
    asOwner,
    list: `/v2/groups?account_id=${account.id}`,

    /** The path of a new group. */
    async group(): Promise<string> {
      return `/v2/groups/${(await world.group(account)).id}`;
    },

    /** Adds members of whatever types; the items of the reply. */
    async add(group: string, ...iamIds: readonly string[]): Promise<Wire[]> {
      const members = iamIds.map((iam_id) => ({ iam_id, type: typeOf(iam_id) }));
      return (await world.expect(207, 'PUT', `${group}/members`, asOwner({ members }))).body.members;
    },

    /** The ids that a list of members names. */
    async members(group: string, query = ''): Promise<string[]> {
      const { body } = await world.expect(200, 'GET', `${group}/members?${query}`, asOwner());
      return body.members.map((member: Wire) => member.iam_id);
    },

    async rule(group: string, conditions: readonly Wire[], members: Members = {}): Promise<Wire> {
      const body = { name: 'rule', expiration: 12, realm_name: REALM, conditions, ...members };
      return (await world.expect(201, 'POST', `${group}/rules`, asOwner(body))).body;
    },

    /** A user of the account signs in with the identity provider; the groups that this gives. */
    async signIn(iamId: string, claims: unknown, realm = REALM): Promise<Wire[]> {
      const body = { iam_id: iamId, realm_name: realm, claims };
      const path = `/podpass/v1/accounts/${account.id}/logins`;
      return (await world.expect(201, 'POST', path, { token: world.admin, body })).body.groups;
    },

    async serviceId(): Promise<Wire> {
      const body = { account_id: account.id, name: `service ${randomUUID().slice(0, 8)}` };
      return (await world.expect(201, 'POST', '/v1/serviceids', asOwner(body))).body;
    },

    /** A user with roles on access groups. */
    async userWith(role: string, resource: Readonly<Record<string, string>> = {}) {
      const user = await world.user(account.id);
      await world.policy(account, user.iamId, [role], { serviceName: 'iam-groups', ...resource });
      return user;
    },
  };
}

const typeOf = (iamId: string): string => {
  if (iamId.startsWith('iam-Profile-')) return 'profile';
  return iamId.startsWith('iam-ServiceId-') ? 'service' : 'user';
};

/** The error of a reply in the envelope of this API, which is checked. */
export function errorOf(reply: Reply<Wire>): Wire {
  assert.equal(reply.body.status_code, reply.status);
  assert.equal(reply.body.trace, reply.headers.get('transaction-id'));
  assert.equal(reply.body.errors.length, 1);
  assert.match(reply.body.errors[0].message, /\.$/);
  return reply.body.errors[0];
}

/** Insists on a refusal with this status and code; answers its error. */
export async function refused(
  world: World,
  status: number,
  code: string,
  method: string,
  path: string,
  options: CallOptions,
): Promise<Wire> {
  const error = errorOf(await world.expect(status, method, path, options));
  assert.equal(error.code, code, error.message);
  return error;
}

export const statusesOf = (items: readonly Wire[]): number[] => items.map((item) => item.status_code);
