import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { assertRefused } from './refusal.ts';

let world: World;
let account: TestAccount;
let instance: string;

before(async () => {
  world = await startWorld();
  account = await world.account();
  instance = `crn:v1:bluemix:public:cloud-object-storage:global:a/${account.id}:${randomUUID()}:bucket:a/b+c`;
});
after(() => world[Symbol.asyncDispose]());

const call = (method: string, path: string, body?: unknown, ifMatch?: string): Promise<Reply<Wire>> =>
  world.call(method, `/v1/profiles/${path}`, {
    token: account.owner,
    ...(body !== undefined && { body }),
    ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }),
  });
const list = async (id: string): Promise<Wire> => {
  const { status, body, headers, text } = await call('GET', `${id}/identities`);
  assert.equal(status, 200, text);
  assert.deepEqual(Object.keys(body).sort(), ['entity_tag', 'identities']);
  assert.equal(headers.get('etag'), body.entity_tag);
  return body;
};
const replace = (id: string, ifMatch: string, body: unknown) => call('PUT', `${id}/identities`, body, ifMatch);
const add = (id: string, type: string, body: unknown) => call('POST', `${id}/identities/${type}`, body);
const pathOf = (id: string, type: string, identifier: string) => `${id}/identities/${type}/${encodeURIComponent(identifier)}`;
const makeProfile = async (): Promise<string> => (await world.profile(account)).id;
const tagOf = async (id: string): Promise<string> => (await call('GET', id)).body.entity_tag;

const user = (number: number | string = 1) => ({ type: 'user', identifier: `IBMid-27000${number}` });
const newServiceId = () => `ServiceId-${randomUUID()}`;

test('I1: a fresh profile has no identities, and their tag is its own', async () => {
  const profile = await world.profile(account);
  const { entity_tag, identities } = await list(profile.id);
  assert.deepEqual(identities, []);
  assert.equal(entity_tag, profile.entity_tag);
});

test('I2: PUT with the tag of the list sets one user', async () => {
  const id = await makeProfile();
  const { entity_tag } = await list(id);
  const sent = { ...user(), accounts: [account.id], description: 'my user' };
  const { status, body, headers } = await replace(id, entity_tag, { identities: [sent] });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body).sort(), ['entity_tag', 'identities']);
  assert.deepEqual(body.identities, [{ ...sent, iam_id: sent.identifier }]);
  assert.match(body.entity_tag, /^2-[0-9a-f]{32}$/);
  assert.equal(headers.get('etag'), body.entity_tag);
  assert.deepEqual(await list(id), body);
});

test('I3: PUT with * always matches', async () => {
  const id = await makeProfile();
  assert.equal((await replace(id, '*', { identities: [user(1)] })).status, 200);
  assert.equal((await replace(id, '*', { identities: [user(2)] })).status, 200);
});

test('I4: PUT with a stale tag is a conflict and changes nothing', async () => {
  const id = await makeProfile();
  const { entity_tag: stale } = await list(id);
  const { body: current } = await replace(id, stale, { identities: [user()] });
  assertRefused(await replace(id, stale, { identities: [] }), 409, 'conflict');
  assertRefused(await replace(id, 'invalid', { identities: [] }), 409, 'conflict');
  assertRefused(await replace(id, stale, {}), 409, 'conflict');
  assert.deepEqual(await list(id), current);
});

test('I5, I6: an identity is read, removed, and then not found', async () => {
  const id = await makeProfile();
  const sent = { ...user(), description: 'd' };
  await replace(id, '*', { identities: [sent, user(2)] });
  const found = await call('GET', pathOf(id, 'user', sent.identifier));
  assert.equal(found.status, 200);
  assert.deepEqual(found.body, { ...sent, iam_id: sent.identifier });
  const removed = await call('DELETE', pathOf(id, 'user', sent.identifier), undefined, 'ignored');
  assert.equal(removed.status, 204);
  assert.equal(removed.text, '');
  assertRefused(await call('GET', pathOf(id, 'user', sent.identifier)), 404, 'not_found');
  assertRefused(await call('DELETE', pathOf(id, 'user', sent.identifier)), 404, 'not_found');
  assert.deepEqual((await list(id)).identities, [{ ...user(2), iam_id: user(2).identifier }]);
});

