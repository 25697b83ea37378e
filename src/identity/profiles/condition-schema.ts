/** The wire form of the conditions of a rule. */
import { z } from 'zod';
import { CONDITION_OPERATORS, readText } from './condition.ts';

const MAX_CONDITIONS = 100;
/** Of the conditions of a rule as JSON: the rules of a profile or a group are listed all at once. */
const MAX_TEXT = 16_384;

const CONDITION_MEMBERS = ['claim', 'operator', 'value'];

/** A misspelt member would make the rule wider than its author thinks, so it is named before anything that is missing. */
const knownMembers = z.unknown().superRefine((value, context) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const unknown = Object.keys(value).find((key) => !CONDITION_MEMBERS.includes(key));
  if (unknown === undefined) return;
  const message = `is not a member of a condition, which has ${CONDITION_MEMBERS.join(', ')} and no other`;
  context.addIssue({ code: 'custom', path: [unknown], message, params: { code: 'invalid_field' } });
});

const condition = knownMembers.pipe(
  z
    .strictObject({ claim: z.string().min(1).max(300), operator: z.enum(CONDITION_OPERATORS), value: z.string().min(1).max(1000) })
    .superRefine(({ operator, value }, context) => {
      if (operator === 'CONTAINS' && readText(value) === '')
        context.addIssue({ code: 'custom', path: ['value'], message: 'must not be the empty text, which every value contains' });
    }),
);

/** All of a rule's conditions. */
export const conditions = z
  .array(condition)
  .min(1, 'must hold at least one condition: a rule without any would trust everybody')
  .max(MAX_CONDITIONS)
  .refine((list) => JSON.stringify(list).length <= MAX_TEXT, `must have at most ${MAX_TEXT} characters as JSON`);
