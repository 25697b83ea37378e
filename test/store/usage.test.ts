/** How many of a thing an account holds, against a count of the rows. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { migrate } from '../../src/store/embedded/migrate.ts';
import { startWorld, type TestAccount } from '../support/world.ts';

test('the counts follow what is made and deleted, one by one and with what hangs on it', async () => {
  await using world = await startWorld();
  const accounts: TestAccount[] = [await world.account(), await world.account()];
  for (const [index, account] of accounts.entries()) {
    const { owner: token } = account;
    const crn = `crn:v1:bluemix:public:iam-identity::a/${account.id}::computeresource:x`;
    const profiles = [await world.profile(account), await world.profile(account), await world.profile(account)];
    for (const [number, { id }] of profiles.entries()) {
      for (let each = 0; each <= number + index; each += 1) await world.link(account, id, crn, 'default', `sa-${each}`);
    }
    const { links } = (await world.expect(200, 'GET', `/v1/profiles/${profiles[1].id}/links`, { token })).body;
    await world.expect(204, 'DELETE', `/v1/profiles/${profiles[1].id}/links/${links[0].id}`, { token });
    await world.call('DELETE', `/v1/profiles/${profiles[1].id}/links/${links[0].id}`, { token });
    await world.expect(204, 'DELETE', `/v1/profiles/${profiles[2].id}`, { token });
    const services = [];
    for (let each = 0; each < 3; each += 1) {
      const body = { account_id: account.id, name: randomUUID() };
      services.push((await world.expect(201, 'POST', '/v1/serviceids', { token, body })).body);
    }
    await world.expect(204, 'DELETE', `/v1/serviceids/${services[0].id}`, { token });
  }
  const db = new DatabaseSync(`${world.dir}/data/podpass.db`, { readOnly: true });
  const rows = db
    .prepare('SELECT account_id, thing, used FROM usage_counts WHERE used <> 0 ORDER BY account_id, thing')
    .all()
    .map((row) => ({ ...row }));
  const counted = ['links', 'profiles', 'service_ids'].flatMap((thing) =>
    db.prepare(`SELECT account_id, '${thing}' AS thing, COUNT(*) AS used FROM ${thing} GROUP BY account_id`).all(),
  );
  db.close();
  const order = (row: Readonly<Record<string, unknown>>) => `${row.account_id} ${row.thing}`;
  assert.deepEqual(
    rows,
    counted.map((row) => ({ ...row })).toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
  );
  assert.equal(rows.length, 6);
});

test('a store of the first schema is brought up to date with what it holds', () => {
  const db = new DatabaseSync(':memory:');
  const first = '0001_initial.sql';
  db.exec(readFileSync(new URL(`../../src/store/migrations/${first}`, import.meta.url), 'utf8'));
  db.exec('CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)');
  db.prepare('INSERT INTO migrations VALUES (1, ?)').run(first);
  db.exec(`INSERT INTO profiles (id, account_id, name, revision, entity_tag, created_at, modified_at) VALUES
      ('p1', 'a', 'one', 1, '1-a', 1, 1), ('p2', 'a', 'two', 1, '1-a', 1, 1), ('p3', 'b', 'one', 1, '1-a', 1, 1);
    INSERT INTO api_keys VALUES ('k', 'a', 'IBMid-1', 'key', 'hash', 0, 0, NULL, '1-a', 'IBMid-1', 1, 1)`);
  migrate(db);
  migrate(db);
  const all = (sql: string) =>
    db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  assert.deepEqual(all('SELECT account_id, thing, used FROM usage_counts ORDER BY account_id'), [
    { account_id: 'a', thing: 'profiles', used: 2 },
    { account_id: 'b', thing: 'profiles', used: 1 },
  ]);
  assert.deepEqual(all('SELECT revision, support_sessions, action_when_leaked, sealed_value, description FROM api_keys'), [
    { revision: 1, support_sessions: 0, action_when_leaked: 'none', sealed_value: null, description: null },
  ]);
  db.close();
});
