/**
 * What every file of this folder starts from: a Podpass with an account, a user of it, and the policy client of IBM's Node SDK, unmodified.
 * `policies` notes which operations succeeded and changes nothing else.
 */
import assert from 'node:assert/strict';
import IamPolicyManagementV1 from '@ibm-cloud/platform-services/iam-policy-management/v1.js';
import { IamAuthenticator } from 'ibm-cloud-sdk-core';
import { startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertAllSucceeded, noteSuccesses } from '../driven-operations.ts';
import { OPERATIONS, type Subject } from './operations.ts';

export interface Suite extends AsyncDisposable {
  readonly world: World;
  readonly account: TestAccount;
  readonly accountId: string;
  readonly user: TestUser;
  /** Signed in as the account's owner. */
  readonly policies: IamPolicyManagementV1;
  /** Operations that succeeded so far. */
  readonly succeeded: ReadonlySet<string>;
}

export async function startSuite(): Promise<Suite> {
  const world = await startWorld();
  try {
    const account = await world.account('account of the suite');
    const user = await world.user(account.id);
    const succeeded = new Set<string>();
    return {
      world,
      account,
      accountId: account.id,
      user,
      policies: noteSuccesses(clientOf(world, account.ownerApiKey), IamPolicyManagementV1, succeeded),
      succeeded,
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
}

export const clientOf = (world: World, apikey: string): IamPolicyManagementV1 =>
  new IamPolicyManagementV1({ authenticator: new IamAuthenticator({ apikey, url: world.url }), serviceUrl: world.url });

/** Insists that every operation of a subject succeeded at least once. */
export function assertDriven(suite: Suite, subject: Subject): void {
  assertAllSucceeded(OPERATIONS[subject], suite.succeeded);
}

/** A check for `assert.rejects`: the status, and the policy family's envelope as the client hands it on. */
export const refusal =
  (status: number, code: string) =>
  (error: Wire): true => {
    assert.equal(error.status, status, `${error.status} ${error.message}`);
    const { errors, status_code, trace } = error.result;
    assert.deepEqual([status_code, errors[0].code], [status, code]);
    assert.equal(trace, error.headers['transaction-id']);
    if (status !== 401 && status !== 403) assert.equal(error.message, errors[0].message);
    return true;
  };

/** The entity tag of a reply, which the client hands on in its headers alone. */
export function tagOf(response: { readonly headers: unknown }): string {
  const { etag } = response.headers as Readonly<Record<string, string | undefined>>;
  assert.match(etag ?? '', /^\d+-[0-9a-f]{32}$/);
  return etag ?? '';
}
