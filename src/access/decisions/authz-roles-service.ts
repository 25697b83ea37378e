/** `POST /v2/authz/roles`: which roles subjects hold on resources, and what these give there. */
import type { Caller, RequestInfo } from '../../kernel/caller.ts';
import { DomainError } from '../../kernel/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { platformRoleCrn, platformRoles } from '../catalog/roles.ts';
import type { Attributes } from './asked-attributes.ts';
import { readResource } from './asked-resource.ts';
import { readSubject } from './asked-subject.ts';
import { badItem, type ItemReply, statusOf, unauthorizedItem } from './authz-printing.ts';
import type { AuthzRolesItem } from './authz-schema.ts';
import type { DecisionSubject, Decisions } from './decide.ts';
import type { DecisionLog } from './decision-log.ts';
import type { DecisionPoint } from './decision-point.ts';

export interface AuthzRolesDeps {
  readonly point: DecisionPoint;
  readonly decisions: Decisions;
  readonly log: DecisionLog;
}

export type AuthzRolesService = ReturnType<typeof createAuthzRolesService>;

interface Asked {
  readonly subject: DecisionSubject;
  readonly resource: Attributes;
}

const PLATFORM_ROLES: ReadonlySet<string> = new Set(platformRoles.map(({ name }) => platformRoleCrn(name)));

export function createAuthzRolesService({ point, decisions, log }: AuthzRolesDeps) {
  async function answer(caller: Caller, info: RequestInfo, index: number, { subject, resource }: Asked): Promise<ItemReply> {
    const standing = await point.standingOf(caller, resource);
    if (standing === undefined) {
      log.unauthorized(caller, info, 'authz/roles', new Map([[await point.accountToTell(caller, resource), resource]]));
      return unauthorizedItem(info);
    }
    const { access } = standing;
    const question = point.complete(standing, { subject, resource });
    const roleIds = decisions.rolesOn(access, question);
    const { serviceName = '', serviceInstance, accountId } = question.resource;
    const catalog = decisions.catalogOf(access);
    const print = (ids: readonly string[]) => ids.flatMap((roleId) => printRole(catalog, roleId, serviceName));
    return {
      requestId: `${info.transactionId}-${index}`,
      status: '200',
      attributes: { serviceName, ...(serviceInstance !== undefined && { serviceInstance }), accountId },
      subjectId: { userId: subject.iamId },
      roleActions: print(roleIds.filter((roleId) => !PLATFORM_ROLES.has(roleId))),
      platformExtensions: { roleActions: print(roleIds.filter((roleId) => PLATFORM_ROLES.has(roleId))) },
    };
  }

  return {
    /** Answers in order. Throws `invalid_field` where the items name several accounts, or none. */
    async list(caller: Caller, info: RequestInfo, items: readonly AuthzRolesItem[]): Promise<{ status: number; body: unknown }> {
      const asked = items.map(readItem);
      const accountIds = new Set(asked.map((item) => (typeof item === 'string' ? undefined : item.resource.accountId)).filter(Boolean));
      if (accountIds.size > 1) throw new DomainError('invalid_field', { message: 'The resources of one request must be of one account.' });
      await log.reserve();
      const responses: ItemReply[] = [];
      for (const [index, item] of asked.entries()) {
        responses.push(typeof item === 'string' ? badItem(item, info) : await answer(caller, info, index, item));
      }
      const [accountId] = accountIds;
      if (accountId !== undefined && responses.some(({ status }) => status === '200')) {
        log.listed(caller, info, 'authz/roles', accountId, { count: items.length });
      }
      return { status: statusOf(responses), body: { responses } };
    },
  };
}

function readItem(item: AuthzRolesItem): Asked | string {
  const subject = readSubject(item.subject);
  if (typeof subject === 'string') return subject;
  const resource = readResource(item.resource);
  if (typeof resource === 'string') return resource;
  return resource.accountId ? { subject, resource } : "A resource needs to be provided for a valid request: 'accountId' is missing.";
}

/** A role with what it gives on the service; nothing of one that is gone. */
function printRole(catalog: Catalog, roleId: string, serviceName: string) {
  const role = catalog.role(roleId);
  if (role === undefined) return [];
  const { crn, displayName, description } = role;
  const actions = [...catalog.actions(roleId, serviceName)].map((action) => ({ action, displayName: action }));
  return [{ role: { crn, displayName, description }, actions }];
}
