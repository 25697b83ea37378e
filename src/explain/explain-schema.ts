/** What `POST /podpass/v1/explain` is sent, and what it answers. */
import { z } from 'zod';
import { accountId, withoutUndefined } from '../identity/schema.ts';
import { printInstant, readInstant } from '../kernel/times.ts';
import type { Advice, Explained, Nearest, Outcome } from './explanation.ts';

const text = z.string().min(1).max(300);
const id = z.string().min(1).max(128);
const attributes = z.record(z.string().max(100), z.union([z.string().max(2000), z.number(), z.boolean()]));

const instant = z.string().transform((given, context) => {
  const at = readInstant(given);
  if (at !== undefined) return at;
  context.addIssue({ code: 'custom', message: 'must be an instant with its offset, such as 2026-11-24T09:00:00Z' });
  return z.NEVER;
});

const decision = z.object({
  subject: z.object({ iam_id: z.string().min(1).max(1100), scope: z.string().max(2000).optional(), account_id: accountId.optional() }),
  action: text,
  resource: attributes,
  at: instant.optional(),
});

const exchange = z
  .object({
    profile_id: text.optional(),
    profile_name: text.optional(),
    profile_crn: z.string().min(1).max(1024).optional(),
    cluster: z.string().min(1).max(1024),
    namespace: text,
    service_account: text,
    pod: text.optional(),
  })
  .superRefine((given, context) => {
    if (given.profile_id !== undefined || given.profile_name !== undefined || given.profile_crn !== undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['profile_id'],
      message: 'is needed, or profile_name or profile_crn in its place',
      params: { code: 'missing_field' },
    });
  });

const WAYS = ['transaction_id', 'request_id', 'decision', 'exchange'] as const;

export const explainBody = z
  .object({
    account_id: accountId,
    transaction_id: id.optional(),
    request_id: id.optional(),
    decision: decision.optional(),
    exchange: exchange.optional(),
  })
  .superRefine((body, context) => {
    const [first, second] = WAYS.filter((way) => body[way] !== undefined);
    const expected = `exactly one of ${WAYS.join(', ')} is expected`;
    if (first === undefined) {
      context.addIssue({ code: 'custom', path: ['transaction_id'], message: `is needed: ${expected}`, params: { code: 'missing_field' } });
    }
    if (second !== undefined) context.addIssue({ code: 'custom', path: [second], message: `stands beside ${first}: ${expected}` });
  });

export type ExplainInput = z.infer<typeof explainBody>;
export type DecisionInput = NonNullable<ExplainInput['decision']>;
export type ExchangeInput = NonNullable<ExplainInput['exchange']>;

/** What the log, or the memory of early refusals, says beside the question asked now. */
export interface RecordedAs {
  readonly requestId: string;
  readonly transactionId: string;
  readonly at: number;
  readonly outcome: Outcome;
  readonly reason?: string | undefined;
  /** Of a request that belongs to no account. */
  readonly unproved?: { readonly sourceAddress: string; readonly issuer?: string; readonly kid?: string };
}

function printNearest(nearest: Nearest) {
  if ('hidden' in nearest) return { hidden: true };
  if ('policyId' in nearest) return { policy_id: nearest.policyId, missed: nearest.missed };
  const { profileId: profile_id, missed } = nearest;
  return 'linkId' in nearest ? { link_id: nearest.linkId, profile_id, missed } : { rule_id: nearest.ruleId, profile_id, missed };
}

const printAdvice = ({ kind, sentence, policyId, roleIds, profileId, link }: Advice) =>
  withoutUndefined({ kind, sentence, policy_id: policyId, role_ids: roleIds, profile_id: profileId, link });

function printRecorded({ requestId, transactionId, at, outcome, reason, unproved }: RecordedAs) {
  return {
    request_id: requestId,
    transaction_id: transactionId,
    recorded: {
      at: printInstant(at),
      outcome,
      ...(reason !== undefined && { reason }),
      ...(unproved && withoutUndefined({ source_address: unproved.sourceAddress, issuer: unproved.issuer, kid: unproved.kid })),
    },
  };
}

export function printExplained({ kind, outcome, checks, nearest, remedy }: Explained, recorded: RecordedAs | undefined) {
  const failed = outcome === 'refused' ? checks.find((check) => check.outcome === 'failed')?.check : undefined;
  return {
    kind,
    ...(recorded && printRecorded(recorded)),
    outcome,
    checks,
    ...(failed !== undefined && { failed }),
    ...(nearest && { nearest: printNearest(nearest) }),
    ...(remedy && { remedy: printAdvice(remedy) }),
  };
}
