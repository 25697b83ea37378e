/** Writes what a run found as the tables of `docs/compatibility.md`, and puts them into that page. Pure; the same run gives the same text. */
import type { JudgedSubject, Verdict } from './judgement.ts';

export interface SuiteName {
  /** Marks the place of the tables in the page. */
  readonly id: string;
  /** What was run, down to its version, as the beginning of a sentence. */
  readonly description: string;
}

const COLUMNS: readonly Verdict[] = ['passed', 'failed', 'did not run', 'not applicable'];

/** The tables: totals by subject, then every test under its subject. A column of the totals that nothing falls into is left out. */
export function renderTables(suite: SuiteName, subjects: readonly JudgedSubject[]): string {
  const all = subjects.flatMap(({ specs }) => specs);
  const columns = COLUMNS.filter((verdict) => verdict === 'passed' || count(all, verdict) > 0);
  const counts = (specs: JudgedSubject['specs']) => columns.map((verdict) => String(count(specs, verdict)));
  const tally = columns.map((verdict) => `${count(all, verdict)} ${verdict}`).join(', ');
  const overview = [
    row(['subject', ...columns]),
    rule(columns.length + 1),
    ...subjects.map(({ title, specs }) => row([title, ...counts(specs)])),
    row(['all', ...counts(all)]),
  ];
  const details = subjects.flatMap((subject) => ['', `### ${subject.title}`, '', ...subjectTable(subject)]);
  return [`${suite.description}: ${all.length} tests, ${tally}.`, '', ...overview, ...details].join('\n');
}

function subjectTable({ notApplicable, specs }: JudgedSubject): string[] {
  const result = (verdict: Verdict) => (verdict === 'not applicable' ? `not applicable: ${notApplicable}` : verdict);
  return [row(['test', 'result']), rule(2), ...specs.map(({ title, verdict }) => row([title, result(verdict)]))];
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

/** The page with these tables between the marks of the suite. */
export function replaceTables(page: string, suite: SuiteName, tables: string): string {
  const { before, after } = splitPage(page, suite);
  return `${before}\n\n${tables}\n\n${after}`;
}

/** The tables that the page holds between the marks of the suite. */
export function readTables(page: string, suite: SuiteName): string {
  return splitPage(page, suite).between.trim();
}

function splitPage(page: string, { id }: SuiteName): { readonly before: string; readonly between: string; readonly after: string } {
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
