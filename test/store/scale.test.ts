/** One account with 10,000 profiles, 100,000 links and 20,000 claim rules, on a real store behind a real server. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { initialise } from '../../src/installation.ts';
import { readOrMakeMasterKey } from '../../src/ops/master-key.ts';
import { claimsOf, startWorld, type TestAccount, type TestCluster, type Wire, type World } from '../support/world.ts';

const PROFILES = 10_000;
const LINKS_EACH = 10;
const RULES_EACH = 2;

const uuid = (number: number) => `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
const profileId = (number: number) => `Profile-${uuid(number)}`;

/** Fills the account behind the server's back, as a year of use would have. */
function fill(database: string, account: TestAccount, cluster: TestCluster): void {
  const db = new DatabaseSync(database);
  const insert = (table: string, row: Readonly<Record<string, string | number | null>>) => {
    const names = Object.keys(row);
    return db.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `:${name}`).join(', ')})`);
  };
  const at = { entity_tag: '1-a', created_at: 1, modified_at: 1, account_id: account.id };
  const profile = (number: number) => ({ ...at, id: profileId(number), name: `p ${number}`, revision: 1 });
  const link = (owner: number, number: number) => {
    const [namespace, name] = [`ns-${owner % 100}`, `sa-${number}`];
    return {
      ...at,
      id: `link-${uuid(number)}`,
      profile_id: profileId(owner),
      cr_type: 'ROKS_SA',
      crn: cluster.crn,
      crn_account_id: account.id,
      target: JSON.stringify({ crn: cluster.crn, namespace, name }),
      target_key: String(number),
      namespace,
      service_account: name,
      match_enabled: 1,
    };
  };
  const rule = (owner: number, number: number) => ({
    ...at,
    id: `ClaimRule-${uuid(number)}`,
    profile_id: profileId(owner),
    type: 'Profile-CR',
    expiration: 0,
    conditions: JSON.stringify([{ claim: 'namespace', operator: 'EQUALS', value: `rule-${number}` }]),
    revision: 1,
  });
  const [insertProfile, insertLink, insertRule] = [
    insert('profiles', profile(0)),
    insert('links', link(0, 0)),
    insert('claim_rules', rule(0, 0)),
  ];
  db.exec('BEGIN');
  for (let owner = 0; owner < PROFILES; owner += 1) {
    insertProfile.run(profile(owner));
    for (let each = 0; each < LINKS_EACH; each += 1) insertLink.run(link(owner, owner * LINKS_EACH + each));
    for (let each = 0; each < RULES_EACH; each += 1) insertRule.run(rule(owner, owner * RULES_EACH + each));
  }
  db.exec('COMMIT');
  db.close();
}

describe('an account of 10,000 profiles, 100,000 links and 20,000 rules', () => {
  const dir = mkdtempSync(join(tmpdir(), 'podpass-scale-'));
  let world: World;
  let account: TestAccount;
  let cluster: TestCluster;

  before(async () => {
    const dataDir = join(dir, 'data');
    const firstKey = await initialise({ dataDir, masterKey: readOrMakeMasterKey(join(dir, 'master.key'), dataDir) });
    {
      await using small = await startWorld({ dir });
      const body = { iam_id: 'IBMid-admin', name: 'Administrator' };
      const made = await small.expect(201, 'POST', '/podpass/v1/administrators', { token: await small.login(firstKey.reveal()), body });
      small.admin = await small.login(made.body.apikey);
      account = await small.account();
      cluster = await small.cluster(account);
    }
    fill(join(dataDir, 'podpass.db'), account, cluster);
    world = await startWorld({ dir });
    account = { ...account, owner: await world.login(account.ownerApiKey) };
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });

  const get = async (path: string): Promise<Wire> => (await world.expect(200, 'GET', path, { token: account.owner })).body;

  it('lists its profiles page by page, each once, and no page holds more than it may', async () => {
    const seen = new Set<string>();
    let path: string | undefined = `/v1/profiles?account_id=${account.id}&pagesize=100&sort=name`;
    for (let pages = 1; path !== undefined; pages += 1) {
      const page: Wire = await get(path);
      assert.ok(page.profiles.length <= 100);
      for (const { id } of page.profiles) seen.add(id);
      assert.equal(page.next === undefined, pages === PROFILES / 100);
      path = page.next === undefined ? undefined : page.next.slice(world.url.length);
    }
    assert.equal(seen.size, PROFILES);
  });

  it('lets the pod of any link and of any rule in, and no other', async () => {
    const ask = (owner: number, namespace: string, serviceAccount: string) =>
      world.crToken(cluster.issuer.token({ namespace, serviceAccount }), { profile_id: profileId(owner) });
    for (const owner of [0, 4321, PROFILES - 1]) {
      const last = owner * LINKS_EACH + LINKS_EACH - 1;
      const byLink = await ask(owner, `ns-${owner % 100}`, `sa-${last}`);
      assert.equal(byLink.status, 200, byLink.text);
      assert.equal(claimsOf(byLink.body.access_token).podpass.link, `link-${uuid(last)}`);
      const byRule = await ask(owner, `rule-${owner * RULES_EACH + 1}`, 'anybody');
      assert.equal(byRule.status, 200, byRule.text);
      assert.equal(claimsOf(byRule.body.access_token).podpass.rule, `ClaimRule-${uuid(owner * RULES_EACH + 1)}`);
      assert.equal((await ask(owner, `ns-${owner % 100}`, `sa-${last + 1}`)).status, 400);
    }
  });

  it('takes a further link and a further rule, which hold from then on, and gives them up again', async () => {
    const id = profileId(77);
    const ask = async () =>
      (await world.crToken(cluster.issuer.token({ namespace: 'new', serviceAccount: 'new' }), { profile_id: id })).status;
    const link = await world.link(account, id, cluster.crn, 'new', 'new');
    assert.equal(await ask(), 200);
    await world.expect(204, 'DELETE', `/v1/profiles/${id}/links/${link.body.id}`, { token: account.owner });
    assert.equal(await ask(), 400);
    const body = { type: 'Profile-CR', conditions: [{ claim: 'namespace', operator: 'EQUALS', value: 'new' }] };
    const rule = await world.expect(201, 'POST', `/v1/profiles/${id}/rules`, { token: account.owner, body });
    assert.equal(await ask(), 200);
    await world.expect(204, 'DELETE', `/v1/profiles/${id}/rules/${rule.body.id}`, { token: account.owner });
    assert.equal(await ask(), 400);
  });
});
