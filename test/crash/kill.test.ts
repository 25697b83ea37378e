/** `kill -9` in the middle of a load: what was answered is in the audit log, and the log is whole. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../../src/http/free-port.ts';
import { assertWhole, issuedTokens, readAuditLog } from '../support/audit-log.ts';
import { init, type Places, serve, worldAt, worldOf } from '../support/process.ts';
import { claimsOf, type TestAccount, type TestCluster, type Wire, type World } from '../support/world.ts';

const ROUNDS = 3;
const EXCHANGES_AT_ONCE = 16;
/** The process is killed when it has given this many answers in a round; the load never pauses for it. */
const ANSWERS_BEFORE_KILL = 400;

/** What a round of load was answered before the process was gone. */
interface Answered {
  readonly tokens: string[];
  readonly profiles: string[];
  readonly refusals: string[];
}

/** Asks again and again until there is nobody to ask. */
async function untilNobodyAnswers(ask: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await ask();
    } catch (error) {
      // fetch reports a connection that broke as a TypeError; anything else is a finding.
      if (error instanceof TypeError) return;
      throw error;
    }
  }
}

async function load(
  world: World,
  { cluster, profile, neighbour }: { cluster: TestCluster; profile: Wire; neighbour: TestAccount },
  round: number,
  kill: () => void,
): Promise<Answered> {
  const answered: Answered = { tokens: [], profiles: [], refusals: [] };
  const podTokens = Array.from({ length: EXCHANGES_AT_ONCE }, (_, index) => cluster.issuer.token({ pod: `web-${index}` }));
  let killed = false;
  const exchange = (podToken: string) => async () => {
    const reply = await world.crToken(podToken, { profile_id: profile.id });
    if (reply.status === 200) answered.tokens.push(claimsOf(reply.body.access_token).jti);
    else answered.refusals.push(reply.text);
    if (answered.tokens.length >= ANSWERS_BEFORE_KILL && !killed) {
      killed = true;
      kill();
    }
  };
  let made = 0;
  const change = async () => {
    made += 1;
    const body = { name: `round ${round} number ${made}`, account_id: neighbour.id };
    const reply = await world.call('POST', '/v1/profiles', { token: neighbour.owner, body });
    if (reply.status === 201) answered.profiles.push(reply.body.id);
    else answered.refusals.push(reply.text);
  };
  await Promise.all([...podTokens.map((token) => untilNobodyAnswers(exchange(token))), untilNobodyAnswers(change)]);
  return answered;
}

describe('a server that is killed under load', () => {
  let dir: string;
  let places: Places;
  let listen: readonly string[];
  let account: TestAccount;
  /** Another account, whose profiles are made during the load. */
  let neighbour: TestAccount;
  let profile: Wire;
  let cluster: TestCluster;
  const tokens: string[] = [];
  const profiles: string[] = [];

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'podpass-kill-'));
    places = await init(dir);
    listen = ['--listen', `127.0.0.1:${await freePort('127.0.0.1')}`];
    const { process: server, url } = await serve(places, listen);
    await using _server = server;
    const world = await worldOf(url, places, readFileSync(places.adminKeyFile, 'utf8').trim());
    account = await world.account();
    neighbour = await world.account();
    cluster = await world.cluster(account);
    profile = await world.profile(account);
    await world.link(account, profile.id, cluster.crn);
  });

  after(() => rmSync(dir, { recursive: true, force: true }));

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`answers until the kill and serves again after it, round ${round}`, async () => {
      const { process: server, url } = await serve(places, listen);
      await using _server = server;
      const world = worldAt(url, dir);
      // The key of the account and the tokens of the process before are as good as ever.
      tokens.push(claimsOf(await world.login(account.ownerApiKey)).jti);
      await world.expect(200, 'GET', `/v1/profiles/${profile.id}`, { token: account.owner });
      const answered = await load(world, { cluster, profile, neighbour }, round, () => server.signal('SIGKILL'));
      assert.equal((await server.ended).signal, 'SIGKILL');
      assert.equal(answered.refusals[0], undefined);
      assert.ok(answered.tokens.length >= ANSWERS_BEFORE_KILL);
      tokens.push(...answered.tokens);
      profiles.push(...answered.profiles);
    });
  }

  it('has every change that was answered', async () => {
    const { process: server, url } = await serve(places, listen);
    await using _server = server;
    const world = worldAt(url, dir);
    assert.ok(profiles.length > 0);
    for (const id of profiles) await world.expect(200, 'GET', `/v1/profiles/${id}`, { token: neighbour.owner });
    server.signal('SIGTERM');
    assert.equal((await server.ended).status, 0);
  });

  it('has every token that was answered in the audit log, in chains without a hole or a break', () => {
    const log = readAuditLog(places.database);
    assertWhole(log);
    const issued = issuedTokens(log, account.id);
    assert.deepEqual(
      tokens.filter((id) => !issued.has(id)),
      [],
      'tokens that were answered and are not in the log',
    );
    assert.equal(new Set(tokens).size, tokens.length);
    // One writer for every process that served: the first, the killed ones and the last.
    assert.equal(log.writers.length, ROUNDS + 2);
  });
});
