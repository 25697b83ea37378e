/** Writes what runs found as the tables of `docs/compatibility.md`, and puts them into that page. Pure; the same runs give the same text. */
import type { JudgedSubject, Verdict } from './judgement.ts';

/** A place of the page between two marks, where tables stand. */
export interface TablesPlace {
  readonly id: string;
}

export interface SuiteName extends TablesPlace {
  /** What was run, down to its version, as the beginning of a sentence. */
  readonly description: string;
}

/** One suite of several, as a row of the table of all. */
export interface SuiteOutcome {
  /** The first cells of its row. */
  readonly cells: readonly string[];
  readonly subjects: readonly JudgedSubject[];
}

const COLUMNS: readonly Verdict[] = ['passed', 'failed', 'did not run', 'not applicable'];

/** The tables of one suite: totals by subject, then every test under its subject. */
export function renderTables(suite: SuiteName, subjects: readonly JudgedSubject[]): string {
  const all = specsOf(subjects);
  const overview = totalsTable(
    ['subject'],
    subjects.map(({ title, specs }) => ({ cells: [title], specs })),
  );
  const details = subjects.flatMap((subject) => ['', `### ${subject.title}`, '', ...subjectTable(subject)]);
  return [`${suite.description}: ${tally(all)}.`, '', ...overview, ...details].join('\n');
}

/** The table of several suites, whose first columns have these headings. */
export function renderOverview(description: string, headings: readonly string[], suites: readonly SuiteOutcome[]): string {
  const rows = suites.map(({ cells, subjects }) => ({ cells, specs: specsOf(subjects) }));
  const all = rows.flatMap(({ specs }) => specs);
  return [`${description}: ${tally(all)}.`, '', ...totalsTable(headings, rows)].join('\n');
}

function specsOf(subjects: readonly JudgedSubject[]): JudgedSubject['specs'] {
  return subjects.flatMap(({ specs }) => specs);
}

/** How many tests there are and what became of them. */
function tally(specs: JudgedSubject['specs']): string {
  return [`${specs.length} tests`, ...columnsOf(specs).map((verdict) => `${count(specs, verdict)} ${verdict}`)].join(', ');
}

/** Passed, and whatever else occurs. */
function columnsOf(specs: JudgedSubject['specs']): readonly Verdict[] {
  return COLUMNS.filter((verdict) => verdict === 'passed' || count(specs, verdict) > 0);
}

function totalsTable(
  headings: readonly string[],
  rows: readonly { readonly cells: readonly string[]; readonly specs: JudgedSubject['specs'] }[],
): string[] {
  const all = rows.flatMap(({ specs }) => specs);
  const columns = columnsOf(all);
  const counts = (specs: JudgedSubject['specs']) => columns.map((verdict) => String(count(specs, verdict)));
  const blanks = headings.slice(1).map(() => '');
  return [
    row([...headings, ...columns]),
    rule(headings.length + columns.length),
    ...rows.map(({ cells, specs }) => row([...cells, ...counts(specs)])),
    row(['all', ...blanks, ...counts(all)]),
  ];
}

function subjectTable({ notApplicable, specs }: JudgedSubject): string[] {
  const reason = notApplicable === undefined ? [] : [`Not applicable: ${notApplicable}.`, ''];
  return [...reason, row(['test', 'result']), rule(2), ...specs.map(({ title, verdict }) => row([title, verdict]))];
}

function count(specs: JudgedSubject['specs'], verdict: Verdict): number {
  return specs.filter((spec) => spec.verdict === verdict).length;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function rule(columns: number): string {
  return `|${'---|'.repeat(columns)}`;
}

/** The page with these tables between the marks of the place. */
export function replaceTables(page: string, place: TablesPlace, tables: string): string {
  const { before, after } = splitPage(page, place);
  return `${before}\n\n${tables}\n\n${after}`;
}

/** The tables that the page holds between the marks of the place. */
export function readTables(page: string, place: TablesPlace): string {
  return splitPage(page, place).between.trim();
}

function splitPage(page: string, { id }: TablesPlace): { readonly before: string; readonly between: string; readonly after: string } {
  const begin = `<!-- begin ${id} -->`;
  const end = `<!-- end ${id} -->`;
  const start = page.indexOf(begin) + begin.length;
  const stop = page.indexOf(end);
  if (page.split(begin).length !== 2 || page.split(end).length !== 2 || stop < start) {
    throw new Error(`The page has to hold "${begin}" once and after it "${end}" once: the tables stand between them.`);
  }
  return { before: page.slice(0, start), between: page.slice(start, stop), after: page.slice(stop) };
}

/** Up to `limit` lines in which two tables differ, as a patch would show them. */
export function differences(told: string, found: string, limit: number): string {
  const toldLines = told.split('\n');
  const foundLines = found.split('\n');
  const lines = [
    ...toldLines.filter((line) => !foundLines.includes(line)).map((line) => `- ${line}`),
    ...foundLines.filter((line) => !toldLines.includes(line)).map((line) => `+ ${line}`),
  ];
  const shown = lines.slice(0, limit);
  return [...shown, ...(lines.length > limit ? [`… and ${lines.length - limit} more lines`] : [])].join('\n');
}
