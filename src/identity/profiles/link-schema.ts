/** Wire forms of links. */
import { z } from 'zod';
import { printMinutes } from '../../kernel/times.ts';
import { crn } from '../schema.ts';
import { CR_TYPES, isServiceAccountType, type Link } from './link.ts';

/** Names in a cluster are shorter; the links of a profile are listed all at once. */
const text = z.string().max(300);

export const createLinkBody = z
  .object({
    name: z.string().max(300).optional(),
    cr_type: z.enum(CR_TYPES),
    link: z.object({
      crn,
      namespace: text.optional(),
      name: text.optional(),
      component_type: text.optional(),
      component_name: text.optional(),
    }),
    is_cross_account: z.boolean().optional(),
  })
  .superRefine((body, context) => {
    const required = isServiceAccountType(body.cr_type)
      ? (['namespace', 'name'] as const)
      : body.cr_type === 'CE'
        ? (['component_type', 'component_name'] as const)
        : [];
    for (const member of required) {
      if (body.link[member]) continue;
      context.addIssue({
        code: 'custom',
        path: ['link', member],
        message: `is required for cr_type ${body.cr_type}`,
        params: { code: 'missing_field' },
      });
    }
  });

export const deleteLinksQuery = z.object({
  type: z.enum(CR_TYPES),
  crn: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string().optional(),
  component_type: z.string().optional(),
  component_name: z.string().optional(),
});

export function printLink(link: Link) {
  return {
    id: link.id,
    entity_tag: link.entityTag,
    created_at: printMinutes(link.createdAt),
    modified_at: printMinutes(link.modifiedAt),
    ...(link.label !== null && { name: link.label }),
    cr_type: link.crType,
    link: link.target,
    ...(link.isCrossAccount !== null && { is_cross_account: link.isCrossAccount }),
  };
}
