/** One row of the decision table, made over the API: its accounts, identities, groups, roles, settings and policies. */
import { createManualClock } from '../../../src/kernel/clock.ts';
import { type DecisionWorld, ownerOf, type PolicyRow, publicAccessGroup, roleIdOf } from '../../access/decision-table.ts';
import { startWorld, type TestAccount, type Wire, type World } from '../../support/world.ts';
import { clause } from './making.ts';

const accountOfOwner = new Map([...ownerOf].map(([account, owner]) => [owner, account]));
const REALM = 'https://idp.example/sso';

/** A world whose clock a test sets, and whose administrator signs in anew wherever it stands. */
export class TimedWorld implements AsyncDisposable {
  readonly world: World;
  readonly #clock: ReturnType<typeof createManualClock>;
  readonly #adminKey: string;

  private constructor(world: World, clock: ReturnType<typeof createManualClock>, adminKey: string) {
    this.world = world;
    this.#clock = clock;
    this.#adminKey = adminKey;
  }

  static async start(): Promise<TimedWorld> {
    const clock = createManualClock(Date.parse('2022-01-01T00:00:00Z'));
    const world = await startWorld({ clock });
    const body = { iam_id: 'IBMid-timekeeper', name: 'Timekeeper' };
    const made = await world.expect(201, 'POST', '/podpass/v1/administrators', { token: world.bootstrap, body });
    return new TimedWorld(world, clock, made.body.apikey);
  }

