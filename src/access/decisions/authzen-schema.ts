/** The outer form of AuthZEN requests; members that are not known are ignored, as the specification asks. */
import { z } from 'zod';

const part = z.unknown().optional();

export const authzenEvaluationBody = z.object({ subject: part, action: part, resource: part, context: part });

export const MAX_EVALUATIONS = 1000;

export const EVALUATIONS_SEMANTICS = ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'] as const;

export const authzenEvaluationsBody = authzenEvaluationBody.extend({
  /** Each is read by itself: one that is wrong is an error of its own, not of the call. */
  evaluations: z.array(z.unknown()).max(MAX_EVALUATIONS).optional(),
  options: z.object({ evaluations_semantic: z.enum(EVALUATIONS_SEMANTICS).optional() }).optional(),
});

export type AuthzenEvaluationsBody = z.infer<typeof authzenEvaluationsBody>;

export const MAX_PAGE = 1000;

export const authzenSearchBody = authzenEvaluationBody.extend({
  page: z.object({ token: z.string().max(4096).optional(), limit: z.number().int().min(1).max(MAX_PAGE).optional() }).optional(),
});

export type AuthzenSearchBody = z.infer<typeof authzenSearchBody>;
