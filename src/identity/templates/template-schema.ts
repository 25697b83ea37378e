/** Wire forms of templates, as far as both kinds have them. */
import { type ZodType, z } from 'zod';
import { printInstant } from '../../kernel/times.ts';
import type { Extras } from '../history.ts';
import { accountId, description, flag, name, order, pageSize, printExtras } from '../schema.ts';
import { type TemplateDocuments, type TemplateKind, type TemplateVersion, templateCrn } from './template.ts';

/** What a body says of a version. */
export interface TemplateInput<K extends TemplateKind> {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** The members that were sent, as the wire spells them. */
  readonly fields: readonly string[];
  /** The document that the body makes, of the one before it where there is one. */
  readonly revise: (before?: TemplateDocuments[K]) => TemplateDocuments[K];
}

export interface NewTemplateInput<K extends TemplateKind> extends TemplateInput<K> {
  readonly accountId: string;
  readonly name: string;
}

/** The wire forms in which the two kinds differ. */
export interface TemplateWire<K extends TemplateKind> {
  /** A template with its first version. */
  readonly create: ZodType<NewTemplateInput<K>>;
  /** A further version, or a change of one. */
  readonly change: ZodType<TemplateInput<K>>;
  readonly print: (document: TemplateDocuments[K]) => Readonly<Record<string, unknown>>;
}

// The path says whose template it is: beside it `account_id` has no meaning, and clients send it.
const changeMembers = z.object({ account_id: accountId.optional(), name: name.optional(), description: description.optional() });
const createMembers = changeMembers.extend({ account_id: accountId, name });

/** The bodies of a kind: `document` are the members that only it has, `revise` makes a document of them. */
export function templateBodies<K extends TemplateKind, Body extends object>(
  document: ZodType<Body>,
  revise: (body: Body, before?: TemplateDocuments[K]) => TemplateDocuments[K],
): Pick<TemplateWire<K>, 'create' | 'change'> {
  const read = (body: Body & z.output<typeof changeMembers>): TemplateInput<K> => ({
    name: body.name,
    description: body.description,
    fields: Object.keys(body).filter((member) => member !== 'account_id'),
    revise: (before) => revise(body, before),
  });
  return {
    create: z.intersection(createMembers, document).transform((body) => ({ ...read(body), accountId: body.account_id, name: body.name })),
    change: z.intersection(changeMembers, document).transform(read),
  };
}

const pageQuery = {
  limit: pageSize.optional(),
  pagetoken: z.string().optional(),
  order: order.optional(),
  include_history: flag.optional(),
};
const sort = z.enum(['created_at', 'last_modified_at', 'name']).optional();

export const listTemplatesQuery = z.object({ ...pageQuery, account_id: accountId.optional(), sort });
export const listVersionsQuery = z.object({ ...pageQuery, sort });
export const historyQuery = z.object({ include_history: flag.optional() });

export function printTemplateVersion<K extends TemplateKind>(wire: TemplateWire<K>, version: TemplateVersion<K>, extra: Extras = {}) {
  return {
    id: version.templateId,
    version: version.version,
    account_id: version.accountId,
    name: version.name,
    ...(version.description !== null && { description: version.description }),
    committed: version.committed,
    ...wire.print(version.document),
    ...printExtras(extra),
    entity_tag: version.entityTag,
    crn: templateCrn({ id: version.templateId, accountId: version.accountId }),
    ...printAuthors(version),
  };
}

/** Who made and who last changed a version or an assignment, and when. */
export const printAuthors = ({
  createdAt,
  createdById,
  lastModifiedAt,
  lastModifiedById,
}: Pick<TemplateVersion<TemplateKind>, 'createdAt' | 'createdById' | 'lastModifiedAt' | 'lastModifiedById'>) => ({
  created_at: printInstant(createdAt),
  created_by_id: createdById,
  last_modified_at: printInstant(lastModifiedAt),
  last_modified_by_id: lastModifiedById,
});
