/** What `POST /podpass/v1/what-if` is sent, and what it answers. */
import { z } from 'zod';
import type { VersionedDocument } from '../access/policies/policy.ts';
import { policyBodyV1, policyBodyV2 } from '../access/policies/policy-schema.ts';
import { createLinkBody } from '../identity/profiles/link-schema.ts';
import { accountId, withoutUndefined } from '../identity/schema.ts';
import { printInstant } from '../kernel/times.ts';
import type { ChangedAnswer, WhatIf } from './what-if.ts';

const id = z.string().min(1).max(300);
const member = z.object({ access_group_id: id, iam_id: id });

/** A body of either version of the policy API: the first one has `subjects`. */
const policy = z.unknown().transform((given, context): VersionedDocument => {
  const isFirst = typeof given === 'object' && given !== null && Object.hasOwn(given, 'subjects');
  const parsed = isFirst ? policyBodyV1.safeParse(given) : policyBodyV2.safeParse(given);
  if (parsed.success) return { apiVersion: isFirst ? 1 : 2, document: parsed.data } as VersionedDocument;
  for (const issue of parsed.error.issues) context.addIssue({ ...issue, code: 'custom', message: issue.message });
  return z.NEVER;
});

const target = z.unknown().transform((given, context) => {
  const { cr_type, ...link } = typeof given === 'object' && given !== null ? (given as Readonly<Record<string, unknown>>) : {};
  const parsed = createLinkBody.safeParse({ cr_type, link });
  if (parsed.success) return parsed.data;
  for (const { path, ...issue } of parsed.error.issues) {
    context.addIssue({ ...issue, code: 'custom', message: issue.message, path: path[0] === 'link' ? path.slice(1) : path });
  }
  return z.NEVER;
});

const change = z.object({
  add_policy: policy.optional(),
  remove_policy: id.optional(),
  add_member: member.optional(),
  remove_member: member.optional(),
  add_link: z.object({ profile_id: id, link: target }).optional(),
  remove_link: z.object({ profile_id: id, link_id: id }).optional(),
});

export type GivenChange = z.infer<typeof change>;

const KINDS = ['add_policy', 'remove_policy', 'add_member', 'remove_member', 'add_link', 'remove_link'] as const;

export const whatIfBody = z.object({
  account_id: accountId,
  days: z
    .number()
    .refine((days) => Number.isInteger(days) && days >= 1 && days <= 30, 'must be a whole number from 1 to 30')
    .optional(),
  changes: z
    .array(
      change.superRefine((given, context) => {
        if (KINDS.filter((kind) => given[kind] !== undefined).length === 1) return;
        context.addIssue({ code: 'custom', message: `must hold exactly one of ${KINDS.join(', ')}` });
      }),
    )
    .min(1)
    .max(50),
});

export type WhatIfInput = z.infer<typeof whatIfBody>;

function printQuestion({ asked }: ChangedAnswer) {
  if ('exchange' in asked) {
    const { selector, cluster, pod } = asked.exchange;
    const { id: profile_id, name: profile_name, crn: profile_crn } = selector;
    const { namespace, serviceAccount: service_account, pod: name } = pod ?? {};
    return { exchange: withoutUndefined({ profile_id, profile_name, profile_crn, cluster, namespace, service_account, pod: name }) };
  }
  const { subject, action, resource } = asked.question;
  const { iamId: iam_id, scope, accountId: account_id } = subject;
  return { decision: { subject: withoutUndefined({ iam_id, scope, account_id }), action, resource } };
}

const printAnswer = (answer: ChangedAnswer) => ({
  kind: answer.kind,
  request_id: answer.requestId,
  transaction_id: answer.transactionId,
  at: printInstant(answer.at),
  ...printQuestion(answer),
  before: answer.before,
  after: answer.after,
  recorded: answer.recorded,
  ...(answer.because !== undefined && { because: { change: answer.because } }),
});

export const printWhatIf = (account_id: string, { since, examined, isTruncated, changed, permitted, refused }: WhatIf) => ({
  account_id,
  since: printInstant(since),
  examined,
  truncated: isTruncated,
  changed: changed.map(printAnswer),
  summary: { would_be_permitted: permitted, would_be_refused: refused },
});
