/** The operations of enterprise templates of access groups are not offered: each answers 404 in the envelope of this API. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { TEMPLATE_OPERATIONS } from './operations.ts';
import { refusal, type Suite, startSuite } from './suite.ts';

describe("templates of access groups over IBM's Node SDK", () => {
  let suite: Suite;

  before(async () => {
    suite = await startSuite();
  });
  after(() => suite[Symbol.asyncDispose]());

  /** What each operation sends, by its name; the client insists on no more. */
  const calls = (): Readonly<Record<(typeof TEMPLATE_OPERATIONS)[number], () => Promise<unknown>>> => {
    const { groups, accountId } = suite;
    const template = { templateId: 'AccessGroupTemplateId-1' };
    const version = { ...template, versionNum: '1' };
    const target = { ...template, templateVersion: '1' };
    return {
      createTemplate: () => groups.createTemplate({ name: 'IAM Admin Group template', accountId }),
      listTemplates: () => groups.listTemplates({ accountId }),
      getLatestTemplateVersion: () => groups.getLatestTemplateVersion(template),
      deleteTemplate: () => groups.deleteTemplate(template),
      createTemplateVersion: () => groups.createTemplateVersion({ ...template, name: 'second' }),
      listTemplateVersions: () => groups.listTemplateVersions(template),
      getTemplateVersion: () => groups.getTemplateVersion(version),
      updateTemplateVersion: () => groups.updateTemplateVersion({ ...version, ifMatch: '*', name: 'changed' }),
      deleteTemplateVersion: () => groups.deleteTemplateVersion(version),
      commitTemplate: () => groups.commitTemplate({ ...version, ifMatch: '*' }),
      createAssignment: () => groups.createAssignment({ ...target, targetType: 'Account', target: accountId }),
      listAssignments: () => groups.listAssignments({ accountId }),
      getAssignment: () => groups.getAssignment({ assignmentId: 'AccessGroupTemplateAssignmentId-1' }),
      updateAssignment: () =>
        groups.updateAssignment({ assignmentId: 'AccessGroupTemplateAssignmentId-1', ifMatch: '*', templateVersion: '2' }),
      deleteAssignment: () => groups.deleteAssignment({ assignmentId: 'AccessGroupTemplateAssignmentId-1' }),
    };
  };

  for (const operation of TEMPLATE_OPERATIONS) {
    it(`${operation} answers that there is nothing here`, () => assert.rejects(calls()[operation](), refusal(404, 'not_found')));
  }
});
