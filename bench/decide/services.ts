/** What the questions are about: services of the built-in catalog, with the roles that policies give on them. */

/** How much a policy gives, and how much a question asks for: reading, writing or managing. The more includes the less. */
export type Level = 0 | 1 | 2;

export interface BenchService {
  readonly name: string;
  /** An action that the roles of the level and above have, and those below do not. */
  readonly actions: readonly [read: string, write: string, manage: string];
  /** Whether the account has a custom role for writing on it. */
  readonly hasCustomRole: boolean;
}

export const SERVICES: readonly BenchService[] = [
  { name: 'kms', actions: ['kms.secrets.list', 'kms.secrets.create', 'kms.secrets.delete'], hasCustomRole: true },
  {
    name: 'secrets-manager',
    actions: ['secrets-manager.secrets.list', 'secrets-manager.secret.create', 'secrets-manager.secret.delete'],
    hasCustomRole: true,
  },
  {
    name: 'cloud-object-storage',
    actions: ['cloud-object-storage.bucket.get_cors', 'cloud-object-storage.object.delete', 'cloud-object-storage.bucket.put_acl'],
    hasCustomRole: true,
  },
  {
    name: 'container-registry',
    actions: ['container-registry.image.pull', 'container-registry.image.push', 'container-registry.namespace.create'],
    hasCustomRole: false,
  },
  { name: 'messagehub', actions: ['messagehub.topic.read', 'messagehub.topic.write', 'messagehub.topic.manage'], hasCustomRole: false },
  {
    name: 'containers-kubernetes',
    actions: ['containers-kubernetes.cluster.read', 'containers-kubernetes.cluster.update', 'containers-kubernetes.cluster.create'],
    hasCustomRole: false,
  },
];

/** A platform and a service role are assigned together, as the console offers it. */
export const ROLES: Readonly<Record<Level, readonly string[]>> = {
  0: ['crn:v1:bluemix:public:iam::::role:Viewer', 'crn:v1:bluemix:public:iam::::serviceRole:Reader'],
  1: ['crn:v1:bluemix:public:iam::::role:Editor', 'crn:v1:bluemix:public:iam::::serviceRole:Writer'],
  2: ['crn:v1:bluemix:public:iam::::role:Administrator', 'crn:v1:bluemix:public:iam::::serviceRole:Manager'],
};
