/** The two states of service IDs and API keys that are switched by calls of their own: locked, and disabled. */
import { DomainError } from '../kernel/errors.ts';
import type { HistoryAction } from './history.ts';

interface SwitchRow {
  readonly member: 'locked' | 'disabled';
  readonly value: boolean;
  readonly action: HistoryAction;
  /** What the object is afterwards: "The API key is <state>." */
  readonly state: string;
}

/** Everything about a switch; a call has its name. */
export const SWITCHES = {
  lock: { member: 'locked', value: true, action: 'LOCK', state: 'locked' },
  unlock: { member: 'locked', value: false, action: 'UNLOCK', state: 'not locked' },
  disable: { member: 'disabled', value: true, action: 'DISABLE', state: 'disabled' },
  enable: { member: 'disabled', value: false, action: 'ENABLE', state: 'enabled' },
} as const satisfies Readonly<Record<string, SwitchRow>>;

export type SwitchName = keyof typeof SWITCHES;

interface Switched {
  readonly id: string;
  readonly locked: boolean;
  readonly disabled?: boolean;
}

/** Refuses a change of what is locked. `what` begins a sentence: `The API key`. */
export function refuseLocked(what: string, object: Switched): void {
  if (!object.locked) return;
  throw new DomainError('invalid_state', { message: `${what} is locked: unlock it first.`, details: `It is ${object.id}.` });
}

/** Refuses a switch to the state that the object is in already, and any but the unlocking of what is locked. */
export function refuseSwitch(what: string, object: Switched, name: SwitchName): void {
  const { member, value, state } = SWITCHES[name];
  if (member !== 'locked') refuseLocked(what, object);
  if (object[member] !== value) return;
  throw new DomainError('conflict', { message: `${what} is ${state} already.`, details: `It is ${object.id}.` });
}
