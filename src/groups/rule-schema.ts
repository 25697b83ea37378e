/** Wire forms of the dynamic rules of access groups. */
import { z } from 'zod';
import { conditions } from '../identity/profiles/condition-schema.ts';
import { printInstant } from '../kernel/times.ts';
import type { GroupRule, GroupRuleInput } from './rule.ts';

const LONGEST_HOURS = 24;
const expirationText = `must be a whole number of hours from 1 to ${LONGEST_HOURS}`;

export const realmName = z.string().min(1).max(1000);

export const groupRuleBody = z.object({
  name: z.string().max(300).optional(),
  expiration: z.number().int(expirationText).min(1, expirationText).max(LONGEST_HOURS, expirationText),
  realm_name: realmName,
  conditions,
});

export function readGroupRule(body: z.infer<typeof groupRuleBody>): GroupRuleInput {
  return { name: body.name || null, expiration: body.expiration, realmName: body.realm_name, conditions: body.conditions };
}

export function printGroupRule(rule: GroupRule) {
  return {
    id: rule.id,
    ...(rule.name !== null && { name: rule.name }),
    expiration: rule.expiration,
    realm_name: rule.realmName,
    access_group_id: rule.groupId,
    account_id: rule.accountId,
    conditions: rule.conditions,
    created_at: printInstant(rule.createdAt),
    created_by_id: rule.createdById,
    last_modified_at: printInstant(rule.lastModifiedAt),
    last_modified_by_id: rule.lastModifiedById,
  };
}
