/** Decisions asked for over the API, for tests. */
import { type Reply, startWorld, type TestAccount, type TestUser, type Wire, type World } from '../../support/world.ts';
import { clause } from './making.ts';

export const CK = 'containers-kubernetes';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** The payload of a token that nobody signed: what an operator may claim of its caller. */
export const payload = (claims: unknown): string => Buffer.from(JSON.stringify(claims)).toString('base64url');

export const crnOf = (accountId: string, serviceName: string, more = '::::', region = ''): string =>
  `crn:v1:bluemix:public:${serviceName}:${region}:a/${accountId}:${more}`;

/** A policy of version 2 on a service of the account. */
export async function policyV2(
  world: World,
  account: TestAccount,
  subject: string,
  role: string,
  clauses: readonly Wire[],
  more: Wire = {},
): Promise<Wire> {
  const key = subject.startsWith('AccessGroupId-') ? 'access_group_id' : 'iam_id';
  const body = {
    type: 'access',
    control: { grant: { roles: [{ role_id: role }] } },
    subject: { attributes: [clause(key, subject)] },
    resource: { attributes: [clause('accountId', account.id), ...clauses] },
    ...more,
  };
  return (await world.expect(201, 'POST', '/v2/policies', { token: account.owner, body })).body;
}

export async function operate(world: World, account: TestAccount, serviceName: string, ...iamIds: readonly string[]): Promise<void> {
  const body = { account_id: account.id, operators: iamIds };
  await world.expect(200, 'PUT', `/podpass/v1/services/${serviceName}/operators`, { token: account.owner, body });
}

/** A world with an account, a user of it whose policies a test makes, and what is asked about that user by the account's owner. */
export class Asking implements AsyncDisposable {
  readonly world: World;
  readonly account: TestAccount;
  readonly user: TestUser;

  constructor(world: World, account: TestAccount, user: TestUser) {
    this.world = world;
    this.account = account;
    this.user = user;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Asking> {
    const world = await startWorld({ settings });
    const account = await world.account();
    return new Asking(world, account, await world.user(account.id));
  }

  item(action: string, resource: Attributes = {}, subject: Attributes = { id: this.user.iamId, scope: 'ibm openid' }): Wire {
    return {
      subject: { attributes: subject },
      action,
      resource: { attributes: { serviceName: CK, accountId: this.account.id, ...resource } },
    };
  }

  post(items: unknown, token: string | undefined = this.account.owner): Promise<Reply<Wire>> {
    return this.world.call('POST', '/v2/authz', { token, body: items });
  }

  bulk(body: unknown, token: string | undefined = this.account.owner): Promise<Reply<Wire>> {
    return this.world.call('PUT', '/v2/authz/bulk', { token, body });
  }

  /** One decision; insists on getting one. */
  async decided(item: unknown, token?: string): Promise<Wire> {
    const reply = await this.post([item], token);
    const [response] = reply.body.responses ?? [];
    if (reply.status !== 200 || response?.status !== '200') throw new Error(`no decision: ${reply.status} ${reply.text}`);
    return response.authorizationDecision;
  }

  async permits(item: unknown, token?: string): Promise<boolean> {
    return (await this.decided(item, token)).permitted;
  }

  /** The records of a call in the log of an account, which follow its answer. */
  async records(requestId: string | null, count = 1, account = this.account): Promise<Wire[]> {
    for (let attempt = 0; ; attempt += 1) {
      const events = await this.world.events(account, requestId ?? '');
      if (events.length >= count || attempt === 50) return events;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}
