/** The decision table over HTTP: each row's policies are made over the API, and the account's owner asks. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DecisionRow, ownerOf, type PolicyRow, readDecisionTable, roleIdOf } from '../../access/decision-table.ts';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';

let world: World;

before(async () => {
  world = await startWorld();
});
after(() => world[Symbol.asyncDispose]());

const accountOfOwner = new Map([...ownerOf].map(([account, owner]) => [owner, account]));

const isV1 = (value: PolicyRow['on'][string]): boolean => typeof value === 'string' || Object.keys(value).join() === 'stringMatch';

/** Rows that v1 policies can say and that an account's owner can ask: tags and resource groups are not an owner's word. */
function isAskable({ policies, requests }: DecisionRow): boolean {
  return (
    policies.every((policy) => [...Object.values(policy.on), ...Object.values(policy.tags)].every(isV1)) &&
    requests.every(({ account, on, tags }) => account !== 'none' && tags.length === 0 && !('resourceGroupId' in on))
  );
}

const rows = readDecisionTable().filter(isAskable);

/** The accounts, identities and groups of one row, made when they are first named. */
class Cast {
  readonly #accounts = new Map<string, Promise<TestAccount>>();
  readonly #identities = new Map<string, Promise<string>>();
  readonly #groups = new Map<string, Promise<string>>();

  account(name: string): Promise<TestAccount> {
    return this.#once(this.#accounts, name, () => world.account());
  }

  /** The iam_id of an identity: an owner, the trusted profile T, or a user of account A. */
  identity(name: string): Promise<string> {
    return this.#once(this.#identities, name, async () => {
      const owned = accountOfOwner.get(name);
      if (owned !== undefined) return (await this.account(owned)).ownerIamId;
      const account = await this.account('A');
      return name === 'T' ? (await world.profile(account)).iam_id : (await world.user(account.id)).iamId;
    });
  }

  group(name: string): Promise<string> {
    return this.#once(this.#groups, name, async () => (await world.group(await this.account('A'))).id);
  }

  #once<T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
    const made = known.get(name) ?? make();
    known.set(name, made);
    return made;
  }
}

const attribute = ([name, value]: readonly [string, PolicyRow['on'][string]]) =>
  typeof value === 'string' ? { name, value } : { name, operator: 'stringMatch', value: String(value.stringMatch) };

async function createPolicy(cast: Cast, row: PolicyRow): Promise<void> {
  const account = await cast.account(row.account);
  const { who, group, on, tags } = row;
  const subject =
    group === undefined
      ? { name: 'iam_id', value: await cast.identity(who ?? '') }
      : { name: 'access_group_id', value: await cast.group(group) };
  const body = {
    type: 'access',
    subjects: [{ attributes: [subject] }],
    roles: row.roles.map((name) => ({ role_id: roleIdOf(name) })),
    resources: [
      {
        attributes: [{ name: 'accountId', value: account.id }, ...Object.entries(on).map(attribute)],
        ...(Object.keys(tags).length > 0 && { tags: Object.entries(tags).map(attribute) }),
      },
    ],
  };
  await world.expect(201, 'POST', '/v1/policies', { token: account.owner, body });
}

/** Fills a group; whoever the row asks about without being a member has been one and left. */
async function fillGroup(cast: Cast, name: string, members: readonly string[], subjects: readonly string[]): Promise<void> {
  const { owner: token } = await cast.account('A');
  const path = `/v2/groups/${await cast.group(name)}/members`;
  for (const subject of new Set([...members, ...subjects])) {
    const iamId = await cast.identity(subject);
    const body = { members: [{ iam_id: iamId, type: subject === 'T' ? 'profile' : 'user' }] };
    await world.expect(207, 'PUT', path, { token, body });
    if (!members.includes(subject)) await world.expect(204, 'DELETE', `${path}/${iamId}`, { token });
  }
}

async function ask(cast: Cast, { subject, account: name, action, on }: DecisionRow['requests'][number]): Promise<'allow' | 'deny'> {
  const account = await cast.account(name);
  const item = {
    subject: { attributes: { id: await cast.identity(subject), scope: 'ibm openid' } },
    action,
    resource: { attributes: { accountId: account.id, ...on } },
  };
  const { body } = await world.expect(200, 'POST', '/v2/authz', { token: account.owner, body: [item] });
  assert.equal(body.responses[0].status, '200');
  return body.responses[0].authorizationDecision.permitted ? 'allow' : 'deny';
}

describe('decisions over HTTP', () => {
  it('cover the rows that a first version needs', () => {
    const names = new Set(rows.map(({ row }) => row));
    const needed = [...Array.from({ length: 16 }, (_, at) => `D-${String(at + 1).padStart(2, '0')}`), 'D-50'];
    assert.deepEqual(
      needed.filter((name) => !names.has(name)),
      [],
    );
  });

  for (const row of rows) {
    it(`${row.row}: ${row.says}`, async () => {
      const cast = new Cast();
      for (const policy of row.policies) await createPolicy(cast, policy);
      const subjects = row.requests.map((request) => request.subject);
      for (const [group, members] of Object.entries(row.members)) await fillGroup(cast, group, members, subjects);
      for (const request of row.requests) assert.equal(await ask(cast, request), request.expect, JSON.stringify(request));
    });
  }
});

describe('decisions as policies change', () => {
  it('D-48: a deleted policy grants nothing', async () => {
    const account = await world.account();
    const { iamId } = await world.user(account.id);
    const policy = await world.policy(account, iamId, [roleIdOf('Reader')], { serviceName: 'kms' });
    const item = {
      subject: { attributes: { id: iamId } },
      action: 'kms.secrets.list',
      resource: { attributes: { accountId: account.id, serviceName: 'kms' } },
    };
    const permitted = async () => {
      const { body } = await world.expect(200, 'POST', '/v2/authz', { token: account.owner, body: [item] });
      return body.responses[0].authorizationDecision.permitted;
    };
    assert.equal(await permitted(), true);
    await world.expect(204, 'DELETE', `/v1/policies/${policy.id}`, { token: account.owner });
    assert.equal(await permitted(), false);
  });
});
