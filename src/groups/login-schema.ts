/** Wire forms of sign-ins with an identity provider. */
import { z } from 'zod';
import type { ClaimValue } from '../identity/profiles/condition.ts';
import { printInstant } from '../kernel/times.ts';
import type { NewRuleMembership } from './rule.ts';
import { realmName } from './rule-schema.ts';

/** Bytes of a body: what an identity provider says of one user. */
export const LOGIN_BODY_LIMIT = 64 * 1024;
const MAX_CLAIMS = 200;
const MAX_NAME = 300;
const MAX_TEXT = 4096;
const MAX_ELEMENTS = 1000;

// Two numbers that JavaScript cannot tell apart must not pass for one another.
const number = z
  .number()
  .refine(
    (value) => !Number.isInteger(value) || Number.isSafeInteger(value),
    'must be sent as a text: the number is too large to be exact',
  );
const scalar = z.union([z.string().max(MAX_TEXT), number, z.boolean()]);
const value = z.union([scalar, z.array(scalar).max(MAX_ELEMENTS)], {
  error: `must be a text of at most ${MAX_TEXT} characters, an exact number, true or false, or a list of at most ${MAX_ELEMENTS} of these`,
});

/** Claims by name. They become a map: `__proto__` is a name like any other. */
const claims = z
  .custom<Readonly<Record<string, unknown>>>((given) => typeof given === 'object' && given !== null && !Array.isArray(given), {
    error: 'must be an object: claims by name',
  })
  .transform((given, context) => {
    const entries = Object.entries(given);
    if (entries.length > MAX_CLAIMS) context.addIssue({ code: 'custom', message: `must have at most ${MAX_CLAIMS} claims` });
    const read = new Map<string, ClaimValue>();
    for (const [name, claim] of entries) {
      const parsed = value.safeParse(claim);
      if (name.length > MAX_NAME) context.addIssue({ code: 'custom', message: `must have names of at most ${MAX_NAME} characters` });
      else if (parsed.success) read.set(name, parsed.data);
      else context.addIssue({ code: 'custom', path: [name], message: parsed.error.issues[0]?.message ?? 'is not acceptable' });
    }
    return read;
  });

export const createLoginBody = z.object({ iam_id: z.string().min(1).max(300), realm_name: realmName, claims });

export function printLogin(
  login: { readonly accountId: string; readonly iamId: string; readonly realmName: string },
  memberships: readonly NewRuleMembership[],
) {
  return {
    account_id: login.accountId,
    iam_id: login.iamId,
    realm_name: login.realmName,
    groups: memberships.map(({ groupId, ruleId, expiresAt }) => ({
      access_group_id: groupId,
      rule_id: ruleId,
      expires_at: printInstant(expiresAt),
    })),
  };
}
