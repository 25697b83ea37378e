/**
 * The one configuration schema: key `a.b_c` of the YAML file is `PODPASS_A_B_C` in the environment and `--a-b-c` on the
 * command line. Flags win over the environment, the environment over the file. Unknown keys are refused.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** A configuration that cannot be used, worded for the operator. */
export class ConfigError extends Error {}

const listen = z.string().regex(/^(?:\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be HOST:PORT, for example 127.0.0.1:8431');
const url = z
  .string()
  .refine(
    (text) => /^https?:\/\/[^\s?#]+$/.test(text) && URL.canParse(text),
    'must be an http or https address without query and fragment',
  );
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);
const seconds = z.coerce.number().int().min(60).max(31_536_000);

/** Every setting, by its dotted key. */
export const SETTINGS = {
  listen: listen.default('127.0.0.1:8431'),
  data_dir: z.string().min(1),
  master_key_file: z.string().min(1),
  public_url: url.optional(),
  issuer: z.string().min(1).max(300).optional(),
  'limits.set': z.enum(['default', 'ibm']).default('default'),
  'clusters.allow_updated': flag.default(false),
  'token.max_lifetime_seconds': seconds.default(3600),
  'token.max_lifetime_seconds_vault': seconds.default(7200),
  'audit.decisions': z.enum(['all', 'refused']).default('all'),
  'log.level': z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
} as const;

export type SettingKey = keyof typeof SETTINGS;
export type Config = { readonly [K in SettingKey]: z.infer<(typeof SETTINGS)[K]> };

export const environmentName = (key: string): string => `PODPASS_${key.replace(/\./g, '_').toUpperCase()}`;
export const flagName = (key: string): string => `--${key.replace(/[._]/g, '-')}`;

const KEYS = Object.keys(SETTINGS) as readonly SettingKey[];
const FLAG_KEYS: ReadonlyMap<string, SettingKey> = new Map(KEYS.map((key) => [flagName(key).slice(2), key]));

function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

function nearest(name: string, names: readonly string[]): string {
  return [...names].sort((a, b) => distance(name, a) - distance(name, b))[0] ?? '';
}

function flatten(value: unknown, prefix: string, into: Map<string, unknown>): void {
  for (const [key, member] of Object.entries(value ?? {})) {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof member === 'object' && member !== null && !Array.isArray(member)) flatten(member, name, into);
    else into.set(name, member);
  }
}

function readFile(file: string): Map<string, unknown> {
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(`The configuration file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  if (parsed !== null && (typeof parsed !== 'object' || Array.isArray(parsed)))
    throw new ConfigError(`The configuration file ${file} must hold a mapping of settings.`);
  const values = new Map<string, unknown>();
  flatten(parsed, '', values);
  for (const key of values.keys()) {
    if (!KEYS.includes(key as SettingKey))
      throw new ConfigError(
        `The configuration file ${file} has the unknown key '${key}'. The nearest known one is '${nearest(key, KEYS)}'.`,
      );
  }
  return values;
}

/** Variables that are read elsewhere and are no settings. */
const OTHER_VARIABLES = new Set(['PODPASS_CONFIG', 'PODPASS_ADMIN_KEY_FILE']);

function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Map<string, unknown> {
  const names = new Map(KEYS.map((key) => [environmentName(key), key]));
  const values = new Map<string, unknown>();
  for (const [name, value] of Object.entries(environment)) {
    const key = names.get(name);
    if (key !== undefined && value !== undefined && value !== '') values.set(key, value);
    else if (
      key === undefined &&
      name.startsWith('PODPASS_') &&
      !OTHER_VARIABLES.has(name) &&
      !/^PODPASS_(?:TEST|KUBE|OLD|BENCH|NEEDS)_/.test(name)
    ) {
      throw new ConfigError(
        `The environment variable ${name} is no setting. The nearest known one is ${nearest(name, [...names.keys()])}.`,
      );
    }
  }
  return values;
}

export interface ConfigSources {
  /** Values by flag name without the dashes, e.g. `data-dir`. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file?: string | undefined;
}

export function readConfig({ flags, environment, file }: ConfigSources): Config {
  const configFile = file ?? environment.PODPASS_CONFIG;
  const merged = new Map<string, unknown>([...(configFile ? readFile(configFile) : []), ...readEnvironment(environment)]);
  for (const [name, value] of Object.entries(flags)) {
    const key = FLAG_KEYS.get(name);
    if (key !== undefined && value !== undefined) merged.set(key, value);
  }
  const config: Record<string, unknown> = {};
  const namesOf = (key: string) => `${flagName(key)}, ${environmentName(key)} or '${key}' in the configuration file`;
  const missing: string[] = [];
  for (const key of KEYS) {
    const given = merged.get(key);
    const result = (SETTINGS[key] as z.ZodType).safeParse(given);
    if (result.success) config[key] = result.data;
    else if (given === undefined) missing.push(`The setting '${key}' is missing. Give it by ${namesOf(key)}.`);
    else {
      const problem = result.error.issues[0]?.message ?? 'wrong value';
      throw new ConfigError(`The setting '${key}' is not acceptable: ${problem}. It is set by ${namesOf(key)}.`);
    }
  }
  if (missing.length > 0) throw new ConfigError(missing.join(' '));
  return config as Config;
}
