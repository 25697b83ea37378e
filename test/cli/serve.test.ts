/** `podpass serve`: what it refuses to start on, and how it stops. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { assertWhole, issuedTokens, readAuditLog } from '../support/audit-log.ts';
import { type Ended, init, type Places, placesIn, podpass, serve, startPodpass, worldOf } from '../support/process.ts';
import { claimsOf, type World } from '../support/world.ts';

const APIKEY_GRANT = 'urn:ibm:params:oauth:grant-type:apikey';
const FORM = 'application/x-www-form-urlencoded';

function assertRefused(ended: Ended, sentence: RegExp): void {
  assert.equal(ended.status, 1, ended.stdout + ended.stderr);
  assert.match(ended.stderr, /^podpass: [^\n]+\n$/);
  assert.match(ended.stderr, sentence);
  assert.equal(ended.stdout, '');
}

const textOf = async (response: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
};

describe('podpass serve', () => {
  let dir: string;
  let places: Places;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'podpass-serve-'));
    places = await init(dir);
  });

  after(() => rmSync(dir, { recursive: true, force: true }));

  const serveIt = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    podpass(['serve', '--listen', '127.0.0.1:0', ...args], { environment });

  describe('refuses to start', () => {
    it('without an installation, and makes none', async () => {
      const empty = join(dir, 'empty');
      mkdirSync(empty);
      const flags = ['--data-dir', empty, '--master-key-file', places.masterKeyFile];
      assertRefused(await serveIt(flags), /no Podpass installation in .*empty.*podpass init/);
      assert.ok(!existsSync(join(empty, 'podpass.db')));
      const nowhere = ['--data-dir', join(dir, 'nowhere'), '--master-key-file', places.masterKeyFile];
      assertRefused(await serveIt(nowhere), /no Podpass installation/);
      assert.ok(!existsSync(join(dir, 'nowhere')));
    });

    it('with a file in place of the data directory', async () => {
      const flags = ['--data-dir', places.adminKeyFile, '--master-key-file', places.masterKeyFile];
      assertRefused(await serveIt(flags), /no Podpass installation/);
    });

    it('without its settings, and names every one that is missing', async () => {
      const ended = await serveIt([]);
      assertRefused(ended, /'data_dir' is missing.*--data-dir, PODPASS_DATA_DIR/);
      assert.match(ended.stderr, /'master_key_file' is missing.*--master-key-file, PODPASS_MASTER_KEY_FILE/);
    });

    it('with a setting that is not acceptable, and says what is', async () => {
      assertRefused(await podpass(['serve', ...places.flags, '--listen', 'here']), /'listen' is not acceptable: must be HOST:PORT/);
      assertRefused(await serveIt([...places.flags, '--limits-set', 'huge']), /'limits\.set' is not acceptable/);
    });

    it('with an unknown key, variable or file, and names the nearest', async () => {
      const config = join(dir, 'podpass.yaml');
      writeFileSync(config, 'token:\n  max_lifetime_second: 600\n');
      assertRefused(
        await serveIt([...places.flags, '--config', config]),
        /unknown key 'token\.max_lifetime_second'\. The nearest known one is 'token\.max_lifetime_seconds'/,
      );
      assertRefused(
        await serveIt(places.flags, { PODPASS_LOGLEVEL: 'debug' }),
        /PODPASS_LOGLEVEL is no setting\. The nearest known one is PODPASS_LOG_LEVEL/,
      );
      assertRefused(await serveIt([...places.flags, '--config', join(dir, 'none.yaml')]), /configuration file .* cannot be read/);
      writeFileSync(config, '- a list\n');
      assertRefused(await serveIt([...places.flags, '--config', config]), /must hold a mapping/);
    });

    it('with another master key than the one of the installation', async () => {
      const other = join(dir, 'other.key');
      writeFileSync(other, `${Buffer.alloc(32, 9).toString('base64')}\n`);
      const flags = ['--data-dir', places.dataDir, '--master-key-file', other];
      assertRefused(await serveIt(flags), /master key does not belong to this installation/);
    });

    it('with a master key that is missing, or inside the data directory', async () => {
      assertRefused(
        await serveIt(['--data-dir', places.dataDir, '--master-key-file', join(dir, 'gone.key')]),
        /master key file .* cannot be read/,
      );
      const inside = join(places.dataDir, 'master.key');
      writeFileSync(inside, readFileSync(places.masterKeyFile));
      assertRefused(await serveIt(['--data-dir', places.dataDir, '--master-key-file', inside]), /is inside the data directory/);
      rmSync(inside);
    });

    it('where another server uses the data directory, which goes on', async () => {
      const { process: first, url } = await serve(places);
      await using _first = first;
      assertRefused(await serveIt(places.flags), /Another Podpass process is using .*data/);
      assert.equal((await fetch(`${url}/healthz`)).status, 200);
    });

    it('where another program listens on its address', async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as { port: number };
      try {
        assertRefused(
          await podpass(['serve', ...places.flags, '--listen', `127.0.0.1:${port}`, '--log-level', 'silent']),
          new RegExp(`Another program listens on 127\\.0\\.0\\.1:${port} already`),
        );
      } finally {
        other.close();
      }
    });

    it('on a data directory that it may not write', async () => {
      // Modes bind everybody but root, as whom these tests may run: then the server runs as somebody else.
      const own = mkdtempSync(join(tmpdir(), 'podpass-read-only-'));
      const isRoot = process.getuid?.() === 0;
      const user = isRoot ? { uid: 65534, gid: 65534 } : {};
      try {
        const readOnly = await init(own);
        if (isRoot) for (const place of [own, readOnly.masterKeyFile, readOnly.dataDir, readOnly.database]) chownSync(place, 65534, 65534);
        chmodSync(readOnly.dataDir, 0o500);
        const ended = await podpass(['serve', ...readOnly.flags, '--listen', '127.0.0.1:0'], { ...user, cwd: own });
        assertRefused(ended, /data directory .* cannot be written: .*(EACCES|permission denied)/);
      } finally {
        chmodSync(join(own, 'data'), 0o700);
        rmSync(own, { recursive: true, force: true });
      }
    });

    it('on a store that a newer Podpass has written', async () => {
      const own = mkdtempSync(join(tmpdir(), 'podpass-newer-'));
      try {
        const newer = await init(own);
        const { DatabaseSync } = await import('node:sqlite');
        const db = new DatabaseSync(newer.database);
        db.exec("INSERT INTO migrations (number, name) VALUES (9999, '9999_from_the_future.sql')");
        db.close();
        assertRefused(
          await podpass(['serve', ...newer.flags, '--listen', '127.0.0.1:0']),
          /written by a newer Podpass .*9999_from_the_future/,
        );
      } finally {
        rmSync(own, { recursive: true, force: true });
      }
    });

    it('on a file that is no store', async () => {
      const own = mkdtempSync(join(tmpdir(), 'podpass-garbage-'));
      try {
        const garbage = placesIn(own);
        mkdirSync(garbage.dataDir);
        writeFileSync(garbage.masterKeyFile, readFileSync(places.masterKeyFile));
        writeFileSync(garbage.database, 'this is a text, and not a short one, which SQLite does not take for a database of its own');
        assertRefused(await podpass(['serve', ...garbage.flags, '--listen', '127.0.0.1:0']), /not a database/);
      } finally {
        rmSync(own, { recursive: true, force: true });
      }
    });
  });

  describe('takes its settings', () => {
    it('from flags before the environment before the file', async () => {
      const config = join(dir, 'settings.yaml');
      writeFileSync(config, `issuer: from-file\npublic_url: http://from-file\nlog:\n  level: warn\ndata_dir: ${places.dataDir}\n`);
      const running = startPodpass(['serve', '--config', config, '--listen', '127.0.0.1:0', '--issuer', 'https://from-flag'], {
        environment: { PODPASS_MASTER_KEY_FILE: places.masterKeyFile, PODPASS_PUBLIC_URL: 'http://from-environment', PODPASS_ISSUER: 'no' },
      });
      await using _running = running;
      const [, url, known] = await running.output(/listens on (\S+) and is known as (\S+)\.\n/);
      assert.equal(known, 'http://from-environment');
      const discovery = (await (await fetch(`${url}/identity/.well-known/openid-configuration`)).json()) as { issuer: string };
      assert.equal(discovery.issuer, 'https://from-flag');
    });
  });

  describe('on SIGTERM', () => {
    let world: World;
    let apikey: string;
    let accountId: string;

    before(async () => {
      const { process: server, url } = await serve(places);
      await using _server = server;
      world = await worldOf(url, places, readFileSync(places.adminKeyFile, 'utf8').trim());
      const account = await world.account();
      apikey = account.ownerApiKey;
      accountId = account.id;
    });

    it('answers a request whose body is still on its way, and ends with status 0', async () => {
      const { process: server, url } = await serve(places);
      await using _server = server;
      const agent = new Agent({ keepAlive: true });
      try {
        const form = `grant_type=${APIKEY_GRANT}&apikey=${apikey}`;
        const headers = { 'content-type': FORM, 'content-length': Buffer.byteLength(form), expect: '100-continue' };
        const slow = request(`${url}/identity/token`, { method: 'POST', agent, headers });
        const reply = new Promise<IncomingMessage>((resolve, reject) => slow.once('response', resolve).once('error', reject));
        // The server has the head of the request when it asks for the rest.
        await new Promise<void>((resolve) => {
          slow.once('continue', () => resolve());
          slow.flushHeaders();
        });
        slow.write(form.slice(0, 20));
        server.signal('SIGTERM');
        // It has heard the signal when it takes nobody new.
        while (
          await fetch(`${url}/healthz`).then(
            () => true,
            () => false,
          )
        );
        slow.end(form.slice(20));
        const response = await reply;
        assert.equal(response.statusCode, 200);
        // Otherwise the process would wait for a next request on this connection.
        assert.equal(response.headers.connection, 'close');
        assert.match(await textOf(response), /"access_token"/);
        const ended = await server.ended;
        assert.deepEqual([ended.status, ended.signal], [0, null]);
      } finally {
        agent.destroy();
      }
    });

    it('answers every exchange that it has begun, and writes every token that it answers', async () => {
      const { process: server, url } = await serve(places);
      await using _server = server;
      const agent = new Agent({ keepAlive: true, maxSockets: 16 });
      const form = `grant_type=${APIKEY_GRANT}&apikey=${apikey}`;
      const tokens: string[] = [];
      const cut: string[] = [];
      /** What came of one exchange: an answer, or a connection that was closed before any of an answer. */
      const exchange = async (): Promise<boolean> => {
        const asked = request(`${url}/identity/token`, { method: 'POST', agent, headers: { 'content-type': FORM } });
        let response: IncomingMessage;
        try {
          response = await new Promise<IncomingMessage>((resolve, reject) =>
            asked.once('response', resolve).once('error', reject).end(form),
          );
        } catch {
          return false;
        }
        try {
          const text = await textOf(response);
          if (response.statusCode === 200) tokens.push(claimsOf(JSON.parse(text).access_token).jti);
          else cut.push(`${response.statusCode}: ${text}`);
        } catch (error) {
          cut.push(String(error));
        }
        return true;
      };
      let stopping = false;
      const loop = async () => {
        while (await exchange()) {
          if (tokens.length < 200 || stopping) continue;
          stopping = true;
          server.signal('SIGTERM');
        }
      };
      try {
        await Promise.all(Array.from({ length: 16 }, loop));
        assert.deepEqual(cut, []);
        assert.deepEqual((await server.ended).status, 0);
        const log = readAuditLog(places.database);
        assertWhole(log);
        const issued = issuedTokens(log, accountId);
        assert.deepEqual(
          tokens.filter((id) => !issued.has(id)),
          [],
        );
      } finally {
        agent.destroy();
      }
    });

    it('does not wait for connections on which nobody asks', async () => {
      const { process: server, url } = await serve(places);
      await using _server = server;
      const agent = new Agent({ keepAlive: true });
      try {
        const idle = await new Promise<IncomingMessage>((resolve, reject) =>
          request(`${url}/healthz`, { agent }, resolve).once('error', reject).end(),
        );
        await textOf(idle);
        server.signal('SIGTERM');
        assert.equal((await server.ended).status, 0);
      } finally {
        agent.destroy();
      }
    });

    it('ends at once when it is told a second time', async () => {
      const { process: server, url } = await serve(places);
      await using _server = server;
      const agent = new Agent({ keepAlive: true });
      const headers = { 'content-type': FORM, 'content-length': 100, expect: '100-continue' };
      const hanging = request(`${url}/identity/token`, { method: 'POST', agent, headers });
      hanging.on('error', () => undefined);
      await new Promise<void>((resolve) => {
        hanging.once('continue', () => resolve());
        hanging.flushHeaders();
      });
      server.signal('SIGTERM');
      while (
        await fetch(`${url}/healthz`).then(
          () => true,
          () => false,
        )
      );
      server.signal('SIGTERM');
      assert.equal((await server.ended).status, 1);
      agent.destroy();
    });
  });
});
