/**
 * What every file of this folder starts from: a Podpass with an account of its own, and the access-groups client of IBM's Node SDK,
 * unmodified, signed in as the owner of the account. The client notes which operations succeeded and is otherwise untouched.
 */
import assert from 'node:assert/strict';
import IamAccessGroupsV2 from '@ibm-cloud/platform-services/iam-access-groups/v2.js';
import { IamAuthenticator } from 'ibm-cloud-sdk-core';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertAllSucceeded, noteSuccesses } from '../driven-operations.ts';
import { OPERATIONS, type Subject } from './operations.ts';

export interface Suite extends AsyncDisposable {
  readonly world: World;
  readonly account: TestAccount;
  readonly accountId: string;
  readonly groups: IamAccessGroupsV2;
  /** Operations that succeeded so far. */
  readonly succeeded: ReadonlySet<string>;
}

export async function startSuite(): Promise<Suite> {
  const world = await startWorld();
  const account = await world.account('account of the suite');
  const authenticator = new IamAuthenticator({ apikey: account.ownerApiKey, url: world.url });
  const client = new IamAccessGroupsV2({ authenticator, serviceUrl: world.url });
  const succeeded = new Set<string>();
  return {
    world,
    account,
    accountId: account.id,
    groups: noteSuccesses(client, IamAccessGroupsV2, succeeded),
    succeeded,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** Insists that every operation of a subject succeeded at least once. */
export function assertDriven(suite: Suite, subject: Subject): void {
  assertAllSucceeded(OPERATIONS[subject], suite.succeeded);
}

/** A check for `assert.rejects`: the status, and the envelope of this API as the client hands it on. */
export const refusal =
  (status: number, code?: string, words = '') =>
  (error: Wire): true => {
    assert.equal(error.status, status, `${error.status} ${error.message}`);
    const { errors, status_code, trace } = error.result;
    assert.equal(status_code, status);
    assert.equal(trace, error.headers['transaction-id']);
    if (code !== undefined) assert.equal(errors[0].code, code);
    assert.ok(error.message.includes(words), error.message);
    return true;
  };

/** The entity tag of a reply, as it is sent back in `If-Match`. */
export function tagOf(response: { readonly headers: unknown }): string {
  const { etag } = response.headers as Readonly<Record<string, string | undefined>>;
  assert.match(etag ?? '', /^\d+-[0-9a-f]{32}$/);
  return etag ?? '';
}

/** What the client makes of a reply without a body. */
export function assertEmpty(response: { readonly status: number; readonly result: unknown }): void {
  assert.equal(response.status, 204);
  assert.ok(response.result === undefined || response.result === '' || Object.keys(response.result as object).length === 0);
}
