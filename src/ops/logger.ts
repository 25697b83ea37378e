/** Structured logs on standard error: JSON lines, with whatever could be a credential taken out by name. */
import { pino } from 'pino';
import type { Log } from '../kernel/log.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const SECRETS = ['apikey', 'cr_token', 'access_token', 'refresh_token', 'authorization', 'password', 'passcode', 'client_secret'];

export function createLogger(level: LogLevel): Log {
  const redact = { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' };
  const logger = pino({ level, base: null, redact, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
