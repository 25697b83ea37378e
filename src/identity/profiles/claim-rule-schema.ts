/** Wire forms of claim rules, those of profile templates included. */
import { z } from 'zod';
import { printMinutes } from '../../kernel/times.ts';
import { type ClaimRule, type ClaimRuleInput, RULE_TYPES } from './claim-rule.ts';
import { conditions } from './condition-schema.ts';
import { CR_TYPES } from './link.ts';

const LONGEST_SESSION_SECONDS = 86_400;

const members = {
  name: z.string().max(300).optional(),
  type: z.enum(RULE_TYPES),
  realm_name: z.string().max(1000).optional(),
  cr_type: z.enum(CR_TYPES).optional(),
  expiration: z.number().int('must be a whole number of seconds').optional(),
  conditions,
};

type RuleBody = z.infer<z.ZodObject<typeof members>>;

/** What a `Profile-SAML` rule needs besides. */
function checkSaml(body: RuleBody, context: z.RefinementCtx): void {
  if (body.type !== 'Profile-SAML') return;
  const missing = { code: 'custom', message: 'is required for type Profile-SAML', params: { code: 'missing_field' } } as const;
  if (!body.realm_name) context.addIssue({ ...missing, path: ['realm_name'] });
  if (body.expiration === undefined) context.addIssue({ ...missing, path: ['expiration'] });
  else if (body.expiration < 1 || body.expiration > LONGEST_SESSION_SECONDS)
    context.addIssue({ code: 'custom', path: ['expiration'], message: `must be from 1 to ${LONGEST_SESSION_SECONDS} seconds` });
}

export const claimRuleBody = z.object(members).superRefine(checkSaml);

/** A rule inside a profile template: about people only. */
export const templateRuleBody = z.object({ ...members, type: z.enum(['Profile-SAML']) }).superRefine(checkSaml);

/** What the rule says; what has no meaning for its type is not kept. */
export function readClaimRule(body: RuleBody): ClaimRuleInput {
  const isSaml = body.type === 'Profile-SAML';
  return {
    name: body.name || null,
    type: body.type,
    realmName: isSaml ? (body.realm_name ?? null) : null,
    crType: isSaml ? null : (body.cr_type ?? null),
    expiration: isSaml ? (body.expiration ?? 0) : 0,
    conditions: body.conditions,
  };
}

/** The members of a rule that its author wrote. */
export function printRuleContent(rule: ClaimRuleInput) {
  return {
    ...(rule.name !== null && { name: rule.name }),
    type: rule.type,
    ...(rule.realmName !== null && { realm_name: rule.realmName }),
    ...(rule.crType !== null && { cr_type: rule.crType }),
    expiration: rule.expiration,
    conditions: rule.conditions,
  };
}

export function printClaimRule(rule: ClaimRule) {
  return {
    id: rule.id,
    entity_tag: rule.entityTag,
    created_at: printMinutes(rule.createdAt),
    modified_at: printMinutes(rule.modifiedAt),
    ...printRuleContent(rule),
  };
}
