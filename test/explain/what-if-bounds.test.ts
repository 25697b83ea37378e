/** How much one what-if looks at and tells, and what it keeps from whoever may not read it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, type TestUser, type Wire } from '../support/world.ts';
import { auditor, exchange, idOf, recorded, type Setting, startSetting } from './explaining.ts';

let setting: Setting;
let reader: TestUser;

before(async () => {
  setting = await startSetting();
  reader = await auditor(setting);
});
after(() => setting[Symbol.asyncDispose]());

const send = async (status: number, body: Readonly<Record<string, unknown>>, token = setting.account.owner): Promise<Wire> =>
  (await setting.world.expect(status, 'POST', '/podpass/v1/what-if', { token, body: { account_id: setting.account.id, ...body } })).body;

describe('an answer', () => {
  it('has a thousand rows at most, and counts the rest', async () => {
    const { world, account } = setting;
    const user = await world.user(account.id);
    const policy = await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
    const items = Array.from({ length: 100 }, (_, number) => ({
      subject: { attributes: { id: user.iamId } },
      action: 'kms.secrets.list',
      resource: { attributes: { accountId: account.id, serviceName: 'kms', serviceInstance: `i${number}` } },
    }));
    const ids = [];
    for (let call = 0; call < 11; call += 1) {
      ids.push(await recorded(setting, await world.expect(200, 'POST', '/v2/authz', { token: account.owner, body: items })));
    }
    const answer = await send(200, { changes: [{ remove_policy: policy.id }] });
    assert.equal(answer.changed.length, 1000);
    assert.equal(answer.truncated, true);
    assert.deepEqual(answer.summary, { would_be_permitted: 0, would_be_refused: 1100 });
    assert.deepEqual([...new Set(answer.changed.map(({ request_id }: Wire) => request_id))], ids.slice(1).toReversed(), 'the newest first');
  });

  it('looks at every page of the log', async () => {
    const { world, account } = setting;
    const cluster = await world.cluster(account);
    const profile = await world.profile(account);
    const link = await world.link(account, profile.id, cluster.crn);
    const token = cluster.issuer.token();
    const count = 1100;
    for (let asked = 0; asked < count; asked += 100) {
      const replies = await Promise.all(Array.from({ length: 100 }, () => world.crToken(token, { profile_id: profile.id })));
      for (const reply of replies) assert.equal(reply.status, 200);
    }
    const { summary, examined } = await send(200, { changes: [{ remove_link: { profile_id: profile.id, link_id: link.body.id } }] });
    assert.equal(summary.would_be_refused, count, 'each one once');
    assert.ok(examined >= count);
  });

  it('is refused where two are being answered', async () => {
    const { world, account } = setting;
    const changes = [{ add_policy: viewerOf(account.ownerIamId) }];
    const body = { account_id: account.id, changes };
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => world.call('POST', '/podpass/v1/what-if', { token: account.owner, body })),
    );
    const statuses = replies.map(({ status }) => status).toSorted();
    assert.deepEqual(statuses.slice(0, 2), [200, 200]);
    assert.equal(statuses.at(-1), 429);
    assert.deepEqual(new Set(statuses), new Set([200, 429]));
    assert.ok(Number(replies.find(({ status }) => status === 429)?.headers.get('retry-after')) > 0);
    await send(200, { changes });
  });
});

const viewerOf = (iamId: string) => ({
  type: 'access',
  subjects: [{ attributes: [{ name: 'iam_id', value: iamId }] }],
  roles: [{ role_id: ROLE('Viewer') }],
  resources: [
    {
      attributes: [
        { name: 'accountId', value: setting.account.id },
        { name: 'serviceName', value: 'kms' },
      ],
    },
  ],
});

describe('a change', () => {
  const STRANGE = 'Profile-11111111-2222-4333-8444-555555555555';
  const link = () => ({ cr_type: 'ROKS_SA', crn: setting.cluster.crn, namespace: 'shop', name: 'default' });
  const at = (changes: unknown) => send(400, { changes });

  it('is checked as the operation that makes it, and the error names the field', async () => {
    const { account, profile, world } = setting;
    const other = await world.account();
    const elsewhere = `crn:v1:bluemix:public:containers-kubernetes:eu-de:a/${other.id}:c1::`;
    const policy = viewerOf(account.ownerIamId);
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [[], /changes/],
      [Array.from({ length: 51 }, () => ({ remove_policy: 'x' })), /changes.*50/],
      [[{}], /changes\[0\].*exactly one of add_policy/],
      [[{ remove_policy: 'x', add_policy: policy }], /changes\[0\].*exactly one of/],
      [[{ add_policy: { ...policy, roles: [] } }], /changes\[0\]\.add_policy\.roles/],
      [[{ add_policy: { ...policy, color: 'red' } }], /changes\[0\]\.add_policy/],
      [[{ add_policy: { ...policy, roles: [{ role_id: 'crn:v1:nothing' }] } }], /changes\[0\]\.add_policy/],
      [[{ add_policy: viewerOf('IBMid-nobody') }], /changes\[0\]\.add_policy.*IBMid-nobody/],
      [[{ remove_policy: 7 }], /changes\[0\]\.remove_policy/],
      [[{ add_link: { profile_id: profile.id, link: { ...link(), namespace: undefined } } }], /changes\[0\]\.add_link\.link\.namespace/],
      [[{ add_link: { profile_id: profile.id, link: { ...link(), cr_type: 'POD' } } }], /changes\[0\]\.add_link\.link\.cr_type/],
      [
        [{ add_link: { profile_id: profile.id, link: { ...link(), crn: elsewhere } } }],
        /changes\[0\]\.add_link.*outside the profile's account/,
      ],
      [[{ add_member: { access_group_id: 'x' } }], /changes\[0\]\.add_member\.iam_id/],
    ];
    for (const [changes, expected] of cases) {
      const [error] = (await at(changes)).errors;
      assert.match(error.message, expected, JSON.stringify(changes));
    }
    for (const days of [0, 31, 1.5, '7'])
      assert.match((await send(400, { days, changes: [{ remove_policy: 'x' }] })).errors[0].message, /days/);
    const { account_id: _, ...without } = { account_id: account.id, changes: [{ remove_policy: 'x' }] };
    const reply = await world.expect(400, 'POST', '/podpass/v1/what-if', { token: account.owner, body: without });
    assert.match(reply.body.errors[0].message, /account_id/);
  });

  it('names what there is', async () => {
    const { profile, account, world } = setting;
    const group = await world.group(account);
    const user = await world.user(account.id);
    const same = { cr_type: 'ROKS_SA', crn: setting.cluster.crn, namespace: 'default', name: 'default' };
    const cases: readonly (readonly [number, unknown, RegExp])[] = [
      [404, { remove_policy: '11111111-2222-4333-8444-555555555555' }, /remove_policy/],
      [404, { remove_link: { profile_id: profile.id, link_id: 'link-none' } }, /remove_link.*link-none/],
      [404, { remove_link: { profile_id: STRANGE, link_id: 'link-none' } }, /remove_link.*Profile-1111/],
      [409, { add_link: { profile_id: profile.id, link: same } }, /already has this link/],
      [404, { add_member: { access_group_id: 'AccessGroupId-none', iam_id: user.iamId } }, /AccessGroupId-none/],
      [404, { add_member: { access_group_id: group.id, iam_id: 'IBMid-none' } }, /IBMid-none/],
      [404, { remove_member: { access_group_id: group.id, iam_id: user.iamId } }, /not a member/],
    ];
    for (const [status, change, expected] of cases) {
      const { errors } = await send(status, { changes: [{ remove_link: { profile_id: profile.id, link_id: setting.linkId } }, change] });
      assert.match(errors[0].message, expected);
      assert.match(errors[0].message, /changes\[1\]/);
    }
  });

  it('gets one answer for objects that there are and that there are not from whoever may not read them', async () => {
    const { world, account, profile, linkId } = setting;
    const group = await world.group(account);
    const user = await world.user(account.id);
    const policy = await world.policy(account, user.iamId, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
    await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, {
      token: account.owner,
      body: { members: [{ iam_id: user.iamId, type: 'user' }] },
    });
    const pairs: readonly (readonly [(id: string) => unknown, string, string])[] = [
      [(id) => ({ remove_policy: id }), policy.id, '11111111-2222-4333-8444-555555555555'],
      [(id) => ({ add_link: { profile_id: id, link: link() } }), profile.id, STRANGE],
      [(id) => ({ remove_link: { profile_id: id, link_id: linkId } }), profile.id, STRANGE],
      [(id) => ({ add_member: { access_group_id: id, iam_id: user.iamId } }), group.id, 'AccessGroupId-none'],
      [(id) => ({ remove_member: { access_group_id: id, iam_id: user.iamId } }), group.id, 'AccessGroupId-none'],
    ];
    for (const [change, known, unknown] of pairs) {
      const texts = [];
      for (const id of [known, unknown]) {
        const { errors } = await send(404, { changes: [change(id)] }, reader.token);
        texts.push(JSON.stringify(errors).replaceAll(id, '<id>'));
      }
      assert.equal(texts[0], texts[1]);
    }
    assert.deepEqual((await send(200, { changes: [{ add_policy: viewerOf('IBMid-nobody') }] }, reader.token)).changed, []);
  });
});

describe('who may ask', () => {
  it('is whoever may read the audit log, and accounts of others look like none', async () => {
    const { world, account } = setting;
    const user = await world.user(account.id);
    const changes = [{ remove_policy: 'x' }];
    await send(403, { changes }, user.token);
    const other = await world.account();
    const texts = [];
    for (const id of [other.id, 'f'.repeat(32)]) {
      texts.push(JSON.stringify((await send(404, { account_id: id, changes })).errors).replaceAll(id, '<id>'));
    }
    assert.equal(texts[0], texts[1]);
    await world.expect(401, 'POST', '/podpass/v1/what-if', { body: { account_id: account.id, changes } });
  });

  it('is not told what follows from policies alone that it may not read', async () => {
    const { world, account } = setting;
    const user = await world.user(account.id);
    const group = await world.group(account);
    await world.policy(account, group.id, [SERVICE_ROLE('Reader')], { serviceName: 'kms' });
    const item = {
      subject: { attributes: { id: user.iamId } },
      action: 'kms.secrets.list',
      resource: { attributes: { accountId: account.id, serviceName: 'kms' } },
    };
    await recorded(setting, await world.expect(200, 'POST', '/v2/authz', { token: account.owner, body: [item] }));
    const curious = await auditor(setting);
    await world.policy(account, curious.iamId, [ROLE('Viewer')], { serviceName: 'iam-groups' });
    const changes = [{ add_member: { access_group_id: group.id, iam_id: user.iamId } }];
    assert.equal((await send(200, { changes })).summary.would_be_permitted, 1);
    const hidden = await send(200, { changes }, curious.token);
    assert.deepEqual([hidden.changed, hidden.summary.would_be_permitted], [[], 0]);
  });

  it('finds nothing of a request that no account was asked about', async () => {
    const reply = await exchange(setting, { key: (await setting.world.cluster(setting.account)).issuer.privateKey });
    assert.equal(reply.status, 400);
    const { changed } = await send(200, { changes: [{ add_policy: viewerOf(setting.account.ownerIamId) }] });
    assert.ok(!changed.some(({ request_id }: Wire) => request_id === idOf(reply)));
  });
});
