/** One item of a decision request as a question, or the sentence that says what it lacks. */

import { readResource } from './asked-resource.ts';
import { readSubject } from './asked-subject.ts';
import type { AuthzItem } from './authz-schema.ts';
import type { AskedQuestion } from './decision-point.ts';

export const NO_ACTION = 'An action needs to be provided for a valid request.';

export function readAuthzItem(item: AuthzItem): AskedQuestion | string {
  if (!item.action) return NO_ACTION;
  const subject = readSubject(item.subject);
  if (typeof subject === 'string') return subject;
  const resource = readResource(item.resource);
  return typeof resource === 'string' ? resource : { subject, action: item.action, resource };
}
