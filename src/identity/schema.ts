/** Wire pieces that several parts of the identity API share. */
import { z } from 'zod';
import { readCrn } from '../kernel/crn.ts';
import { isAccountId } from '../kernel/ids.ts';
import type { RouteReply } from '../kernel/route.ts';
import { printInstant, printMinutes } from '../kernel/times.ts';
import type { Activity, Extras, HistoryRecord } from './history.ts';

export const accountId = z.string().min(1).refine(isAccountId, 'must be an account id: 32 lower-case hexadecimal digits');
export const name = z.string().min(1).max(300);
export const description = z.string().max(1000);
/** A query parameter that is `true` or `false`. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
export const order = z.enum(['asc', 'desc']);

export const pageSize = z
  .string()
  .refine((text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 100, 'must be a whole number from 1 to 100')
  .transform(Number);

/** What the query of a list in pages says, beside what is listed and by which members it can be sorted. */
export const pagedQuery = {
  pagesize: pageSize.optional(),
  pagetoken: z.string().optional(),
  order: order.optional(),
  include_history: flag.optional(),
  filter: z.string().optional(),
};

export const crn = z
  .string()
  .min(1)
  .refine((text) => readCrn(text) !== undefined, {
    message: 'must be a CRN: ten segments joined by colons',
    params: { code: 'invalid_crn' },
  });

/** The reply with an object: its entity tag is the body's and the header's. */
export const tagged = <Body extends { readonly entity_tag: string }>(status: number, body: Body): RouteReply => ({
  status,
  body,
  headers: { etag: body.entity_tag },
});

export const printHistory = (record: HistoryRecord) => ({
  timestamp: printInstant(record.at),
  iam_id: record.iamId,
  iam_id_account: record.iamIdAccount,
  action: record.action,
  params: record.params,
  message: record.message,
});

const printActivity = (activity: Activity) => ({
  ...(activity.lastAuthn !== undefined && { last_authn: printMinutes(activity.lastAuthn) }),
  authn_count: activity.authnCount,
});

export const printExtras = ({ history, activity }: Extras) => ({
  ...(history && { history: history.map(printHistory) }),
  ...(activity && { activity: printActivity(activity) }),
});

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out members that are absent, so that a reply echoes exactly what was sent. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
