/** Reports, and the MFA status of a user: one function per operation of the identity API. */
import type { AuditTarget } from '../../audit/events.ts';
import type { MutationContext } from '../../audit/mutation.ts';
import { DomainError } from '../../kernel/errors.ts';
import { createAccountGate } from '../accounts/account-gate.ts';
import type { IdentityDeps } from '../deps.ts';
import { effectiveSettings } from '../settings/account-settings.ts';
import { type MfaEnrollment, type MfaRules, mfaEnrollment, mfaRules } from './mfa.ts';
import type { Report, ReportDocuments, ReportKind } from './report.ts';

export type ReportService = ReturnType<typeof createReportService>;

/** The reference that stands for the newest report. */
const LATEST = 'latest';
const HOUR_MS = 3_600_000;
/** Clients ask once for a report that is not there yet, and expect it not to be. */
const READY_AFTER_MS = 2000;
const KEPT_MS = 24 * HOUR_MS;
/** How many reports of a kind an account has at most: the newest. */
const KEPT = 20;
/** How long each list of a report is at most. */
const MAX_ENTRIES = 10_000;

const reportTarget = (accountId: string, reference: string): AuditTarget => ({
  id: `${accountId}/${reference}`,
  typeURI: 'iam-identity/report',
});

const reportNotFound = (accountId: string, reference: string) =>
  new DomainError('not_found', {
    message: `Report '${reference.slice(0, 60)}' was not found.`,
    details: `Account ${accountId} has no such report of this kind. Reports are kept for a day, the newest ${KEPT} of each kind.`,
  });

/** What the record of a report says of lists that were cut off. */
function cutWarnings(lists: Readonly<Record<string, readonly unknown[]>>): readonly string[] {
  return Object.entries(lists).flatMap(([name, list]) =>
    list.length < MAX_ENTRIES ? [] : [`The list of ${name} holds the first ${MAX_ENTRIES} only.`],
  );
}

export function createReportService(deps: IdentityDeps) {
  const { reads, mutate, clock, ids } = deps;
  const gate = createAccountGate(deps);

  const guardCreation = (context: MutationContext, from: typeof reads, accountId: string) =>
    gate(context, from, accountId, 'iam-identity.report.create', reportTarget(accountId, ''));

  /** Stores what was found. The account is read before, not in the transaction: all other changes would wait for it. */
  async function store<Kind extends ReportKind>(
    context: MutationContext,
    accountId: string,
    kind: Kind,
    document: ReportDocuments[Kind],
    requestData: Readonly<Record<string, unknown>>,
    warnings: readonly string[],
  ): Promise<string> {
    return mutate(context, async (tx) => {
      await guardCreation(context, tx, accountId);
      const now = clock.now();
      // Which report is the newest is plain, however fast they follow each other.
      const at = Math.max(now, ((await tx.findLatestReportTime(accountId, kind)) ?? 0) + 1);
      const reference = ids.uuid();
      await tx.insertReport({
        reference,
        accountId,
        kind,
        createdBy: context.caller.iamId,
        createdAt: at,
        readyAt: at + READY_AFTER_MS,
        document,
      });
      await tx.deleteOldReports(accountId, kind, now - KEPT_MS, KEPT);
      tx.event({
        action: 'iam-identity.report.create',
        accountId,
        target: reportTarget(accountId, reference),
        requestData: { kind, ...requestData },
        ...(warnings.length > 0 && { warnings }),
      });
      return reference;
    });
  }

  async function rulesOf(accountIds: readonly string[]): Promise<ReadonlyMap<string, MfaRules>> {
    const settings = await reads.listAssignedSettings(accountIds);
    return new Map([...settings].map(([accountId, assigned]) => [accountId, mfaRules(effectiveSettings(assigned))]));
  }

  /** How users of an account stand; `iamId` where it is about one of them. */
  async function readEnrollments(accountId: string, iamId?: string): Promise<(iamId: string) => MfaEnrollment> {
    const others = await reads.listOtherMemberships(accountId, iamId, MAX_ENTRIES + 1);
    const isKnown = others.length <= MAX_ENTRIES;
    const accountsOf = Map.groupBy(others, (membership) => membership.iamId);
    const rules = await rulesOf([accountId, ...(isKnown ? new Set(others.map((membership) => membership.accountId)) : [])]);
    const own = rules.get(accountId) ?? mfaRules(effectiveSettings({ own: undefined, templates: [] }));
    return (user) => {
      const ofUser = (accountsOf.get(user) ?? []).flatMap((membership) => rules.get(membership.accountId) ?? []);
      return mfaEnrollment(own, user, isKnown ? ofUser : undefined);
    };
  }

  return {
    /** Reports who has not signed in for `durationHours`; answers the report's reference. */
    async createActivityReport(context: MutationContext, accountId: string, durationHours: number): Promise<string> {
      await guardCreation(context, reads, accountId);
      const end = clock.now();
      const start = end - durationHours * HOUR_MS;
      const lists = {
        users: await reads.listInactiveUsers(accountId, start, MAX_ENTRIES),
        apiKeys: await reads.listInactiveApiKeys(accountId, start, MAX_ENTRIES),
        serviceIds: await reads.listInactiveServiceIds(accountId, start, MAX_ENTRIES),
        profiles: await reads.listInactiveProfiles(accountId, start, MAX_ENTRIES),
      };
      const document = { durationHours, start, end, ...lists };
      return store(context, accountId, 'activity', document, { duration: durationHours }, cutWarnings(lists));
    },

    /** Reports how every user stands with multi-factor authentication; answers the report's reference. */
    async createMfaReport(context: MutationContext, accountId: string): Promise<string> {
      await guardCreation(context, reads, accountId);
      const users = await reads.listUsers(accountId, MAX_ENTRIES);
      const enrollmentOf = await readEnrollments(accountId);
      const document = {
        users: users.map(({ iamId, name, email }) => ({ user: { iamId, name, email }, enrollment: enrollmentOf(iamId) })),
      };
      return store(context, accountId, 'mfa', document, {}, cutWarnings({ users }));
    },

    /** The report behind a reference, or the newest for `latest`; undefined while it is being made. */
    async get<Kind extends ReportKind>(
      context: MutationContext,
      accountId: string,
      kind: Kind,
      reference: string,
    ): Promise<Report<Kind> | undefined> {
      let found: Report<Kind> | undefined;
      const find = async (): Promise<Report<Kind>> => {
        found ??= await (reference === LATEST ? reads.findLatestReport(accountId, kind) : reads.findReport(accountId, kind, reference));
        if (!found) throw reportNotFound(accountId, reference);
        return found;
      };
      await gate(context, reads, accountId, 'iam-identity.report.get', reportTarget(accountId, reference), find);
      const report = await find();
      return report.readyAt <= clock.now() ? report : undefined;
    },

    async getMfaStatus(context: MutationContext, accountId: string, iamId: string): Promise<MfaEnrollment> {
      const requireUser = async () => {
        if (await reads.findUser(accountId, iamId)) return;
        throw new DomainError('not_found', {
          message: `User '${iamId.slice(0, 140)}' was not found in the account.`,
          details: "Query parameter 'iam_id' must name a user of the account.",
        });
      };
      const target = { id: iamId, typeURI: 'user-management/user' };
      await gate(context, reads, accountId, 'iam-identity.mfa-status.get', target, requireUser);
      await requireUser();
      return (await readEnrollments(accountId, iamId))(iamId);
    },
  };
}
