/** The identifiers of what an account holds, by number. */
const uuid = (number: number): string =>
  `${number.toString(16).padStart(8, '0')}-0000-4000-8000-${(number * 48271).toString(16).padStart(12, '0')}`;

export const profileIdOf = (number: number): string => `Profile-${uuid(number)}`;
export const profileIamIdOf = (number: number): string => `iam-${profileIdOf(number)}`;
export const groupIdOf = (number: number): string => `AccessGroupId-${uuid(number)}`;
export const policyIdOf = (number: number): string => uuid(number);
