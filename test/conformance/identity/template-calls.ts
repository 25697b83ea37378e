/** The calls of enterprise templates, which are the same for profile templates and account-settings templates. */
import { randomUUID } from 'node:crypto';
import type { Reply, TestAccount, Wire, World } from '../../support/world.ts';

type Members = Readonly<Record<string, unknown>>;

export interface TemplateKind {
  readonly templates: string;
  readonly assignments: string;
  /** Name of the array in a list of templates. */
  readonly list: string;
  /** Name of the part of a template that is assigned. */
  readonly part: string;
}

export const PROFILE_TEMPLATES: TemplateKind = {
  templates: '/v1/profile_templates',
  assignments: '/v1/profile_assignments/',
  list: 'profile_templates',
  part: 'profile',
};

export const ACCOUNT_SETTINGS_TEMPLATES: TemplateKind = {
  templates: '/v1/account_settings_templates',
  assignments: '/v1/account_settings_assignments/',
  list: 'account_settings_templates',
  part: 'account_settings',
};

/** What stands in a profile's name for a value of its template or target. */
export const placeholder = (name: string): string => `$\{${name}}`;

export const samlRule = (value = '"admins"') => ({
  name: 'rule',
  type: 'Profile-SAML',
  realm_name: 'https://realm.example/1',
  expiration: 43_200,
  conditions: [{ claim: 'blueGroups', operator: 'CONTAINS', value }],
});

/** The calls of one kind of template by one caller; the owner of the account unless a token is given. */
export function createTemplateCalls(world: World, account: TestAccount, kind: TemplateKind, token = account.owner) {
  const call = (method: string, path: string, options: { body?: unknown; ifMatch?: string | undefined } = {}): Promise<Reply<Wire>> =>
    world.call(method, path, {
      token,
      ...('body' in options && { body: options.body, headers: { 'content-type': 'application/json' } }),
      ...(options.ifMatch !== undefined && { headers: { 'content-type': 'application/json', 'if-match': options.ifMatch } }),
    });
  const version = (id: string, number: number | string) => `${kind.templates}/${id}/versions/${number}`;
  const assignment = (id: string) => `${kind.assignments}${id}`;
  const calls = {
    create: (members: Members = {}) =>
      call('POST', kind.templates, { body: { account_id: account.id, name: `template ${randomUUID().slice(0, 8)}`, ...members } }),
    send: (body: unknown) => call('POST', kind.templates, { body }),
    list: (query = `account_id=${account.id}`) => call('GET', `${kind.templates}?${query}`),
    latest: (id: string, query = '') => call('GET', `${kind.templates}/${id}${query}`),
    removeAll: (id: string) => call('DELETE', `${kind.templates}/${id}`),
    versions: (id: string, query = '') => call('GET', `${kind.templates}/${id}/versions${query}`),
    createVersion: (id: string, members: Members = {}) => call('POST', `${kind.templates}/${id}/versions`, { body: members }),
    get: (id: string, number: number | string, query = '') => call('GET', version(id, number) + query),
    update: (id: string, number: number | string, body: unknown, ifMatch?: string) => call('PUT', version(id, number), { body, ifMatch }),
    remove: (id: string, number: number | string) => call('DELETE', version(id, number)),
    commit: (id: string, number: number | string) => call('POST', `${version(id, number)}/commit`),
    assign: (templateId: string, templateVersion: unknown, target: string, members: Members = {}) =>
      call('POST', kind.assignments, {
        body: { template_id: templateId, template_version: templateVersion, target_type: 'Account', target, ...members },
      }),
    assignments: (query: string) => call('GET', `${kind.assignments}?${query}`),
    assignment: (id: string, query = '') => call('GET', assignment(id) + query),
    move: (id: string, templateVersion: unknown, ifMatch?: string) =>
      call('PATCH', assignment(id), { body: { template_version: templateVersion }, ifMatch }),
    unassign: (id: string) => call('DELETE', assignment(id)),
    /** A template whose first version is committed. */
    async committed(members: Members = {}): Promise<Wire> {
      const made = await calls.create(members);
      if (made.status !== 201) throw new Error(`no template: ${made.status} ${made.text}`);
      const { status, text } = await calls.commit(made.body.id, 1);
      if (status !== 204) throw new Error(`no commit: ${status} ${text}`);
      return made.body;
    },
    /** A further version, committed. */
    async committedVersion(id: string, members: Members): Promise<number> {
      const made = await calls.createVersion(id, members);
      if (made.status !== 201) throw new Error(`no version: ${made.status} ${made.text}`);
      const { status, text } = await calls.commit(id, made.body.version);
      if (status !== 204) throw new Error(`no commit: ${status} ${text}`);
      return made.body.version;
    },
  };
  return calls;
}
