/** What a profile template says: the profile that it makes in an account, and what of it the account may change. */
import type { Account } from '../accounts/account.ts';
import type { ClaimRuleInput } from '../profiles/claim-rule.ts';
import type { ActionControls } from '../profiles/profile.ts';
import type { ProfileIdentity } from '../profiles/profile-identity.ts';

export interface TemplateProfile {
  /** With placeholders for what differs between the accounts that get it. */
  readonly name: string;
  readonly description: string | null;
  readonly email: string | null;
  readonly rules: readonly ClaimRuleInput[];
  readonly identities: readonly ProfileIdentity[];
}

export interface ProfileTemplate {
  /** A version may be made before it is known what profile it makes. */
  readonly profile?: TemplateProfile;
  /** As it was sent: what it leaves out is not allowed. */
  readonly actionControls?: Partial<ActionControls>;
}

const NOTHING = { add: false, remove: false };

export function actionControlsOf({ actionControls = {} }: ProfileTemplate): ActionControls {
  return { identities: NOTHING, rules: NOTHING, policies: NOTHING, ...actionControls };
}

/** Where a profile's name may differ from one account to the next. */
export interface NamePlaces {
  readonly template: { readonly templateId: string; readonly name: string; readonly version: number };
  readonly account: Pick<Account, 'id' | 'name'>;
}

const PLACEHOLDERS: ReadonlyMap<string, (places: NamePlaces) => string> = new Map([
  ['template_id', ({ template }: NamePlaces) => template.templateId],
  ['template_name', ({ template }: NamePlaces) => template.name],
  ['template_version', ({ template }: NamePlaces) => String(template.version)],
  ['account_id', ({ account }: NamePlaces) => account.id],
  ['account_name', ({ account }: NamePlaces) => account.name],
]);

/**
 * The name with its placeholders, such as `${account_name}`, filled in: once from left to right, so what they stand for is never itself
 * looked through. What is no placeholder stays as it is.
 */
export function fillName(name: string, places: NamePlaces): string {
  return name.replace(/\$\{([a-z_]+)\}/g, (text, placeholder: string) => PLACEHOLDERS.get(placeholder)?.(places) ?? text);
}
