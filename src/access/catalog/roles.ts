/** A role as it is shown to people; `crn` is its role id. */
export interface Role {
  readonly crn: string;
  readonly displayName: string;
  readonly description: string;
}

/** A role that is the same for all services. `name` is the last part of its CRN; `baseActions` hold on every service. */
export interface RoleRow {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly baseActions: readonly string[];
}

/** The service segment of the CRNs of roles that belong to no service in particular. */
export const roleHome = 'iam';

export function platformRoleCrn(name: string): string {
  return `crn:v1:bluemix:public:${roleHome}::::role:${name}`;
}

export function serviceRoleCrn(serviceName: string, name: string): string {
  return `crn:v1:bluemix:public:${serviceName}::::serviceRole:${name}`;
}

/** `prefixed('a.b', 'x y')` is `['a.b.x', 'a.b.y']`. */
export function prefixed(prefix: string, words: string): readonly string[] {
  return words.split(/\s+/).map((word) => `${prefix}.${word}`);
}

const everyRole = ['global-search-tagging.resource.read', 'cbr.rule.read', 'iam.policy.read'];

const viewer = [
  ...everyRole,
  'iam.role.read',
  ...prefixed('resource-controller', 'broker.retrieve instance.retrieve alias.retrieve binding.retrieve key.retrieve'),
  ...prefixed('resource-controller', 'quota.retrieve group.retrieve subscription.retrieve'),
];

const operator = [
  ...everyRole,
  ...prefixed('resource-controller.broker', 'update retrieve'),
  ...prefixed('resource-controller.alias', 'create delete update retrieve'),
  ...prefixed('resource-controller.binding', 'create delete update retrieve'),
  ...prefixed('resource-controller.key', 'create delete update retrieve'),
  ...prefixed('resource-controller.instance', 'update retrieve'),
  ...prefixed('resource-controller', 'quota.retrieve group.retrieve group.update subscription.retrieve'),
];

// Editor has what Operator has, but not Viewer's iam.role.read.
const editor = [
  ...operator,
  ...prefixed('global-search-tagging.tag', 'attach-user-tag detach-user-tag'),
  ...prefixed('resource-controller.broker', 'create delete'),
  ...prefixed('resource-controller.instance', 'create delete update_plan'),
  'resource-controller.group.create',
];

const administrator = [
  ...editor,
  ...prefixed('global-search-tagging.tag', 'attach-access-tag detach-access-tag'),
  ...prefixed('cbr.rule', 'create update delete'),
  ...prefixed('iam.delegationPolicy', 'create update'),
  ...prefixed('iam.policy', 'create update delete'),
  ...prefixed('iam', 'service.read role.read role.assign'),
  'resource-controller.credential.retrieve_all',
  ...prefixed('resource-controller.instance', 'update_onetime_credentials_off retrieve_history'),
  'resource-controller.group.delete',
];

/** The four platform roles, as `GET /v2/roles` lists them. */
export const platformRoles: readonly RoleRow[] = [
  {
    name: 'Viewer',
    displayName: 'Viewer',
    description: 'Sees instances of a service, but cannot change them.',
    baseActions: viewer,
  },
  {
    name: 'Operator',
    displayName: 'Operator',
    description: 'Does what is needed to configure and operate instances of a service, such as viewing its dashboard.',
    baseActions: operator,
  },
  {
    name: 'Editor',
    displayName: 'Editor',
    description: 'Does everything on the platform except managing the account and assigning access.',
    baseActions: editor,
  },
  {
    name: 'Administrator',
    displayName: 'Administrator',
    description: 'Does everything on the platform for the resources that the role is assigned on, assigning access to others included.',
    baseActions: administrator,
  },
];

/** The service roles that every IAM-enabled service may give actions to. */
export const genericServiceRoles: readonly RoleRow[] = [
  {
    name: 'Reader',
    displayName: 'Reader',
    description: 'Reads within a service, such as viewing its resources.',
    baseActions: everyRole,
  },
  {
    name: 'Writer',
    displayName: 'Writer',
    description: 'Creates and edits resources within a service.',
    baseActions: everyRole,
  },
  {
    name: 'Manager',
    displayName: 'Manager',
    description: 'Does the privileged work within a service, as the service defines it.',
    baseActions: everyRole,
  },
];

/** Service roles under one role id for several services, assignable on all IAM-enabled services together. They have no base set. */
export const sharedServiceRoles: readonly RoleRow[] = [
  {
    name: 'ServiceConfigurationReader',
    displayName: 'Service Configuration Reader',
    description: 'Reads the configuration of services, for governance.',
    baseActions: [],
  },
  {
    name: 'KeyManager',
    displayName: 'Key Manager',
    description: 'Manages the keys that a service is encrypted with.',
    baseActions: [],
  },
];

/** Service roles under one role id for several account management services. They have no base set. */
export const enterpriseRoles: readonly RoleRow[] = [
  {
    name: 'TemplateAdministrator',
    displayName: 'Template Administrator',
    description: 'Manages enterprise templates, and sees their assignments.',
    baseActions: [],
  },
  {
    name: 'AssignmentAdministrator',
    displayName: 'Assignment Administrator',
    description: 'Assigns enterprise templates, and sees them.',
    baseActions: [],
  },
];
