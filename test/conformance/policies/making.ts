/** Policies of either API version as the checks of the contract start from them, and what is asked of their replies. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type CallOptions, type Reply, ROLE, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';

export type Members = Readonly<Record<string, unknown>>;

/** An attribute of version 1. */
export const attribute = (name: string, value: string, operator?: string) => ({ name, value, ...(operator !== undefined && { operator }) });

/** A clause of version 2. */
export const clause = (key: string, value: unknown, operator = 'stringEquals') => ({ key, operator, value });

/** A policy of version 1 for a user or a group: Viewer on an instance of kms that no other policy names. */
export function bodyV1(accountId: string, subject: string, members: Members = {}): Wire {
  const name = subject.startsWith('AccessGroupId-') ? 'access_group_id' : 'iam_id';
  return {
    type: 'access',
    subjects: [{ attributes: [attribute(name, subject)] }],
    roles: [{ role_id: ROLE('Viewer') }],
    resources: [
      { attributes: [attribute('accountId', accountId), attribute('serviceName', 'kms'), attribute('serviceInstance', randomUUID())] },
    ],
    ...members,
  };
}

/** The same in version 2. */
export function bodyV2(accountId: string, subject: string, members: Members = {}): Wire {
  const key = subject.startsWith('AccessGroupId-') ? 'access_group_id' : 'iam_id';
  return {
    type: 'access',
    control: { grant: { roles: [{ role_id: ROLE('Viewer') }] } },
    subject: { attributes: [clause(key, subject)] },
    resource: { attributes: [clause('accountId', accountId), clause('serviceName', 'kms'), clause('serviceInstance', randomUUID())] },
    ...members,
  };
}

/** The policy of the contract's first row: Viewer on all IAM-enabled services, with one tag, operators written out. */
export function taggedV1(accountId: string, subject: string): Wire {
  return bodyV1(accountId, subject, {
    resources: [
      {
        attributes: [attribute('accountId', accountId, 'stringEquals'), attribute('serviceType', 'service', 'stringEquals')],
        tags: [attribute('project', 'prototype', 'stringEquals')],
      },
    ],
  });
}

const environment = (name: string) => `{{environment.attributes.${name}}}`;

/** A condition on the instant. */
export const when = (name: string, operator: string, value: unknown) => ({ key: environment(name), operator, value });

/** Monday to Friday from nine to five, as IBM's own suite writes it. */
export const OFFICE_HOURS = {
  pattern: 'time-based-conditions:weekly:custom-hours',
  rule: {
    operator: 'and',
    conditions: [
      when('day_of_week', 'dayOfWeekAnyOf', ['1+00:00', '2+00:00', '3+00:00', '4+00:00', '5+00:00']),
      when('current_time', 'timeGreaterThanOrEquals', '09:00:00+00:00'),
      when('current_time', 'timeLessThanOrEquals', '17:00:00+00:00'),
    ],
  },
} as const;

/** What a client sends of a policy that it read. */
export function tagOf(reply: Reply<Wire>): string {
  const tag = reply.headers.get('etag') ?? '';
  assert.match(tag, /^\d+-[0-9a-f]{32}$/);
  return tag;
}

/** Insists on a status and a code in the envelope of the policy family; the error. */
export function assertRefused(reply: Reply<Wire>, status: number, code: string): Wire {
  assert.equal(reply.status, status, reply.text);
  const { errors, status_code, trace } = reply.body;
  assert.deepEqual([errors[0].code, status_code, errors.length], [code, status, 1], reply.text);
  assert.equal(trace, reply.headers.get('transaction-id'));
  assert.match(errors[0].message, /^['A-Z].*\.$/s);
  return errors[0];
}

export interface PolicyCalls {
  create(version: 1 | 2, body: unknown, options?: CallOptions): Promise<Reply<Wire>>;
  /** Creates and insists on it; the policy. */
  made(version: 1 | 2, body: unknown): Promise<Wire>;
  get(version: 1 | 2, id: string, query?: string): Promise<Reply<Wire>>;
  put(version: 1 | 2, id: string, tag: string | undefined, body: unknown): Promise<Reply<Wire>>;
  setState(id: string, state: unknown, tag?: string): Promise<Reply<Wire>>;
  remove(version: 1 | 2, id: string): Promise<Reply<Wire>>;
  /** A page of a list; insists on 200. */
  list(version: 1 | 2, query?: string): Promise<Wire>;
}

/** Calls with one token on the policies of an account. */
export function createPolicyCalls(world: World, account: TestAccount, token = account.owner): PolicyCalls {
  const create: PolicyCalls['create'] = (version, body, options) =>
    world.call('POST', `/v${version}/policies`, { token, body, ...options });
  const ifMatch = (tag: string | undefined) => (tag === undefined ? {} : { headers: { 'if-match': tag } });
  return {
    create,
    async made(version, body) {
      const reply = await create(version, body);
      assert.equal(reply.status, 201, reply.text);
      return reply.body;
    },
    get: (version, id, query = '') => world.call('GET', `/v${version}/policies/${id}${query}`, { token }),
    put: (version, id, tag, body) => world.call('PUT', `/v${version}/policies/${id}`, { token, body, ...ifMatch(tag) }),
    setState: (id, state, tag = '*') => world.call('PATCH', `/v1/policies/${id}`, { token, body: { state }, ...ifMatch(tag) }),
    remove: (version, id) => world.call('DELETE', `/v${version}/policies/${id}`, { token }),
    async list(version, query = '') {
      return (await world.expect(200, 'GET', `/v${version}/policies?account_id=${account.id}${query}`, { token })).body;
    },
  };
}

/** A user of the account with these roles on these resources. */
export async function userWith(
  world: World,
  account: TestAccount,
  ...policies: readonly (readonly [role: string, resource: Readonly<Record<string, string>>])[]
): Promise<TestUser> {
  const user = await world.user(account.id);
  for (const [role, resource] of policies) await world.policy(account, user.iamId, [role], resource);
  return user;
}

/** The ids of the policies on a page. */
export const ids = (page: Wire): string[] => page.policies.map(({ id }: Wire) => id);
