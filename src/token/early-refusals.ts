/**
 * Requests to the token endpoint that were refused before a signature held, and so belong to no account's log. The newest are kept in
 * memory for a while, for whoever operates the installation: never a token, and no text that is longer than a line.
 */
import { parseCompact } from '@podpass/jwt';
import type { RequestInfo } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import { DomainError, type ErrorCode } from '../kernel/errors.ts';
import { VerifiedRefusal } from './cr-token.ts';
import { type Parameters, printable } from './form.ts';

export interface EarlyRefusal {
  readonly requestId: string;
  readonly transactionId: string;
  readonly at: number;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly sourceAddress: string;
  /** What the token names, which nobody has proved. */
  readonly issuer?: string;
  readonly kid?: string;
}

export interface EarlyRefusals {
  /** Keeps the refusal unless the audit log has it. */
  add(error: unknown, parameters: Parameters | undefined, info: RequestInfo): void;
  /** Those under this id, the newest first. */
  find(by: { readonly requestId?: string | undefined; readonly transactionId?: string | undefined }): readonly EarlyRefusal[];
}

const MAX_KEPT = 1000;
const KEPT_MS = 10 * 60 * 1000;
const MAX_TEXT = 300;

/** Refusals about an account: those are in its log. */
const RECORDED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['profile_not_eligible', 'apikey_locked', 'address_not_permitted']);

export function createEarlyRefusals(clock: Clock, capacity: number = MAX_KEPT): EarlyRefusals {
  let kept: readonly EarlyRefusal[] = [];
  const fresh = () => {
    const oldest = clock.now() - KEPT_MS;
    return kept.filter(({ at }) => at > oldest);
  };
  // Twice the capacity at most, so that a flood of refusals does not copy the list each time.
  const waiting: EarlyRefusal[] = [];
  const settle = () => {
    kept = [...kept, ...waiting].slice(-capacity);
    waiting.length = 0;
    kept = fresh();
  };
  return {
    add(error, parameters, info) {
      if (!(error instanceof DomainError) || error instanceof VerifiedRefusal || RECORDED.has(error.code)) return;
      waiting.push(describe(error, parameters, info, clock.now()));
      if (waiting.length >= capacity) settle();
    },
    find({ requestId, transactionId }) {
      settle();
      return kept
        .filter((one) => (requestId === undefined ? one.transactionId === transactionId : one.requestId === requestId))
        .toReversed();
    },
  };
}

function describe(error: DomainError, parameters: Parameters | undefined, info: RequestInfo, at: number): EarlyRefusal {
  const said = error.details ?? error.message;
  return {
    requestId: info.requestId,
    transactionId: info.transactionId,
    at,
    code: error.code,
    reason: printable(error.detail === undefined ? said : `${said} (${error.detail})`, 2 * MAX_TEXT),
    sourceAddress: printable(info.sourceAddress, MAX_TEXT),
    ...namesOf(parameters?.get('cr_token')),
  };
}

function namesOf(crToken: string | undefined): Pick<EarlyRefusal, 'issuer' | 'kid'> {
  if (crToken === undefined) return {};
  try {
    const { header, claims } = parseCompact(crToken);
    return {
      ...(typeof claims.iss === 'string' && { issuer: printable(claims.iss, MAX_TEXT) }),
      ...(header.kid !== undefined && { kid: printable(header.kid, MAX_TEXT) }),
    };
  } catch {
    return {}; // No token, so it names nothing.
  }
}
