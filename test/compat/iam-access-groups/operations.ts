/**
 * The operations of the access-groups client of IBM's Node SDK, by the file of this folder that drives them. A file fails when one of its
 * operations never succeeded; `operations.test.ts` fails when the installed client has an operation that is not here.
 */
import type IamAccessGroupsV2 from '@ibm-cloud/platform-services/iam-access-groups/v2.js';

export type Operation = keyof IamAccessGroupsV2 & string;

export const OPERATIONS = {
  groups: ['createAccessGroup', 'getAccessGroup', 'listAccessGroups', 'updateAccessGroup', 'deleteAccessGroup'],
  members: [
    'addMembersToAccessGroup',
    'addMemberToMultipleAccessGroups',
    'isMemberOfAccessGroup',
    'listAccessGroupMembers',
    'removeMemberFromAccessGroup',
    'removeMembersFromAccessGroup',
    'removeMemberFromAllAccessGroups',
  ],
  rules: ['addAccessGroupRule', 'getAccessGroupRule', 'listAccessGroupRules', 'replaceAccessGroupRule', 'removeAccessGroupRule'],
  settings: ['getAccountSettings', 'updateAccountSettings'],
} as const satisfies Readonly<Record<string, readonly Operation[]>>;

export type Subject = keyof typeof OPERATIONS;

/** Operations of enterprise templates, which Podpass does not offer: each answers 404, which `templates.test.ts` checks. */
export const TEMPLATE_OPERATIONS = [
  'createTemplate',
  'listTemplates',
  'getLatestTemplateVersion',
  'deleteTemplate',
  'createTemplateVersion',
  'listTemplateVersions',
  'getTemplateVersion',
  'updateTemplateVersion',
  'deleteTemplateVersion',
  'commitTemplate',
  'createAssignment',
  'listAssignments',
  'getAssignment',
  'updateAssignment',
  'deleteAssignment',
] as const satisfies readonly Operation[];
