import type { ReportReads, ReportWrites } from '../../identity/reports/report-store.ts';
import type { Db } from '../schema.ts';

export function reportReads(_db: Db): ReportReads {
  return {};
}

export function reportWrites(_db: Db): ReportWrites {
  return {};
}
