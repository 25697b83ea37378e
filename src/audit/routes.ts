/** The audit log, read by those who may audit an account. */
import { guarded, type Route } from '../kernel/route.ts';
import type { Guard } from './mutation.ts';
import type { AuditReads } from './query.ts';
import { findEventsQuery } from './schema.ts';

const DEFAULT_LIMIT = 100;

export function auditRoutes({ audit, guard }: { readonly audit: AuditReads; readonly guard: Guard }): readonly Route[] {
  return [
    guarded({
      method: 'GET',
      path: '/podpass/v1/audit/events',
      family: 'identity',
      summary: 'Find audit events of an account, the newest first',
      query: findEventsQuery,
      async handle({ caller, info, query }) {
        const resource = { accountId: query.account_id, serviceName: 'iam-identity' };
        await guard({ caller, info }, 'iam-identity.report.get', resource, { id: query.account_id, typeURI: 'podpass/audit' });
        const events = await audit.find({
          accountId: query.account_id,
          limit: query.limit ?? DEFAULT_LIMIT,
          ...(query.request_id !== undefined && { requestId: query.request_id }),
          ...(query.transaction_id !== undefined && { transactionId: query.transaction_id }),
        });
        return { status: 200, body: { events: events.map((event) => JSON.parse(event.record) as unknown) } };
      },
    }),
  ];
}