  /** Moves to an instant, with an administrator whose token is of it. */
  async moveTo(at: number): Promise<void> {
    this.#clock.advance(at - this.#clock.now());
    this.world.admin = await this.world.login(this.#adminKey);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}

/** The names of a row as what they became, each made when it is first named. */
export class Cast {
  readonly world: World;
  readonly #accounts = new Map<string, Promise<TestAccount>>();
  readonly #identities = new Map<string, Promise<string>>();
  readonly #keys = new Map<string, string>();
  readonly #groups = new Map<string, Promise<string>>();
  readonly #policies: Wire[] = [];
  readonly #roles = new Map<string, string>();

  constructor(world: World) {
    this.world = world;
  }

  account(name: string): Promise<TestAccount> {
    return once(this.#accounts, name, () => this.world.account());
  }

  /** An account with a token of its owner that is valid now. */
  async signedIn(name: string): Promise<TestAccount> {
    const account = await this.account(name);
    return { ...account, owner: await this.world.login(account.ownerApiKey) };
  }

  /** The iam_id of an identity: an owner, the trusted profile T, the service ID S, somebody whom no account knows, or a user of A. */
  identity(name: string): Promise<string> {
    return once(this.#identities, name, async () => {
      const owned = accountOfOwner.get(name);
      if (owned !== undefined) return (await this.account(owned)).ownerIamId;
      if (name === 'stranger') return 'IBMid-stranger';
      const account = await this.signedIn('A');
      if (name === 'T') return (await this.world.profile(account)).iam_id;
      if (name === 'S') {
        const body = { account_id: account.id, name: 'S' };
        return (await this.world.expect(201, 'POST', '/v1/serviceids', { token: account.owner, body })).body.iam_id;
      }
      const user = await this.world.user(account.id);
      this.#keys.set(name, user.apikey);
      return user.iamId;
    });
  }

  /** An access token of a user of A. */
  async tokenOf(name: string): Promise<string> {
    await this.identity(name);
    return this.world.login(this.#keys.get(name) ?? '');
  }

  async group(name: string): Promise<string> {
    if (name === publicAccessGroup) return name;
    return once(this.#groups, name, async () => (await this.world.group(await this.signedIn('A'))).id);
  }

  async attributes(attributes: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const { accountId, ...rest } = attributes;
    return accountId === undefined ? rest : { accountId: (await this.account(accountId)).id, ...rest };
  }

  /** What a client sends to make the policy of a row. */
  async policyBody({ who, group, service, account: name, roles, on, tags, pattern, rule }: PolicyRow): Promise<Wire> {
    const account = await this.account(name);
    const clausesOf = (given: PolicyRow['on']) =>
      Object.entries(given).map(([key, value]) => (typeof value === 'string' ? clause(key, value) : operatorClause(key, value)));
    const { accountId, ...ofService } = service ?? {};
    const subject =
      service !== undefined
        ? [clause('accountId', (await this.account(String(accountId))).id), ...clausesOf(ofService)]
        : group === undefined
          ? [clause('iam_id', await this.identity(who ?? ''))]
          : [clause('access_group_id', await this.group(group))];
    return {
      type: service === undefined ? 'access' : 'authorization',
      control: { grant: { roles: roles.map((role) => ({ role_id: this.#roles.get(role) ?? roleIdOf(role) })) } },
      subject: { attributes: subject },
      resource: {
        attributes: [clause('accountId', account.id), ...clausesOf(on)],
        ...(Object.keys(tags).length > 0 && { tags: clausesOf(tags) }),
      },
      ...(rule !== undefined && { rule, pattern }),
    };
  }

  /** Makes of the account what a world of the row says; `before` is the one that it was. */
  async become(next: DecisionWorld, before: DecisionWorld | undefined, moveTo: (at: number) => Promise<void>): Promise<void> {
    const { owner: token, id } = await this.signedIn('A');
    if (before === undefined) for (const service of next.services) await this.#register(token, id, service);
    for (const { name, service, actions } of next.customRoles) await this.#putRole(token, id, name, service, actions);
    if (Object.keys(next.settings).length > 0) await this.#putSettings(token, id, next.settings);
    if (next.publicAccess !== (before?.publicAccess ?? true)) {
      const body = { public_access_enabled: next.publicAccess };
      await this.world.expect(200, 'PATCH', `/v2/groups/settings?account_id=${id}`, { token, body });
    }
    for (const [group, members] of Object.entries(next.dynamicMembers)) await this.#signIn(group, members, moveTo);
    await this.#putPolicies(next, before);
    const subjects = next.requests.map(({ subject }) => subject);
    for (const [group, members] of Object.entries(next.members)) await this.#fill(group, members, subjects);
  }

  async #register(token: string, accountId: string, { name, grants }: DecisionWorld['services'][number]): Promise<void> {
    const roles = Object.entries(grants).map(([role, actions]) => ({ name: role, actions }));
    const body = { account_id: accountId, operators: [], actions: [...new Set(Object.values(grants).flat())], roles };
    await this.world.expect(201, 'PUT', `/podpass/v1/services/${name}`, { token, body });
  }

  async #putRole(token: string, accountId: string, name: string, service: string, actions: readonly string[]): Promise<void> {
    const words = { display_name: `${name} of a row`, actions };
    const known = this.#roles.get(`custom/${name}`);
    if (known === undefined) {
      const body = { ...words, name, account_id: accountId, service_name: service };
      const made = (await this.world.expect(201, 'POST', '/v2/roles', { token, body })).body;
      this.#roles.set(`custom/${name}`, made.crn).set(`id of ${name}`, made.id);
      return;
    }
    const headers = { 'if-match': '*' };
    await this.world.expect(200, 'PUT', `/v2/roles/${this.#roles.get(`id of ${name}`)}`, { token, body: words, headers });
  }

  async #putSettings(token: string, accountId: string, settings: DecisionWorld['settings']): Promise<void> {
    const types = Object.entries(settings).map(async ([type, { state, allowed = [] }]) => {
      const external_allowed_accounts = await Promise.all(allowed.map(async (name) => (await this.account(name)).id));
      return [type, { state, external_allowed_accounts }];
    });
    const body = { external_account_identity_interaction: { identity_types: Object.fromEntries(await Promise.all(types)) } };
    const path = `/v1/accounts/${accountId}/settings/access_management`;
    await this.world.expect(200, 'PATCH', path, { token, body, headers: { 'if-match': '*' } });
  }

  /** The policies in their states; those that are there already keep their place. */
  async #putPolicies({ policies, states }: DecisionWorld, before: DecisionWorld | undefined): Promise<void> {
    for (const [index, row] of policies.entries()) {
      const { owner: token } = await this.signedIn(row.account);
      this.#policies[index] ??= (await this.world.expect(201, 'POST', '/v2/policies', { token, body: await this.policyBody(row) })).body;
      const { id } = this.#policies[index];
      if (states[index] === (before?.states[index] ?? 'active')) continue;
      const headers = { 'if-match': '*' };
      await this.world.expect(200, 'PATCH', `/v1/policies/${id}`, { token, body: { state: states[index] }, headers });
    }
  }

  /** Fills a group; whoever the row asks about without being a member has been one and left. */
  async #fill(name: string, members: readonly string[], subjects: readonly string[]): Promise<void> {
    const { owner: token } = await this.signedIn('A');
    const path = `/v2/groups/${await this.group(name)}/members`;
    for (const subject of new Set([...members, ...subjects])) {
      const iamId = await this.identity(subject);
      const body = { members: [{ iam_id: iamId, type: subject === 'T' ? 'profile' : 'user' }] };
      await this.world.expect(207, 'PUT', path, { token, body });
      if (!members.includes(subject)) await this.world.expect(204, 'DELETE', `${path}/${iamId}`, { token });
    }
  }

  /** Memberships that a rule makes of those who sign in at an instant. */
  async #signIn(name: string, members: DecisionWorld['dynamicMembers'][string], moveTo: (at: number) => Promise<void>): Promise<void> {
    const group = await this.group(name);
    for (const { who, login, hours } of members) {
      const iam_id = await this.identity(who);
      await moveTo(Date.parse(login));
      const { owner: token, id } = await this.signedIn('A');
      const conditions = [{ claim: 'team', operator: 'EQUALS', value: JSON.stringify('a') }];
      const rule = { name: `for ${who}`, expiration: hours, realm_name: REALM, conditions };
      await this.world.expect(201, 'POST', `/v2/groups/${group}/rules`, { token, body: rule });
      const body = { iam_id, realm_name: REALM, claims: { team: 'a' } };
      await this.world.expect(201, 'POST', `/podpass/v1/accounts/${id}/logins`, { token: this.world.admin, body });
    }
  }
}

function operatorClause(key: string, value: Exclude<PolicyRow['on'][string], string>): Wire {
  const [operator = '', operand] = Object.entries(value)[0] ?? [];
  return clause(key, operand, operator);
}

function once<T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const made = known.get(name) ?? make();
  known.set(name, made);
  return made;
}
