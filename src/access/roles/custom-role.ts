/** Roles that an account made for itself: a list of actions of one service under a name of its own. */
import type { EpochMs } from '../../kernel/clock.ts';

export interface CustomRole {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly accountId: string;
  readonly serviceName: string;
  readonly name: string;
  readonly displayName: string;
  readonly description: string | null;
  /** Each once, in the order in which the account wrote them. */
  readonly actions: readonly string[];
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly createdById: string;
  readonly lastModifiedAt: EpochMs;
  readonly lastModifiedById: string;
}

/** The role id under which policies name it. Its second segment is `ibmcloud` where everything else says `bluemix` (IBM Cloud IAM). */
export function customRoleCrn(accountId: string, name: string): string {
  return `crn:v1:ibmcloud:public:iam-access-management::a/${accountId}::customRole:${name}`;
}
