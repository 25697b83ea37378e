import { parseArgs } from 'node:util';

export interface DecideOptions {
  /** Questions of the mix, each of which a round asks twice. */
  readonly questions: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly concurrency: number;
  readonly inProcessOnly: boolean;
  readonly dir: string | undefined;
  readonly save: boolean;
  readonly profileDir: string | undefined;
}

export const USAGE = `npm run bench:decide -- [options]
  --in-process        leave out the part over HTTP
  --questions <n>     questions of the mix (default 200000)
  --rounds <n>        how often they are all asked in a process (default 5)
  --seconds <n>       length of each measured window over HTTP (default 8)
  --warm-up <n>       seconds of load before it (default 3)
  --concurrency <n>   connections, each with one request at a time (default 16)
  --dir <dir>         where the temporary directory is made (default: one on a disk)
  --save              write bench/results/decide-<date>.json
  --cpu-prof <dir>    write CPU profiles there; slower, so not for comparisons`;

/** Reads the command line; throws an error whose message is a sentence for the user. */
export function readOptions(args: readonly string[]): DecideOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'in-process': { type: 'boolean', default: false },
      questions: { type: 'string', default: '200000' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '8' },
      'warm-up': { type: 'string', default: '3' },
      concurrency: { type: 'string', default: '16' },
      dir: { type: 'string' },
      save: { type: 'boolean', default: false },
      'cpu-prof': { type: 'string' },
    },
  });
  return {
    questions: readCount('questions', values.questions),
    rounds: readCount('rounds', values.rounds),
    seconds: readCount('seconds', values.seconds),
    warmUpSeconds: readCount('warm-up', values['warm-up']),
    concurrency: readCount('concurrency', values.concurrency),
    inProcessOnly: values['in-process'],
    dir: values.dir,
    save: values.save,
    profileDir: values['cpu-prof'],
  };
}

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`--${name} must be a whole number above zero, not '${text}'.`);
  return count;
}