test('I7: POST answers 200 with the identity', async () => {
  const id = await makeProfile();
  const sent = { ...user(), accounts: [account.id, '0'.repeat(32)], description: 'of other accounts too' };
  const { status, body } = await add(id, 'user', sent);
  assert.equal(status, 200);
  assert.deepEqual(body, { ...sent, iam_id: sent.identifier });
  assert.deepEqual((await list(id)).identities, [body]);
});

test('POST of an identity that is there replaces its accounts and description, in its place', async () => {
  const id = await makeProfile();
  await add(id, 'user', { ...user(1), accounts: [account.id], description: 'first' });
  await add(id, 'user', user(2));
  const changed = await add(id, 'user', { ...user(1), description: 'second' });
  assert.equal(changed.status, 200);
  assert.deepEqual(changed.body, { ...user(1), iam_id: user(1).identifier, description: 'second' });
  assert.deepEqual((await list(id)).identities, [changed.body, { ...user(2), iam_id: user(2).identifier }]);
});

test('a user without accounts and description gets none', async () => {
  const { body } = await add(await makeProfile(), 'user', user());
  assert.deepEqual(body, { ...user(), iam_id: user().identifier });
});

test('I10: a service ID gets no description of its own and no accounts', async () => {
  const id = await makeProfile();
  const identifier = newServiceId();
  const { status, body } = await add(id, 'serviceid', { type: 'serviceid', identifier });
  assert.equal(status, 200);
  assert.deepEqual(body, { type: 'serviceid', identifier, iam_id: `iam-${identifier}` });
  assert.deepEqual((await call('GET', pathOf(id, 'serviceid', identifier))).body, body);
});

test('I10: a service ID that exists gives none of its description either', async () => {
  const sent = { account_id: account.id, name: 'with description', description: 'not to be copied' };
  const serviceId = (await world.expect(201, 'POST', '/v1/serviceids', { token: account.owner, body: sent })).body;
  const { status, body } = await add(await makeProfile(), 'serviceid', { type: 'serviceid', identifier: serviceId.id });
  assert.equal(status, 200);
  assert.deepEqual(body, { type: 'serviceid', identifier: serviceId.id, iam_id: serviceId.iam_id });
});

test('the IAM id of a service ID is answered as its id', async () => {
  const id = await makeProfile();
  const identifier = newServiceId();
  const { body } = await add(id, 'serviceid', { type: 'serviceid', identifier: `iam-${identifier}` });
  assert.deepEqual(body, { type: 'serviceid', identifier, iam_id: `iam-${identifier}` });
  const again = await add(id, 'serviceid', { type: 'serviceid', identifier, description: 'the same' });
  assert.equal(again.status, 200);
  assert.deepEqual((await list(id)).identities, [again.body]);
});

test('accounts of a service ID and of a CRN are ignored', async () => {
  const id = await makeProfile();
  const accounts = [account.id];
  const identities = [
    { type: 'serviceid', identifier: newServiceId(), accounts, description: 's' },
    { type: 'crn', identifier: instance, accounts, description: 'c' },
  ];
  for (const sent of identities) {
    const { status, body } = await add(id, sent.type, sent);
    assert.equal(status, 200);
    assert.ok(!('accounts' in body));
    assert.equal(body.description, sent.description);
  }
  for (const identity of (await replace(id, '*', { identities })).body.identities) assert.ok(!('accounts' in identity));
});

test('I11: a CRN is found and removed under its encoded path', async () => {
  const id = await makeProfile();
  const { status, body } = await add(id, 'crn', { type: 'crn', identifier: instance });
  assert.equal(status, 200);
  assert.deepEqual(body, { type: 'crn', identifier: instance, iam_id: `crn-${instance}` });
  const path = pathOf(id, 'crn', instance);
  assert.match(path, /%2F/);
  assert.match(path, /%3A/);
  assert.deepEqual((await call('GET', path)).body, body);
  // Go's client leaves colons as they are.
  assert.deepEqual((await call('GET', path.replaceAll('%3A', ':'))).body, body);
  assert.equal((await call('DELETE', path)).status, 204);
  assertRefused(await call('GET', path), 404, 'not_found');
});

test('a CRN that is written with fewer colons at its end is the same identity', async () => {
  const id = await makeProfile();
  const short = `crn:v1:bluemix:public:kms:eu-de:a/${account.id}:instance`;
  const first = await add(id, 'crn', { type: 'crn', identifier: short });
  assert.equal(first.body.identifier, short);
  assert.equal(first.body.iam_id, `crn-${short}::`);
  await add(id, 'crn', { type: 'crn', identifier: `${short}::`, description: 'again' });
  assert.deepEqual((await list(id)).identities, [
    { type: 'crn', identifier: `${short}::`, iam_id: `crn-${short}::`, description: 'again' },
  ]);
  assert.equal((await call('GET', pathOf(id, 'crn', short))).status, 200);
  const both = [short, `${short}::`].map((identifier) => ({ type: 'crn', identifier }));
  assertRefused(await replace(id, '*', { identities: both }), 400, 'invalid_parameter');
});

