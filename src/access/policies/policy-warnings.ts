/** What the author of a policy should know although it is accepted. */
import { ruleWarning } from '@podpass/policy';
import type { Warning } from '../../kernel/route.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { literalResource, type PolicyContent } from './policy.ts';

export function policyWarnings(content: PolicyContent, catalog: Catalog): readonly Warning[] {
  const warnings: Warning[] = [];
  const never = content.rule === undefined ? undefined : ruleWarning(content.rule);
  if (never !== undefined) warnings.push({ code: 'rule_never_true', text: never });
  const serviceName = literalResource(content, 'serviceName');
  if (serviceName !== undefined && catalog.serviceType(serviceName) === undefined) {
    warnings.push({
      code: 'unknown_service',
      text: `'${serviceName.slice(0, 100)}' is neither a built-in service nor one that the account registered: its roles give their base actions only.`,
    });
  }
  return warnings;
}
