/**
 * Reads what Ginkgo writes with `-ginkgo.reportFile`: a JUnit report with one case for every spec of the test binary, those that the focus
 * leaves out included. Pure: text in, specs out.
 */

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface SpecResult {
  /** The texts of its containers and of itself below the suite's own container, joined with spaces. */
  readonly name: string;
  readonly outcome: Outcome;
  /** Ginkgo's words about the failure, or about the reason to skip; empty where there are none. */
  readonly message: string;
  /** What a failed spec wrote, the requests and answers of the client among it. */
  readonly output: string;
}

export interface SuiteReport {
  /** Every spec of the container that was asked for, in the order in which they ran. */
  readonly specs: readonly SpecResult[];
  /** Whatever else took part: specs of other containers that were not skipped, and the set-up or teardown of the suite where it failed. */
  readonly others: readonly SpecResult[];
}

const CASE = /<testcase name="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;
const ENTITY = /&(?:#x([0-9A-Fa-f]+)|#(\d+)|(amp|lt|gt|quot|apos));/g;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Reads a report; `container` is the text of the top-level container whose specs are wanted. Throws where the text is no whole report. */
export function parseReport(xml: string, container: string): SuiteReport {
  const opening = /<testsuite [^>]*\btests="\d+"/.exec(xml);
  if (opening === null || !xml.trimEnd().endsWith('</testsuite>')) {
    throw new Error(`This is no JUnit report of Ginkgo, or only a part of one: ${JSON.stringify(xml.slice(0, 200))}`);
  }
  const cases = [...xml.matchAll(CASE)].map(([, name = '', inner = '']) => readCase(name, inner));
  if (cases.length !== xml.split('<testcase ').length - 1) throw new Error('The JUnit report of Ginkgo has cases that are not closed.');
  const prefix = `${container} `;
  return {
    specs: cases.filter(({ name }) => name.startsWith(prefix)).map((spec) => ({ ...spec, name: spec.name.slice(prefix.length) })),
    others: cases.filter(({ name, outcome }) => !name.startsWith(prefix) && outcome !== 'skipped'),
  };
}

function readCase(name: string, inner: string): SpecResult {
  const failure = elementOf('failure', inner);
  const skipped = elementOf('skipped', inner);
  return {
    name: plainText(name),
    outcome: failure !== undefined ? 'failed' : skipped !== undefined ? 'skipped' : 'passed',
    message: failure ?? skipped ?? '',
    output: elementOf('system-out', inner) ?? '',
  };
}

/** The text of an element; markup within text is escaped, so that the next closing tag is its own. */
function elementOf(name: string, inner: string): string | undefined {
  const text = new RegExp(`<${name}(?: [^>]*)?>(.*?)</${name}>`, 's').exec(inner)?.[1];
  return text === undefined ? undefined : plainText(text);
}

function plainText(text: string): string {
  return text.replace(ENTITY, (_, hexadecimal: string | undefined, decimal: string | undefined, named: string | undefined) => {
    if (hexadecimal !== undefined) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return NAMED.get(named ?? '') ?? '';
  });
}
