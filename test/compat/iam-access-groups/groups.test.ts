/** Access groups over IBM's Node SDK: the steps of its own suite, then its pager and its refusals. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import IamAccessGroupsV2 from '@ibm-cloud/platform-services/iam-access-groups/v2.js';
import { getQueryParam } from 'ibm-cloud-sdk-core';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite, tagOf } from './suite.ts';

const NAME = 'SDK Test Group - Node';

describe("access groups over IBM's Node SDK", () => {
  let suite: Suite;
  let groupId: string;
  let tag: string;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  it('creates one', async () => {
    const response = await suite.groups.createAccessGroup({ accountId: suite.accountId, name: NAME });
    assert.equal(response.status, 201);
    assert.equal(response.result.name, NAME);
    assert.equal(response.result.account_id, suite.accountId);
    groupId = response.result.id ?? '';
    tagOf(response);
  });

  it('gets it, with an empty description', async () => {
    const response = await suite.groups.getAccessGroup({ accessGroupId: groupId, transactionId: 'node-sdk-1' });
    assert.equal(response.status, 200);
    assert.equal(response.result.id, groupId);
    assert.equal(response.result.description, '');
    assert.equal((response.headers as Record<string, string>)['transaction-id'], 'node-sdk-1');
    const more = await suite.groups.getAccessGroup({ accessGroupId: groupId, showFederated: true, showCrn: true });
    assert.equal(more.result.is_federated, false);
    tag = tagOf(response);
  });

  it('updates its description under the tag that it read', async () => {
    const response = await suite.groups.updateAccessGroup({
      accessGroupId: groupId,
      ifMatch: tag,
      name: NAME,
      description: 'This is my description',
    });
    assert.equal(response.status, 200);
    assert.equal(response.result.description, 'This is my description');
    await assert.rejects(
      suite.groups.updateAccessGroup({ accessGroupId: groupId, ifMatch: tag, name: 'stale' }),
      refusal(409, 'etag_mismatch'),
    );
  });

  it('lists them', async () => {
    const { status, result } = await suite.groups.listAccessGroups({ accountId: suite.accountId, hidePublicAccess: true });
    assert.equal(status, 200);
    assert.deepEqual(
      result.groups?.map((group) => group.id),
      [groupId],
    );
    assert.ok(result.first?.href && result.last?.href);
    const first = await suite.groups.listAccessGroups({ accountId: suite.accountId, limit: 1, sort: '-name', search: 'name:SDK' });
    assert.deepEqual([first.result.limit, first.result.offset, first.result.total_count], [1, 0, 1]);
  });

  it('pages through all of them', async () => {
    for (const name of ['second', 'third']) await suite.groups.createAccessGroup({ accountId: suite.accountId, name });
    const page = await suite.groups.listAccessGroups({ accountId: suite.accountId, limit: 2 });
    assert.equal(getQueryParam(page.result.next?.href ?? '', 'offset'), '2');
    const pager = new IamAccessGroupsV2.AccessGroupsPager(suite.groups, { accountId: suite.accountId, limit: 1, hidePublicAccess: true });
    const collected: (string | undefined)[] = [];
    while (pager.hasNext()) collected.push(...(await pager.getNext()).map((group) => group.name));
    assert.deepEqual(collected.sort(), [NAME, 'second', 'third'].sort());
    const all = await new IamAccessGroupsV2.AccessGroupsPager(suite.groups, { accountId: suite.accountId, limit: 3 }).getAll();
    assert.equal(all.length, 4);
  });

  it('tells why it refuses', async () => {
    await assert.rejects(
      suite.groups.createAccessGroup({ accountId: suite.accountId, name: NAME.toUpperCase() }),
      refusal(409, 'conflict'),
    );
    await assert.rejects(
      suite.groups.getAccessGroup({ accessGroupId: 'AccessGroupId-gone' }),
      refusal(404, 'not_found', 'AccessGroupId-gone'),
    );
    await assert.rejects(suite.groups.listAccessGroups({ accountId: suite.accountId, limit: 101 }), refusal(400, 'invalid_field', 'limit'));
  });

  it('deletes it', async () => {
    await suite.groups.addMembersToAccessGroup({
      accessGroupId: groupId,
      members: [{ iam_id: suite.account.ownerIamId, type: 'user' }],
    });
    await assert.rejects(suite.groups.deleteAccessGroup({ accessGroupId: groupId }), refusal(409, 'group_not_empty'));
    assertEmpty(await suite.groups.deleteAccessGroup({ accessGroupId: groupId, force: true }));
    await assert.rejects(suite.groups.getAccessGroup({ accessGroupId: groupId }), refusal(404, 'not_found', groupId));
  });

  it('were driven through every operation', () => assertDriven(suite, 'groups'));
});
