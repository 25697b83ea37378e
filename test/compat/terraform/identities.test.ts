/** `ibm_iam_trusted_profile_identity` and `ibm_iam_trusted_profile_identities`, which compare lists by position. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { ANY_TAG, assertForgotten, assertNoDrift, configureProvider, type Provider, pathEscape } from './provider.ts';

let world: World;
let account: TestAccount;
let provider: Provider;
let serviceId: Wire;
let profile: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  provider = await configureProvider(world, account);
  const body = { name: 'tf_service_id', description: 'ServiceID for test', account_id: account.id };
  serviceId = (await provider.expect(201, 'POST', '/v1/serviceids/', body)).body;
});
after(() => world[Symbol.asyncDispose]());

beforeEach(async () => {
  profile = await world.profile(account);
});

const identitiesOf = () => `/v1/profiles/${profile.id}/identities`;
const user = () => ({
  identifier: account.ownerIamId,
  type: 'user',
  accounts: [account.id],
  description: 'tf_description_profile identity description',
});
const service = () => ({ identifier: serviceId.id as string, type: 'serviceid' });

/** Create and the read that follows it, by the id `<profile>|<type>|<identifier>` of the state. */
async function applyOne(configured: { readonly identifier: string; readonly type: string }): Promise<string> {
  const { body: made } = await provider.expect(200, 'POST', `${identitiesOf()}/${configured.type}`, configured);
  const [profileId, type, identifier = ''] = `${profile.id}|${configured.type}|${made.identifier}`.split('|');
  const path = `/v1/profiles/${profileId}/identities/${type}/${pathEscape(identifier)}`;
  assertNoDrift('identity', configured, (await provider.expect(200, 'GET', path)).body);
  return path;
}

test('I10 (replay): ibm_iam_trusted_profile_identity for a service ID takes no description from it', async () => {
  const path = await applyOne(service());
  const { body } = await provider.expect(200, 'GET', path);
  assert.deepEqual(body, { iam_id: serviceId.iam_id, ...service() });
  await provider.expect(204, 'DELETE', path);
  await assertForgotten(provider, path);
});

test('I11 (replay): ibm_iam_trusted_profile_identity for a CRN is read and destroyed by a path with an encoded slash', async () => {
  const identifier = `crn:v1:staging:public:iam-identity::a/${account.id}:::`;
  const path = await applyOne({ identifier, type: 'crn' });
  assert.ok(path.includes(`a%2F${account.id}`) && path.includes('crn:v1:'));
  const { body } = await provider.expect(200, 'GET', path);
  assert.equal(body.iam_id, `crn-${identifier}`);
  await provider.expect(200, 'GET', `${identitiesOf()}/crn/${encodeURIComponent(identifier)}`);
  await provider.expect(204, 'DELETE', path);
  await assertForgotten(provider, path);
});

test('I10 (replay): ibm_iam_trusted_profile_identity for a user, with and without accounts and a description', async () => {
  const path = await applyOne(user());
  await provider.expect(204, 'DELETE', path);
  await applyOne({ identifier: account.ownerIamId, type: 'user' });
  const { body } = await provider.expect(200, 'GET', path);
  assert.deepEqual(body, { iam_id: account.ownerIamId, identifier: account.ownerIamId, type: 'user' });
});

test('I1, I12, I13, I14 (replay): ibm_iam_trusted_profile_identities is set, kept by its faulty update, and emptied', async () => {
  const fresh = await provider.expect(200, 'GET', identitiesOf());
  assert.deepEqual(fresh.body.identities, []);
  assert.ok(fresh.headers.get('etag'));

  const configured = [service(), user()];
  await provider.expect(200, 'PUT', identitiesOf(), { identities: configured }, ANY_TAG);
  const expected = [
    { iam_id: serviceId.iam_id, ...service() },
    { iam_id: account.ownerIamId, ...user() },
  ];
  const refresh = async (): Promise<{ 'if-match': string }> => {
    const reply = await provider.expect(200, 'GET', identitiesOf());
    assert.deepEqual(reply.body.identities, expected, 'the same identities in the same order');
    return { 'if-match': reply.headers.get('etag') ?? '' };
  };
  const stored = await refresh();
  assert.deepEqual(await refresh(), stored, 'a refresh finds the tag that is stored');

  // The provider's update sends no identities at all; taken for an empty list it would revoke everybody's trust.
  await provider.expect(200, 'PUT', identitiesOf(), {}, stored);
  const again = await refresh();

  await provider.expect(200, 'PUT', identitiesOf(), { identities: [] }, again);
  assert.deepEqual((await provider.expect(200, 'GET', identitiesOf())).body.identities, []);
});

test('I12 (replay): ibm_iam_trusted_profile_identities keeps the other order too, and the data source shows it', async () => {
  await provider.expect(200, 'PUT', identitiesOf(), { identities: [user(), service()] }, ANY_TAG);
  const { body } = await provider.expect(200, 'GET', identitiesOf());
  assert.deepEqual(
    body.identities.map(({ type }: Wire) => type),
    ['user', 'serviceid'],
  );
});

test('I16 (replay): twenty resources ibm_iam_trusted_profile_identity are applied at once', async () => {
  const configured = Array.from({ length: 20 }, (_, index) => ({
    identifier: `IBMid-tf-${index}`,
    type: 'user',
    description: `number ${index}`,
  }));
  await Promise.all(configured.map(applyOne));
  const { body } = await provider.expect(200, 'GET', identitiesOf());
  assert.deepEqual(body.identities.map(({ identifier }: Wire) => identifier).sort(), configured.map(({ identifier }) => identifier).sort());
});
