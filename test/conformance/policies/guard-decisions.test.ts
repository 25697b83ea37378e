/**
 * Rows of the decision table as Podpass itself decides them: whoever a row asks about signs in and does one of Podpass's own operations,
 * which the guard lets pass or refuses.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type DecisionRow, type DecisionWorld, type RequestRow, readDecisionTable, worldsOf } from '../../access/decision-table.ts';
import { type CallOptions, ROLE, SERVICE_ROLE, startWorld, type TestAccount, type World } from '../../support/world.ts';
import { CK } from './asking.ts';
import { Cast } from './decision-cast.ts';

let world: World;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

interface Stage {
  readonly cast: Cast;
  readonly account: TestAccount;
  readonly on: RequestRow['on'];
}

const fresh = (word: string) => `${word}${randomUUID().slice(0, 8)}`;

/** What each action is needed for, and nothing else is. */
const operations: ReadonlyMap<string, (stage: Stage) => Promise<Operation>> = new Map([
  [
    'iam-identity.profile.create',
    async ({ account }) => ({ method: 'POST', path: '/v1/profiles', body: { account_id: account.id, name: fresh('profile') } }),
  ],
  [
    'iam-identity.serviceid.create',
    async ({ account }) => {
      // Unless an account restricts it, every user may make service IDs.
      const settings = { restrict_create_service_id: 'RESTRICTED' };
      const path = `/v1/accounts/${account.id}/settings/identity`;
      await world.expect(200, 'PUT', path, { token: account.owner, body: settings, headers: { 'if-match': '*' } });
      return { method: 'POST', path: '/v1/serviceids', body: { account_id: account.id, name: fresh('service') } };
    },
  ],
  [
    'iam-identity.serviceid.get',
    async ({ cast }) => ({ method: 'GET', path: `/v1/serviceids/${(await cast.identity('S')).replace(/^iam-/, '')}` }),
  ],
  ['iam-groups.groups.read', async ({ account }) => ({ method: 'GET', path: `/v2/groups/${(await world.group(account)).id}` })],
  [
    'iam-access-management.customRole.create',
    async ({ account }) => {
      const words = { name: fresh('Role'), display_name: fresh('role') };
      const actions = ['iam-groups.groups.read'];
      return { method: 'POST', path: '/v2/roles', body: { ...words, account_id: account.id, service_name: 'iam-groups', actions } };
    },
  ],
  [
    `${CK}.cluster.create`,
    async ({ account }) => ({ method: 'POST', path: '/podpass/v1/clusters/registrations', body: { account_id: account.id } }),
  ],
  [
    `${CK}.cluster.read`,
    async ({ account, on }) => {
      const { region = 'eu-de', resourceGroupId, serviceInstance } = on;
      const id =
        serviceInstance ??
        (await world.cluster(account, { region, ...(resourceGroupId !== undefined && { resource_group_id: resourceGroupId }) })).id;
      return { method: 'GET', path: `/podpass/v1/clusters/${id}` };
    },
  ],
]);

/** The rows that such an operation asks: of a request without an instance, one of an instance that no policy names is narrower and answered alike. */
const ROWS = [
  ...[
    'D-01',
    'D-02',
    'D-03',
    'D-08',
    'D-12',
    'D-13',
    'D-15',
    'D-16',
    'D-19',
    'D-20',
    'D-21',
    'D-22',
    'D-23',
    'D-24',
    'D-25',
    'D-26',
    'D-28',
  ],
  ...['D-48', 'D-49', 'D-50', 'D-51'],
];

/** A region that a request does not name is one that a cluster has all the same, and to be linked takes rights on the cluster as well. */
const isAsked = (row: DecisionRow, { action, on }: RequestRow): boolean =>
  operations.has(action) &&
  !(row.row === 'D-28' && on.region === undefined) &&
  !(action.endsWith('.create') && on.serviceInstance !== undefined);

