/** What keeps the access of a subject as it is, whoever may manage its policies: a lock, or the enterprise template that made it. */

/** `add` and `remove` say which changes are left to the account all the same. */
export type AccessHold =
  | { readonly kind: 'locked_service_id' }
  | { readonly kind: 'managed_profile'; readonly templateId: string; readonly add: boolean; readonly remove: boolean };

/** Why the subject is given no further access, or keeps what it has: a sentence; undefined where nothing holds it. */
export function holdReason(hold: AccessHold | undefined, subject: string, verb: 'add' | 'remove'): string | undefined {
  if (hold === undefined) return undefined;
  if (hold.kind === 'locked_service_id') {
    return `'${subject}' is a locked service ID: it is given no policies and no groups, and keeps its policies, until it is unlocked.`;
  }
  if (hold[verb]) return undefined;
  return `'${subject}' is a profile that the enterprise template ${hold.templateId} manages, which does not leave this change of its access to the account.`;
}
