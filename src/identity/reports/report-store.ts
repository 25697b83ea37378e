export type ReportReads = object;

export type ReportWrites = object;