/** The row with real clusters in place of the instances that it names. */
async function withClusters(account: TestAccount, rows: DecisionWorld): Promise<DecisionWorld> {
  const clusters = new Map<string, string>();
  const idOf = async (name: string, resource_group_id?: string) => {
    const key = `${name}/${resource_group_id ?? ''}`;
    const id = clusters.get(key) ?? (await world.cluster(account, resource_group_id === undefined ? {} : { resource_group_id })).id;
    clusters.set(key, id);
    return id;
  };
  const policies = [];
  for (const policy of rows.policies) {
    const { serviceInstance } = policy.on;
    policies.push(
      typeof serviceInstance === 'string' ? { ...policy, on: { ...policy.on, serviceInstance: await idOf(serviceInstance) } } : policy,
    );
  }
  const requests = [];
  for (const request of rows.requests) {
    const { serviceInstance, resourceGroupId } = request.on;
    requests.push(
      serviceInstance === undefined
        ? request
        : { ...request, on: { ...request.on, serviceInstance: await idOf(serviceInstance, resourceGroupId) } },
    );
  }
  return { ...rows, policies, requests };
}

/** A token of a subject of the row: of T, whose pod signs in, of S, or of somebody with an API key. */
async function tokenOf(cast: Cast, name: string): Promise<string> {
  const account = await cast.signedIn('A');
  if (name === 'O') return account.owner;
  const iamId = await cast.identity(name);
  if (name === 'S') {
    const body = { name: 'key', iam_id: iamId, account_id: account.id };
    return world.login((await world.expect(201, 'POST', '/v1/apikeys', { token: account.owner, body })).body.apikey);
  }
  if (name !== 'T') return cast.tokenOf(name);
  const home = await world.cluster(account);
  const profileId = iamId.replace(/^iam-/, '');
  await world.link(account, profileId, home.crn);
  return (await world.crToken(home.issuer.token(), { profile_id: profileId })).body.access_token;
}

async function passes(cast: Cast, { subject, account: name, action, on }: RequestRow): Promise<'allow' | 'deny'> {
  const stage = { cast, account: await cast.signedIn(name), on };
  const { method, path, body } = (await operations.get(action)?.(stage)) ?? assert.fail();
  const options: CallOptions = { token: await tokenOf(cast, subject), ...(body !== undefined && { body }) };
  const reply = await world.call(method, path, options);
  // An object of another account answers as if there were none.
  assert.ok([200, 201, 403, ...(name === 'A' ? [] : [404])].includes(reply.status), `${method} ${path}: ${reply.status} ${reply.text}`);
  return reply.status < 300 ? 'allow' : 'deny';
}

describe("the guard of Podpass's own operations", () => {
  for (const row of readDecisionTable().filter(({ row: name }) => ROWS.includes(name))) {
    const asked = worldsOf(row).flatMap(({ requests }) => requests.filter((request) => isAsked(row, request)));
    it(`${row.row}: ${row.says}`, async () => {
      assert.ok(asked.length > 0, 'no request of the row is an operation');
      const cast = new Cast(world);
      let before_: DecisionWorld | undefined;
      const account = await cast.signedIn('A');
      let policies: DecisionWorld['policies'] | undefined;
      for (const said of worldsOf(row)) {
        const next = await withClusters(account, { ...said, policies: policies ?? said.policies });
        policies ??= next.policies;
        await cast.become(next, before_, async () => undefined);
        for (const request of next.requests.filter((one) => isAsked(row, one))) {
          assert.equal(await passes(cast, request), request.expect, `${next.says}: ${JSON.stringify(request)}`);
        }
        before_ = next;
      }
    });
  }

  it('lets who permits link a profile, and records with the nearest miss why another may not', async () => {
    const account = await world.account();
    const cluster = await world.cluster(account);
    const profile = await world.profile(account);
    const [editor, viewer] = [await world.user(account.id), await world.user(account.id)];
    for (const [user, role] of [
      [editor, 'Editor'],
      [viewer, 'Viewer'],
    ] as const) {
      const policy = await world.policy(account, user.iamId, [ROLE(role)], { serviceName: 'iam-identity' });
      await world.policy(account, user.iamId, [SERVICE_ROLE('Writer'), ROLE('Viewer')], { serviceName: CK });
      const body = { cr_type: 'ROKS_SA', link: { crn: cluster.crn, namespace: 'default', name: role.toLowerCase() } };
      const reply = await world.call('POST', `/v1/profiles/${profile.id}/links`, { token: user.token, body });
      assert.equal(reply.status, role === 'Editor' ? 201 : 403, reply.text);
      if (role !== 'Viewer') continue;
      const [event] = await world.events(account, reply.headers.get('x-request-id') ?? '');
      assert.equal(event.data.action, 'iam-identity.profile.linkToResource');
      assert.equal(event.data.responseData.nearest.policyId, policy.id);
    }
  });
});
