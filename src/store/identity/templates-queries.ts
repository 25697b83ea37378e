import type { TemplateReads, TemplateWrites } from '../../identity/templates/template-store.ts';
import type { Db } from '../schema.ts';

export function templateReads(_db: Db): TemplateReads {
  return {};
}

export function templateWrites(_db: Db): TemplateWrites {
  return {};
}
