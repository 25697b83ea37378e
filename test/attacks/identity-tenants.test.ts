/** One account reaches for the things of another: by id, by name, and with what their owner was given. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { makeApiKey, makeServiceId, makeSignedInServiceId, setAccountSettings } from '../conformance/identity/making.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES, samlRule } from '../conformance/identity/template-calls.ts';
import { type Reply, startWorld, type TestAccount, type TestCluster, type Wire, type World } from '../support/world.ts';

type Ids = Readonly<Record<string, string>>;

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}$/;
const NOBODY = '00000000-0000-4000-8000-0000000000';
const RULE = { type: 'Profile-CR', conditions: [{ claim: 'namespace', operator: 'EQUALS', value: 'mallory' }] };
const KEY_VALUE = `stored-${randomUUID()}-${randomUUID()}`;
let world: World;
let victim: TestAccount;
let stranger: TestAccount;
let cluster: TestCluster;
let ids: Ids;

before(async () => {
  world = await startWorld();
  [victim, stranger] = [await world.account(), await world.account()];
  cluster = await world.cluster(victim);
  ids = await furnish(victim, cluster);
});
after(() => world[Symbol.asyncDispose]());

/** Gives an account one of everything that has an id. */
async function furnish(account: TestAccount, { crn }: TestCluster): Promise<Ids> {
  const asOwner = async (method: string, path: string, body: unknown) =>
    (await world.call(method, path, { token: account.owner, body })).body;
  const profile = await world.profile(account, 'shared name');
  const path = `/v1/profiles/${profile.id}`;
  const rule = await asOwner('POST', `${path}/rules`, RULE);
  const link = (await world.link(account, profile.id, crn)).body;
  await asOwner('POST', `${path}/identities/user`, { type: 'user', identifier: account.ownerIamId });
  const service = await makeServiceId(world, account, { name: 'shared name' });
  const key = await makeApiKey(world, account.owner, service.iam_id, { apikey: `${KEY_VALUE}-${account.id}`, store_value: true });
  const group = await asOwner('POST', '/v1/serviceid_groups', { account_id: account.id, name: 'shared name' });
  await setAccountSettings(world, account, { mfa: 'TOTP' });
  const preference = `/v1/preferences/accounts/${account.id}/identities/${account.ownerIamId}/console/landing_page`;
  await asOwner('PUT', preference, { value_string: '/secret' });
  const report = await asOwner('POST', `/v1/activity/accounts/${account.id}/report`, undefined);
  const template = async (kind: typeof PROFILE_TEMPLATES, members: Readonly<Record<string, unknown>>) => {
    const calls = createTemplateCalls(world, account, kind);
    const { id } = await calls.committed({ name: 'shared name', ...members });
    return { id, assignment: (await calls.assign(id, 1, account.id)).body.id };
  };
  const profiles = await template(PROFILE_TEMPLATES, { profile: { name: 'managed', rules: [samlRule()] } });
  const settings = await template(ACCOUNT_SETTINGS_TEMPLATES, { account_settings: { mfa: 'NONE' } });
  return {
    account: account.id,
    user: account.ownerIamId,
    profile: profile.id,
    rule: rule.id,
    link: link.id,
    service: service.id,
    iam: service.iam_id,
    key: key.id,
    group: group.id,
    report: report.reference,
    profileTemplate: profiles.id,
    profileAssignment: profiles.assignment,
    settingsTemplate: settings.id,
    settingsAssignment: settings.assignment,
  };
}

/** The same ids, of things that there are not. */
const absent = (): Ids => ({
  ...Object.fromEntries(Object.entries(ids).map(([name, id], index) => [name, id.replace(UUID, `${NOBODY}${index + 10}`)])),
  account: '0'.repeat(32),
  user: 'IBMid-nobody',
  report: 'nothing',
});

type Attempt = readonly [method: string, path: string, body?: unknown];

