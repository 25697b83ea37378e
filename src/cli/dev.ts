/** `podpass dev`: a whole Podpass for development, in one directory, and one exchange to see it work. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readConfig } from '../ops/config.ts';
import { createLogger } from '../ops/logger.ts';
import { readMasterKey } from '../ops/master-key.ts';
import { startServer } from '../server.ts';
import { keepTokenFresh } from './dev-cluster.ts';
import { playStory } from './dev-story.ts';
import { DEFAULT_POD } from './dev-token.ts';
import { type DevWorld, placesIn, prepareDirectory, prepareWorld } from './dev-world.ts';
import { untilStopped } from './serve.ts';

export interface DevFlags {
  readonly listen?: string;
  readonly dataDir?: string;
  readonly once: boolean;
}

const print = (line: string) => void process.stdout.write(`${line}\n`);

function printWhatToCopy(world: DevWorld, worldFile: string): void {
  print('');
  print('Podpass is up, for development. To use it (also in the file at the end):');
  print('');
  print(`  address       ${world.url}`);
  print(`  account       ${world.account_id}`);
  print(`  API key       ${world.apikey}`);
  print(`  pod token     ${world.cr_token_file} (kept fresh)`);
  print('');
  print("  For IBM's SDKs, as a pod:");
  print('    export IAM_IDENTITY_AUTH_TYPE=container');
  print(`    export IAM_IDENTITY_AUTH_URL=${world.url}`);
  print(`    export IAM_IDENTITY_CR_TOKEN_FILENAME=${world.cr_token_file}`);
  print(`    export IAM_IDENTITY_IAM_PROFILE_ID=${world.profile.id}`);
  print(`    export IAM_IDENTITY_URL=${world.url}`);
  print('  as the account owner:');
  print(
    `    export IAM_IDENTITY_AUTH_TYPE=iam IAM_IDENTITY_APIKEY=${world.apikey} IAM_IDENTITY_AUTH_URL=${world.url} IAM_IDENTITY_URL=${world.url}`,
  );
  print('');
  print(`  everything    ${worldFile}`);
  print('');
  print('Ctrl-C stops it; what it holds stays.');
}

export async function runDev(flags: DevFlags): Promise<number> {
  const temporary = flags.once && flags.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'podpass-dev-')) : undefined;
  const dir = temporary ?? resolve(flags.dataDir ?? './.podpass');
  try {
    return await serveDev(dir, flags);
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

async function serveDev(dir: string, flags: DevFlags): Promise<number> {
  const stopped = untilStopped();
  const places = placesIn(dir);
  print(`Podpass for development, in ${dir}`);
  const cluster = await prepareDirectory(places);
  const config = readConfig({
    flags: {
      listen: flags.listen ?? (flags.once ? '127.0.0.1:0' : undefined),
      'data-dir': places.dataDir,
      'master-key-file': places.masterKeyFile,
      'log-level': 'warn',
    },
    environment: {},
  });
  const server = await startServer({ config, masterKey: readMasterKey(places.masterKeyFile, places.dataDir), log: createLogger('warn') });
  let stopRotation: () => void = () => undefined;
  try {
    const world = await prepareWorld(places, server.publicUrl, cluster);
    stopRotation = keepTokenFresh(places.tokenFile, cluster, DEFAULT_POD);
    print('');
    const told = await playStory(world, print);
    if (flags.once) return told ? 0 : 1;
    printWhatToCopy(world, places.worldFile);
    await stopped;
    return 0;
  } finally {
    stopRotation();
    await server.close();
  }
}
