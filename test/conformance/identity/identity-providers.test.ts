/** Identity providers and login settings are not offered: their addresses are answered like any that does not exist. */
import { after, before, test } from 'node:test';
import { startWorld, type TestAccount, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

for (const [method, path] of [
  ['GET', '/v1/idps/'],
  ['GET', '/v1/idps'],
  ['POST', '/v1/idps/'],
  ['GET', '/v1/idps/idp1'],
  ['PUT', '/v1/idps/idp1'],
  ['DELETE', '/v1/idps/idp1'],
  ['GET', '/v1/idps/idp1/consumers'],
  ['GET', '/v1/idps/idp1/saml/metadata'],
  ['PUT', '/v1/idps/idp1/saml/metadata'],
  ['GET', '/v1/idps/idp1/test'],
  ['POST', '/v1/idps/idp1/test'],
  ['GET', '/v2/loginsettings/{account_id}'],
  ['PUT', '/v2/loginsettings/{account_id}'],
  ['GET', '/v2/loginsettings/{account_id}/idps'],
  ['GET', '/v2/loginsettings/{account_id}/idps/idp1'],
  ['POST', '/v2/loginsettings/{account_id}/idps/idp1'],
  ['PUT', '/v2/loginsettings/{account_id}/idps/idp1'],
  ['DELETE', '/v2/loginsettings/{account_id}/idps/idp1'],
] as const) {
  test(`${method} ${path} answers 404 in the identity envelope`, async () => {
    const body = method === 'POST' || method === 'PUT' ? { account_id: account.id, name: 'x', type: 'saml' } : undefined;
    const headers: Record<string, string> = method === 'PUT' ? { 'if-match': '*' } : {};
    assertRefused(
      await world.call(method, path.replace('{account_id}', account.id), { token: account.owner, body, headers }),
      404,
      'not_found',
    );
  });
}
