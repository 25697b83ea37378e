/** Every call of the identity API is there, under its address with and without a slash at the end, and needs an access token. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

const PROFILE = '/v1/profiles/Profile-1';
const SERVICE_ID = '/v1/serviceids/ServiceId-1';
const KEY = '/v1/apikeys/ApiKey-1';
const PREFERENCES = '/v1/preferences/accounts/1/identities/iam-Profile-1';

/** The verbs of templates and of their assignments, for both kinds. */
const templateCalls = (templates: string, assignments: string): readonly (readonly [methods: string, path: string])[] => [
  ['GET POST', templates],
  ['GET DELETE', `${templates}/Template-1`],
  ['GET POST', `${templates}/Template-1/versions`],
  ['GET PUT DELETE', `${templates}/Template-1/versions/1`],
  ['POST', `${templates}/Template-1/versions/1/commit`],
  ['GET POST', assignments],
  ['GET PATCH DELETE', `${assignments}/TemplateAssignment-1`],
];

const CALLS: readonly (readonly [methods: string, path: string])[] = [
  ['GET POST', '/v1/profiles'],
  ['GET PUT DELETE', PROFILE],
  ['GET POST', `${PROFILE}/rules`],
  ['GET PUT DELETE', `${PROFILE}/rules/ClaimRule-1`],
  ['GET POST DELETE', `${PROFILE}/links`],
  ['GET DELETE', `${PROFILE}/links/link-1`],
  ['GET PUT', `${PROFILE}/identities`],
  ['POST', `${PROFILE}/identities/user`],
  ['GET DELETE', `${PROFILE}/identities/user/IBMid-1`],
  ['GET DELETE', `${PROFILE}/identities/crn/crn%3Av1%3Abluemix%3Apublic%3Ax%3A%3Aa%2F1%3A%3A%3A`],
  ['GET POST', '/v1/serviceids'],
  ['GET PUT DELETE', SERVICE_ID],
  ['POST DELETE', `${SERVICE_ID}/lock`],
  ['GET POST', '/v1/serviceid_groups'],
  ['GET PUT DELETE', '/v1/serviceid_groups/ServiceIdGroup-1'],
  ['GET POST', '/v1/apikeys'],
  // GET is the key that has a value; for the others `details` is an id, if one of no key.
  ['GET PUT DELETE', '/v1/apikeys/details'],
  ['GET PUT DELETE', KEY],
  ['POST DELETE', `${KEY}/lock`],
  ['POST DELETE', `${KEY}/disable`],
  ['GET PUT', '/v1/accounts/1/settings/identity'],
  ['GET', '/v1/accounts/1/effective_settings/identity'],
  ['GET POST', '/v1/accounts/1/limits/identity'],
  ['POST', '/v1/activity/accounts/1/report'],
  ['GET', '/v1/activity/accounts/1/report/latest'],
  ['GET', '/v1/mfa/accounts/1/status'],
  ['POST', '/v1/mfa/accounts/1/report'],
  ['GET', '/v1/mfa/accounts/1/report/latest'],
  ['GET', PREFERENCES],
  ['GET PUT DELETE', `${PREFERENCES}/console/landing_page`],
  ...templateCalls('/v1/profile_templates', '/v1/profile_assignments'),
  ...templateCalls('/v1/account_settings_templates', '/v1/account_settings_assignments'),
];

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

for (const [methods, path] of CALLS) {
  test(`${methods} ${path} asks for a token, with and without a slash at the end`, async () => {
    for (const method of methods.split(' ')) {
      for (const address of [path, `${path}/`]) {
        assertRefused(await world.call(method, address), 401, 'invalid_access_token', 'BXNIM0308E');
      }
    }
  });

  test(`${path} has no other calls`, async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      if (!methods.split(' ').includes(method)) assertRefused(await world.call(method, path), 404, 'not_found');
    }
  });
}

test('a slash at the end redirects nowhere, whatever the method', async () => {
  const options = { token: account.owner };
  const made = await world.call('POST', '/v1/profiles/', { ...options, body: { name: 'slashed', account_id: account.id } });
  assert.equal(made.status, 201, made.text);
  const path = `/v1/profiles/${made.body.id}/`;
  const changed = await world.call('PUT', path, { ...options, headers: { 'if-match': '*' }, body: { description: 'changed' } });
  assert.equal(changed.body.description, 'changed');
  assert.equal((await world.call('DELETE', path, options)).status, 204);
});
