/** Registered services over the API, for tests. */
import type { CallOptions, Reply, TestAccount, Wire, World } from '../../support/world.ts';

export const ordersBody = (account: TestAccount, overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  account_id: account.id,
  operators: [],
  actions: ['orders.order.see', 'orders.order.read', 'orders.order.delete', { id: 'orders.audit.read', display_name: 'Read audits' }],
  roles: [
    { name: 'Viewer', actions: ['orders.order.see'] },
    { name: 'Reader', actions: ['orders.order.read'] },
    { name: 'Manager', actions: ['orders.order.read', 'orders.order.delete'] },
    { name: 'Auditor', display_name: 'Order auditor', description: 'Reads audits.', actions: ['orders.audit.read'] },
  ],
  attributes: [{ key: 'shop', display_name: 'Shop' }],
  ...overrides,
});

export const AUDITOR = 'crn:v1:bluemix:public:orders::::serviceRole:Auditor';

export const put = (world: World, token: string, name: string, body: unknown, ifMatch?: string): Promise<Reply<Wire>> =>
  world.call('PUT', `/podpass/v1/services/${name}`, { token, body, ...(ifMatch !== undefined && { headers: { 'if-match': ifMatch } }) });

export const of = (name: string, account: { readonly id: string }, more = ''): string =>
  `/podpass/v1/services/${name}?account_id=${account.id}${more}`;

/** Whether the account of the token's owner permits an action on the resource, asked over `POST /v2/authz`. */
export async function permits(
  world: World,
  token: string,
  subject: string,
  action: string,
  resource: Readonly<Record<string, string>>,
): Promise<boolean> {
  const options: CallOptions = { token, body: [{ subject: { attributes: { id: subject } }, action, resource: { attributes: resource } }] };
  const { body } = await world.expect(200, 'POST', '/v2/authz', options);
  return body.responses[0].authorizationDecision.permitted;
}
