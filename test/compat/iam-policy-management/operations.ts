/**
 * The operations of the policy client of IBM's Node SDK, by the file of this folder that drives them. A file fails when one of its
 * operations never succeeded; `operations.test.ts` fails when the installed client has an operation that is neither here nor one of templates.
 */
import type IamPolicyManagementV1 from '@ibm-cloud/platform-services/iam-policy-management/v1.js';

export type Operation = keyof IamPolicyManagementV1 & string;

export const OPERATIONS = {
  policies: ['createPolicy', 'getPolicy', 'replacePolicy', 'updatePolicyState', 'listPolicies', 'deletePolicy'],
  'v2-policies': ['createV2Policy', 'getV2Policy', 'replaceV2Policy', 'listV2Policies', 'deleteV2Policy'],
  roles: ['createRole', 'getRole', 'replaceRole', 'listRoles', 'deleteRole'],
  settings: ['getSettings', 'updateSettings'],
} as const satisfies Readonly<Record<string, readonly Operation[]>>;

export type Subject = keyof typeof OPERATIONS;

/** Templates and their assignments are not offered: their operations answer 404, which `templates.test.ts` holds. */
export const isOfTemplates = (name: string): boolean => /Template|Assignment/.test(name);
