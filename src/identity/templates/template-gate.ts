/** The gates of templates and of assignments, and what is said where a version is not there or not ready. */
import type { Guard } from '../../audit/mutation.ts';
import { DomainError } from '../../kernel/errors.ts';
import { createGate, type Gate } from '../gate.ts';
import type { TemplateAssignment } from './assignment.ts';
import {
  type Template,
  type TemplateKind,
  type TemplateKindRow,
  type TemplateVersion,
  templateResource,
  templateTarget,
} from './template.ts';
import type { TemplateReads } from './template-store.ts';

export function createTemplateGate(guard: Guard, row: TemplateKindRow): Gate<Template, TemplateReads> {
  return createGate(guard, {
    find: (reads: TemplateReads, id) => reads.findTemplate(row.kind, id),
    resource: ({ accountId, id }) => templateResource(accountId, id),
    target: templateTarget,
    notFound: (id) =>
      new DomainError('not_found', {
        message: `The ${row.noun} '${id.slice(0, 80)}' was not found.`,
        details: `Expected the id of a template, ${row.idPrefix}-<uuid>, in an account that you may see.`,
      }),
  });
}

/** The right is one on the template. */
export function createAssignmentGate(guard: Guard, row: TemplateKindRow): Gate<TemplateAssignment, TemplateReads> {
  return createGate(guard, {
    find: (reads: TemplateReads, id) => reads.findAssignment(row.kind, id),
    resource: ({ accountId, templateId }) => templateResource(accountId, templateId),
    target: ({ id }) => ({ id, typeURI: 'iam-identity/template-assignment' }),
    notFound: (id) =>
      new DomainError('not_found', {
        message: `The assignment '${id.slice(0, 80)}' of ${row.aNoun} was not found.`,
        details: 'Expected the id of an assignment, TemplateAssignment-<uuid>, of a template in an account that you may see.',
      }),
  });
}

export const versionNotFound = (templateId: string, version: number | undefined): DomainError =>
  new DomainError('not_found', {
    message: version === undefined ? 'The version was not found.' : `Version ${version} of the template was not found.`,
    details: `Template ${templateId} has no such version; versions are whole numbers from 1.`,
  });

/** Only what cannot change any more is given to accounts. */
export function requireCommitted({ committed, templateId, version }: TemplateVersion<TemplateKind>): void {
  if (committed) return;
  throw new DomainError('invalid_state', {
    message: `Version ${version} of the template is not committed, so it cannot be assigned.`,
    details: `Commit version ${version} of ${templateId} first.`,
  });
}
