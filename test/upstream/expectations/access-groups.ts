/** What is expected of IBM's suite of access groups: every spec passes, but for subjects that are declared not applicable, with the reason. */
import type { Subject } from '../../../tools/upstream/judgement.ts';

export const ACCESS_GROUPS_SUBJECTS: readonly Subject[] = [
  {
    title: 'Set-up',
    specs: ['Successfully load the configuration', 'Successfully created IamAccessGroupsV2 service instance'],
  },
  {
    title: 'Groups',
    specs: [
      'Create an access group Successfully created an access group',
      'Get an access group Successfully retrieved an access group',
      'Update an access group description Successfully updated an access group description',
      "List access groups Successfully listed the account's access groups",
      'List access groups using AccessGroupsPager',
    ],
  },
  {
    title: 'Members',
    specs: [
      'Add members to an access group Successfully added members to an access group',
      'Add members to an access group Successfully added member to multiple access groups',
      'Check access group membership Successfully checked the membership',
      'List access group memberships Successfully listed the memberships',
      'Delete access group membership Successfully deleted the membership',
      'Delete member from all groups Returned that the membership was not found',
      'Delete multiple members from access group Returned that the membership was not found',
    ],
  },
  {
    title: 'Rules',
    specs: [
      'Create an access group rule Successfully created an access group rule',
      'Get an access group rule Successfully retrieved the rule',
      'List access group rules Successfully listed the rules',
      'Update an access group rule Successfully updated the rule',
      'Delete access group rule Successfully deleted the rule',
    ],
  },
  {
    title: 'Account settings',
    specs: ['Get account settings Successfully retrieved the settings', 'Update account settings Successfully updated the settings'],
  },
  {
    title: 'Group templates',
    notApplicable: 'templates of access groups are not offered, and their addresses answer 404',
    specs: [
      'CreateTemplate - Create Template',
      'ListTemplates - List Templates with pagination',
      'ListTemplates - List Templates using TemplatesPager',
      'CreateTemplateVersion - Create template version',
      'ListTemplateVersions - List template versions with pagination',
      'ListTemplateVersions - List template versions using TemplateVersionsPager',
      'GetTemplateVersion - Get template version',
      'UpdateTemplateVersion - Update template version',
      'GetLatestTemplateVersion - Get latest template version',
      'CommitTemplate - Commit a template',
      'DeleteTemplateVersion - Delete template version',
      'DeleteTemplate - Delete template',
    ],
  },
  {
    title: 'Group template assignments',
    notApplicable: 'templates of access groups are not offered, and their addresses answer 404',
    specs: [
      'CreateAssignment - Create assignment',
      'ListAssignments - List Assignments',
      'GetAssignment - Get assignment',
      'UpdateAssignment - Update Assignment',
      'DeleteAssignment - Delete assignment',
    ],
  },
];
