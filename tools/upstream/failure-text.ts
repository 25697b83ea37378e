/**
 * Turns what Ginkgo and the client wrote about one failed spec into the few lines that an engineer reads first: what was expected, where,
 * and which requests got which answers. Pure.
 */
import type { SpecResult } from './report.ts';

/** One request of the client with its answer, as its debug log shows them. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  /** `undefined` where the log ends before the answer. */
  readonly status: number | undefined;
  readonly body: string;
}

const FIRST_LINES = 12;
const LAST_LINES = 3;
const LAST_EXCHANGES = 3;
const BODY_CHARACTERS = 400;

/** How Gomega explains that it cut an object short. */
const ADVICE = /^(Gomega truncated this representation|Consider having the object|or adjust the parameters|Learn more here)/;
const LOG_LINE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[\w+\] /;
const REQUEST = /^([A-Z]+) (\S+) HTTP\/\d/;
const STATUS = /^HTTP\/\d(?:\.\d)? (\d{3})/;

/** The failure's text, bounded, and the last requests with their answers. */
export function failureText({ message, output }: Pick<SpecResult, 'message' | 'output'>): string {
  const exchanges = readExchanges(output).slice(-LAST_EXCHANGES).map(exchangeLine);
  return [...boundedLines(message), ...exchanges].map((line) => `    ${line}`.trimEnd()).join('\n');
}

/** The last request with the status of its answer, in a few words; empty where there was none. */
export function lastExchange({ output }: Pick<SpecResult, 'output'>): string {
  const last = readExchanges(output).at(-1);
  return last === undefined ? '' : exchangeLine({ ...last, body: '' });
}

/** The beginning and the end, where the test's line stands; objects, which Gomega prints in full depth, only by their first line. */
function boundedLines(message: string): string[] {
  const lines: string[] = [];
  let isInObject = false;
  for (const line of message.split('\n')) {
    isInObject = isInObject && /^\s/.test(line);
    if (!isInObject && line.trim() !== '' && !ADVICE.test(line)) lines.push(line);
    isInObject ||= /^ {4}\{$/.test(line);
  }
  if (lines.length <= FIRST_LINES + LAST_LINES) return lines;
  const left = lines.length - FIRST_LINES - LAST_LINES;
  return [...lines.slice(0, FIRST_LINES), `… (${left} more lines)`, ...lines.slice(-LAST_LINES)];
}

function exchangeLine({ method, target, status, body }: Exchange): string {
  const shortened = body.length > BODY_CHARACTERS ? `${body.slice(0, BODY_CHARACTERS)}…` : body;
  return `${method} ${target} → ${status ?? 'no answer'} ${shortened}`.trimEnd();
}

/** Reads the debug log of IBM's core library, which prints each message as HTTP below a line `[Debug] Request:` or `[Debug] Response:`. */
export function readExchanges(output: string): readonly Exchange[] {
  const exchanges: Exchange[] = [];
  for (const { heading, text } of logEntries(output)) {
    const request = heading === 'Request:' ? REQUEST.exec(text) : null;
    if (request !== null) exchanges.push({ method: request[1] ?? '', target: request[2] ?? '', status: undefined, body: '' });
    const status = heading === 'Response:' ? STATUS.exec(text)?.[1] : undefined;
    const last = exchanges.at(-1);
    if (status !== undefined && last !== undefined) {
      exchanges[exchanges.length - 1] = { ...last, status: Number(status), body: text.split('\n\n')[1]?.trim() ?? '' };
    }
  }
  return exchanges;
}

function logEntries(output: string): { readonly heading: string; readonly text: string }[] {
  const entries: { heading: string; lines: string[] }[] = [];
  for (const line of output.replaceAll('\r\n', '\n').split('\n')) {
    if (LOG_LINE.test(line)) entries.push({ heading: line.replace(LOG_LINE, ''), lines: [] });
    else entries.at(-1)?.lines.push(line);
  }
  return entries.map(({ heading, lines }) => ({ heading, text: lines.join('\n') }));
}
