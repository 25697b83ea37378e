/** A service of records with a reader and a writer, as AuthZEN's certification describes it, and questions about them in its words. */
import assert from 'node:assert/strict';
import { type Reply, SERVICE_ROLE, type Wire } from '../../support/world.ts';
import { Asking } from '../policies/asking.ts';

export const user = (id: string, more: Wire = {}): Wire => ({ type: 'user', id, ...more });
export const record = (id: string, more: Wire = {}): Wire => ({ type: 'record', id, ...more });
export const read = { name: 'record.read' };
export const write = { name: 'record.write' };

/** Alice reads and writes one record; Bob reads all of them and writes archived ones. */
export class Documents implements AsyncDisposable {
  readonly asking: Asking;
  readonly alice: string;
  readonly bob: string;

  private constructor(asking: Asking, alice: string, bob: string) {
    this.asking = asking;
    this.alice = alice;
    this.bob = bob;
  }

  static async start(): Promise<Documents> {
    const asking = await Asking.start();
    const { world, account } = asking;
    const body = {
      account_id: account.id,
      operators: [],
      actions: ['record.read', 'record.write'],
      roles: [
        { name: 'Reader', actions: ['record.read'] },
        { name: 'Writer', actions: ['record.read', 'record.write'] },
      ],
      attributes: [{ key: 'status' }],
    };
    await world.expect(201, 'PUT', '/podpass/v1/services/record', { token: account.owner, body });
    const [alice, bob] = [(await world.user(account.id)).iamId, (await world.user(account.id)).iamId];
    await world.policy(account, alice, [SERVICE_ROLE('Writer')], { serviceName: 'record', serviceInstance: 'record-1' });
    await world.policy(account, bob, [SERVICE_ROLE('Reader')], { serviceName: 'record' });
    await world.policy(account, bob, [SERVICE_ROLE('Writer')], { serviceName: 'record', status: 'archived' });
    return new Documents(asking, alice, bob);
  }

  call(path: string, body: unknown, options: Wire = {}): Promise<Reply<Wire>> {
    return this.asking.world.call('POST', `/access/v1/${path}`, { token: this.asking.account.owner, body, ...options });
  }

  async decisions(body: unknown): Promise<boolean[]> {
    const reply = await this.call('evaluations', body);
    assert.equal(reply.status, 200, reply.text);
    assert.ok(!('decision' in reply.body));
    return reply.body.evaluations.map((each: Wire) => each.decision);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.asking[Symbol.asyncDispose]();
  }
}
