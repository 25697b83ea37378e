import type { TemplateAssignment } from './assignment.ts';
import type { Template, TemplateKind, TemplateVersion } from './template.ts';

interface Places {
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface TemplateListQuery extends Places {
  readonly sort: 'created_at' | 'last_modified_at' | 'name';
  /** The templates of an account, each with its latest version; or the versions of one template. */
  readonly of: { readonly accountId: string } | { readonly templateId: string };
}

export interface AssignmentListQuery extends Places {
  readonly accountId: string;
  readonly templateId?: string;
  readonly templateVersion?: number;
  readonly target?: string;
  readonly targetType?: string;
  readonly sort: 'created_at' | 'last_modified_at' | 'template_id';
}

export interface TemplateReads {
  findTemplate(kind: TemplateKind, id: string): Promise<Template | undefined>;
  findTemplateByName(kind: TemplateKind, accountId: string, name: string): Promise<Template | undefined>;
  countTemplates(kind: TemplateKind, accountId: string): Promise<number>;
  findTemplateVersion<K extends TemplateKind>(kind: K, id: string, version: number): Promise<TemplateVersion<K> | undefined>;
  /** The one with the highest number. */
  findLatestVersion<K extends TemplateKind>(kind: K, id: string): Promise<TemplateVersion<K> | undefined>;
  /** At most `limit` from `offset` on, in the order asked for, ties broken by id and version. */
  listTemplateVersions<K extends TemplateKind>(kind: K, query: TemplateListQuery): Promise<readonly TemplateVersion<K>[]>;
  countTemplateVersions(templateId: string): Promise<number>;
  /** Whether the account is the other one, or at most so many steps below it. */
  isAccountWithin(accountId: string, ancestorId: string, steps: number): Promise<boolean>;
  findAssignment(kind: TemplateKind, id: string): Promise<TemplateAssignment | undefined>;
  findAssignmentTo(templateId: string, target: string): Promise<TemplateAssignment | undefined>;
  /** How many assignments the template has, or one version of it. */
  countAssignments(templateId: string, version?: number): Promise<number>;
  /** At most `limit` from `offset` on, in the order asked for, ties broken by id. */
  listAssignments(kind: TemplateKind, query: AssignmentListQuery): Promise<readonly TemplateAssignment[]>;
}

export interface TemplateWrites {
  insertTemplate(template: Template): Promise<void>;
  /** Stores the template's name and the number of its newest version. */
  updateTemplate(template: Template): Promise<void>;
  /** Deletes the template with its versions. */
  deleteTemplate(template: Template): Promise<void>;
  insertTemplateVersion<K extends TemplateKind>(version: TemplateVersion<K>): Promise<void>;
  updateTemplateVersion<K extends TemplateKind>(version: TemplateVersion<K>): Promise<void>;
  deleteTemplateVersion(templateId: string, version: number): Promise<void>;
  insertAssignment(assignment: TemplateAssignment): Promise<void>;
  updateAssignment(assignment: TemplateAssignment): Promise<void>;
  deleteAssignment(assignment: TemplateAssignment): Promise<void>;
}
