/** Exchanges and changes of one account: neither makes the other wait for ever, and nothing is issued on what was changed. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createRecorder } from '../../src/audit/recorder.ts';
import { createClusterDirectory } from '../../src/clusters/directory.ts';
import { createSystemClock } from '../../src/kernel/clock.ts';
import { createIds } from '../../src/kernel/ids.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { GrantRequest } from '../../src/token/grants/grant.ts';
import { createIssue } from '../../src/token/issue.ts';
import { createSealer } from '../../src/token/sealing.ts';
import { createSigningKey, openKeyRing } from '../../src/token/signing-keys.ts';
import { createViews } from '../../src/view/views.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { claimsOf, startWorld } from '../support/world.ts';

async function issuerOn({ store, context }: TestStore) {
  const ids = createIds();
  const sealer = createSealer(new Secret(randomBytes(32)), 'test');
  const ring = openKeyRing(sealer, [await createSigningKey(sealer, 'key', 'active', Date.now())]);
  const views = await createViews(store.views, createClusterDirectory());
  store.afterCommit(() => views.catchUp());
  const clock = createSystemClock();
  const recorder = createRecorder(store);
  const issue = createIssue({ issuer: 'test', clock, ids, keyRing: () => ring, recorder, views, undisturbed: store.undisturbed });
  const request = { scope: 'ibm openid', clientId: 'default', info: context().info } as unknown as GrantRequest;
  return { views, issue, request };
}

for (const pace of ['before it is recorded', 'with every attempt'] as const) {
  test(`an exchange whose account changes ${pace} is evaluated again, and the first token is thrown away`, async () => {
    await using opened = await openTestStore();
    const { store } = opened;
    const account = await opened.account();
    const { views, issue, request } = await issuerOn(opened);
    await views.get(account.id);
    const decided: string[] = [];
    const changes: Promise<void>[] = [];
    const issued = await issue(request, 'test', async ({ tokenId }) => {
      decided.push(tokenId);
      if (decided.length === 1) await opened.touch(account.id);
      else if (pace === 'with every attempt') changes.push(opened.touch(account.id));
      const event = {
        action: 'test.login',
        accountId: account.id,
        outcome: 'success',
        initiator: { id: 'test', credential: 'apikey' },
        target: { id: 'test', typeURI: 'test' },
        responseData: { token_id: tokenId },
      } as const;
      return { claims: { jti: tokenId, iat: 0, exp: 60 }, event, accountId: account.id };
    });
    await Promise.all(changes);
    assert.equal(decided.length, 2);
    assert.equal(claimsOf(issued.accessToken).jti, decided[1]);
    const events = (await store.audit.find({ accountId: account.id, limit: 100 })).map(({ record }) => JSON.parse(record));
    const logins = events.filter((event) => event.type === 'test.login');
    assert.deepEqual(
      logins.map((event) => event.data.responseData.token_id),
      [decided[1]],
    );
  });
}

test('the pods of an account get tokens while the account is changed without pause, and the changes go on', async () => {
  await using world = await startWorld();
  const account = await world.account();
  const cluster = await world.cluster(account);
  const profile = await world.profile(account);
  await world.link(account, profile.id, cluster.crn);
  const podToken = cluster.issuer.token();
  let left = 200;
  let made = 0;
  const exchange = async () => {
    while (left > 0) {
      left -= 1;
      const reply = await world.crToken(podToken, { profile_id: profile.id });
      assert.equal(reply.status, 200, reply.text);
    }
  };
  const change = async (_: unknown, index: number) => {
    for (let number = 0; left > 0; number += 1) {
      const body = { name: `${index} ${number}`, account_id: account.id };
      await world.expect(201, 'POST', '/v1/profiles', { token: account.owner, body });
      made += 1;
    }
  };
  await Promise.all([...Array.from({ length: 8 }, exchange), ...Array.from({ length: 4 }, change)]);
  assert.ok(made >= 4);
});
