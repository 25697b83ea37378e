/** Wire forms of profile templates. */
import { z } from 'zod';
import { printRuleContent, readClaimRule, templateRuleBody } from '../profiles/claim-rule-schema.ts';
import { toProfileIdentity } from '../profiles/profile-identity.ts';
import { email, identityList, printProfileIdentity } from '../profiles/profile-schema.ts';
import { description, name, withoutUndefined } from '../schema.ts';
import type { ProfileTemplate, TemplateProfile } from './profile-template.ts';
import { type TemplateWire, templateBodies } from './template-schema.ts';

/** No installation allows more: what is longer is refused before each of its members is looked at. */
const MAX_RULES = 1000;
const MAX_REFERENCES = 100;

const profile = z
  .object({
    name,
    description: description.optional(),
    email: email.optional(),
    rules: z.array(templateRuleBody).max(MAX_RULES).optional(),
    identities: identityList.optional(),
  })
  .transform(
    (body): TemplateProfile => ({
      name: body.name,
      description: body.description || null,
      email: body.email || null,
      rules: (body.rules ?? []).map(readClaimRule),
      identities: (body.identities ?? []).map(toProfileIdentity),
    }),
  );

const verbs = z.object({ add: z.boolean(), remove: z.boolean() });

const actionControls = z
  .object({ identities: verbs.optional(), rules: verbs.optional(), policies: verbs.optional() })
  .transform(withoutUndefined);

const policyReferences = z
  .array(z.object({ id: z.string(), version: z.string() }))
  .max(MAX_REFERENCES)
  .superRefine((references, context) => {
    if (references.length === 0) return;
    context.addIssue({
      code: 'custom',
      message: 'must be empty, because policy templates are not offered yet',
      params: { code: 'not_offered' },
    });
  });

const members = z.object({
  profile: profile.optional(),
  action_controls: actionControls.optional(),
  policy_template_references: policyReferences.optional(),
});

function print({ profile, actionControls }: ProfileTemplate) {
  return {
    ...(profile && {
      profile: {
        name: profile.name,
        ...(profile.description !== null && { description: profile.description }),
        ...(profile.email !== null && { email: profile.email }),
        // An empty list that nobody sent would be a difference to what a client has configured.
        ...(profile.rules.length > 0 && { rules: profile.rules.map(printRuleContent) }),
        ...(profile.identities.length > 0 && { identities: profile.identities.map(printProfileIdentity) }),
      },
    }),
    policy_template_references: [],
    ...(actionControls && { action_controls: actionControls }),
  };
}

export const profileTemplateWire: TemplateWire<'profile'> = {
  ...templateBodies(members, (body, before: ProfileTemplate = {}) => ({
    ...before,
    ...(body.profile && { profile: body.profile }),
    ...(body.action_controls && { actionControls: body.action_controls }),
  })),
  print,
};
