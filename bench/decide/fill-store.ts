/** Puts the planned account into the store of an installation that nobody serves, in one transaction. */
import { foldName } from '../../src/groups/group.ts';
import { systemContext } from '../../src/identity/system-caller.ts';
import { createSystemClock } from '../../src/kernel/clock.ts';
import { createIds } from '../../src/kernel/ids.ts';
import { openEmbeddedStore } from '../../src/store/embedded/store.ts';
import { OWNER_IAM_ID } from '../account-owner.ts';
import type { AccountPlan } from './account.ts';
import { customRolesOfPlan, membershipsOfPlan, policiesOfPlan, profilesOfPlan, resourceTagsOfPlan } from './contents.ts';
import { groupIdOf } from './names.ts';
import { SERVICES } from './services.ts';

/** The owner may ask for decisions about every service of the plan. */
export async function fillStore(dataDir: string, plan: AccountPlan): Promise<void> {
  const { accountId } = plan;
  const clock = createSystemClock();
  const store = await openEmbeddedStore({ dataDir, mode: 'open', clock });
  const by = { createdAt: 1, createdById: OWNER_IAM_ID };
  try {
    await store.mutate(systemContext(createIds(), accountId), async (tx) => {
      for (const profile of profilesOfPlan(plan)) await tx.insertProfile(profile);
      for (let number = 0; number < plan.ofGroup.length; number += 1) {
        const name = `group ${number}`;
        const at = { revision: 1, entityTag: '1-a', ...by, lastModifiedAt: 1, lastModifiedById: OWNER_IAM_ID };
        await tx.insertGroup({ ...at, id: groupIdOf(number), accountId, name, description: '' }, foldName(name));
      }
      for (const membership of membershipsOfPlan(plan)) await tx.insertMember({ ...membership, ...by, accountId, type: 'profile' });
      for (const role of customRolesOfPlan(plan)) await tx.insertCustomRole(role);
      for (const policy of policiesOfPlan(plan)) await tx.insertPolicy(policy);
      for (const tags of resourceTagsOfPlan(plan)) {
        await tx.putResourceTags({ ...tags, accountId, modifiedAt: 1, modifiedById: OWNER_IAM_ID });
      }
      for (const { name } of SERVICES) await tx.putOperators(accountId, name, [OWNER_IAM_ID]);
      tx.changed({ accountId, kind: 'account', id: accountId });
    });
  } finally {
    await store.close();
  }
}
