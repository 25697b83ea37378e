/** Wire forms of reports and of the MFA status of a user. */
import { z } from 'zod';
import { printInstant, printMinutes } from '../../kernel/times.ts';
import type { MfaEnrollment } from './mfa.ts';
import type { InactiveApiKey, InactiveObject, Report, ReportedUser } from './report.ts';

const DEFAULT_HOURS = 720;
/** Ten years. */
const MAX_HOURS = 87_600;

const duration = z
  .string()
  .refine(
    (text) => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= MAX_HOURS,
    `must be a whole number of hours from 1 to ${MAX_HOURS}, ten years`,
  )
  .transform(Number);

export const activityReportQuery = z.object({ type: z.literal('inactive').optional(), duration: duration.default(DEFAULT_HOURS) });
export const mfaReportQuery = z.object({ type: z.literal('mfa_status').optional() });
export const mfaStatusQuery = z.object({ iam_id: z.string().min(1).max(1000) });

const printUser = ({ iamId, name, email }: ReportedUser) => ({
  iam_id: iamId,
  name,
  username: email || iamId,
  ...(email !== '' && { email }),
});

const printLast = ({ lastAuthn }: { readonly lastAuthn?: number }) => lastAuthn !== undefined && { last_authn: printMinutes(lastAuthn) };

const printObject = (object: InactiveObject) => ({ id: object.id, name: object.name, ...printLast(object) });

const printApiKey = ({ owner, ...key }: InactiveApiKey) => ({
  ...printObject(key),
  ...('user' in owner ? { type: 'user', user: printUser(owner.user) } : { type: 'serviceid', serviceid: owner.serviceId }),
});

export const printActivityReport = ({ createdBy, reference, document }: Report<'activity'>) => ({
  created_by: createdBy,
  reference,
  report_duration: String(document.durationHours),
  report_start_time: printMinutes(document.start),
  report_end_time: printMinutes(document.end),
  users: document.users.map(({ user, ...last }) => ({ ...printUser(user), ...printLast(last) })),
  apikeys: document.apiKeys.map(printApiKey),
  serviceids: document.serviceIds.map(printObject),
  profiles: document.profiles.map(printObject),
});

/** No second factor of these kinds is asked of anybody, nor can anybody enrol one. */
const UNKNOWN_FACTOR = { required: false, enrolled: false };

/** What is asked of a user belongs to the user's id, whatever the account; factors of single accounts are not offered. */
const printEnrollment = (enrollment: MfaEnrollment) => ({
  effective_mfa_type: 'id_based_mfa',
  id_based_mfa: {
    trait_account_default: enrollment.traitAccountDefault,
    ...(enrollment.traitUserSpecific !== undefined && { trait_user_specific: enrollment.traitUserSpecific }),
    trait_effective: enrollment.traitEffective,
    complies: enrollment.complies,
    ...(enrollment.complyState !== undefined && { comply_state: enrollment.complyState }),
  },
  account_based_mfa: { security_questions: UNKNOWN_FACTOR, totp: UNKNOWN_FACTOR, verisign: UNKNOWN_FACTOR, complies: true },
});

export const printMfaStatus = (iamId: string, enrollment: MfaEnrollment) => ({ iam_id: iamId, ...printEnrollment(enrollment) });

export const printMfaReport = ({ createdBy, reference, createdAt, accountId, document }: Report<'mfa'>) => ({
  created_by: createdBy,
  reference,
  report_time: printInstant(createdAt),
  account_id: accountId,
  users: document.users.map(({ user, enrollment }) => ({ ...printUser(user), ...printEnrollment(enrollment) })),
});
