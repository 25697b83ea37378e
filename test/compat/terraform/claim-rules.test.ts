/** `ibm_iam_trusted_profile_claim_rule`, with the rules of the provider's acceptance tests. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { ANY_TAG, assertForgotten, assertNoDrift, configureProvider, type Provider } from './provider.ts';

let world: World;
let account: TestAccount;
let provider: Provider;
let profile: Wire;

before(async () => {
  world = await startWorld();
  account = await world.account();
  provider = await configureProvider(world, account);
});
after(() => world[Symbol.asyncDispose]());

beforeEach(async () => {
  profile = await world.profile(account);
});

const rulesOf = () => `/v1/profiles/${profile.id}/rules`;
const blueGroups = (operator: string, value = '"cloud-docs-dev"') => [{ claim: 'blueGroups', operator, value }];

async function read(configured: object, ruleId: string): Promise<Wire> {
  const { body } = await provider.expect(200, 'GET', `${rulesOf()}/${ruleId}`);
  assertNoDrift('claimRule', configured, body);
  for (const attribute of ['id', 'entity_tag', 'created_at', 'modified_at']) assert.ok(body[attribute], attribute);
  assert.equal(typeof body.expiration, 'number');
  return body;
}

async function apply(configured: object): Promise<Wire> {
  const { body: made } = await provider.expect(201, 'POST', rulesOf(), configured);
  return read(configured, made.id);
}

/** Update sends the whole rule as it is configured, whatever the tag. */
async function change(configured: object, ruleId: string): Promise<Wire> {
  await provider.expect(200, 'PUT', `${rulesOf()}/${ruleId}`, configured, ANY_TAG);
  return read(configured, ruleId);
}

test('R18, R19, R21 (replay): ibm_iam_trusted_profile_claim_rule for SAML lives, changes and dies', async () => {
  const configured = {
    type: 'Profile-SAML',
    conditions: blueGroups('NOT_EQUALS_IGNORE_CASE'),
    realm_name: 'testString',
    expiration: 43200,
  };
  const rule = await apply(configured);
  assert.ok(!('name' in rule) && !('cr_type' in rule));

  await change({ ...configured, name: 'tf_rule', expiration: 33200 }, rule.id);
  // An attribute that is taken out of the configuration is not sent, and is gone: the rule is replaced.
  const last = await change(configured, rule.id);
  assert.ok(!('name' in last));

  await provider.expect(204, 'DELETE', `${rulesOf()}/${rule.id}`);
  await assertForgotten(provider, `${rulesOf()}/${rule.id}`);
});

test('R10, R19, R21 (replay): ibm_iam_trusted_profile_claim_rule for compute resources plans nothing for its expiration', async () => {
  const configured = { type: 'Profile-CR', conditions: blueGroups('CONTAINS'), cr_type: 'IKS_SA' };
  const rule = await apply(configured);
  assert.equal(rule.expiration, 0);
  assert.ok(!('realm_name' in rule) && !('name' in rule));
  await change({ ...configured, name: 'tf_rule', cr_type: 'ROKS_SA' }, rule.id);
  await change(
    { ...configured, conditions: [...blueGroups('CONTAINS'), { claim: 'namespace', operator: 'EQUALS', value: 'default' }] },
    rule.id,
  );
});

test('R21 (replay): ibm_iam_trusted_profile_claim_rule changes its type', async () => {
  const rule = await apply({ type: 'Profile-CR', conditions: blueGroups('EQUALS'), cr_type: 'VSI' });
  await change({ type: 'Profile-SAML', conditions: blueGroups('EQUALS'), realm_name: 'testString', expiration: 43200 }, rule.id);
});

test('R10 (replay): ibm_iam_trusted_profile_claim_rule keeps every operator, and values that are JSON or not, in their order', async () => {
  const conditions = ['EQUALS', 'NOT_EQUALS', 'EQUALS_IGNORE_CASE', 'NOT_EQUALS_IGNORE_CASE', 'CONTAINS', 'IN'].map((operator, index) => ({
    claim: 'blueGroups',
    operator,
    value: ['"quoted"', 'bare', '["a", "b"]', '"\\"twice\\""', 'true', 'a,b'][index],
  }));
  await apply({ type: 'Profile-CR', conditions, cr_type: 'ROKS_SA' });
});

test('R10 (replay): the data sources of claim rules read one and all', async () => {
  const rule = await apply({ type: 'Profile-CR', conditions: blueGroups('CONTAINS'), cr_type: 'IKS_SA' });
  const { body } = await provider.expect(200, 'GET', rulesOf());
  assert.deepEqual(body, { rules: [rule] });
});
