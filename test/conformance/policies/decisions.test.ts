/** The decision table over HTTP: what a row says is made over the API, and the account's owner asks. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  type DecisionWorld,
  instantOf,
  type ManageRow,
  type RequestRow,
  readDecisionTable,
  worldsOf,
} from '../../access/decision-table.ts';
import type { Wire } from '../../support/world.ts';
import { operate, payload } from './asking.ts';
import { Cast, TimedWorld } from './decision-cast.ts';

let timed: TimedWorld;

before(async () => {
  timed = await TimedWorld.start();
});
after(() => timed[Symbol.asyncDispose]());

const moveTo = (at: number) => timed.moveTo(at);

/** An identity by its id and scope, or by the payload of its token where the row says which account that is from. */
async function subjectOf(cast: Cast, { subject, service, tokenAccount, scope }: RequestRow): Promise<Wire> {
  if (service !== undefined) return { attributes: { ...(await cast.attributes(service)), scope } };
  if (subject === 'anonymous') return { attributes: { anonymous: true } };
  const id = await cast.identity(subject);
  if (tokenAccount === undefined) return { attributes: { id, scope } };
  return { accessTokenBody: payload({ iam_id: id, scope, account: { bss: (await cast.account(tokenAccount)).id } }) };
}

async function ask(cast: Cast, row: RequestRow): Promise<'allow' | 'deny'> {
  const { account: name, action, on, tags } = row;
  const account = await cast.signedIn(name === 'none' ? 'A' : name);
  const { world } = cast;
  const { serviceName, serviceInstance = tags.length > 0 ? 'tagged' : undefined } = on;
  // Only the operator of a service is believed about the resource group of an instance that nobody registered.
  if (on.resourceGroupId !== undefined && serviceName !== undefined) await operate(world, account, serviceName, account.ownerIamId);
  if (serviceName !== undefined && serviceInstance !== undefined) {
    const body = { account_id: account.id, service_name: serviceName, service_instance: serviceInstance, tags };
    await world.expect(200, 'PUT', '/podpass/v1/resource_tags', { token: account.owner, body });
  }
  const attributes = {
    ...on,
    ...(serviceInstance !== undefined && { serviceInstance }),
    ...(name !== 'none' && { accountId: account.id }),
  };
  const item = { subject: await subjectOf(cast, row), action, resource: { attributes } };
  const { body } = await world.expect(200, 'POST', '/v2/authz', { token: account.owner, body: [item] });
  assert.equal(body.responses[0].status, '200');
  return body.responses[0].authorizationDecision.permitted ? 'allow' : 'deny';
}

/** Whether a user may make the policy, asked by making it. */
async function make(cast: Cast, { subject, policy }: ManageRow): Promise<'allow' | 'deny'> {
  const body = await cast.policyBody(policy);
  const { status, text } = await cast.world.call('POST', '/v2/policies', { token: await cast.tokenOf(subject), body });
  assert.ok(status === 201 || status === 403, text);
  return status === 201 ? 'allow' : 'deny';
}

/** Whether a row says what no call can: another verb than creation, or attributes of an instance that only an inventory has. */
const isBeyondCalls = ({ manage }: DecisionWorld) => manage.some(({ verb, instance }) => verb !== 'create' || instance !== undefined);

const rows = readDecisionTable();

describe('decisions over HTTP', () => {
  it('are those of every row', () => {
    assert.equal(rows.length, 66);
    assert.deepEqual(
      rows.filter((row) => worldsOf(row).some(isBeyondCalls)).map(({ row }) => row),
      [],
    );
  });

  for (const row of rows) {
    it(`${row.row}: ${row.says}`, async () => {
      const cast = new Cast(timed.world);
      let before_: DecisionWorld | undefined;
      for (const next of worldsOf(row)) {
        await moveTo(Math.min(...[...next.requests, ...next.manage].map(instantOf)));
        await cast.become(next, before_, moveTo);
        for (const request of next.requests) {
          await moveTo(instantOf(request));
          assert.equal(await ask(cast, request), request.expect, `${next.says}: ${JSON.stringify(request)}`);
        }
        for (const manage of next.manage) {
          await moveTo(instantOf(manage));
          assert.equal(await make(cast, manage), manage.expect, `${next.says}: ${JSON.stringify(manage)}`);
        }
        before_ = next;
      }
    });
  }
});
