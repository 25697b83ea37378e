/** The places of docs/compatibility.md that the suites fill, and what is said there beside their numbers. */
import { join } from 'node:path';
import type { SuiteName, TablesPlace } from '../../tools/upstream/compatibility.ts';
import type { PinnedModule } from '../../tools/upstream/module.ts';
import type { UpstreamSuite } from '../../tools/upstream/suites.ts';

export const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'compatibility.md');

type ModuleName = Pick<PinnedModule, 'path' | 'version'>;

/** The table of all suites. */
export const OVERVIEW = {
  id: 'all-go',
  headings: ['API', 'package'],
  describe: ({ path, version }: ModuleName): string => `\`${path}\` ${version}`,
} as const satisfies TablesPlace & Record<string, unknown>;

/** The first cells of a suite's row in the table of all; the heading of its own tables is linked. */
export function overviewRow({ api, packageName }: Pick<UpstreamSuite, 'api' | 'packageName'>): readonly string[] {
  return [`[${api}](#ibms-sdk-for-go-${api.replaceAll(' ', '-')})`, `\`${packageName}\``];
}

/** The tables of one suite. */
export function suiteName({ path, version }: ModuleName, { id, packageName }: Pick<UpstreamSuite, 'id' | 'packageName'>): SuiteName {
  return { id, description: `\`${path}\` ${version}, package \`${packageName}\`` };
}
