/** The searches of the OpenID AuthZEN Authorization API 1.0. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, type Wire } from '../../support/world.ts';
import { type Asking, operate } from '../policies/asking.ts';
import { Documents, read, record, user } from './documents.ts';

let documents: Documents;
let asking: Asking;
let alice: string;
let bob: string;

before(async () => {
  documents = await Documents.start();
  ({ asking, alice, bob } = documents);
});
after(() => documents[Symbol.asyncDispose]());

const call: Documents['call'] = (...asked) => documents.call(...asked);
const decisions = (body: unknown) => documents.decisions(body);

describe('the searches', () => {
  const search = async (entity: string, body: unknown, token?: string) => {
    const reply = await call(`search/${entity}`, body, token === undefined ? {} : { token });
    assert.equal(reply.status, 200, reply.text);
    return reply.body;
  };

  it('find the actions of a subject, which are those that an evaluation permits', async () => {
    for (const [subject, resource] of [
      [user(alice), record('record-1')],
      [user(bob), record('record-1')],
      [user(bob), record('record-2', { properties: { status: 'archived' } })],
      [user(asking.account.ownerIamId), record('record-3')],
    ] as const) {
      const { results, page } = await search('action', { subject, resource, page: { limit: 1000 } });
      const found = new Set(results.map(({ name }: Wire) => name));
      const everything = ['record.read', 'record.write', 'iam.policy.read', 'iam.policy.create', 'resource-controller.instance.delete'];
      const evaluations = everything.map((name) => ({ action: { name } }));
      assert.deepEqual(
        everything.map((name) => found.has(name)),
        await decisions({ subject, resource, evaluations }),
      );
      assert.deepEqual(page, { next_token: '', count: results.length });
    }
    assert.deepEqual((await search('action', { subject: user('IBMid-nonexistent'), resource: record('record-1') })).results, []);
  });

  it('find the subjects of a type that may, page by page', async () => {
    const asked = { subject: { type: 'user', id: 'ignored' }, action: read, resource: record('record-1'), context: {} };
    const { results } = await search('subject', asked);
    assert.deepEqual(
      results.map(({ id }: Wire) => id),
      [alice, bob].sort(),
    );
    const paged: string[] = [];
    let page: Wire = { limit: 1 };
    for (let turn = 0; turn < 10 && page.token !== ''; turn += 1) {
      const reply = await search('subject', { ...asked, page });
      assert.equal(reply.page.count, reply.results.length);
      paged.push(...reply.results.map(({ id }: Wire) => id));
      page = { limit: 1, token: reply.page.next_token };
    }
    assert.deepEqual(
      paged,
      results.map(({ id }: Wire) => id),
    );
    assert.deepEqual((await search('subject', { ...asked, subject: { type: 'spaceship' } })).results, []);
    for (const broken of [{ token: 'forged' }, { limit: 0 }, { limit: 1001 }])
      assert.equal((await call('search/subject', { ...asked, page: broken })).status, 400);
  });

  it('find members of groups and profiles among the subjects', async () => {
    const { world, account } = asking;
    const [group, profile, member] = [await world.group(account), await world.profile(account), 'IBMid-member-elsewhere'];
    const members = [
      { iam_id: profile.iam_id, type: 'profile' },
      { iam_id: member, type: 'user' },
    ];
    await world.expect(207, 'PUT', `/v2/groups/${group.id}/members`, { token: account.owner, body: { members: members.slice(0, 1) } });
    await world.policy(account, group.id, [SERVICE_ROLE('Reader')], { serviceName: 'record', serviceInstance: 'grouped' });
    const found = await search('subject', { subject: { type: 'profile' }, action: read, resource: record('grouped') });
    assert.ok(found.results.some(({ id, type }: Wire) => id === profile.iam_id && type === 'profile'));
  });

  it('list the identities of an account for callers of the account only', async () => {
    const { world, account } = asking;
    const home = await world.account();
    const operator = await world.user(home.id);
    await operate(world, account, 'record', operator.iamId, asking.user.iamId);
    const asked = { subject: { type: 'user' }, action: read, resource: record('record-1', { properties: { accountId: account.id } }) };
    assert.equal((await call('search/subject', asked, { token: operator.token })).status, 403);
    assert.equal((await call('search/subject', asked, { token: asking.user.token })).status, 200);
    const action = { subject: user(alice), resource: asked.resource };
    assert.equal((await call('search/action', action, { token: operator.token })).status, 200);
    assert.equal((await call('search/action', action, { token: home.owner })).status, 403);
  });

  it('find the clusters on which a subject may, and say of other services that their instances are not known', async () => {
    const { world, account } = asking;
    const [one] = [await world.cluster(account), await world.cluster(account)];
    const asked = {
      subject: user(alice),
      action: { name: 'containers-kubernetes.cluster.read' },
      resource: { type: 'containers-kubernetes' },
    };
    assert.deepEqual((await search('resource', asked)).results, []);
    await world.policy(account, alice, [ROLE('Viewer')], { serviceName: 'containers-kubernetes', serviceInstance: one.id });
    assert.deepEqual((await search('resource', asked)).results, [{ type: 'containers-kubernetes', id: one.id }]);
    assert.equal((await call('search/resource', { ...asked, resource: { type: 'record' } })).status, 501);
    assert.deepEqual((await search('resource', { ...asked, resource: { type: 'spaceship' } })).results, []);
  });

  it('refuse what lacks a part', async () => {
    const [subject, action, resource] = [user(alice), read, record('record-1')];
    for (const [entity, body] of [
      ['subject', { subject, resource }],
      ['subject', { subject, action, resource: { type: 'record' } }],
      ['subject', { subject: {}, action, resource }],
      ['resource', { action, resource }],
      ['resource', { subject: { type: 'user' }, action, resource }],
      ['resource', { subject, action, resource: {} }],
      ['action', { subject }],
      ['action', { resource }],
    ] as const) {
      assert.equal((await call(`search/${entity}`, body)).status, 400, `${entity} ${JSON.stringify(body)}`);
    }
  });
});
