/** The `podpass` command: what it is called with, and which function answers. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { ConfigError } from '../ops/config.ts';
import { type DevFlags, runDev } from './dev.ts';
import { BAD_TOKENS, DEV_TOKEN_DEFAULTS, type DevTokenFlags, printDevToken } from './dev-token.ts';
import { type InitFlags, runInit } from './init.ts';
import { runServe } from './serve.ts';

const LISTEN = '127.0.0.1:8431';

function serveCommand(onStatus: (status: number) => void): Command {
  return new Command('serve')
    .description('serve an installation; never makes one')
    .option('--listen <host:port>', `address to listen on (PODPASS_LISTEN; default ${LISTEN})`)
    .option('--data-dir <dir>', 'directory of the embedded store (PODPASS_DATA_DIR)')
    .option('--master-key-file <file>', 'file with the master key, outside the data directory (PODPASS_MASTER_KEY_FILE)')
    .option('--public-url <url>', 'address that clients know this server by (PODPASS_PUBLIC_URL; default: where it listens)')
    .option('--issuer <issuer>', 'issuer of the access tokens (PODPASS_ISSUER; default: <public-url>/identity)')
    .option('--config <file>', 'YAML file with settings (PODPASS_CONFIG)')
    .option('--limits-set <set>', 'limits per account: default, or ibm for the published figures (PODPASS_LIMITS_SET)')
    .option('--clusters-allow-updated <true|false>', 'accept OpenShift clusters created before 4.7 (PODPASS_CLUSTERS_ALLOW_UPDATED)')
    .option('--token-max-lifetime-seconds <seconds>', 'longest life of a pod token (PODPASS_TOKEN_MAX_LIFETIME_SECONDS; default 3600)')
    .option(
      '--token-max-lifetime-seconds-vault <seconds>',
      'the same for audience vault (PODPASS_TOKEN_MAX_LIFETIME_SECONDS_VAULT; default 7200)',
    )
    .option(
      '--audit-decisions <which>',
      'decisions to record: all, or refused for those calls alone in which something was refused (PODPASS_AUDIT_DECISIONS; default all)',
    )
    .option('--log-level <level>', 'debug, info, warn, error or silent (PODPASS_LOG_LEVEL; default info)')
    .action(async (_options, command: Command) => onStatus(await runServe(flagsByName(command))));
}

/** Options by their names on the command line, which is how the configuration knows them. */
function flagsByName(command: Command): Record<string, unknown> {
  return Object.fromEntries(command.options.map((option) => [option.name(), command.getOptionValue(option.attributeName())]));
}

function initCommand(onStatus: (status: number) => void): Command {
  return new Command('init')
    .description('make an installation, once')
    .addOption(new Option('--data-dir <dir>', 'directory to make it in').env('PODPASS_DATA_DIR').makeOptionMandatory())
    .addOption(
      new Option('--master-key-file <file>', 'file with the master key; made if it does not exist')
        .env('PODPASS_MASTER_KEY_FILE')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--admin-key-file <file>', 'file for the first API key (mode 0600); default: the terminal').env('PODPASS_ADMIN_KEY_FILE'),
    )
    .action(async (flags: InitFlags) => onStatus(await runInit(flags)));
}

function devCommand(onStatus: (status: number) => void): Command {
  return new Command('dev')
    .description('run a whole Podpass for development: a store, a cluster, a demo profile; shows one exchange, then stays up')
    .option('--listen <host:port>', `address to listen on (default ${LISTEN}; a free port with --once)`)
    .option('--data-dir <dir>', 'directory for everything (default ./.podpass; a temporary one with --once)')
    .option('--once', 'end after the story: status 0, or 1 if a step failed', false)
    .action(async (flags: DevFlags) => onStatus(await runDev(flags)))
    .addCommand(
      new Command('token')
        .description('print a token as a pod of the development cluster would hold it')
        .option('--data-dir <dir>', 'directory of `podpass dev`', DEV_TOKEN_DEFAULTS.dataDir)
        .option('--namespace <name>', 'namespace of the pod', DEV_TOKEN_DEFAULTS.namespace)
        .option('--service-account <name>', 'service account of the pod', DEV_TOKEN_DEFAULTS.serviceAccount)
        .option('--pod <name>', 'name of the pod', DEV_TOKEN_DEFAULTS.pod)
        .option('--audience <audience>', 'audience of the token', DEV_TOKEN_DEFAULTS.audience)
        .option('--expires-in <seconds>', 'life of the token', DEV_TOKEN_DEFAULTS.expiresIn)
        .addOption(new Option('--bad <kind>', 'make it deliberately bad').choices(BAD_TOKENS))
        .action((flags: DevTokenFlags) => onStatus(printDevToken(flags))),
    );
}

/** Runs the command line; returns the exit status. Whatever goes wrong is one sentence on standard error. */
export async function run(args: readonly string[]): Promise<number> {
  let status = 0;
  const onStatus = (value: number) => {
    status = value;
  };
  const program = new Command('podpass')
    .description('Trusted profiles for pods: exchanges Kubernetes service-account tokens for access tokens and decides what they may do.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .enablePositionalOptions()
    .addCommand(initCommand(onStatus))
    .addCommand(serveCommand(onStatus))
    .addCommand(devCommand(onStatus));
  for (const command of [program, ...program.commands, ...program.commands.flatMap((child) => child.commands)]) {
    command.exitOverride();
    // `dev` has options of its own and a command below it that has some of the same names.
    command.enablePositionalOptions();
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    // commander has printed help or the mistake itself.
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`podpass: ${explain(error)}\n`);
    return 1;
  }
}

const packageVersion = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, message, address, port } = error as { code?: string; message?: string; address?: string; port?: number };
  if (code === 'EADDRINUSE')
    return `Another program listens on ${address}:${port} already. Choose another address with --listen HOST:PORT.`;
  if (code === 'EACCES') return `Permission was denied: ${message}`;
  return message ?? String(error);
}
