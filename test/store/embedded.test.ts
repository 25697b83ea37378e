/** The embedded store on a real file: changes as a whole or not at all, in one order, and views that follow them. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createClusterDirectory } from '../../src/clusters/directory.ts';
import { DomainError } from '../../src/kernel/errors.ts';
import { createViews } from '../../src/view/views.ts';
import { assertWhole, issuedTokens, readAuditLog } from '../support/audit-log.ts';
import { newProfile, newRecord, openTestStore } from '../support/store.ts';

test('a change that fails leaves no trace: no row, no event, no place in the feed', async () => {
  await using opened = await openTestStore();
  const { store } = opened;
  const account = await opened.account();
  const before = await store.views.feedHead();
  const profile = newProfile(account.id, 'never made');
  const failing = store.mutate(opened.context(), async (tx) => {
    await tx.insertProfile(profile);
    tx.changed({ accountId: account.id, kind: 'profile', id: profile.id });
    tx.event({ action: 'test', accountId: account.id, target: { id: profile.id, typeURI: 'test' } });
    throw new Error('changed its mind');
  });
  await assert.rejects(failing, /changed its mind/);
  assert.equal(await store.reads.findProfile(profile.id), undefined);
  assert.deepEqual(await store.views.feedHead(), before);
  assert.deepEqual(await store.audit.find({ accountId: account.id, limit: 10 }), []);
  // The next one is none the worse for it.
  await opened.profile(account.id);
});

test('what is unique is taken once, and the second is a conflict', async () => {
  await using opened = await openTestStore();
  const account = await opened.account();
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => opened.profile(account.id, 'the only one')));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  assert.equal(refused.length, 4);
  for (const reason of refused) assert.ok(reason instanceof DomainError && reason.code === 'conflict', String(reason));
});

test('changes and exchanges at once end in whole chains, and only what is told as stored is in the log', async () => {
  await using opened = await openTestStore();
  const { store } = opened;
  const accounts = await opened.accounts(4);
  const stored: string[] = [];
  const others: string[] = [];
  const exchanges = async (accountId: string) => {
    for (let batch = 0; batch < 20; batch += 1) {
      const { seq } = await store.views.feedHead();
      const records = Array.from({ length: 5 }, () => newRecord(accountId, seq));
      const outcomes = await store.append(records);
      for (const [index, record] of records.entries()) (outcomes[index] === 'stored' ? stored : others).push(record.requestId);
    }
  };
  const changes = async (accountId: string) => {
    for (let number = 0; number < 20; number += 1) await opened.profile(accountId);
  };
  await Promise.all(accounts.flatMap(({ id }) => [exchanges(id), changes(id)]));
  await opened.close();
  const log = readAuditLog(opened.database);
  assertWhole(log);
  const written = new Set(accounts.flatMap(({ id }) => [...issuedTokens(log, id)]));
  assert.deepEqual([...written].sort(), stored.sort());
  assert.equal(stored.length + others.length, 400);
  assert.ok(log.changes.length >= 80);
});

test('a record that was changed in the file no longer fits its chain', async () => {
  await using opened = await openTestStore();
  const account = await opened.account();
  await opened.store.append(Array.from({ length: 5 }, () => newRecord(account.id, Number.MAX_SAFE_INTEGER)));
  await opened.profile(account.id);
  await opened.close();
  assertWhole(readAuditLog(opened.database));
  const tamper = (sql: string) => {
    const db = new DatabaseSync(opened.database);
    db.exec('BEGIN');
    db.exec(sql);
    db.exec('COMMIT');
    db.close();
  };
  const [{ record } = { record: '' }] = readAuditLog(opened.database).changes;
  tamper("UPDATE audit_changes SET record = replace(record, 'success', 'failure') WHERE seq = 1");
  assert.throws(() => assertWhole(readAuditLog(opened.database)), /the chain of changes does not verify/);
  const restore = new DatabaseSync(opened.database);
  restore.prepare('UPDATE audit_changes SET record = ? WHERE seq = 1').run(record);
  restore.close();
  assertWhole(readAuditLog(opened.database));
  tamper('DELETE FROM audit_records WHERE seq = 3');
  assert.throws(() => assertWhole(readAuditLog(opened.database)), /has a hole/);
});

test('more accounts than stay in memory are all served, each as it is now', async () => {
  await using opened = await openTestStore();
  const { store } = opened;
  const views = await createViews(store.views, createClusterDirectory());
  store.afterCommit(() => views.catchUp());
  const accounts = await opened.accounts(1050);
  for (const { id } of accounts) assert.equal((await views.get(id))?.account.id, id);
  const [first, last] = [accounts[0], accounts.at(-1)];
  assert.ok(first && last);
  assert.equal(views.peek(first.id), undefined, 'the one that was used least recently made room');
  assert.ok(views.peek(last.id));
  const [early, late] = [await opened.profile(first.id), await opened.profile(last.id)];
  assert.equal(views.peek(last.id)?.profiles.profile(late.id)?.id, late.id);
  assert.equal((await views.get(first.id))?.profiles.profile(early.id)?.id, early.id);
  assert.equal(await views.get('f'.repeat(32)), undefined);
});

test('a feed that was changed behind the back of the views drops them, and the next use reads the store', async () => {
  await using opened = await openTestStore();
  const { store } = opened;
  const views = await createViews(store.views, createClusterDirectory());
  store.afterCommit(() => views.catchUp());
  const account = await opened.account();
  const profile = await opened.profile(account.id);
  const breakages = ['UPDATE feed_head SET seq = seq + 3', "UPDATE feed_head SET epoch = 'another'", 'UPDATE feed_head SET seq = 1'];
  for (const [index, sql] of breakages.entries()) {
    assert.ok((await views.get(account.id))?.profiles.profile(profile.id));
    const db = new DatabaseSync(opened.database);
    db.exec(`${sql}; UPDATE profiles SET name = 'renamed ${index}' WHERE id = '${profile.id}'`);
    db.close();
    await views.catchUp();
    assert.equal(views.peek(account.id), undefined, sql);
    assert.equal((await views.get(account.id))?.profiles.profileNamed(`renamed ${index}`)?.id, profile.id, sql);
  }
});