function onTemplates(kind: typeof PROFILE_TEMPLATES, template: string, assignment: string, target: string): readonly Attempt[] {
  const path = `${kind.templates}/${template}`;
  return [
    ['GET', path],
    ['DELETE', path],
    ['GET', `${path}/versions`],
    ['POST', `${path}/versions`, { description: 'x' }],
    ['GET', `${path}/versions/1`],
    ['PUT', `${path}/versions/1`, { description: 'x' }],
    ['DELETE', `${path}/versions/1`],
    ['POST', `${path}/versions/1/commit`],
    ['POST', kind.assignments, { template_id: template, template_version: 1, target_type: 'Account', target }],
    ['GET', `${kind.assignments}${assignment}`],
    ['PATCH', `${kind.assignments}${assignment}`, { template_version: 1 }],
    ['DELETE', `${kind.assignments}${assignment}`],
  ];
}

/** Every call of the identity API that names a thing by its id. */
function attempts(of: Ids, target: string): readonly Attempt[] {
  const profile = `/v1/profiles/${of.profile}`;
  const preference = `/v1/preferences/accounts/${of.account}/identities/${of.user}`;
  const change = (path: string, body: unknown): readonly Attempt[] => [
    ['GET', path],
    ['PUT', path, body],
    ['DELETE', path],
  ];
  return [
    ...change(profile, { description: 'x' }),
    ['GET', `${profile}/rules`],
    ['POST', `${profile}/rules`, RULE],
    ...change(`${profile}/rules/${of.rule}`, RULE),
    ['GET', `${profile}/links`],
    ['POST', `${profile}/links`, { cr_type: 'ROKS_SA', link: { crn: cluster.crn, namespace: 'n', name: 's' } }],
    ['DELETE', `${profile}/links?type=ROKS_SA`],
    ['GET', `${profile}/links/${of.link}`],
    ['DELETE', `${profile}/links/${of.link}`],
    ['GET', `${profile}/identities`],
    ['PUT', `${profile}/identities`, { identities: [] }],
    ['POST', `${profile}/identities/user`, { type: 'user', identifier: 'IBMid-mallory' }],
    ['GET', `${profile}/identities/user/${of.user}`],
    ['DELETE', `${profile}/identities/user/${of.user}`],
    ...change(`/v1/serviceids/${of.service}`, { description: 'x' }),
    ['POST', `/v1/serviceids/${of.service}/lock`],
    ['DELETE', `/v1/serviceids/${of.service}/lock`],
    ...change(`/v1/serviceid_groups/${of.group}`, { name: 'x' }),
    ...change(`/v1/apikeys/${of.key}`, { description: 'x' }),
    ['POST', `/v1/apikeys/${of.key}/lock`],
    ['DELETE', `/v1/apikeys/${of.key}/lock`],
    ['POST', `/v1/apikeys/${of.key}/disable`],
    ['DELETE', `/v1/apikeys/${of.key}/disable`],
    ['GET', `/v1/accounts/${of.account}/settings/identity`],
    ['PUT', `/v1/accounts/${of.account}/settings/identity`, { allowed_ip_addresses: '203.0.113.1' }],
    ['GET', `/v1/accounts/${of.account}/effective_settings/identity`],
    ['GET', `/v1/accounts/${of.account}/limits/identity?profiles=true&apikeys_per_identity=${of.iam}`],
    ['POST', `/v1/activity/accounts/${of.account}/report`],
    ['GET', `/v1/activity/accounts/${of.account}/report/${of.report}`],
    ['GET', `/v1/activity/accounts/${of.account}/report/latest`],
    ['POST', `/v1/mfa/accounts/${of.account}/report`],
    ['GET', `/v1/mfa/accounts/${of.account}/report/latest`],
    ['GET', `/v1/mfa/accounts/${of.account}/status?iam_id=${of.user}`],
    ['GET', preference],
    ...change(`${preference}/console/landing_page`, { value_string: '/x' }),
    ...onTemplates(PROFILE_TEMPLATES, of.profileTemplate ?? '', of.profileAssignment ?? '', target),
    ...onTemplates(ACCOUNT_SETTINGS_TEMPLATES, of.settingsTemplate ?? '', of.settingsAssignment ?? '', target),
  ];
}

/** What a reply says, with the ids that were asked for taken out. */
function told(reply: Reply<Wire>, of: Ids): string {
  const text = JSON.stringify([reply.status, reply.body.errors]);
  return Object.entries(of).reduce((left, [name, id]) => left.replaceAll(id, `<${name}>`), text);
}

