/** The dynamic rules of access groups as a table. */
import { requireIfMatch } from '../kernel/if-match.ts';
import { guarded, type Route } from '../kernel/route.ts';
import type { GroupRule } from './rule.ts';
import * as schema from './rule-schema.ts';
import type { GroupRuleService } from './rule-service.ts';

const family = 'groups';
const RULES = '/v2/groups/:group_id/rules';
const RULE = `${RULES}/:rule_id`;

const reply = (status: number, rule: GroupRule) => ({ status, body: schema.printGroupRule(rule), headers: { etag: rule.entityTag } });

export function groupRuleRoutes(rules: GroupRuleService): readonly Route[] {
  return [
    guarded({
      method: 'POST',
      path: RULES,
      family,
      summary: 'Create a dynamic rule of an access group',
      body: schema.groupRuleBody,
      handle: async ({ caller, info, params, body }) =>
        reply(201, await rules.create({ caller, info }, params.group_id ?? '', schema.readGroupRule(body))),
    }),
    guarded({
      method: 'GET',
      path: RULES,
      family,
      summary: 'List the dynamic rules of an access group',
      async handle({ caller, info, params }) {
        const found = await rules.list({ caller, info }, params.group_id ?? '');
        return { status: 200, body: { rules: found.map(schema.printGroupRule) } };
      },
    }),
    guarded({
      method: 'GET',
      path: RULE,
      family,
      summary: 'Get a dynamic rule of an access group',
      handle: async ({ caller, info, params }) =>
        reply(200, await rules.get({ caller, info }, params.group_id ?? '', params.rule_id ?? '')),
    }),
    guarded({
      method: 'PUT',
      path: RULE,
      family,
      summary: 'Replace a dynamic rule of an access group',
      body: schema.groupRuleBody,
      async handle({ caller, info, params, headers, body }) {
        const { group_id: groupId = '', rule_id: ruleId = '' } = params;
        return reply(200, await rules.replace({ caller, info }, groupId, ruleId, requireIfMatch(headers), schema.readGroupRule(body)));
      },
    }),
    guarded({
      method: 'DELETE',
      path: RULE,
      family,
      summary: 'Delete a dynamic rule of an access group',
      async handle({ caller, info, params }) {
        await rules.remove({ caller, info }, params.group_id ?? '', params.rule_id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
