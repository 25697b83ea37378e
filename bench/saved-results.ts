/** Results that were kept in `results/`: one file a bench and day, for later runs to be compared with. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));

/** The newest saved result of a bench; names sort by date. */
export function readNewestResult<Report>(bench: string): Report | undefined {
  mkdirSync(RESULTS, { recursive: true });
  const newest = readdirSync(RESULTS)
    .filter((name) => name.startsWith(`${bench}-`) && name.endsWith('.json'))
    .sort()
    .at(-1);
  return newest === undefined ? undefined : (JSON.parse(readFileSync(RESULTS + newest, 'utf8')) as Report);
}

/** Saves a result under its date and returns the file's name. A second one of the same day takes the first one's place. */
export function saveResult(bench: string, report: { readonly date: string }): string {
  const name = `${bench}-${report.date.slice(0, 10)}.json`;
  writeFileSync(RESULTS + name, `${JSON.stringify(report, null, 2)}\n`);
  return name;
}
