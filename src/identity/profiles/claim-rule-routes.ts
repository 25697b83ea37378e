/** Claim rules as a table. */
import { requireIfMatch } from '../../kernel/if-match.ts';
import { guarded, type Route } from '../../kernel/route.ts';
import { tagged } from '../schema.ts';
import { claimRuleBody, printClaimRule, readClaimRule } from './claim-rule-schema.ts';
import type { ClaimRuleService } from './claim-rule-service.ts';

const family = 'identity';
const RULES = '/v1/profiles/:profile_id/rules';
const RULE = `${RULES}/:rule_id`;

export function claimRuleRoutes(rules: ClaimRuleService): readonly Route[] {
  return [
    guarded({
      method: 'POST',
      path: RULES,
      family,
      summary: 'Create a claim rule of a trusted profile',
      body: claimRuleBody,
      async handle({ caller, info, params, body }) {
        const { rule, warnings } = await rules.create({ caller, info }, params.profile_id ?? '', readClaimRule(body));
        return { ...tagged(201, printClaimRule(rule)), warnings };
      },
    }),
    guarded({
      method: 'GET',
      path: RULES,
      family,
      summary: 'List the claim rules of a trusted profile',
      async handle({ caller, info, params }) {
        return { status: 200, body: { rules: (await rules.list({ caller, info }, params.profile_id ?? '')).map(printClaimRule) } };
      },
    }),
    guarded({
      method: 'GET',
      path: RULE,
      family,
      summary: 'Get a claim rule of a trusted profile',
      async handle({ caller, info, params }) {
        return tagged(200, printClaimRule(await rules.get({ caller, info }, params.profile_id ?? '', params.rule_id ?? '')));
      },
    }),
    guarded({
      method: 'PUT',
      path: RULE,
      family,
      summary: 'Replace a claim rule of a trusted profile',
      body: claimRuleBody,
      async handle({ caller, info, params, headers, body }) {
        const { profile_id: profileId = '', rule_id: ruleId = '' } = params;
        const { rule, warnings } = await rules.update({ caller, info }, profileId, ruleId, requireIfMatch(headers), readClaimRule(body));
        return { ...tagged(200, printClaimRule(rule)), warnings };
      },
    }),
    guarded({
      method: 'DELETE',
      path: RULE,
      family,
      summary: 'Delete a claim rule of a trusted profile',
      async handle({ caller, info, params }) {
        await rules.remove({ caller, info }, params.profile_id ?? '', params.rule_id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
