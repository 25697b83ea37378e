/** What the tests of explanations start from, and how they ask. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import {
  type CallOptions,
  type PodTokenOptions,
  type Reply,
  startWorld,
  type TestAccount,
  type TestCluster,
  type TestUser,
  type Wire,
  type World,
  type WorldOptions,
} from '../support/world.ts';

export interface Setting extends AsyncDisposable {
  readonly world: World;
  readonly account: TestAccount;
  readonly cluster: TestCluster;
  /** Linked to service account `default` of namespace `default`. */
  readonly profile: Wire;
  readonly linkId: string;
}

export async function startSetting(options: WorldOptions = {}): Promise<Setting> {
  const world = await startWorld(options);
  const account = await world.account();
  const cluster = await world.cluster(account);
  const profile = await world.profile(account);
  const { body } = await world.link(account, profile.id, cluster.crn);
  return { world, account, cluster, profile, linkId: body.id, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

type Asking = Pick<Setting, 'world' | 'account'>;

/** `POST /podpass/v1/explain` in the account, by its owner unless another token is given. */
export function ask(
  { world, account }: Asking,
  body: Readonly<Record<string, unknown>>,
  { token = account.owner, status = 200 }: Pick<CallOptions, 'token'> & { readonly status?: number } = {},
): Promise<Reply<Wire>> {
  return world.expect(status, 'POST', '/podpass/v1/explain', { token, body: { account_id: account.id, ...body } });
}

/** The one explanation of the answer. */
export async function explain(setting: Asking, body: Readonly<Record<string, unknown>>, token?: string): Promise<Wire> {
  const reply = await ask(setting, body, { token });
  assert.equal(reply.body.account_id, setting.account.id);
  assert.equal(reply.body.explanations.length, 1, reply.text);
  return reply.body.explanations[0];
}

/** A pod as `exchange` describes it: in `default`, as `default`, unless told otherwise. */
export const described = ({ cluster, profile }: Setting, overrides: Readonly<Record<string, unknown>> = {}) => ({
  exchange: { profile_id: profile.id, cluster: cluster.id, namespace: 'default', service_account: 'default', ...overrides },
});

export const exchange = ({ world, cluster, profile }: Setting, pod: PodTokenOptions = {}): Promise<Reply<Wire>> =>
  world.crToken(cluster.issuer.token(pod), { profile_id: profile.id });

export const idOf = (reply: Reply<Wire>): string => {
  const id = reply.headers.get('x-request-id');
  assert.ok(id);
  return id;
};

/** The id of a request, once the log has its record: refusals of operations and decisions are answered before that. */
export async function recorded({ world, account }: Asking, reply: Reply<Wire>): Promise<string> {
  const id = idOf(reply);
  for (let attempts = 0; attempts < 200; attempts += 1) {
    if ((await world.events(account, id)).length > 0) return id;
    await setTimeout(10);
  }
  throw new Error(`Nothing is recorded under ${id}.`);
}

/** The checks of an explanation as `name outcome`. */
export const outcomes = ({ checks }: Wire): readonly string[] => checks.map((check: Wire) => `${check.check} ${check.outcome}`);

export function assertRefused(explanation: Wire, failed: string): void {
  assert.equal(explanation.outcome, 'refused', JSON.stringify(explanation));
  assert.equal(explanation.failed, failed, JSON.stringify(explanation));
  assert.match(explanation.remedy.sentence, /^[A-Z].*\.$/s);
}

const REPORT_READER = 'crn:v1:bluemix:public:iam::::serviceRole:ServiceConfigurationReader';

/** A user who may read the audit log of the account, and nothing else of it. */
export async function auditor({ world, account }: Asking): Promise<TestUser> {
  const user = await world.user(account.id);
  await world.policy(account, user.iamId, [REPORT_READER], { serviceName: 'iam-identity' });
  return user;
}