/** Everything that the victim sees of its things. */
async function inventory(): Promise<unknown> {
  const seen: unknown[] = [];
  for (const [method, path] of attempts(ids, victim.id)) {
    // Reports become readable with time.
    if (method !== 'GET' || path.includes('/report/')) continue;
    const { trace: _, ...body } = (await world.call(method, path, { token: victim.owner })).body;
    seen.push([path, body]);
  }
  return seen;
}

test('61: a thing of another account is neither read nor changed by its id, and answers as one that does not exist', async () => {
  const profile = await world.profile(stranger);
  const ownCluster = await world.cluster(stranger);
  await world.link(stranger, profile.id, ownCluster.crn);
  const pod = (await world.crToken(ownCluster.issuer.token(), { profile_id: profile.id })).body.access_token;
  const service = await makeSignedInServiceId(world, stranger);
  const untouched = await inventory();
  const nothing = absent();
  const unknown = attempts(nothing, stranger.id);
  for (const token of [stranger.owner, pod, service.token]) {
    const make = ([method, path, body]: Attempt) =>
      world.call(method, path, { token, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });
    for (const [index, attempt] of attempts(ids, stranger.id).entries()) {
      const what = `${attempt[0]} ${attempt[1]}`;
      const foreign = await make(attempt);
      assert.equal(foreign.status, 404, `${what}: ${foreign.text}`);
      assert.equal(told(foreign, ids), told(await make(unknown[index] ?? attempt), nothing), what);
      assert.ok(!foreign.text.includes(KEY_VALUE));
    }
  }
  assert.deepEqual(await inventory(), untouched);
});

test('88: nothing is read or changed without a token, or with one that nobody here has signed', async () => {
  const { owner } = victim;
  const [header = '', payload = '', signature = ''] = owner.split('.');
  const unsigned = Buffer.from('{"alg":"none","kid":"x"}').toString('base64url');
  const promoted = Buffer.from(payload, 'base64url').toString().replace('"iam_id"', '"x":1,"iam_id"');
  const untouched = await inventory();
  for (const token of [
    undefined,
    `${unsigned}.${payload}.`,
    `${header}.${Buffer.from(promoted).toString('base64url')}.${signature}`,
    header,
  ]) {
    for (const [method, path, body] of attempts(ids, victim.id)) {
      const reply = await world.call(method, path, { token, headers: { 'if-match': '*' }, ...(body !== undefined && { body }) });
      assert.equal(reply.status, 401, `${method} ${path}`);
    }
  }
  assert.deepEqual(await inventory(), untouched);
});

test('61: a part of a thing is not reached through another thing that its caller owns', async () => {
  const own = await furnish(stranger, await world.cluster(stranger));
  for (const path of [
    `/v1/profiles/${own.profile}/rules/${ids.rule}`,
    `/v1/profiles/${own.profile}/links/${ids.link}`,
    `/v1/profiles/${own.profile}/identities/user/${ids.user}`,
    `/v1/activity/accounts/${stranger.id}/report/${ids.report}`,
    `/v1/profile_templates/${own.settingsTemplate}`,
    `/v1/profile_assignments/${own.settingsAssignment}`,
    `/v1/account_settings_templates/${own.profileTemplate}`,
  ]) {
    assert.equal((await world.call('GET', path, { token: stranger.owner })).status, 404, path);
    assert.equal((await world.call('DELETE', path, { token: stranger.owner })).status, 404, path);
  }
});

test('58: a name leads to the thing of its own account, where another account has one of the same name', async () => {
  const [mine] = (await world.expect(200, 'GET', `/v1/profiles?account_id=${stranger.id}&name=shared name`, { token: stranger.owner })).body
    .profiles;
  assert.equal(mine.account_id, stranger.id);
  const ownCluster = await world.cluster(stranger);
  await world.link(stranger, mine.id, ownCluster.crn);
  const exchanged = await world.crToken(ownCluster.issuer.token(), { profile_name: 'shared name' });
  assert.equal(exchanged.status, 200, exchanged.text);
  assert.equal(JSON.parse(Buffer.from(exchanged.body.access_token.split('.')[1], 'base64url').toString()).sub, mine.id);
  for (const selector of [{ profile_id: ids.profile ?? '' }, { profile_id: ids.profile ?? '', profile_name: 'shared name' }]) {
    assert.equal((await world.crToken(ownCluster.issuer.token(), selector)).body.errorCode, 'BXNIM0398E');
  }
});
