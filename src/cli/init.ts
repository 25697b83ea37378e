/** `podpass init`: makes an installation, once, and hands over its first API key. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { initialise } from '../installation.ts';
import { ConfigError } from '../ops/config.ts';
import { readOrMakeMasterKey } from '../ops/master-key.ts';

export interface InitFlags {
  readonly dataDir: string;
  readonly masterKeyFile: string;
  readonly adminKeyFile?: string;
}

/** The key goes to a new file that only its owner reads, opened before anything is made, so that it cannot get lost. */
function openKeyFile(file: string): number {
  try {
    mkdirSync(dirname(resolve(file)), { recursive: true, mode: 0o700 });
    return openSync(file, 'wx', 0o600);
  } catch (cause) {
    throw new ConfigError(`The admin key file ${file} cannot be made: ${(cause as Error).message}`, { cause });
  }
}

export async function runInit({ dataDir, masterKeyFile, adminKeyFile }: InitFlags): Promise<number> {
  if (adminKeyFile === undefined && !process.stdout.isTTY) {
    throw new ConfigError('The first API key is shown on a terminal or written to a file, never to a log: give --admin-key-file FILE.');
  }
  // A new key would belong to nothing: whatever is in that directory was made with another one.
  if (!existsSync(masterKeyFile) && existsSync(join(dataDir, 'podpass.db'))) {
    throw new ConfigError(
      `${dataDir} already holds a Podpass installation, and ${masterKeyFile}, which would be its master key, does not exist.`,
    );
  }
  const masterKey = readOrMakeMasterKey(masterKeyFile, dataDir);
  const descriptor = adminKeyFile === undefined ? undefined : openKeyFile(adminKeyFile);
  try {
    const key = await initialise({ dataDir, masterKey });
    if (descriptor === undefined) process.stdout.write(`First API key: ${key.reveal()}\n`);
    else {
      writeSync(descriptor, `${key.reveal()}\n`);
      fsyncSync(descriptor);
    }
  } catch (error) {
    if (adminKeyFile !== undefined) rmSync(adminKeyFile);
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
  const place = adminKeyFile === undefined ? 'above' : `in ${adminKeyFile}`;
  process.stdout.write(
    [
      `Podpass is installed in ${dataDir}.`,
      `Its first API key is ${place}. It expires in 24 hours and can do one thing: make an administrator`,
      `(POST /podpass/v1/administrators), whose own key does the rest.`,
      `Start it: podpass serve --data-dir ${dataDir} --master-key-file ${masterKeyFile}`,
      '',
    ].join('\n'),
  );
  return 0;
}
