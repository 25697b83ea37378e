/** The key under which a subject's policies are found. Identities and groups never share one, whatever their ids are. */
export type SubjectKey = `iam:${string}` | `group:${string}`;

export function iamKey(iamId: string): SubjectKey {
  return `iam:${iamId}`;
}

export function groupKey(accessGroupId: string): SubjectKey {
  return `group:${accessGroupId}`;
}

/** The keys of an identity and of the groups it is in, each once. */
export function subjectKeys(subjectId: string, groups: readonly string[]): ReadonlySet<SubjectKey> {
  const keys = new Set<SubjectKey>([iamKey(subjectId)]);
  for (const group of groups) keys.add(groupKey(group));
  return keys;
}
