import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly concurrency: number;
  /** How many distinct pod tokens are minted ahead; they are used in turn. */
  readonly tokens: number;
  /** Parent of the temporary directory; undefined to look for one on a disk. */
  readonly dir: string | undefined;
  readonly save: boolean;
  /** Directory for CPU profiles of the server's threads. */
  readonly profileDir: string | undefined;
}

export const USAGE = `npm run bench:exchange -- [options]
  --seconds <n>       length of the measured window (default 15)
  --warm-up <n>       seconds of load before it (default 4)
  --concurrency <n>   connections, each with one request at a time (default 64)
  --tokens <n>        distinct pod tokens minted ahead (default 20000)
  --dir <dir>         where the temporary directory is made (default: one on a disk)
  --save              write bench/results/exchange-<date>.json
  --cpu-prof <dir>    write CPU profiles of the server's threads there; slower, so not for comparisons`;

/** Reads the command line; throws an error whose message is a sentence for the user. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '15' },
      'warm-up': { type: 'string', default: '4' },
      concurrency: { type: 'string', default: '64' },
      tokens: { type: 'string', default: '20000' },
      dir: { type: 'string' },
      save: { type: 'boolean', default: false },
      'cpu-prof': { type: 'string' },
    },
  });
  return {
    seconds: readCount('seconds', values.seconds),
    warmUpSeconds: readCount('warm-up', values['warm-up']),
    concurrency: readCount('concurrency', values.concurrency),
    tokens: readCount('tokens', values.tokens),
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
