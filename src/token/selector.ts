/** How a caller of the token endpoint names the profile that it wants. */
import { crnAccountId, readCrn } from '../kernel/crn.ts';
import { DomainError } from '../kernel/errors.ts';
import { readProfileId } from '../kernel/ids.ts';

/** The profile that the caller asks for, in the caller's own words. */
export interface Selector {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly crn: string | undefined;
}

/** The id of a profile CRN's resource; throws for text that is no CRN of a profile. */
function profileIdOfCrn(text: string): string {
  const crn = readCrn(text);
  if (crn?.serviceName !== 'iam-identity' || crn.resourceType !== 'profile' || crnAccountId(crn) === undefined) {
    throw new DomainError('invalid_crn', {
      message: 'Invalid cloud resource name.',
      details:
        "Property 'profile_crn' must be the CRN of a trusted profile: crn:v1:bluemix:public:iam-identity::a/<account>::profile:<profile id>.",
    });
  }
  return crn.resource;
}

/** Checks what can be checked of the selectors without looking anything up. */
export function checkSelector(selector: Selector): void {
  if (selector.crn !== undefined) profileIdOfCrn(selector.crn);
}

/** The id of the one profile that all selectors name; undefined where they name none, or differ. `idNamed` finds a profile by its name. */
export function profileIdOf({ id, name, crn }: Selector, idNamed: (name: string) => string | undefined): string | undefined {
  let found = id === undefined ? undefined : readProfileId(id);
  let isNamed = id !== undefined;
  const agrees = (other: string | undefined): boolean => {
    const same = !isNamed || other === found;
    found = other;
    isNamed = true;
    return same;
  };
  if (crn !== undefined && !agrees(readProfileId(profileIdOfCrn(crn)))) return undefined;
  if (name !== undefined && !agrees(idNamed(name))) return undefined;
  return found;
}

/** Whether the account is the one that the CRN among the selectors names, where there is one. */
export function namesAccount({ crn }: Selector, accountId: string): boolean {
  if (crn === undefined) return true;
  const parsed = readCrn(crn);
  return parsed !== undefined && crnAccountId(parsed) === accountId;
}
