/** How the client finds a Podpass: by the property file of IBM's own suite, with no line of code that knows where it is. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import IamIdentityV1 from '@ibm-cloud/platform-services/iam-identity/v1.js';
import { IamAuthenticator, readExternalSources } from 'ibm-cloud-sdk-core';
import { NAMES } from './clean-up.ts';
import { refusal, type Suite, startSuite, tagOf } from './suite.ts';

describe("the configuration of IBM's Node SDK", () => {
  let suite: Suite;

  before(async () => {
    suite = await startSuite();
  });
  after(async () => {
    delete process.env.IBM_CREDENTIALS_FILE;
    await suite[Symbol.asyncDispose]();
  });

  for (const authUrl of ['', '/identity/token']) {
    it(`is a property file, with AUTH_URL = address${authUrl}`, async () => {
      const { world, account, accountId, iamId, enterpriseAccountId, childAccountId } = suite;
      const properties = {
        URL: world.url,
        AUTHTYPE: 'iam',
        AUTH_URL: world.url + authUrl,
        APIKEY: account.ownerApiKey,
        ACCOUNT_ID: accountId,
        IAM_ID: iamId,
        ENTERPRISE_ACCOUNT_ID: enterpriseAccountId,
        ENTERPRISE_SUBACCOUNT_ID: childAccountId,
      };
      const file = join(world.dir, 'iam_identity.env');
      writeFileSync(
        file,
        Object.entries(properties)
          .map(([name, value]) => `IAM_IDENTITY_${name}=${value}\n`)
          .join(''),
      );
      process.env.IBM_CREDENTIALS_FILE = file;
      const { accountId: configured } = readExternalSources(IamIdentityV1.DEFAULT_SERVICE_NAME) as { readonly accountId: string };
      const { status, result } = await IamIdentityV1.newInstance({}).listProfiles({ accountId: configured });
      assert.equal(status, 200);
      assert.deepEqual(result.profiles, []);
    });
  }

  it('may ask for request bodies to be compressed, and an address that ends in a slash', async () => {
    const { world, account, accountId, identity } = suite;
    const authenticator = new IamAuthenticator({ apikey: account.ownerApiKey, url: world.url });
    const compressing = new IamIdentityV1({ authenticator, serviceUrl: `${world.url}/`, enableGzipCompression: true });
    const description = 'long '.repeat(100);
    const created = await compressing.createProfile({ name: NAMES.profiles[0], accountId, description });
    assert.equal(created.status, 201);
    assert.equal(created.result.description, description);
    assert.equal(tagOf(await identity.getProfile({ profileId: created.result.id })), tagOf(created));
    await identity.deleteProfile({ profileId: created.result.id });
  });

  it('hands a request on with a transaction id of its own, and the refusal has it', async () => {
    const { identity } = suite;
    const headers = { 'Transaction-Id': 'a-transaction-of-ours' };
    await assert.rejects(
      identity.getProfile({ profileId: 'invalid', headers }),
      (error: { readonly result: { readonly trace: string } }) => {
        refusal(404)(error);
        assert.equal(error.result.trace, 'a-transaction-of-ours');
        return true;
      },
    );
  });
});
