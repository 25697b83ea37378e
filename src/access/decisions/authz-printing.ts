/** Decisions in the words that IBM's clients parse. */
import type { Obligation } from '@podpass/policy';
import type { RequestInfo } from '../../kernel/caller.ts';
import { UNAUTHORIZED } from './decision-point.ts';

/** One answer of many; `status` is a text, and anything but `200` has no decision. */
export type ItemReply = { readonly status: string; readonly [member: string]: unknown };

/** An empty resource would permit everything everywhere, so there is none where the obligation names none. */
export function printObligation({ actions, subject, resource, maxCacheAgeSeconds }: Obligation) {
  return {
    actions,
    environment: { attributes: {} },
    maxCacheAgeSeconds,
    subject: { attributes: subject.id === '' ? {} : subject },
    ...(resource && { resource: { attributes: resource } }),
  };
}

function printItemError(status: string, code: string, message: string, info: RequestInfo): ItemReply {
  const error = { businessCode: code, code, message, moreInfo: '', target: { type: 'field', name: '' } };
  return { status, error: { transactionId: info.transactionId, instanceId: 'podpass', errors: [error] } };
}

export const badItem = (message: string, info: RequestInfo): ItemReply => printItemError('400', 'invalid_body', message, info);

export const unauthorizedItem = (info: RequestInfo): ItemReply => printItemError('403', 'insufficent_permissions', UNAUTHORIZED, info);

/** The items' own status where all have the same; 207 where they differ, so that no mistake is taken for a deny. */
export function statusOf(replies: readonly ItemReply[]): number {
  const statuses = new Set(replies.map(({ status }) => status));
  return statuses.size === 1 ? Number(replies[0]?.status) : 207;
}
