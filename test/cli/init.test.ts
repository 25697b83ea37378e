/** `podpass init`: once, and what it refuses. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Ended, init, placesIn, podpass, serve, startPodpass, worldOf } from '../support/process.ts';

/** One sentence for the operator on standard error: no stack, no second line. */
function assertRefused(ended: Ended, sentence: RegExp): void {
  assert.equal(ended.status, 1, ended.stdout + ended.stderr);
  assert.match(ended.stderr, /^podpass: [^\n]+\n$/);
  assert.match(ended.stderr, sentence);
}

const contents = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, readFileSync(file, 'base64')]),
  );

describe('podpass init', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'podpass-init-'));
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('makes an installation whose first key makes an administrator and does nothing else', async () => {
    const places = await init(dir);
    const { process: server, url } = await serve(places);
    await using _server = server;
    const firstKey = readFileSync(places.adminKeyFile, 'utf8').trim();
    const world = await worldOf(url, places, firstKey);
    const body = { name: 'one', owner_iam_id: 'IBMid-one' };
    await world.expect(403, 'POST', '/podpass/v1/accounts', { token: await world.login(firstKey), body });
    await world.expect(201, 'POST', '/podpass/v1/accounts', { token: world.admin, body });
  });

  it('keeps the keys to their owner, and out of what it prints', async () => {
    const places = placesIn(dir);
    const ended = await podpass(['init', ...places.flags, '--admin-key-file', places.adminKeyFile]);
    assert.equal(ended.status, 0);
    for (const file of [places.adminKeyFile, places.masterKeyFile]) {
      assert.equal(statSync(file).mode & 0o777, 0o600, file);
      const secret = readFileSync(file, 'utf8').trim();
      assert.ok(secret.length >= 40);
      assert.ok(!(ended.stdout + ended.stderr).includes(secret), `${file} was printed`);
    }
    assert.equal(statSync(places.dataDir).mode & 0o077, 0);
    const database = Object.values(contents(places.dataDir)).map((text) => Buffer.from(text, 'base64').toString('latin1'));
    for (const file of [places.adminKeyFile, places.masterKeyFile]) {
      const secret = readFileSync(file, 'utf8').trim();
      assert.ok(!database.some((text) => text.includes(secret)), `${file} is in the store as it is`);
    }
  });

  it('shows the key nowhere but on a terminal', async () => {
    const places = placesIn(dir);
    assertRefused(await podpass(['init', ...places.flags]), /--admin-key-file/);
    assert.deepEqual(contents(dir), {});
  });

  it('refuses a second time and changes nothing', async () => {
    const places = await init(dir);
    const before = contents(dir);
    const again = await podpass(['init', ...places.flags, '--admin-key-file', join(dir, 'second-key')]);
    assertRefused(again, /already holds a Podpass installation; it is left as it is/);
    assert.deepEqual(contents(dir), before);
    const otherMasterKey = ['--data-dir', places.dataDir, '--master-key-file', join(dir, 'other.key')];
    assertRefused(await podpass(['init', ...otherMasterKey, '--admin-key-file', join(dir, 'second-key')]), /already holds/);
    assert.deepEqual(contents(dir), before);
  });

  it('never writes over a file that is there', async () => {
    const places = placesIn(dir);
    writeFileSync(places.adminKeyFile, 'precious');
    assertRefused(await podpass(['init', ...places.flags, '--admin-key-file', places.adminKeyFile]), /admin key file .* cannot be made/);
    assert.equal(readFileSync(places.adminKeyFile, 'utf8'), 'precious');
    assert.ok(!existsSync(places.database));
  });

  it('has one winner where two run at once', async () => {
    const places = placesIn(dir);
    const keyFiles = ['a', 'b', 'c', 'd'].map((name) => join(dir, `admin-key-${name}`));
    // One master key for all: they compete for the directory alone.
    writeFileSync(places.masterKeyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`);
    const runs = keyFiles.map((file) => startPodpass(['init', ...places.flags, '--admin-key-file', file]));
    const ended = await Promise.all(runs.map((run) => run.ended));
    const winners = ended.flatMap(({ status }, index) => (status === 0 ? [index] : []));
    assert.equal(winners.length, 1, ended.map(({ stderr }) => stderr).join(''));
    for (const [index, end] of ended.entries()) {
      const won = winners.includes(index);
      if (!won) assertRefused(end, /already holds a Podpass installation|Another Podpass process is using/);
      assert.equal(existsSync(keyFiles[index] ?? ''), won, 'who lost leaves no key file behind');
    }
    const { process: server, url } = await serve(places);
    await using _server = server;
    await worldOf(url, places, readFileSync(keyFiles[winners[0] ?? 0] ?? '', 'utf8').trim());
  });

  it('finishes what a killed one has begun', async () => {
    const places = placesIn(dir);
    mkdirSync(places.dataDir);
    // As far as a killed process may have come: a database with a part of its tables, and no installation in it.
    const db = new DatabaseSync(places.database);
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL)');
    db.close();
    writeFileSync(places.masterKeyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`);
    await init(dir);
    const { process: server } = await serve(places);
    await using _server = server;
  });

  it('refuses a master key inside the data directory, also by way of a link', async () => {
    const inside = join(dir, 'data', 'keys', 'master.key');
    const refused = await podpass([
      'init',
      '--data-dir',
      join(dir, 'data'),
      '--master-key-file',
      inside,
      '--admin-key-file',
      join(dir, 'k'),
    ]);
    assertRefused(refused, /is inside the data directory/);
    mkdirSync(join(dir, 'data'));
    symlinkSync(join(dir, 'data'), join(dir, 'elsewhere'));
    const linked = ['--data-dir', join(dir, 'data'), '--master-key-file', join(dir, 'elsewhere', 'master.key')];
    assertRefused(await podpass(['init', ...linked, '--admin-key-file', join(dir, 'k')]), /is inside the data directory/);
    assert.deepEqual(contents(dir), {});
  });

  it('refuses a master key file that holds something else, and a file in place of the data directory', async () => {
    const places = placesIn(dir);
    writeFileSync(places.masterKeyFile, 'not a key\n');
    const admin = ['--admin-key-file', places.adminKeyFile];
    assertRefused(await podpass(['init', ...places.flags, ...admin]), /must hold 32 bytes in base64/);
    rmSync(places.masterKeyFile);
    writeFileSync(places.dataDir, '');
    assertRefused(await podpass(['init', ...places.flags, ...admin]), /data directory .* cannot be written/);
    assert.ok(!existsSync(places.adminKeyFile));
  });

  it('names the settings that it misses', async () => {
    const ended = await podpass(['init']);
    assert.equal(ended.status, 1);
    assert.match(ended.stderr, /--data-dir/);
  });
});
