/** Activity and MFA reports over IBM's Node SDK: the steps of its own suite, then what the suites of the other languages ask for beside them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NAMES } from './clean-up.ts';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite } from './suite.ts';

const MFA_TYPES = ['id_based_mfa', 'account_based_mfa'];
const MFA_TRAITS = ['NONE', 'NONE_NO_ROPC', 'TOTP', 'TOTP4ALL', 'LEVEL1', 'LEVEL2', 'LEVEL3'];

/** Asks until a report is ready, thirty times a second apart at most. */
async function whenReady<R extends { readonly status: number }>(get: () => Promise<R>): Promise<R> {
  for (let attempt = 0; attempt < 30; attempt += 1) {
    const response = await get();
    if (response.status !== 204) return response;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error('The report was not ready after thirty attempts.');
}

describe("reports over IBM's Node SDK", () => {
  let suite: Suite;
  let accountId: string;
  let reference: string;

  before(async () => {
    suite = await startSuite();
    accountId = suite.accountId;
    await suite.identity.createProfile({ name: NAMES.profiles[0], accountId });
  });
  after(() => suite[Symbol.asyncDispose]());

  it('asks for a report of who was inactive', async () => {
    const { status, result } = await suite.identity.createReport({ accountId, type: 'inactive', duration: '120' });
    assert.equal(status, 202);
    assert.ok(result.reference);
    reference = result.reference;
  });

  it('is told at once that it is not ready', async () => {
    const response = await suite.identity.getReport({ accountId, reference });
    assert.equal(response.status, 204);
    assertEmpty(response);
  });

  it('gets it when it is ready', async () => {
    const { status, result } = await whenReady(() => suite.identity.getReport({ accountId, reference }));
    assert.equal(status, 200);
    assert.equal(result.created_by, suite.iamId);
    assert.equal(result.reference, reference);
    assert.equal(result.report_duration, '120');
    assert.ok(result.report_start_time && result.report_end_time);
    for (const list of [result.users, result.apikeys, result.serviceids, result.profiles]) assert.ok(Array.isArray(list));
    assert.ok(!result.users?.some(({ iam_id }) => iam_id === suite.iamId), 'the user of this client was active');
  });

  it('gets the latest by that name', async () => {
    assert.equal((await suite.identity.getReport({ accountId, reference: 'latest' })).result.reference, reference);
  });

  it('is told that a report is not there', async () => {
    await assert.rejects(suite.identity.getReport({ accountId, reference: 'test123' }), refusal(404));
  });

  it('asks for a report of how users sign in, and gets it when it is ready', async () => {
    const { identity } = suite;
    const asked = await identity.createMfaReport({ accountId, type: 'mfa_status' });
    assert.equal(asked.status, 202);
    const { status, result } = await whenReady(() => identity.getMfaReport({ accountId, reference: asked.result.reference }));
    assert.equal(status, 200);
    assert.equal(result.created_by, suite.iamId);
    assert.equal(result.reference, asked.result.reference);
    assert.equal(result.account_id, accountId);
    assert.ok(result.report_time);
    const owner = result.users?.find(({ iam_id }) => iam_id === suite.iamId);
    assert.ok(MFA_TYPES.includes(owner?.effective_mfa_type ?? ''));
    assert.ok(owner?.username && owner.id_based_mfa && owner.account_based_mfa);
    await assert.rejects(identity.getMfaReport({ accountId, reference: 'test123' }), refusal(404));
  });

  it('gets how one user signs in', async () => {
    const { status, result } = await suite.identity.getMfaStatus({ accountId, iamId: suite.iamId });
    assert.equal(status, 200);
    assert.equal(result.iam_id, suite.iamId);
    assert.ok(MFA_TYPES.includes(result.effective_mfa_type ?? ''));
    assert.ok(MFA_TRAITS.includes(result.id_based_mfa?.trait_account_default ?? ''));
    assert.ok(MFA_TRAITS.includes(result.id_based_mfa?.trait_effective ?? ''));
    assert.ok(['NO', 'ACCOUNT', 'CROSS_ACCOUNT'].includes(result.id_based_mfa?.comply_state ?? ''));
    assert.equal(typeof result.id_based_mfa?.complies, 'boolean');
    const { security_questions, totp, verisign, complies } = result.account_based_mfa ?? {};
    for (const kind of [security_questions, totp, verisign]) {
      assert.deepEqual([typeof kind?.required, typeof kind?.enrolled], ['boolean', 'boolean']);
    }
    assert.equal(typeof complies, 'boolean');
  });

  it('drove every operation', () => assertDriven(suite, 'reports'));
});
