/** `podpass serve`: serves an installation until it is told to stop. */
import { readConfig } from '../ops/config.ts';
import { createLogger } from '../ops/logger.ts';
import { readMasterKey } from '../ops/master-key.ts';
import { startServer } from '../server.ts';

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve(signal);
      });
    }
  });
}

export async function runServe(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const config = readConfig({ flags, environment: process.env, file: flags.config as string | undefined });
  const masterKey = readMasterKey(config.master_key_file, config.data_dir);
  const stopped = untilStopped();
  const server = await startServer({ config, masterKey, log: createLogger(config['log.level']) });
  process.stdout.write(`Podpass listens on ${server.url} and is known as ${server.publicUrl}.\n`);
  await stopped;
  await server.close();
  return 0;
}
