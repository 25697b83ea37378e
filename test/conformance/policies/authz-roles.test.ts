/** `POST /v2/authz/roles`: which roles a subject holds on a resource. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ROLE, SERVICE_ROLE, type Wire } from '../../support/world.ts';
import { Asking, CK, operate } from './asking.ts';
import { assertRefused } from './making.ts';

let asking: Asking;

before(async () => {
  asking = await Asking.start();
  const { world, account, user } = asking;
  await world.policy(account, user.iamId, [ROLE('Viewer'), SERVICE_ROLE('Reader')], { serviceName: CK });
  await world.policy(account, user.iamId, [SERVICE_ROLE('Manager')], { serviceName: CK, serviceInstance: 'c1' });
});
after(() => asking[Symbol.asyncDispose]());

const item = (resource: Wire = {}, id = asking.user.iamId): Wire => ({
  subject: { attributes: { id } },
  resource: { attributes: { serviceName: CK, accountId: asking.account.id, ...resource } },
});
const ask = (items: unknown, token = asking.account.owner) => asking.world.call('POST', '/v2/authz/roles', { token, body: items });
const names = (list: Wire) => list.map(({ role }: Wire) => role.displayName);

describe('the roles of a subject', () => {
  it('Z-21: are those of the service, and those of the platform apart', async () => {
    const reply = await ask([item({ serviceInstance: 'c9' })]);
    assert.equal(reply.status, 200, reply.text);
    const [response] = reply.body.responses;
    assert.deepEqual([response.status, response.subjectId], ['200', { userId: asking.user.iamId }]);
    assert.deepEqual(response.attributes, { serviceName: CK, serviceInstance: 'c9', accountId: asking.account.id });
    assert.ok(response.requestId);
    assert.deepEqual([names(response.roleActions), names(response.platformExtensions.roleActions)], [['Reader'], ['Viewer']]);
    const [reader] = response.roleActions;
    assert.deepEqual(Object.keys(reader.role).sort(), ['crn', 'description', 'displayName']);
    assert.equal(reader.role.crn, SERVICE_ROLE('Reader'));
    assert.ok(reader.actions.some(({ action }: Wire) => action === `${CK}.kube.read`));
    assert.ok(reader.actions.every(({ displayName }: Wire) => displayName));
  });

  it('are of the policies that cover the resource, in the order asked', async () => {
    const { responses } = (
      await ask([item({ serviceInstance: 'c1' }), item(), item({}, 'IBMid-nobody'), item({}, asking.account.ownerIamId)])
    ).body;
    assert.deepEqual(
      responses.map((response: Wire) => [names(response.roleActions).sort(), names(response.platformExtensions.roleActions)]),
      [
        [['Manager', 'Reader'], ['Viewer']],
        [['Reader'], ['Viewer']],
        [[], []],
        [['Manager'], ['Administrator']],
      ],
    );
  });

  it('Z-22: are asked of one account, by who may ask there', async () => {
    assertRefused(await ask([item(), item({ accountId: 'f'.repeat(32) })]), 400, 'invalid_body');
    for (const wrong of [{}, [], Array.from({ length: 101 }, () => item())]) assertRefused(await ask(wrong), 400, 'invalid_body');
    const broken = await ask([item(), { subject: item().subject }, { resource: item().resource }, item({ accountId: '' })]);
    assert.equal(broken.status, 207);
    assert.deepEqual(
      broken.body.responses.map(({ status }: Wire) => status),
      ['200', '400', '400', '400'],
    );
    const stranger = await ask([item()], asking.user.token);
    assert.deepEqual([stranger.status, stranger.body.responses[0].status], [403, '403']);
    await operate(asking.world, asking.account, CK, asking.user.iamId);
    assert.equal((await ask([item()], asking.user.token)).status, 200);
  });
});
