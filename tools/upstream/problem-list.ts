/** The text of a run's problems for the person at the terminal: the first ones whole, the rest by name. Pure. */
import { failureText, lastExchange } from './failure-text.ts';
import type { Problem } from './judgement.ts';

const WHOLE = 15;

const SENTENCES: Readonly<Record<Problem['kind'], string>> = {
  failed: 'failed',
  'did not run': 'did not run',
  missing: 'is listed in test/upstream/expectations/ and was not reported',
  repeated: 'was reported more than once, where a title has to stand for one spec',
  unlisted: 'was reported and is not listed in test/upstream/expectations/: give it a subject there',
  stale: 'passed and is declared not applicable in test/upstream/expectations/: take the declaration back',
  stray: "is none of the suite's specs: its set-up or teardown failed, or the focus let another spec run",
};

export function describeProblems(problems: readonly Problem[]): string {
  const rest = problems.slice(WHOLE);
  const introduction = rest.length === 0 ? [] : ['', `${rest.length} more, often consequences of those above:`];
  return [...problems.slice(0, WHOLE).map(wholeText), ...introduction, ...rest.map(shortText)].join('\n');
}

function wholeText(problem: Problem): string {
  const text = problem.result === undefined ? '' : failureText(problem.result);
  return text === '' ? heading(problem) : `${heading(problem)}\n${text}`;
}

function shortText(problem: Problem): string {
  const exchange = problem.result === undefined ? '' : lastExchange(problem.result);
  return exchange === '' ? heading(problem) : `${heading(problem)}; ${exchange}`;
}

function heading({ kind, title }: Problem): string {
  return `✖ ${title}: ${SENTENCES[kind]}`;
}
