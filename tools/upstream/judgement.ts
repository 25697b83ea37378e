/**
 * Compares what a suite reported with what is expected of it: every listed spec is reported once and passes, unless its subject is declared
 * not applicable, and then it does not pass. Pure.
 */
import type { SpecResult, SuiteReport } from './report.ts';

/** A subject of the suite with its specs, by the titles that `titleOf` gives them. */
export interface Subject {
  readonly title: string;
  readonly specs: readonly string[];
  /** Why none of these specs can pass, as the end of the sentence "Not applicable: …". */
  readonly notApplicable?: string;
}

export type Verdict = 'passed' | 'failed' | 'did not run' | 'not applicable';

export interface JudgedSpec {
  readonly title: string;
  readonly verdict: Verdict;
}

export interface JudgedSubject {
  readonly title: string;
  readonly notApplicable?: string;
  readonly specs: readonly JudgedSpec[];
}

/** Something that is not as expected; `result` is the report behind it, where there is one. */
export interface Problem {
  readonly kind: 'failed' | 'did not run' | 'missing' | 'repeated' | 'unlisted' | 'stale' | 'stray';
  readonly title: string;
  readonly result?: SpecResult;
}

export interface Judgement {
  readonly subjects: readonly JudgedSubject[];
  /** In the order in which the suite ran, so that the cause stands before its consequences; what did not take part comes last. */
  readonly problems: readonly Problem[];
}

/**
 * What a spec is called in lists. Many of IBM's specs are named after the call with its Go types, "GetKey(getKeyOptions *GetKeyOptions)", which
 * repeats the name of their container: that call is left out, and so is an ending that stands twice. All else is kept.
 */
export function titleOf(name: string): string {
  return name.replace(/ \w+\(\w+ \*\w+[^)]*\)*/, '').replace(/(?<=^| )(\S.*) \1$/, '$1');
}

export function judge(report: SuiteReport, expected: readonly Subject[]): Judgement {
  const reported = Map.groupBy(report.specs, ({ name }) => titleOf(name));
  const subjectOf = new Map<string, Subject>();
  for (const subject of expected) {
    for (const title of subject.specs) {
      if (subjectOf.has(title)) throw new Error(`"${title}" is listed twice: under ${subjectOf.get(title)?.title} and ${subject.title}.`);
      subjectOf.set(title, subject);
    }
  }
  const found = [...reported].flatMap(([title, results]) => problemsOf(title, results, subjectOf.get(title)));
  const missing = [...subjectOf.keys()].filter((title) => !reported.has(title)).map((title) => ({ kind: 'missing', title }) as const);
  const strays = report.others.map((result) => ({ kind: 'stray', title: result.name, result }) as const);
  return { subjects: expected.map((subject) => judgeSubject(subject, reported)), problems: [...found, ...missing, ...strays] };
}

function problemsOf(title: string, results: readonly SpecResult[], subject: Subject | undefined): Problem[] {
  const [result] = results;
  if (result === undefined) return [];
  if (subject === undefined) return [{ kind: 'unlisted', title, result }];
  if (results.length > 1) return [{ kind: 'repeated', title, result }];
  if (subject.notApplicable !== undefined) return result.outcome === 'passed' ? [{ kind: 'stale', title, result }] : [];
  if (result.outcome === 'passed') return [];
  return [{ kind: result.outcome === 'failed' ? 'failed' : 'did not run', title, result }];
}

function judgeSubject({ title, notApplicable, specs }: Subject, reported: ReadonlyMap<string, readonly SpecResult[]>): JudgedSubject {
  const judged = specs.map((spec) => ({ title: spec, verdict: verdictOf(reported.get(spec) ?? [], notApplicable !== undefined) }));
  return { title, ...(notApplicable !== undefined && { notApplicable }), specs: judged };
}

/** Of a spec that was reported more than once, the worst. */
function verdictOf(results: readonly SpecResult[], isNotApplicable: boolean): Verdict {
  if (results.length > 0 && results.every(({ outcome }) => outcome === 'passed')) return 'passed';
  if (isNotApplicable) return 'not applicable';
  return results.some(({ outcome }) => outcome === 'failed') ? 'failed' : 'did not run';
}
