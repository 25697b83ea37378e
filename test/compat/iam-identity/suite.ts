/**
 * What every file of this folder starts from: a Podpass with the three accounts of IBM's own suite, one user who owns them all,
 * and the identity client of IBM's Node SDK, unmodified. `identity` notes which operations succeeded and changes nothing else.
 */
import assert from 'node:assert/strict';
import IamIdentityV1 from '@ibm-cloud/platform-services/iam-identity/v1.js';
import { getQueryParam, IamAuthenticator } from 'ibm-cloud-sdk-core';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertAllSucceeded, noteSuccesses } from '../driven-operations.ts';
import { cleanUp } from './clean-up.ts';
import { OPERATIONS, type Subject } from './operations.ts';

export interface Suite extends AsyncDisposable {
  readonly world: World;
  readonly account: TestAccount;
  readonly accountId: string;
  /** The user who owns the three accounts, and whose API key the client signs in with. */
  readonly iamId: string;
  readonly enterpriseAccountId: string;
  /** An account below the enterprise account. */
  readonly childAccountId: string;
  readonly identity: IamIdentityV1;
  /** Operations that succeeded so far. */
  readonly succeeded: ReadonlySet<string>;
}

/** Starts a world and cleans it up as IBM's suite does before its first test; it does so again at the end. */
export async function startSuite(): Promise<Suite> {
  const world = await startWorld();
  try {
    return await settle(world);
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
}

async function settle(world: World): Promise<Suite> {
  const account = await world.account('account of the suite');
  const makeAccount = async (name: string, parentAccountId?: string): Promise<string> => {
    const body = { name, owner_iam_id: account.ownerIamId, ...(parentAccountId !== undefined && { parent_account_id: parentAccountId }) };
    return (await world.expect(201, 'POST', '/podpass/v1/accounts', { token: world.admin, body })).body.id;
  };
  const enterpriseAccountId = await makeAccount('enterprise');
  const childAccountId = await makeAccount('child', enterpriseAccountId);
  const client = clientOf(world, account.ownerApiKey);
  const succeeded = new Set<string>();
  const whereabouts = { accountId: account.id, iamId: account.ownerIamId, enterpriseAccountId };
  await cleanUp(client, whereabouts);
  return {
    world,
    account,
    ...whereabouts,
    childAccountId,
    identity: noteSuccesses(client, IamIdentityV1, succeeded),
    succeeded,
    async [Symbol.asyncDispose]() {
      try {
        await cleanUp(client, whereabouts);
      } finally {
        await world[Symbol.asyncDispose]();
      }
    },
  };
}

export const clientOf = (world: World, apikey: string): IamIdentityV1 =>
  new IamIdentityV1({ authenticator: new IamAuthenticator({ apikey, url: world.url }), serviceUrl: world.url });

/** Insists that every operation of a subject succeeded at least once. */
export function assertDriven(suite: Suite, subject: Subject): void {
  assertAllSucceeded(OPERATIONS[subject], suite.succeeded);
}

/** A check for `assert.rejects`: the status, and the identity API's envelope as the client hands it on. */
export const refusal =
  (status: number, code?: string) =>
  (error: Wire): true => {
    assert.equal(error.status, status, `${error.status} ${error.message}`);
    const { errors, status_code, trace, context } = error.result;
    assert.equal(status_code, status);
    assert.equal(trace, error.headers['transaction-id']);
    assert.equal(context, undefined, 'the client takes a refusal with a context for one of its credentials');
    if (code !== undefined) assert.equal(errors[0].code, code);
    if (status !== 401 && status !== 403) assert.equal(error.message, errors[0].message);
    return true;
  };

/** The entity tag of a reply: one `ETag` header, unquoted, byte for byte the `entity_tag` of the body. */
export function tagOf(response: { readonly headers: unknown; readonly result: { readonly entity_tag?: string } }): string {
  const { etag } = response.headers as Readonly<Record<string, string | undefined>>;
  assert.match(etag ?? '', /^\d+-[0-9a-f]{32}$/);
  assert.equal(etag, response.result.entity_tag);
  return etag ?? '';
}

/** Insists that a reply carries no body, as Go's client needs of a deletion. */
export function assertEmpty(response: { readonly result: unknown }): void {
  assert.ok(response.result === undefined || response.result === null || response.result === '' || isEmptyObject(response.result));
}

const isEmptyObject = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

interface Page {
  readonly status: number;
  readonly result: { readonly offset?: number; readonly limit?: number; readonly next?: string; readonly previous?: string };
}

/** Every page of a list, each asked for with the `pagetoken` of the link before it. */
export async function pagesOf<P extends Page>(list: (page: { pagetoken?: string }) => Promise<P>): Promise<readonly P[]> {
  const pages: P[] = [];
  let page: { pagetoken?: string } | undefined = {};
  while (page) {
    const reply: P = await list(page);
    assert.equal(reply.status, 200);
    assert.equal('previous' in reply.result, pages.length > 0);
    pages.push(reply);
    const pagetoken: string | null | undefined = 'next' in reply.result ? getQueryParam(reply.result.next ?? '', 'pagetoken') : undefined;
    assert.notEqual(pagetoken, null, 'a link without a page token');
    page = pagetoken ? { pagetoken } : undefined;
  }
  assert.equal(pages[0]?.result.offset, 0);
  return pages;
}
