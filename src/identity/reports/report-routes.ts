/** Reports and the MFA status as a table. A report that is being made answers 204 without a body. */
import { guarded, type Route } from '../../kernel/route.ts';
import type { IdentityDeps } from '../deps.ts';
import * as schema from './report-schema.ts';
import { createReportService } from './report-service.ts';

const family = 'identity';
const ACTIVITY = '/v1/activity/accounts/:account_id/report';
const MFA = '/v1/mfa/accounts/:account_id';

export function reportRoutes(deps: IdentityDeps): readonly Route[] {
  const reports = createReportService(deps);
  return [
    guarded({
      method: 'POST',
      path: ACTIVITY,
      family,
      summary: 'Create a report of the identities of an account that have not signed in for a while',
      query: schema.activityReportQuery,
      async handle({ caller, info, params, query }) {
        const reference = await reports.createActivityReport({ caller, info }, params.account_id ?? '', query.duration);
        return { status: 202, body: { reference } };
      },
    }),
    guarded({
      method: 'GET',
      path: `${ACTIVITY}/:reference`,
      family,
      summary: 'Get a report of the identities of an account that have not signed in for a while',
      async handle({ caller, info, params }) {
        const report = await reports.get({ caller, info }, params.account_id ?? '', 'activity', params.reference ?? '');
        return report ? { status: 200, body: schema.printActivityReport(report) } : { status: 204 };
      },
    }),
    guarded({
      method: 'POST',
      path: `${MFA}/report`,
      family,
      summary: 'Create a report of how the users of an account stand with multi-factor authentication',
      query: schema.mfaReportQuery,
      async handle({ caller, info, params }) {
        return { status: 202, body: { reference: await reports.createMfaReport({ caller, info }, params.account_id ?? '') } };
      },
    }),
    guarded({
      method: 'GET',
      path: `${MFA}/report/:reference`,
      family,
      summary: 'Get a report of how the users of an account stand with multi-factor authentication',
      async handle({ caller, info, params }) {
        const report = await reports.get({ caller, info }, params.account_id ?? '', 'mfa', params.reference ?? '');
        return report ? { status: 200, body: schema.printMfaReport(report) } : { status: 204 };
      },
    }),
    guarded({
      method: 'GET',
      path: `${MFA}/status`,
      family,
      summary: 'Get how a user of an account stands with multi-factor authentication',
      query: schema.mfaStatusQuery,
      async handle({ caller, info, params, query }) {
        const enrollment = await reports.getMfaStatus({ caller, info }, params.account_id ?? '', query.iam_id);
        return { status: 200, body: schema.printMfaStatus(query.iam_id, enrollment) };
      },
    }),
  ];
}
