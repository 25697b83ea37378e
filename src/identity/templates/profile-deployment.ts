/** Assigning a profile template: the profile that it makes, keeps up to date and takes away in an account. */
import { newEntityTag } from '../../kernel/entity-tag.ts';
import { DomainError } from '../../kernel/errors.ts';
import { refuseExcess } from '../../kernel/limits.ts';
import type { IdentityDeps, Tx } from '../deps.ts';
import type { ClaimRule, ClaimRuleInput } from '../profiles/claim-rule.ts';
import type { Profile } from '../profiles/profile.ts';
import {
  addProfile,
  changeProfile,
  MAX_RECORDED,
  newProfile,
  refuseTakenName,
  removeProfile,
  requireRoom,
} from '../profiles/profile-changes.ts';
import { identityKey, type ProfileIdentity } from '../profiles/profile-identity.ts';
import { nextRevision } from '../revision.ts';
import type { Deployed } from './assignment.ts';
import type { Deployment, Placement } from './deployment.ts';
import { actionControlsOf, fillName, type ProfileTemplate, type TemplateProfile } from './profile-template.ts';

const MAX_NAME = 300;
const FIELDS = ['name', 'description', 'email'] as const;

/** The parts of a profile, of which some may be the account's own. */
interface Parts {
  readonly rules: readonly ClaimRule[];
  readonly identities: readonly ProfileIdentity[];
}

export function createProfileDeployment(deps: Pick<IdentityDeps, 'clock' | 'ids' | 'limits'>): Deployment<'profile'> {
  const { clock, ids, limits } = deps;

  function refuseTooMany(rules: number, identities: number): void {
    refuseExcess('claim rules of the profile', rules, limits.rulesPerProfile);
    refuseExcess('identities of the profile', identities, limits.identitiesPerProfile);
  }

  function requireProfile({ profile }: ProfileTemplate): TemplateProfile {
    if (profile) return profile;
    throw new DomainError('invalid_state', {
      message: 'The version says nothing of a profile, so there is nothing to assign.',
      details: "Make a version with the member 'profile', commit it and assign that one.",
    });
  }

  /** What the account itself added to the profile: it stays when the version changes. */
  async function ownParts(tx: Tx, profileId: string, made: Deployed, template: TemplateProfile): Promise<Parts> {
    const rulesOfTemplate = new Set(made.ruleIds);
    const ofTemplate = new Set([...(made.identities ?? []), ...template.identities].map(identityKey));
    return {
      rules: (await tx.listClaimRules(profileId)).filter(({ id }) => !rulesOfTemplate.has(id)),
      identities: (await tx.listProfileIdentities(profileId)).filter((identity) => !ofTemplate.has(identityKey(identity))),
    };
  }

  /** Rules made together are listed by their ids: these are in the order of the template. */
  function makeRules(profile: Profile, inputs: readonly ClaimRuleInput[]): readonly ClaimRule[] {
    const at = clock.now();
    const uuids = inputs.map(() => ids.uuid()).sort();
    return inputs.map((input, index) => ({
      ...input,
      id: `ClaimRule-${uuids[index]}`,
      profileId: profile.id,
      accountId: profile.accountId,
      revision: 1,
      entityTag: newEntityTag(ids, 1),
      createdAt: at,
      modifiedAt: at,
    }));
  }

  async function putParts(tx: Tx, profile: Profile, template: TemplateProfile, own: Parts): Promise<Deployed> {
    const rules = makeRules(profile, template.rules);
    await tx.replaceClaimRules(profile.id, [...own.rules, ...rules]);
    await tx.replaceProfileIdentities(profile.id, [...template.identities, ...own.identities]);
    tx.changed({ accountId: profile.accountId, kind: 'claim_rule', id: profile.id });
    return {
      resourceId: profile.id,
      ruleIds: rules.map(({ id }) => id),
      identities: template.identities.map(({ type, identifier }) => ({ type, identifier })),
    };
  }

  /** What the account's record tells of where the profile and its parts come from. */
  const requestData = ({ version, assignmentId }: Placement<'profile'>, template: TemplateProfile) => ({
    templateId: version.templateId,
    version: version.version,
    assignmentId,
    rules: template.rules.slice(0, MAX_RECORDED),
    identities: template.identities.slice(0, MAX_RECORDED),
  });

  return {
    refuseExcess({ profile }) {
      if (profile) refuseTooMany(profile.rules.length, profile.identities.length);
    },

    requireComplete: ({ document }) => void requireProfile(document),

    async prepare(tx, context, placement) {
      const { version, account, assignmentId, before: made = {} } = placement;
      const template = requireProfile(version.document);
      const name = fillName(template.name, { template: version, account });
      if (name.length > MAX_NAME) {
        throw new DomainError('invalid_field', {
          message: `With its placeholders filled in, the profile's name has ${name.length} characters; at most ${MAX_NAME} are allowed.`,
        });
      }
      const before = made.resourceId === undefined ? undefined : await tx.findProfile(made.resourceId);
      await refuseTakenName(tx, account.id, name, before?.id);
      const managedBy = { templateId: version.templateId, assignmentId, actionControls: actionControlsOf(version.document) };
      const content = { accountId: account.id, name, description: template.description, email: template.email, managedBy };
      const recorded = requestData(placement, template);
      if (!before) {
        const warnings = await requireRoom(tx, limits, account.id);
        return async () => {
          const profile = newProfile(deps, content);
          await addProfile(tx, context, profile, { params: [...FIELDS, 'rules', 'identities'], requestData: recorded, warnings });
          return putParts(tx, profile, template, { rules: [], identities: [] });
        };
      }
      const own = await ownParts(tx, before.id, made, template);
      refuseTooMany(own.rules.length + template.rules.length, own.identities.length + template.identities.length);
      return async () => {
        const after = nextRevision(deps, before, content);
        const params = [...FIELDS.filter((field) => after[field] !== before[field]), 'rules', 'identities'];
        await changeProfile(tx, context, before, after, { params, requestData: recorded });
        return putParts(tx, after, template, own);
      };
    },

    async remove(tx, _context, assignment, { resourceId }) {
      const profile = resourceId === undefined ? undefined : await tx.findProfile(resourceId);
      if (profile?.managedBy?.assignmentId === assignment.id) await removeProfile(tx, profile);
    },
  };
}
