/** `podpass dev`: a whole Podpass in one directory, its pod tokens, good and bad, and what it leaves behind. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { BAD_TOKENS, keepTokenFresh, makeDevCluster, mintPodToken, readDevCluster } from '../../src/cli/dev-cluster.ts';
import { DEFAULT_POD } from '../../src/cli/dev-token.ts';
import { environmentName, flagName, SETTINGS } from '../../src/ops/config.ts';
import { podpass, type Running, startPodpass, worldAt } from '../support/process.ts';
import { claimsOf, type Wire, type World } from '../support/world.ts';

const freshDir = (name: string) => mkdtempSync(join(tmpdir(), `podpass-${name}-`));

describe('podpass dev --once', () => {
  it('tells the whole story and ends with status 0, leaving nothing behind', async () => {
    const work = freshDir('once');
    try {
      const { status, stdout, stderr } = await podpass(['dev', '--once'], { cwd: work, environment: { TMPDIR: work } });
      assert.equal(status, 0, stdout + stderr);
      for (const step of [1, 2, 3, 4, 5]) assert.match(stdout, new RegExp(`^ {2}ok {3}${step}\\. `, 'm'));
      assert.doesNotMatch(stdout, /FAIL/);
      assert.deepEqual(readdirSync(work), []);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
});

describe('podpass dev', () => {
  let dir: string;
  let process: Running;
  let world: World;
  let dev: Wire;

  const start = async () => {
    process = startPodpass(['dev', '--listen', '127.0.0.1:0', '--data-dir', dir]);
    await process.output(/Ctrl-C stops it/);
    dev = JSON.parse(readFileSync(join(dir, 'dev.json'), 'utf8'));
    world = worldAt(dev.url, dir);
  };

  const token = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await podpass(['dev', 'token', '--data-dir', dir, ...args]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]*\n$/);
    return stdout.trim();
  };

  before(async () => {
    dir = freshDir('dev');
    await start();
  });

  after(async () => {
    await process[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });

  it('writes dev.json, with what it says on the screen, for its owner alone', () => {
    assert.deepEqual(Object.keys(dev).sort(), ['account_id', 'apikey', 'cluster', 'cr_token_file', 'profile', 'url']);
    assert.equal(statSync(join(dir, 'dev.json')).mode & 0o777, 0o600);
    for (const text of [dev.url, dev.account_id, dev.apikey, dev.cr_token_file, dev.profile.id, 'for development'])
      assert.ok(process.stdout.includes(text), text);
  });

  it('has an API key, a cluster, a profile and a pod token that work', async () => {
    const owner = await world.login(dev.apikey);
    await world.expect(200, 'GET', `/v1/profiles/${dev.profile.id}`, { token: owner });
    const clusters = await world.expect(200, 'GET', '/global/v1/clusters', { token: owner });
    assert.deepEqual(
      clusters.body.map((cluster: Wire) => cluster.crn),
      [dev.cluster.crn],
    );
    const exchanged = await world.crToken(readFileSync(dev.cr_token_file, 'utf8'), { profile_id: dev.profile.id });
    assert.equal(exchanged.status, 200, exchanged.text);
    assert.equal(claimsOf(exchanged.body.access_token).iam_id, dev.profile.iam_id);
  });

  it('mints tokens that are accepted', async () => {
    const reply = await world.crToken(await token(), { profile_id: dev.profile.id });
    assert.equal(reply.status, 200, reply.text);
    const iam = await world.crToken(await token('--audience', 'iam', '--expires-in', '3600', '--pod', 'other'), {
      profile_id: dev.profile.id,
    });
    assert.equal(iam.status, 200, iam.text);
  });

  it('mints tokens of other pods, which are not linked', async () => {
    for (const args of [
      ['--namespace', 'other'],
      ['--service-account', 'other'],
    ]) {
      const reply = await world.crToken(await token(...args), { profile_id: dev.profile.id });
      assert.equal(reply.body.errorCode, 'BXNIM0398E', args.join(' '));
    }
  });

  for (const bad of BAD_TOKENS) {
    // The algorithm is read before anything is trusted: such a token is malformed, not refused.
    const code = bad === 'algorithm-none' || bad === 'hs256' ? 'BXNIM0401E' : 'BXNIM0405E';
    it(`mints a token that is bad by ${bad}, refused with ${code}`, async () => {
      const reply = await world.crToken(await token('--bad', bad), { profile_id: dev.profile.id });
      assert.equal(reply.status, 400);
      assert.equal(reply.body.errorCode, code, reply.text);
    });
  }

  it('refuses to mint what nobody can mint', async () => {
    const kind = await podpass(['dev', 'token', '--data-dir', dir, '--bad', 'taste']);
    assert.equal(kind.status, 1);
    for (const known of BAD_TOKENS) assert.ok(kind.stderr.includes(known), known);
    const life = await podpass(['dev', 'token', '--data-dir', dir, '--expires-in', 'long']);
    assert.equal(life.status, 1);
    assert.match(life.stderr, /--expires-in must be a whole number/);
    const nowhere = await podpass(['dev', 'token', '--data-dir', join(dir, 'nowhere')]);
    assert.equal(nowhere.status, 1);
    assert.match(nowhere.stderr, /no development cluster in .*nowhere/);
  });

  it('refuses a second one in the same directory, and goes on itself', async () => {
    const second = await podpass(['dev', '--listen', '127.0.0.1:0', '--data-dir', dir]);
    assert.equal(second.status, 1);
    assert.match(second.stderr, /^podpass: Another Podpass process is using [^\n]+\n$/);
    assert.equal((await world.call('GET', '/healthz')).status, 200);
  });

  it('starts again in the same directory, with the same account, key, profile and cluster', async () => {
    const earlier = dev;
    process.signal('SIGINT');
    const ended = await process.ended;
    assert.equal(ended.status, 0, ended.stderr);
    assert.equal(ended.stderr, '');
    await start();
    assert.deepEqual({ ...dev, url: '' }, { ...earlier, url: '' });
    const exchanged = await world.crToken(await token(), { profile_id: dev.profile.id });
    assert.equal(exchanged.status, 200, exchanged.text);
    await world.login(dev.apikey);
  });
});

describe('the token file of podpass dev', () => {
  const dirs: string[] = [];
  const place = () => {
    const dir = freshDir('token');
    dirs.push(dir);
    return dir;
  };

  afterEach(() => {
    mock.timers.reset();
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  it('holds a new token when 80 % of the life of the last one are over, until it is stopped', () => {
    const dir = place();
    const file = join(dir, 'tokens', 'vault-token');
    const start = Date.parse('2026-01-01T00:00:00Z');
    mock.timers.enable({ apis: ['setInterval', 'Date'], now: start });
    const stop = keepTokenFresh(file, makeDevCluster(dir), { ...DEFAULT_POD, expiresInSeconds: 1000 });
    const read = () => claimsOf(readFileSync(file, 'utf8'));
    const first = read();
    assert.equal(first.exp - first.iat, 1000);
    mock.timers.tick(799_999);
    assert.equal(read().jti, first.jti);
    mock.timers.tick(1);
    const second = read();
    assert.notEqual(second.jti, first.jti);
    assert.equal(second.iat, start / 1000 + 800);
    stop();
    mock.timers.tick(10_000_000);
    assert.equal(read().jti, second.jti);
    assert.match(readFileSync(file, 'utf8'), /\n$/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!existsSync(`${file}.new`));
  });

  it('speaks for the same pod and service account from token to token, by the same cluster after a restart', () => {
    const dir = place();
    const made = makeDevCluster(dir);
    const read = readDevCluster(dir);
    assert.ok(read);
    const [one, two] = [claimsOf(mintPodToken(made, DEFAULT_POD)), claimsOf(mintPodToken(read, DEFAULT_POD))];
    assert.deepEqual(one['kubernetes.io'], two['kubernetes.io']);
    assert.equal(one.iss, two.iss);
    assert.notEqual(one.jti, two.jti);
    assert.equal(read.kid, made.kid);
  });
});

describe('podpass --help', () => {
  it('tells every command, and each command its options', async () => {
    const { status, stdout } = await podpass(['--help']);
    assert.equal(status, 0);
    for (const command of ['init', 'serve', 'dev']) assert.match(stdout, new RegExp(`^ {2}${command}\\b`, 'm'));
    const devHelp = await podpass(['dev', '--help']);
    assert.match(devHelp.stdout, /^ {2}token\b/m);
    assert.match(devHelp.stdout, /--once/);
    const serveHelp = await podpass(['serve', '--help']);
    // A setting that the command did not know would be one that no flag can set.
    for (const key of Object.keys(SETTINGS)) {
      for (const name of [flagName(key), environmentName(key)]) assert.match(serveHelp.stdout, new RegExp(`${name}\\b`), name);
    }
    assert.match(serveHelp.stdout, /--config\b/);
    assert.equal((await podpass(['dev', 'token', '--help'])).status, 0);
  });

  it('answers an unknown command and an unknown option with status 1 and the word', async () => {
    for (const args of [['sreve'], ['serve', '--lisen', 'x'], ['dev', 'tokn']]) {
      const ended = await podpass(args);
      assert.equal(ended.status, 1, args.join(' '));
      assert.ok(ended.stderr.includes(args.find((word) => /sreve|lisen|tokn/.test(word)) ?? '?'), ended.stderr);
    }
  });

  it('prints the help where it is called with nothing', async () => {
    const { stdout, stderr } = await podpass([]);
    assert.match(stdout + stderr, /Usage: podpass/);
  });
});
