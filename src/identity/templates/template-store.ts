export type TemplateReads = object;

export type TemplateWrites = object;
