/**
 * A store that cannot grow: the operating system refuses the write, as on a full disk (here by the limit on a file's size).
 * Nothing is issued then, nothing that was issued is lost, and the server says why.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertWhole, issuedTokens, readAuditLog } from '../support/audit-log.ts';
import { init, serve, startWithFileLimit, worldAt, worldOf } from '../support/process.ts';
import { claimsOf } from '../support/world.ts';

/** POSIX counts the limit in blocks of 512 bytes. */
const BLOCK = 512;
const ROOM_BYTES = 400 * 1024;

test('a disk that is full refuses exchanges with 503 and a reason in the log, and loses nothing that was answered', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'podpass-full-'));
  try {
    const places = await init(dir);
    let account: Awaited<ReturnType<Awaited<ReturnType<typeof worldOf>>['account']>>;
    {
      const { process: server, url } = await serve(places);
      await using _server = server;
      const world = await worldOf(url, places, readFileSync(places.adminKeyFile, 'utf8').trim());
      account = await world.account();
      server.signal('SIGTERM');
      await server.ended;
    }
    const limit = Math.ceil((statSync(places.database).size + ROOM_BYTES) / BLOCK);
    const answered: string[] = [];
    {
      const { process: server, url } = await serve(places, undefined, (args) => startWithFileLimit(limit, args));
      await using _server = server;
      const world = worldAt(url, dir);
      const form = { grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: account.ownerApiKey };
      let refusals = 0;
      let token = '';
      for (let attempt = 0; attempt < 20_000 && refusals < 5; attempt += 1) {
        const reply = await world.exchange(form);
        if (reply.status === 200) {
          token = reply.body.access_token;
          answered.push(claimsOf(token).jti);
          continue;
        }
        refusals += 1;
        assert.equal(reply.status, 503, reply.text);
        assert.equal(reply.body.errorCode, 'PODP0500E');
        assert.equal(reply.headers.get('retry-after'), '1');
      }
      assert.equal(refusals, 5, 'the limit was reached');
      assert.ok(answered.length > 10, `${answered.length} tokens were answered before`);
      const refusedChange = await world.call('POST', '/v1/profiles', { token, body: { name: 'late', account_id: account.id } });
      assert.equal(refusedChange.status, 503, refusedChange.text);
      assert.equal((await world.call('GET', `/v1/profiles?account_id=${account.id}`, { token })).status, 200, 'reading still works');
      server.signal('SIGKILL');
      assert.match((await server.ended).stderr, /could not be made durable/);
    }
    const { process: server, url } = await serve(places);
    await using _server = server;
    assert.equal(
      (await worldAt(url, dir).exchange({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: account.ownerApiKey })).status,
      200,
    );
    server.signal('SIGTERM');
    await server.ended;
    const log = readAuditLog(places.database);
    assertWhole(log);
    const issued = issuedTokens(log, account.id);
    assert.deepEqual(
      answered.filter((id) => !issued.has(id)),
      [],
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
