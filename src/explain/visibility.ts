/** What of the objects behind an explanation its caller may read. */
import type { Policy } from '@podpass/policy';
import type { Guards } from '../access/decisions/guard.ts';
import type { MayDo, MutationContext } from '../audit/mutation.ts';
import { type Cluster, clusterResource } from '../clusters/cluster.ts';
import { groupResource } from '../groups/gate.ts';
import type { Profile } from '../identity/profiles/profile.ts';
import { profileResource } from '../identity/profiles/profile-gate.ts';

export interface Visibility {
  policy(policy: Policy): Promise<boolean>;
  profile(profile: Pick<Profile, 'id' | 'accountId'>): Promise<boolean>;
  cluster(cluster: Cluster): Promise<boolean>;
  /** Who is in which access groups of the account. */
  members(accountId: string): Promise<boolean>;
  /** One access group with its members. */
  group(accountId: string, groupId: string): Promise<boolean>;
}

export interface VisibilityDeps {
  readonly mayDo: MayDo;
  readonly mayManage: Guards['mayManage'];
}

export function visibilityOf({ mayDo, mayManage }: VisibilityDeps, context: MutationContext): Visibility {
  const { caller } = context;
  return {
    policy: (policy) => mayManage(context, 'read', policy),
    profile: ({ id, accountId }) => mayDo(caller, 'iam-identity.profile.get', profileResource(accountId, id)),
    cluster: (cluster) => mayDo(caller, 'containers-kubernetes.cluster.read', clusterResource(cluster)),
    members: (accountId) => mayDo(caller, 'iam-groups.members.list', groupResource(accountId)),
    async group(accountId, groupId) {
      const group = groupResource(accountId, groupId);
      return (await mayDo(caller, 'iam-groups.groups.read', group)) && mayDo(caller, 'iam-groups.members.list', group);
    },
  };
}
