/** A role that names one object by type and id: it gives that object, and neither another of its kind nor a list of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLE, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';

interface Kind {
  readonly resourceType: string;
  readonly list: string;
  readonly make: () => Promise<Wire>;
  /** A body that changes one. */
  readonly change: (object: Wire) => unknown;
}

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const described = () => ({ description: crypto.randomUUID() });
const SERVICE_IDS: Kind = {
  resourceType: 'serviceid',
  list: '/v1/serviceids',
  make: () => makeServiceId(world, account),
  change: described,
};
const KINDS: readonly Kind[] = [
  { resourceType: 'profile', list: '/v1/profiles', make: () => world.profile(account), change: described },
  SERVICE_IDS,
  {
    resourceType: 'serviceid-group',
    list: '/v1/serviceid_groups',
    async make() {
      const body = { account_id: account.id, name: crypto.randomUUID() };
      return (await world.expect(201, 'POST', '/v1/serviceid_groups', { token: account.owner, body })).body;
    },
    change: ({ name }) => ({ name, ...described() }),
  },
  {
    resourceType: 'apikey',
    list: '/v1/apikeys',
    make: async () => makeApiKey(world, account.owner, (await makeServiceId(world, account)).iam_id),
    change: described,
  },
];

async function userWith(role: string, { resourceType }: Kind, { id }: Wire): Promise<TestUser> {
  const user = await world.user(account.id);
  await world.policy(account, user.iamId, [ROLE(role)], { serviceName: 'iam-identity', resourceType, resource: id });
  return user;
}

for (const kind of KINDS) {
  const { resourceType, list, make, change } = kind;
  const get = (token: string, { id }: Wire) => world.call('GET', `${list}/${id}`, { token });
  const put = (token: string, object: Wire) =>
    world.call('PUT', `${list}/${object.id}`, { token, headers: { 'if-match': '*' }, body: change(object) });
  const remove = (token: string, { id }: Wire) => world.call('DELETE', `${list}/${id}`, { token });

  test(`resourceType=${resourceType}: an Editor of one reads and changes it alone`, async () => {
    const [one, other] = [await make(), await make()];
    const { token } = await userWith('Editor', kind, one);
    assert.equal((await get(token, one)).status, 200);
    assert.equal((await put(token, one)).status, 200);
    for (const reply of [
      await remove(token, one),
      await get(token, other),
      await put(token, other),
      await remove(token, other),
      await world.call('GET', `${list}?account_id=${account.id}&scope=account`, { token }),
    ]) {
      assertRefused(reply, 403, 'insufficient_permissions');
    }
  });

  test(`resourceType=${resourceType}: an Operator of one deletes it, and has nothing afterwards`, async () => {
    const [one, other] = [await make(), await make()];
    const { token } = await userWith('Operator', kind, one);
    assert.equal((await remove(token, one)).status, 204);
    assertRefused(await get(token, one), 404, 'not_found');
    assertRefused(await remove(token, other), 403, 'insufficient_permissions');
  });
}

test('an Administrator of one service ID has its API keys too, and those of no other', async () => {
  const [one, other] = [await makeServiceId(world, account), await makeServiceId(world, account)];
  const { token } = await userWith('Administrator', SERVICE_IDS, one);
  const key = await makeApiKey(world, token, one.iam_id);
  const foreign = await makeApiKey(world, account.owner, other.iam_id);
  const path = (id: string) => `/v1/apikeys/${id}`;
  await world.expect(200, 'GET', path(key.id), { token });
  await world.expect(200, 'GET', `/v1/apikeys?account_id=${account.id}&iam_id=${one.iam_id}`, { token });
  await world.expect(204, 'POST', `${path(key.id)}/disable`, { token });
  await world.expect(204, 'DELETE', path(key.id), { token });
  assertRefused(await world.call('GET', path(foreign.id), { token }), 403, 'insufficient_permissions');
  const body = { name: 'x', iam_id: other.iam_id };
  assertRefused(await world.call('POST', '/v1/apikeys', { token, body }), 403, 'insufficient_permissions');
});
