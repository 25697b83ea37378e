/** Bodies that are no policies, no roles and no states: whatever comes, it is refused as bad input and never breaks the server. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Reply, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { assertRefused, bodyV1, bodyV2, createPolicyCalls, OFFICE_HOURS, type PolicyCalls, taggedV1 } from './making.ts';

let world: World;
let account: TestAccount;
let user: TestUser;
let calls: PolicyCalls;

before(async () => {
  world = await startWorld();
  account = await world.account();
  user = await world.user(account.id);
  calls = createPolicyCalls(world, account);
});
after(() => world[Symbol.asyncDispose]());

type Path = readonly (string | number)[];

/** Every place in a value, but for the value itself. */
function* placesOf(value: unknown, path: Path = []): Generator<Path> {
  if (typeof value !== 'object' || value === null) return;
  for (const name of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    const place = [...path, name];
    yield place;
    yield* placesOf((value as Wire)[name], place);
  }
}

/** A copy of a value with something else in one place; `undefined` takes out what is there. */
function replaced(value: unknown, path: Path, other: unknown): Wire {
  const copy = structuredClone(value) as Wire;
  const [last, holder] = [path.at(-1) ?? '', path.slice(0, -1).reduce((at: Wire, name) => at[name], copy)];
  if (other !== undefined) holder[last] = other;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  return copy;
}

const WRONG: readonly unknown[] = [null, 55, true, {}, [], [null], [[]], { x: 1 }, '', 'x'.repeat(2000), -0.5, { __proto__: null, a: [] }];

const bodies = (): ReadonlyMap<string, { readonly version: 1 | 2; readonly body: Wire }> =>
  new Map([
    ['version 1 with tags', { version: 1, body: taggedV1(account.id, user.iamId) }],
    ['version 1', { version: 1, body: { ...bodyV1(account.id, user.iamId), description: 'x' } }],
    ['version 2 with a rule', { version: 2, body: bodyV2(account.id, user.iamId, OFFICE_HOURS) }],
  ]);

/** Values that are right in a place though they are of another type: any scalar compares, and an empty text may be meant. */
function isTaken(reply: Reply<Wire>, path: Path, wrong: unknown): boolean {
  if (reply.status !== 201) return false;
  const name = path.at(-1);
  if (name === 'description') return wrong === '';
  if (name === 'value') return ['string', 'number', 'boolean'].includes(typeof wrong);
  return path.at(-1) === 'tags' && Array.isArray(wrong) && wrong.length === 0;
}

describe('a policy of which one part is replaced', () => {
  test('by a value of another type is refused, by the name of the part or of what holds it', async () => {
    for (const [kind, { version, body }] of bodies()) {
      let refusals = 0;
      for (const path of placesOf(body)) {
        for (const wrong of WRONG) {
          const reply = await calls.create(version, replaced(body, path, wrong));
          if (isTaken(reply, path, wrong)) {
            await calls.remove(version, reply.body.id);
            continue;
          }
          const about = `${kind}: ${path.join('.')} = ${JSON.stringify(wrong)?.slice(0, 40)}: ${reply.text}`;
          assert.equal(reply.status, 400, about);
          const { message } = assertRefused(reply, 400, 'invalid_body');
          assert.ok(
            message.includes(String(path[0])) || message.includes(String(path.findLast((part) => typeof part === 'string'))),
            about,
          );
          refusals += 1;
        }
      }
      assert.ok(refusals > 150, `${kind}: ${refusals}`);
    }
  });

  test('or left out is refused, unless it may be left out', async () => {
    const OPTIONAL = ['description', 'tags', 'operator'];
    for (const [kind, { version, body }] of bodies()) {
      for (const path of placesOf(body)) {
        const name = path.at(-1);
        if (typeof name === 'number') continue;
        const reply = await calls.create(version, replaced(body, path, undefined));
        if (version === 1 && OPTIONAL.includes(name ?? '')) {
          assert.equal(reply.status, 201, `${kind}: ${path.join('.')}: ${reply.text}`);
          await calls.remove(version, reply.body.id);
        } else assertRefused(reply, 400, 'invalid_body');
      }
    }
  });

  test('or joined by one that nobody knows is refused, by the name of that', async () => {
    for (const [kind, { version, body }] of bodies()) {
      const holders = [[], ...placesOf(body)].filter((path) => {
        const held = path.reduce((at: Wire, name) => at[name], body);
        return typeof held === 'object' && !Array.isArray(held);
      });
      assert.ok(holders.length >= 5);
      for (const path of holders) {
        for (const unknown of ['effect', 'constructor', 'Type', 'toString']) {
          const reply = await calls.create(version, replaced(body, [...path, unknown], 'x'));
          const { message } = assertRefused(reply, 400, 'invalid_body');
          assert.ok(message.includes(unknown), `${kind}: ${path.join('.')}: ${message}`);
        }
      }
    }
  });

  test('or holds __proto__ is refused', async () => {
    const [v1, v2] = [JSON.stringify(bodyV1(account.id, user.iamId)), JSON.stringify(bodyV2(account.id, user.iamId, OFFICE_HOURS))];
    const headers = { 'content-type': 'application/json' };
    for (const [version, text] of [
      [1, v1.replace('{', '{"__proto__":{"type":"access"},')],
      [1, v1.replace('"attributes":[{', '"attributes":[{"__proto__":{"operator":"stringMatch"},')],
      [2, v2.replace('"grant":{', '"grant":{"__proto__":[],')],
      [2, v2.replace('"conditions":[{', '"conditions":[{"__proto__":{"value":1},')],
      [2, v2.replace('"type":"access",', '"type":"access","type":"authorization",')],
    ] as const) {
      assert.ok(text.length > v1.length || version === 2);
      assertRefused(await calls.create(version, text, { token: account.owner, headers }), 400, 'invalid_body');
    }
    assert.equal(({} as Wire).operator, undefined);
  });
});

