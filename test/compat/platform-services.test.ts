/** The clients of IBM's platform services for Node, unmodified, called as their own integration suites call them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import IamAccessGroupsV2 from '@ibm-cloud/platform-services/iam-access-groups/v2.js';
import IamIdentityV1 from '@ibm-cloud/platform-services/iam-identity/v1.js';
import IamPolicyManagementV1 from '@ibm-cloud/platform-services/iam-policy-management/v1.js';
import { getQueryParam, IamAuthenticator } from 'ibm-cloud-sdk-core';
import { startWorld, type TestAccount, type TestCluster, type Wire, type World } from '../support/world.ts';

const VIEWER = 'crn:v1:bluemix:public:iam::::role:Viewer';
const EDITOR = 'crn:v1:bluemix:public:iam::::role:Editor';

describe('the platform services clients', () => {
  let world: World;
  let account: TestAccount;
  let cluster: TestCluster;
  let identity: IamIdentityV1;
  let groups: IamAccessGroupsV2;
  let policies: IamPolicyManagementV1;

  before(async () => {
    world = await startWorld();
    account = await world.account();
    cluster = await world.cluster(account);
    const authenticator = new IamAuthenticator({ apikey: account.ownerApiKey, url: world.url });
    const options = { authenticator, serviceUrl: world.url };
    identity = new IamIdentityV1(options);
    groups = new IamAccessGroupsV2(options);
    policies = new IamPolicyManagementV1(options);
  });

  after(async () => world[Symbol.asyncDispose]());

  const refusal =
    (status: number, check: (error: Wire) => void = () => undefined) =>
    (error: Wire) => {
      assert.equal(error.status, status, error.message);
      check(error);
      return true;
    };

  describe('identity', () => {
    let profileId: string;
    let linkId: string;

    it('creates a profile', async () => {
      const { status, result } = await identity.createProfile({
        name: 'NodeSDK profile',
        accountId: account.id,
        description: 'of a suite',
      });
      assert.equal(status, 201);
      assert.match(result.id, /^Profile-/);
      assert.equal(result.iam_id, `iam-${result.id}`);
      assert.equal(result.name, 'NodeSDK profile');
      assert.equal(result.account_id, account.id);
      assert.ok(result.crn && result.entity_tag && result.created_at);
      profileId = result.id;
    });

    it('gets it, with activity', async () => {
      const { status, result } = await identity.getProfile({ profileId, includeActivity: true });
      assert.equal(status, 200);
      assert.equal(result.id, profileId);
      assert.equal(result.description, 'of a suite');
      assert.equal(result.activity?.authn_count, 0);
    });

    it('updates it with its entity tag, and not with an old one', async () => {
      const { headers, result: read } = await identity.getProfile({ profileId });
      const ifMatch = read.entity_tag;
      assert.equal((headers as Record<string, string>).etag, ifMatch);
      const { status, result } = await identity.updateProfile({ profileId, ifMatch, description: 'updated' });
      assert.equal(status, 200);
      assert.equal(result.description, 'updated');
      assert.notEqual(result.entity_tag, ifMatch);
      await assert.rejects(identity.updateProfile({ profileId, ifMatch, description: 'late' }), refusal(409));
      await identity.updateProfile({ profileId, ifMatch: '*', description: 'whatever it was' });
    });

    it('pages through the profiles of an account', async () => {
      for (let index = 0; index < 4; index += 1) await identity.createProfile({ name: `page ${index}`, accountId: account.id });
      const found: string[] = [];
      let pagetoken: string | undefined;
      let pages = 0;
      do {
        const { status, result } = await identity.listProfiles({
          accountId: account.id,
          pagesize: 2,
          sort: 'name',
          ...(pagetoken !== undefined && { pagetoken }),
        });
        assert.equal(status, 200);
        assert.ok(result.profiles.length <= 2);
        found.push(...result.profiles.map((profile) => profile.name));
        pagetoken = result.next === undefined ? undefined : (getQueryParam(result.next, 'pagetoken') ?? undefined);
        pages += 1;
      } while (pagetoken);
      assert.equal(pages, 3);
      assert.deepEqual(found, ['NodeSDK profile', 'page 0', 'page 1', 'page 2', 'page 3']);
    });

    it('finds a profile by its name', async () => {
      const { result } = await identity.listProfiles({ accountId: account.id, name: 'page 3' });
      assert.deepEqual(
        result.profiles.map((profile) => profile.name),
        ['page 3'],
      );
    });

    it('creates, gets and lists a link', async () => {
      const link = { crn: cluster.crn, namespace: 'default', name: 'nice name' };
      const created = await identity.createLink({ profileId, crType: 'ROKS_SA', link, name: 'Great link' });
      assert.equal(created.status, 201);
      assert.equal(created.result.name, 'Great link');
      assert.deepEqual({ ...created.result.link }, link);
      linkId = created.result.id;
      const read = await identity.getLink({ profileId, linkId });
      assert.equal(read.status, 200);
      assert.equal(read.result.cr_type, 'ROKS_SA');
      const listed = await identity.listLinks({ profileId });
      assert.equal(listed.status, 200);
      assert.deepEqual(
        listed.result.links.map((item) => item.id),
        [linkId],
      );
    });

    it('refuses what is wrong with a link with 400', async () => {
      const link = { crn: cluster.crn, namespace: 'default' };
      const check = (error: Wire) => assert.ok(error.result?.errors?.[0]?.message_code ?? JSON.parse(error.body).errors[0].message_code);
      await assert.rejects(identity.createLink({ profileId, crType: 'ROKS_SA', link }), refusal(400, check));
      await assert.rejects(identity.createLink({ profileId, crType: 'TOASTER', link: { ...link, name: 'x' } }), refusal(400));
      const noCrn = { crn: 'not a crn', namespace: 'default', name: 'x' };
      await assert.rejects(identity.createLink({ profileId, crType: 'ROKS_SA', link: noCrn }), refusal(400));
    });

    it('deletes the link, by its id and by its parameters', async () => {
      assert.equal((await identity.deleteLink({ profileId, linkId })).status, 204);
      await assert.rejects(identity.getLink({ profileId, linkId }), refusal(404));
      await assert.rejects(identity.deleteLink({ profileId, linkId }), refusal(404));
      const parameters = { crn: cluster.crn, namespace: 'default', name: 'other' };
      await identity.createLink({ profileId, crType: 'ROKS_SA', link: parameters });
      assert.equal((await identity.deleteLinkByParameters({ profileId, type: 'ROKS_SA', ...parameters })).status, 204);
      assert.deepEqual((await identity.listLinks({ profileId })).result.links, []);
    });

    it('deletes the profile', async () => {
      assert.equal((await identity.deleteProfile({ profileId })).status, 204);
      await assert.rejects(identity.getProfile({ profileId }), refusal(404));
      await assert.rejects(identity.listLinks({ profileId }), refusal(404));
    });

    it('refuses bad requests with 400 and unknown profiles with 404', async () => {
      await assert.rejects(identity.createProfile({ name: 'x'.repeat(301), accountId: account.id }), refusal(400));
      await assert.rejects(identity.createProfile({ name: 'x', accountId: 'not an account' }), refusal(400));
      await assert.rejects(identity.listProfiles({ accountId: account.id, pagesize: 1000 }), refusal(400));
      await assert.rejects(identity.listProfiles({ accountId: account.id, pagetoken: 'made up' }), refusal(400));
      const nobody = 'Profile-00000000-0000-4000-8000-000000000000';
      await assert.rejects(identity.getProfile({ profileId: nobody }), refusal(404));
      await assert.rejects(identity.updateProfile({ profileId: nobody, ifMatch: '*', name: 'x' }), refusal(404));
      await assert.rejects(identity.deleteProfile({ profileId: nobody }), refusal(404));
    });

    it('refuses a second profile of the same name', async () => {
      await assert.rejects(identity.createProfile({ name: 'page 1', accountId: account.id }), refusal(409));
    });
  });

  describe('access groups', () => {
    let groupId: string;
    let etag: string;
    let profile: Wire;

    before(async () => {
      profile = await world.profile(account, 'a member');
    });

    it('creates a group', async () => {
      const { status, result } = await groups.createAccessGroup({
        accountId: account.id,
        name: 'SDK Test Group',
        description: 'to be used',
      });
      assert.equal(status, 201);
      assert.equal(result.name, 'SDK Test Group');
      groupId = result.id ?? '';
    });

    it('gets, updates and lists it', async () => {
      const read = await groups.getAccessGroup({ accessGroupId: groupId });
      assert.equal(read.status, 200);
      etag = (read.headers as Record<string, string>).etag ?? '';
      const updated = await groups.updateAccessGroup({ accessGroupId: groupId, ifMatch: etag, description: 'updated' });
      assert.equal(updated.status, 200);
      assert.equal(updated.result.description, 'updated');
      assert.equal(updated.result.name, 'SDK Test Group');
      const pager = new IamAccessGroupsV2.AccessGroupsPager(groups, { accountId: account.id, limit: 1, hidePublicAccess: true });
      const all = await pager.getAll();
      assert.deepEqual(
        all.map((group) => group.id),
        [groupId],
      );
    });

    it('adds members and knows them', async () => {
      const members = [
        { iam_id: account.ownerIamId, type: 'user' },
        { iam_id: profile.iam_id as string, type: 'profile' },
      ];
      const added = await groups.addMembersToAccessGroup({ accessGroupId: groupId, members });
      assert.equal(added.status, 207);
      for (const member of added.result.members ?? []) assert.equal(member.status_code, 200);
      assert.equal((await groups.isMemberOfAccessGroup({ accessGroupId: groupId, iamId: profile.iam_id })).status, 204);
      await assert.rejects(groups.isMemberOfAccessGroup({ accessGroupId: groupId, iamId: 'IBMid-nobody' }), refusal(404));
    });

    it('pages through the members', async () => {
      const pager = new IamAccessGroupsV2.AccessGroupMembersPager(groups, { accessGroupId: groupId, membershipType: 'static', limit: 1 });
      const members: (string | undefined)[] = [];
      while (pager.hasNext()) members.push(...(await pager.getNext()).map((member) => member.iam_id));
      assert.deepEqual(members.sort(), [account.ownerIamId, profile.iam_id].sort());
      const listed = await groups.listAccessGroupMembers({ accessGroupId: groupId, verbose: true });
      assert.equal(listed.result.total_count, 2);
    });

    it('removes one member and then several', async () => {
      const one = await groups.removeMemberFromAccessGroup({ accessGroupId: groupId, iamId: profile.iam_id });
      assert.equal(one.status, 204);
      const several = await groups.removeMembersFromAccessGroup({ accessGroupId: groupId, members: [account.ownerIamId, profile.iam_id] });
      assert.equal(several.status, 207);
      assert.deepEqual(several.result.members?.map((member) => member.status_code).sort(), [204, 404]);
    });

    it('deletes the group', async () => {
      assert.equal((await groups.deleteAccessGroup({ accessGroupId: groupId, force: true })).status, 204);
      await assert.rejects(groups.getAccessGroup({ accessGroupId: groupId }), refusal(404));
    });

    it('refuses a name that is too long, an account of somebody else and an unknown group', async () => {
      await assert.rejects(groups.createAccessGroup({ accountId: account.id, name: 'x'.repeat(1000) }), refusal(400));
      await assert.rejects(groups.createAccessGroup({ accountId: '0'.repeat(32), name: 'x' }), refusal(403));
      const nobody = 'AccessGroupId-00000000-0000-4000-8000-000000000000';
      await assert.rejects(groups.getAccessGroup({ accessGroupId: nobody }), refusal(404));
    });
  });

  describe('policies', () => {
    let policyId: string;
    let profile: Wire;
    const subjects = () => [{ attributes: [{ name: 'iam_id', value: profile.iam_id as string }] }];
    const resources = () => [
      {
        attributes: [
          { name: 'accountId', value: account.id, operator: 'stringEquals' },
          { name: 'serviceType', value: 'service', operator: 'stringEquals' },
        ],
      },
    ];

    before(async () => {
      profile = await world.profile(account, 'a subject');
    });

    it('creates an access policy', async () => {
      const { status, result } = await policies.createPolicy({
        type: 'access',
        subjects: subjects(),
        roles: [{ role_id: VIEWER }],
        resources: resources(),
      });
      assert.equal(status, 201);
      assert.equal(result.type, 'access');
      assert.equal(result.state, 'active');
      assert.deepEqual(result.subjects, subjects());
      assert.deepEqual(result.resources, resources());
      assert.equal(result.roles?.[0]?.role_id, VIEWER);
      policyId = result.id ?? '';
    });

    it('gets it with its ETag, and lists it', async () => {
      const { status, headers, result } = await policies.getPolicy({ policyId });
      assert.equal(status, 200);
      assert.ok((headers as Record<string, string>).etag);
      assert.equal(result.id, policyId);
      const listed = await policies.listPolicies({ accountId: account.id, iamId: profile.iam_id });
      assert.equal(listed.status, 200);
      assert.deepEqual(
        listed.result.policies?.map((policy) => policy.id),
        [policyId],
      );
    });

    it('pages through the policies of an account', async () => {
      await policies.createPolicy({ type: 'access', subjects: subjects(), roles: [{ role_id: EDITOR }], resources: resources() });
      const pager = new IamPolicyManagementV1.PoliciesPager(policies, { accountId: account.id, iamId: profile.iam_id, limit: 1 });
      assert.equal((await pager.getAll()).length, 2);
    });

    it('deletes it', async () => {
      assert.equal((await policies.deletePolicy({ policyId })).status, 204);
      const { result } = await policies.listPolicies({ accountId: account.id, iamId: profile.iam_id });
      assert.ok(!result.policies?.some((policy) => policy.id === policyId));
    });

    it('refuses unknown roles and unknown policies', async () => {
      const roles = [{ role_id: 'crn:v1:bluemix:public:iam::::role:Emperor' }];
      const create = policies.createPolicy({ type: 'access', subjects: subjects(), roles, resources: resources() });
      await assert.rejects(
        create,
        refusal(400, (error) => assert.ok(error.result?.trace ?? JSON.parse(error.body).trace)),
      );
      const nobody = '00000000-0000-4000-8000-000000000000';
      await assert.rejects(policies.getPolicy({ policyId: nobody }), refusal(404));
      await assert.rejects(policies.deletePolicy({ policyId: nobody }), refusal(404));
    });
  });
});
