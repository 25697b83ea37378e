/** What holds of the entity tags of every kind of object alike: where they stand, how they grow, and what a change must say of them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Reply, startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { makeApiKey, makeEnterprise, makeServiceId } from './making.ts';
import { assertRefused } from './refusal.ts';
import { ACCOUNT_SETTINGS_TEMPLATES, createTemplateCalls, PROFILE_TEMPLATES } from './template-calls.ts';

/** An object that can be changed: where it is, and bodies of changes that all say something new. */
interface Changeable {
  readonly path: string;
  readonly token: string;
  readonly change: (round: number) => unknown;
  readonly method?: 'PUT' | 'PATCH';
  /** An address of the same kind under which there is nothing. */
  readonly unknown: string;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';
let world: World;
let account: TestAccount;

before(async () => {
  world = await startWorld();
  account = await world.account();
});
after(() => world[Symbol.asyncDispose]());

const described = (round: number) => ({ description: `round ${round}` });
const own = (path: string, kind: string, change: (round: number) => unknown = described): Changeable => ({
  path,
  token: account.owner,
  change,
  unknown: `${path.slice(0, path.lastIndexOf('/'))}/${kind}-${NOBODY}`,
});
const RULE = { type: 'Profile-CR', conditions: [{ claim: 'namespace', operator: 'EQUALS', value: 'default' }] };

const KINDS: Readonly<Record<string, () => Promise<Changeable>>> = {
  'a profile': async () => own(`/v1/profiles/${(await world.profile(account)).id}`, 'Profile'),
  'a claim rule': async () => {
    const rules = `/v1/profiles/${(await world.profile(account)).id}/rules`;
    const { body } = await world.expect(201, 'POST', rules, { token: account.owner, body: RULE });
    return own(`${rules}/${body.id}`, 'ClaimRule', (round) => ({ ...RULE, name: `round ${round}` }));
  },
  'the identities of a profile': async () => {
    const identities = (round: number) => ({ identities: [{ type: 'user', identifier: `IBMid-round-${round}` }] });
    const path = `/v1/profiles/${(await world.profile(account)).id}/identities`;
    return { ...own(path, '', identities), unknown: `/v1/profiles/Profile-${NOBODY}/identities` };
  },
  'a service ID': async () => own(`/v1/serviceids/${(await makeServiceId(world, account)).id}`, 'ServiceId'),
  'a group of service IDs': async () => {
    const body = { account_id: account.id, name: crypto.randomUUID() };
    const made = await world.expect(201, 'POST', '/v1/serviceid_groups', { token: account.owner, body });
    const change = (round: number) => ({ ...described(round), name: body.name });
    return own(`/v1/serviceid_groups/${made.body.id}`, 'ServiceIdGroup', change);
  },
  'an API key': async () => own(`/v1/apikeys/${(await makeApiKey(world, account.owner, account.ownerIamId)).id}`, 'ApiKey'),
  'the settings of an account': async () => {
    const fresh = await world.account();
    const change = (round: number) => ({ max_sessions_per_identity: `${round + 1}` });
    const path = (id: string) => `/v1/accounts/${id}/settings/identity`;
    return { path: path(fresh.id), token: fresh.owner, change, unknown: path('0'.repeat(32)) };
  },
  'a version of a profile template': async () => {
    const { id } = (await createTemplateCalls(world, account, PROFILE_TEMPLATES).create()).body;
    return { ...own(`/v1/profile_templates/${id}/versions/1`, ''), unknown: `/v1/profile_templates/${id}/versions/2` };
  },
  'a version of an account settings template': async () => {
    const { id } = (await createTemplateCalls(world, account, ACCOUNT_SETTINGS_TEMPLATES).create()).body;
    return { ...own(`/v1/account_settings_templates/${id}/versions/1`, ''), unknown: `/v1/account_settings_templates/${id}/versions/2` };
  },
  'an assignment': async () => {
    const { root, child } = await makeEnterprise(world);
    const calls = createTemplateCalls(world, root, PROFILE_TEMPLATES);
    const template = await calls.committed({ profile: { name: 'assigned' } });
    const { id } = (await calls.assign(template.id, 1, child.id)).body;
    const assignments = '/v1/profile_assignments/';
    const change = () => ({ template_version: 1 });
    const unknown = `${assignments}TemplateAssignment-${NOBODY}`;
    return { path: assignments + id, token: root.owner, change, method: 'PATCH', unknown };
  },
};

const read = async ({ path, token }: Changeable): Promise<Reply<Wire>> => world.expect(200, 'GET', path, { token });
const write = ({ path, token, method = 'PUT' }: Changeable, body: unknown, ifMatch?: string) =>
  world.call(method, path, { token, body, headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });

for (const [kind, make] of Object.entries(KINDS)) {
  describe(kind, () => {
    test('has one tag, in the header as in the body, which counts its changes', async () => {
      const object = await make();
      let reply = await read(object);
      const revisions: number[] = [];
      for (let round = 0; ; round++) {
        const { entity_tag: tag } = reply.body;
        // One value, not two with a comma between them, and without quotes.
        assert.equal(reply.headers.get('etag'), tag);
        assert.match(tag, /^[1-9]\d*-[0-9a-f]{32}$/);
        revisions.push(Number.parseInt(tag, 10));
        assert.equal((await read(object)).body.entity_tag, tag);
        if (round === 3) break;
        reply = await write(object, object.change(round), tag);
        assert.ok(reply.status === 200 || reply.status === 202, reply.text);
      }
      assert.deepEqual(revisions, [1, 2, 3, 4]);
    });

    test('is changed under its bare tag, its quoted tag, a weak one, and *', async () => {
      const object = await make();
      for (const [round, around] of [
        ['', ''],
        ['"', '"'],
        ['W/"', '"'],
        ['W/', ''],
        [' ', ' '],
      ].entries()) {
        const { entity_tag: tag } = (await read(object)).body;
        const reply = await write(object, object.change(round), around.join(tag));
        assert.ok(reply.status === 200 || reply.status === 202, `${around.join('<tag>')}: ${reply.text}`);
      }
      assert.ok((await write(object, object.change(9), '*')).status < 300);
    });

    test('is not changed without a tag, nor under one that is old, cut short or of something else', async () => {
      const object = await make();
      const { entity_tag: old } = (await read(object)).body;
      assert.ok((await write(object, object.change(0), old)).status < 300);
      const current = (await read(object)).body;
      assertRefused(await write(object, object.change(1)), 400, 'missing_parameter');
      assertRefused(await write(object, object.change(1), ''), 400, 'missing_parameter');
      const [, hash] = current.entity_tag.split('-');
      for (const tag of [old, 'invalid', current.entity_tag.slice(0, -1), `2-${'0'.repeat(32)}`, hash, `"${old}"`, '**']) {
        assertRefused(await write(object, object.change(1), tag), 409, 'conflict');
      }
      assert.deepEqual((await read(object)).body, current);
    });

    test('that there is not is not found under any tag, and without one it is a bad request', async () => {
      const object = { ...(await make()) };
      const unknown = { ...object, path: object.unknown };
      for (const tag of ['invalid', '*']) assertRefused(await write(unknown, object.change(0), tag), 404, 'not_found');
      assertRefused(await write(unknown, object.change(0)), 400, 'missing_parameter');
    });

    // The identities and the settings are part of something else and cannot be deleted.
    if (kind.startsWith('the ')) return;
    test('is deleted whatever tag is sent along', async () => {
      const { path, token } = await make();
      const { status, text } = await world.call('DELETE', path, { token, headers: { 'if-match': 'stale' } });
      assert.deepEqual([status, text], [kind === 'an assignment' ? 202 : 204, '']);
    });
  });
}

test('a state that is switched by a call of its own moves the tag on too', async () => {
  const key = await makeApiKey(world, account.owner, account.ownerIamId);
  const serviceId = await makeServiceId(world, account);
  const calls = createTemplateCalls(world, account, PROFILE_TEMPLATES);
  const { id } = (await calls.create()).body;
  const version = `/v1/profile_templates/${id}/versions/1`;
  for (const [path, steps] of [
    [`/v1/apikeys/${key.id}`, ['POST lock', 'DELETE lock', 'POST disable', 'DELETE disable']],
    [`/v1/serviceids/${serviceId.id}`, ['POST lock', 'DELETE lock']],
    [version, ['POST commit']],
  ] as const) {
    for (const [index, step] of steps.entries()) {
      const [method = '', state] = step.split(' ');
      await world.expect(204, method, `${path}/${state}`, { token: account.owner });
      const { body } = await world.expect(200, 'GET', path, { token: account.owner });
      assert.equal(Number.parseInt(body.entity_tag, 10), index + 2, `${step} of ${path}`);
    }
  }
});
