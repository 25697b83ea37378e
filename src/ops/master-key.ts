/** The master key: 32 random bytes in a file of its own, outside the data directory. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { Secret } from '../kernel/secret.ts';
import { ConfigError } from './config.ts';

const KEY_BYTES = 32;

/** The real place of a path whose last parts may not exist yet. */
function realPlace(path: string): string {
  const whole = resolve(path);
  if (existsSync(whole)) return realpathSync(whole);
  const parent = dirname(whole);
  return parent === whole ? whole : resolve(realPlace(parent), whole.slice(parent.length).replace(/^[/\\]/, ''));
}

function refuseInside(file: string, dataDir: string): void {
  if (!`${realPlace(file)}${sep}`.startsWith(`${realPlace(dataDir)}${sep}`)) return;
  throw new ConfigError(
    `The master key file ${file} is inside the data directory ${dataDir}, so whoever takes the one has both. Keep it elsewhere.`,
  );
}

export function readMasterKey(file: string, dataDir: string): Secret<Buffer> {
  refuseInside(file, dataDir);
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError(`The master key file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES)
    throw new ConfigError(
      `The master key file ${file} must hold ${KEY_BYTES} bytes in base64; make one with: openssl rand -base64 ${KEY_BYTES}`,
    );
  return new Secret(key);
}

/** Reads the master key, or makes one (mode 0600) where the file does not exist. */
export function readOrMakeMasterKey(file: string, dataDir: string): Secret<Buffer> {
  refuseInside(file, dataDir);
  if (!existsSync(file)) {
    mkdirSync(dirname(resolve(file)), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  return readMasterKey(file, dataDir);
}
