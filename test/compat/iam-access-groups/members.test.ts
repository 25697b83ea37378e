/** Members of access groups over IBM's Node SDK: the steps of its own suite, and the messages that it looks for. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import IamAccessGroupsV2 from '@ibm-cloud/platform-services/iam-access-groups/v2.js';
import { assertDriven, assertEmpty, refusal, type Suite, startSuite } from './suite.ts';

describe("members of access groups over IBM's Node SDK", () => {
  let suite: Suite;
  let groupId: string;
  let userId: string;
  let serviceIamId: string;
  let profileIamId: string;

  before(async () => {
    suite = await startSuite();
    const { world, account } = suite;
    groupId = (await world.group(account, 'SDK Test Group - Node')).id;
    userId = (await world.user(account.id)).iamId;
    const body = { account_id: account.id, name: 'sdk service' };
    serviceIamId = (await world.expect(201, 'POST', '/v1/serviceids', { token: account.owner, body })).body.iam_id;
    profileIamId = (await world.profile(account, 'sdk profile')).iam_id;
  });
  after(() => suite[Symbol.asyncDispose]());

  const statuses = (items: readonly { status_code?: number }[] | undefined) => items?.map((item) => item.status_code);
  const listed = async () =>
    (await suite.groups.listAccessGroupMembers({ accessGroupId: groupId })).result.members?.map((member) => member.iam_id);

  it('adds a user, a service ID and a profile', async () => {
    const members = [
      { iam_id: userId, type: 'user' },
      { iam_id: serviceIamId, type: 'service' },
      { iam_id: profileIamId, type: 'profile' },
    ];
    const { status, result } = await suite.groups.addMembersToAccessGroup({ accessGroupId: groupId, members });
    assert.equal(status, 207);
    assert.deepEqual(
      result.members?.map(({ iam_id, type, status_code }) => ({ iam_id, type, status_code })),
      members.map((member) => ({ ...member, status_code: 200 })),
    );
  });

  it('adds one of them to two groups at once', async () => {
    const other = (await suite.world.group(suite.account)).id;
    const { status, result } = await suite.groups.addMemberToMultipleAccessGroups({
      accountId: suite.accountId,
      iamId: userId,
      type: 'user',
      groups: [groupId, other],
    });
    assert.equal(status, 207);
    assert.deepEqual(
      result.groups?.map(({ access_group_id, status_code }) => [access_group_id, status_code]),
      [
        [groupId, 200],
        [other, 200],
      ],
    );
  });

  it('knows who is a member', async () => {
    assertEmpty(await suite.groups.isMemberOfAccessGroup({ accessGroupId: groupId, iamId: profileIamId }));
    for (const iamId of ['IBMid-nobody', suite.account.ownerIamId]) {
      await assert.rejects(suite.groups.isMemberOfAccessGroup({ accessGroupId: groupId, iamId }), (error: { status?: number }) => {
        assert.equal(error.status, 404);
        return true;
      });
    }
  });

  it('lists them, with their names when asked', async () => {
    assert.deepEqual((await listed())?.sort(), [userId, serviceIamId, profileIamId].sort());
    const params = { accessGroupId: groupId, membershipType: 'static', verbose: true, sort: 'name', limit: 10, offset: 0 };
    const { result } = await suite.groups.listAccessGroupMembers(params);
    assert.deepEqual(
      result.members?.map(({ name, type, membership_type }) => [name, type, membership_type]),
      [
        ['Test User', 'user', 'static'],
        ['sdk profile', 'profile', 'static'],
        ['sdk service', 'service', 'static'],
      ],
    );
    const users = await suite.groups.listAccessGroupMembers({ accessGroupId: groupId, type: 'user', membershipType: 'all' });
    assert.deepEqual([users.result.total_count, users.result.members?.[0]?.iam_id], [1, userId]);
  });

  it('pages through them', async () => {
    const pager = new IamAccessGroupsV2.AccessGroupMembersPager(suite.groups, { accessGroupId: groupId, limit: 1 });
    assert.deepEqual(
      (await pager.getAll()).map((member) => member.iam_id),
      await listed(),
    );
  });

  it('removes one', async () => {
    assertEmpty(await suite.groups.removeMemberFromAccessGroup({ accessGroupId: groupId, iamId: profileIamId }));
    await assert.rejects(
      suite.groups.removeMemberFromAccessGroup({ accessGroupId: groupId, iamId: profileIamId }),
      refusal(404, 'not_found', profileIamId),
    );
  });

  it('removes several, each with its own status', async () => {
    const members = [serviceIamId, profileIamId];
    const { status, result } = await suite.groups.removeMembersFromAccessGroup({ accessGroupId: groupId, members });
    assert.equal(status, 207);
    assert.equal(result.access_group_id, groupId);
    assert.deepEqual(statuses(result.members), [204, 404]);
    await assert.rejects(
      suite.groups.removeMembersFromAccessGroup({ accessGroupId: groupId, members: [serviceIamId] }),
      refusal(404, 'not_found', groupId),
    );
  });

  it('removes one from all groups', async () => {
    const params = { accountId: suite.accountId, iamId: userId };
    const { status, result } = await suite.groups.removeMemberFromAllAccessGroups(params);
    assert.equal(status, 207);
    assert.equal(result.iam_id, userId);
    assert.deepEqual(statuses(result.groups), [204, 204]);
    await assert.rejects(suite.groups.removeMemberFromAllAccessGroups(params), refusal(404, 'not_found', userId));
  });

  it('were driven through every operation', () => assertDriven(suite, 'members'));
});
