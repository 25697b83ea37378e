/**
 * Enterprise templates of both kinds. A template has versions; a committed version is assigned to accounts of the enterprise, where it
 * makes a profile or has a say in the settings.
 */
import type { AuditTarget } from '../../audit/events.ts';
import type { EpochMs } from '../../kernel/clock.ts';
import { accountCrn } from '../../kernel/crn.ts';
import type { Limits } from '../../kernel/limits.ts';
import type { TemplateSettings } from '../settings/account-settings.ts';
import type { ProfileTemplate } from './profile-template.ts';

/** What a version of each kind says. */
export interface TemplateDocuments {
  readonly profile: ProfileTemplate;
  readonly account_settings: TemplateSettings;
}

export type TemplateKind = keyof TemplateDocuments;

/** What sets the two kinds apart by name. */
export interface TemplateKindRow<K extends TemplateKind = TemplateKind> {
  readonly kind: K;
  /** For sentences, without its article and with it. */
  readonly noun: string;
  readonly aNoun: string;
  /** Templates have ids `<idPrefix>-<uuid>`. */
  readonly idPrefix: string;
  readonly templatesPath: string;
  readonly assignmentsPath: string;
  /** The member of a list reply that holds templates. */
  readonly listMember: string;
  /** Before the verb: the actions on templates and, with verbs of their own, the audit events of both templates and assignments. */
  readonly templateAction: string;
  readonly assignmentAction: string;
  readonly perAccount: keyof Limits;
}

export const PROFILE_TEMPLATES: TemplateKindRow<'profile'> = Object.freeze({
  kind: 'profile',
  noun: 'profile template',
  aNoun: 'a profile template',
  idPrefix: 'ProfileTemplate',
  templatesPath: '/v1/profile_templates',
  assignmentsPath: '/v1/profile_assignments',
  listMember: 'profile_templates',
  templateAction: 'iam-identity.profile-template',
  assignmentAction: 'iam-identity.profile-assignment',
  perAccount: 'profileTemplatesPerAccount',
});

export const ACCOUNT_SETTINGS_TEMPLATES: TemplateKindRow<'account_settings'> = Object.freeze({
  kind: 'account_settings',
  noun: 'account settings template',
  aNoun: 'an account settings template',
  idPrefix: 'AccountSettingsTemplate',
  templatesPath: '/v1/account_settings_templates',
  assignmentsPath: '/v1/account_settings_assignments',
  listMember: 'account_settings_templates',
  templateAction: 'iam-identity.account-settings-template',
  assignmentAction: 'iam-identity.account-settings-assignment',
  perAccount: 'accountSettingsTemplatesPerAccount',
});

export interface Template {
  readonly id: string;
  readonly kind: TemplateKind;
  readonly accountId: string;
  /** The name of all its versions. */
  readonly name: string;
  /** The number of the newest version that ever was. */
  readonly lastVersion: number;
  readonly createdAt: EpochMs;
}

/** One version, with what it has of its template. */
export interface TemplateVersion<K extends TemplateKind> {
  readonly templateId: string;
  readonly accountId: string;
  readonly name: string;
  readonly version: number;
  readonly description: string | null;
  /** A committed version does not change any more, and only such a one is assigned. */
  readonly committed: boolean;
  readonly document: TemplateDocuments[K];
  readonly revision: number;
  readonly entityTag: string;
  readonly createdAt: EpochMs;
  readonly createdById: string;
  readonly lastModifiedAt: EpochMs;
  readonly lastModifiedById: string;
}

export function templateCrn({ id, accountId }: Pick<Template, 'id' | 'accountId'>): string {
  return accountCrn('iam-identity', accountId, { resourceType: 'template', resource: id });
}

/** Under which a version's history is kept. */
export function versionKey(templateId: string, version: number): string {
  return `${templateId}/${version}`;
}

export const templateResource = (accountId: string, templateId?: string): Record<string, string> => ({
  accountId,
  serviceName: 'iam-identity',
  ...(templateId !== undefined && { resourceType: 'template', resource: templateId }),
});

/** What templates are called in audit events. */
export const TEMPLATE_TYPE = 'iam-identity/template';

export const templateTarget = (template: Pick<Template, 'id' | 'accountId' | 'name'>): AuditTarget => ({
  id: templateCrn(template),
  name: template.name,
  typeURI: TEMPLATE_TYPE,
});
