/** Reading an account's records page by page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printEvent } from '../../src/audit/events.ts';
import type { RecordPlace, ScanQuery } from '../../src/audit/query.ts';
import type { AppendRecord } from '../../src/audit/recorder.ts';
import { newRecord, openTestStore, type TestStore } from '../support/store.ts';

const NOW = 1_800_000_000_000;
const WANTED = 'podpass.decision.evaluate';

interface Said {
  readonly action?: string;
  readonly outcome?: 'success' | 'failure';
  readonly at?: number;
  readonly padding?: string;
}

function recordOf(
  accountId: string,
  number: number,
  { action = WANTED, outcome = 'success', at = NOW, padding = '' }: Said = {},
): AppendRecord {
  const requestId = `r${number}`;
  const info = { requestId, transactionId: `t${number}`, sourceAddress: '192.0.2.1', userAgent: '' };
  const initiator = { id: 'IBMid-x', credential: 'token' } as const;
  // A tenant's text that looks like what is searched for.
  const requestData = { padding, text: `"source":"/podpass","type":"${WANTED}","outcome":"failure"` };
  const event = { action, accountId, outcome, initiator, target: { id: 'x', typeURI: 'x' }, requestData };
  return newRecord(accountId, Number.MAX_SAFE_INTEGER, { requestId, transactionId: `t${number}`, at, line: printEvent(event, info, at) });
}

/** The ids of all records that a scan finds, and how many each page held. */
async function scanAll({ store }: TestStore, query: Omit<ScanQuery, 'after'>) {
  const ids: string[] = [];
  const pages: number[] = [];
  let after: RecordPlace | undefined;
  do {
    const page = await store.audit.scan({ ...query, after });
    ids.push(...page.map(({ requestId }) => requestId));
    if (page.length > 0) pages.push(page.length);
    after = page.at(-1)?.place;
  } while (after !== undefined);
  return { ids, pages };
}

test('finds every record once, the newest first, however many have one instant', async () => {
  await using opened = await openTestStore();
  const account = await opened.account();
  const records = Array.from({ length: 25 }, (_, number) => recordOf(account.id, number, { at: NOW + Math.floor(number / 10) }));
  await opened.store.append(records);
  const { ids, pages } = await scanAll(opened, { accountId: account.id, since: 0, actions: [WANTED], limit: 4 });
  assert.deepEqual(ids, records.map(({ requestId }) => requestId).toReversed());
  assert.deepEqual(pages, [4, 4, 4, 4, 4, 4, 1]);
});

test("finds the actions that are asked for and every refusal, of one account's and since an instant", async () => {
  await using opened = await openTestStore();
  const [account, other] = await opened.accounts(2);
  assert.ok(account && other);
  await opened.store.append([
    recordOf(account.id, 1),
    recordOf(account.id, 2, { action: 'iam-identity.user-apikey.login' }),
    recordOf(account.id, 3, { action: 'iam-identity.profile.create', outcome: 'failure' }),
    recordOf(account.id, 4, { at: NOW - 1 }),
    recordOf(other.id, 5),
  ]);
  const { ids } = await scanAll(opened, { accountId: account.id, since: NOW, actions: [WANTED], limit: 10 });
  assert.deepEqual(ids, ['r3', 'r1']);
});

test('a page of long records is shorter, and holds one at least', async () => {
  await using opened = await openTestStore();
  const account = await opened.account();
  const records = Array.from({ length: 5 }, (_, number) => recordOf(account.id, number, { padding: 'x'.repeat(3 * 1024 * 1024) }));
  for (const record of records) assert.deepEqual(await opened.store.append([record]), ['stored']);
  const { ids, pages } = await scanAll(opened, { accountId: account.id, since: 0, actions: [WANTED], limit: 100 });
  assert.deepEqual(ids, ['r4', 'r3', 'r2', 'r1', 'r0']);
  assert.deepEqual(pages, [2, 2, 1]);
});
