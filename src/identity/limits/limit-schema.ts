/** Wire forms of the question how much of its limits an account uses. */
import { z } from 'zod';
import { flag } from '../schema.ts';

const MAX_IDS = 100;
const ids = z.array(z.string().min(1).max(300)).max(MAX_IDS);

/** `a,b,c`; commas that nothing stands between are passed over. */
const commaList = z
  .string()
  .max(MAX_IDS * 301)
  .transform((text) =>
    text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  )
  .pipe(ids);

const parameters = <Flag extends z.ZodType, List extends z.ZodType>(yes: Flag, list: List) => ({
  serviceid_groups: yes,
  profiles: yes,
  templates: yes,
  idps: yes,
  cr_links: yes,
  cr_rules: yes,
  serviceids_per_group: list,
  apikeys_per_identity: list,
  template_versions_per_template: list,
  claim_rules_per_group: list,
  claim_rules_per_profile: list,
  cr_links_per_profile: list,
  cr_rules_per_profile: list,
});

export const limitsQuery = z.object(parameters(flag.optional(), commaList.optional()));
export const limitsBody = z.object(parameters(z.boolean().optional(), ids.optional())).default({});