test('I12: the list keeps the order of a PUT and of additions', async () => {
  const id = await makeProfile();
  const serviceId = newServiceId();
  const identities = [{ type: 'serviceid', identifier: serviceId }, { ...user(9), accounts: [account.id], description: 'd' }, user(1)];
  await replace(id, '*', { identities });
  await add(id, 'crn', { type: 'crn', identifier: instance });
  await add(id, 'user', user(0));
  const order = async () => (await list(id)).identities.map(({ identifier }: Wire) => identifier);
  assert.deepEqual(await order(), [serviceId, user(9).identifier, user(1).identifier, instance, user(0).identifier]);
  await replace(id, '*', { identities: identities.toReversed() });
  assert.deepEqual(await order(), [user(1).identifier, user(9).identifier, serviceId]);
});

test('I13: PUT with an empty list removes all', async () => {
  const id = await makeProfile();
  await replace(id, '*', { identities: [user(1), user(2)] });
  const { status, body } = await replace(id, '*', { identities: [] });
  assert.equal(status, 200);
  assert.deepEqual(body.identities, []);
  assertRefused(await call('GET', pathOf(id, 'user', user(1).identifier)), 404, 'not_found');
});

test('I14: PUT without the list leaves it and the tag as they are', async () => {
  const id = await makeProfile();
  const { body: current } = await replace(id, '*', { identities: [user(1), user(2)] });
  const { status, body, headers } = await replace(id, current.entity_tag, {});
  assert.equal(status, 200);
  assert.deepEqual(body, current);
  assert.equal(headers.get('etag'), current.entity_tag);
  assert.deepEqual(await list(id), current);
});

test('I15: every change of an identity moves the tag of the profile on', async () => {
  const id = await makeProfile();
  const tags = [await tagOf(id)];
  for (const change of [
    () => add(id, 'user', user(1)),
    () => add(id, 'user', { ...user(1), description: 'd' }),
    () => replace(id, '*', { identities: [user(2)] }),
    () => call('DELETE', pathOf(id, 'user', user(2).identifier)),
  ]) {
    const { status } = await change();
    assert.ok(status === 200 || status === 204);
    tags.push(await tagOf(id));
    assert.equal((await list(id)).entity_tag, tags.at(-1));
  }
  assert.deepEqual(
    tags.map((tag) => Number.parseInt(tag, 10)),
    [1, 2, 3, 4, 5],
  );
});

test('I15: a change of the profile makes the tag of its identities stale, and the other way round', async () => {
  const profile = await world.profile(account);
  const updated = await call('PUT', profile.id, { description: 'new' }, profile.entity_tag);
  assert.equal(updated.status, 200);
  assertRefused(await replace(profile.id, profile.entity_tag, { identities: [user()] }), 409, 'conflict');
  assert.equal((await replace(profile.id, updated.body.entity_tag, { identities: [user()] })).status, 200);
  assertRefused(await call('PUT', profile.id, { description: 'newer' }, updated.body.entity_tag), 409, 'conflict');
});

test('I16: of 20 additions at once all succeed and all are there', async () => {
  const id = await makeProfile();
  const replies = await Promise.all(Array.from({ length: 20 }, (_, number) => add(id, 'user', user(number))));
  for (const { status, text } of replies) assert.equal(status, 200, text);
  const listed = (await list(id)).identities.map(({ identifier }: Wire) => identifier).sort();
  assert.deepEqual(listed, Array.from({ length: 20 }, (_, number) => user(number).identifier).sort());
});

test('of 100 replacements at once with the same tag exactly one succeeds', async () => {
  const id = await makeProfile();
  const { entity_tag } = await list(id);
  const replies = await Promise.all(Array.from({ length: 100 }, (_, number) => replace(id, entity_tag, { identities: [user(number)] })));
  const winners = replies.filter(({ status }) => status === 200);
  assert.equal(winners.length, 1);
  for (const reply of replies) if (reply.status !== 200) assertRefused(reply, 409, 'conflict');
  assert.deepEqual(await list(id), winners[0]?.body);
});