describe('a body as a whole', () => {
  test('that is no object, or no JSON, is refused', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const text of ['null', '[]', '5', '"x"', '{', '{"a":1}x', '[{}]', '{"type":"\\u0000"}', '\ufeff{}', '{"a":01}']) {
      for (const path of ['/v1/policies', '/v2/policies', '/v2/roles']) {
        const reply = await world.call('POST', path, { token: account.owner, body: text, headers });
        assertRefused(reply, 400, 'invalid_body');
      }
    }
    const empty = await world.call('POST', '/v1/policies', { token: account.owner, headers });
    assertRefused(empty, 400, 'invalid_body');
    const form = await world.call('POST', '/v1/policies', {
      token: account.owner,
      body: 'type=access',
      headers: { 'content-type': 'text/plain' },
    });
    assertRefused(form, 415, 'unsupported_content_type');
  });

  test('that is too large is refused, whether it is compressed or not', async () => {
    const large = JSON.stringify({ ...bodyV1(account.id, user.iamId), template: 'x'.repeat(40_000) });
    const headers = { 'content-type': 'application/json' };
    assertRefused(await calls.create(1, large, { token: account.owner, headers }), 413, 'invalid_body');
    const response = await fetch(`${world.url}/v2/policies`, {
      method: 'POST',
      headers: { ...headers, 'content-encoding': 'gzip', authorization: `Bearer ${account.owner}` },
      body: gzipSync(Buffer.alloc(5_000_000, 0x20)),
    });
    assert.equal(response.status, 413);
    await response.arrayBuffer();
  });

  test('with more than a policy holds is refused', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `n${index}`, value: 'x' }));
    const body = bodyV1(account.id, user.iamId);
    const [{ attributes }] = body.resources;
    assertRefused(await calls.create(1, { ...body, resources: [{ attributes: [...attributes, ...many(50)] }] }), 400, 'invalid_body');
    assertRefused(await calls.create(1, { ...body, roles: Array(101).fill(body.roles[0]) }), 400, 'invalid_body');
    assertRefused(await calls.create(1, { ...body, description: 'x'.repeat(301) }), 400, 'invalid_body');
    assertRefused(
      await calls.create(1, { ...body, resources: [{ attributes: [...attributes, { name: 'x'.repeat(101), value: 'x' }] }] }),
      400,
      'invalid_body',
    );
    const made = await calls.made(1, { ...body, description: 'ü'.repeat(300), roles: [...body.roles, ...body.roles] });
    assert.equal(made.description.length, 300);
  });

  test('that a client read and sends back is taken, and what the server made in it is ignored', async () => {
    const made = await calls.made(1, bodyV1(account.id, user.iamId));
    const copy = { ...made, id: 'other', state: 'deleted', created_by_id: 'IBMid-other', href: 5 };
    const put = await calls.put(1, made.id, '*', copy);
    assert.equal(put.status, 200, put.text);
    assert.deepEqual([put.body.id, put.body.state, put.body.created_by_id], [made.id, 'active', account.ownerIamId]);
  });
});

test('a role of which one part is of another type is refused', async () => {
  const body = { name: 'Role', display_name: 'Role', account_id: account.id, service_name: 'kms', actions: ['kms.secrets.list'] };
  for (const path of placesOf(body)) {
    for (const wrong of [null, 5, true, {}, [], [null], '', 'x'.repeat(2000)]) {
      assertRefused(
        await world.call('POST', '/v2/roles', { token: account.owner, body: replaced(body, path, wrong) }),
        400,
        'invalid_body',
      );
    }
  }
});

test('addresses of templates, which are not offered, are not there, in the words of the policy family', async () => {
  for (const name of [
    'policy_templates',
    'policy_assignments',
    'action_control_templates',
    'action_control_assignments',
    'role_templates',
    'role_assignments',
  ]) {
    for (const path of [`/v1/${name}`, `/v1/${name}/x`, `/v1/${name}/x/versions/1/commit`]) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        const reply = await world.call(method, path, { token: account.owner, ...(method === 'POST' && { body: {} }) });
        assertRefused(reply, 404, 'not_found');
        assert.ok(!('context' in reply.body) && !('errorCode' in reply.body));
      }
    }
  }
});
