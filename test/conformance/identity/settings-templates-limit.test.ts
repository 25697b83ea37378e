import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf, startWorld, type Wire, type World } from '../../support/world.ts';
import { type Enterprise, makeEnterprise } from './making.ts';

let world: World;
let enterprise: Enterprise;
before(async () => {
  world = await startWorld();
  enterprise = await makeEnterprise(world);
});
after(() => world[Symbol.asyncDispose]());

test('ten templates have a say in the settings of an account: the eleventh fails, and holds once another has gone', async () => {
  const { root, child } = enterprise;
  const post = (path: string, body?: Wire) => world.call('POST', path, { token: root.owner, ...(body && { body }) });
  const assignments: Wire[] = [];
  for (let number = 0; number <= 10; number += 1) {
    const account_settings = { system_access_token_expiration_in_seconds: number === 10 ? '900' : '1800' };
    const { body } = await post('/v1/account_settings_templates', { account_id: root.id, name: `t ${number}`, account_settings });
    assert.equal((await post(`/v1/account_settings_templates/${body.id}/versions/1/commit`)).status, 204);
    const target = { template_id: body.id, template_version: 1, target_type: 'Account', target: child.id };
    const assigned = await post('/v1/account_settings_assignments', target);
    assert.equal(assigned.status, 202, assigned.text);
    assignments.push(assigned.body);
  }
  const lifetime = async () => {
    const { exp, iat } = claimsOf(await world.login(child.ownerApiKey));
    return exp - iat;
  };
  const last = assignments.at(-1);
  assert.deepEqual([...new Set(assignments.slice(0, 10).map(({ status }) => status))], ['succeeded']);
  assert.equal(last.status, 'failed');
  assert.equal(await lifetime(), 1800);
  const path = `/v1/account_settings_assignments/${last.id}`;
  await world.expect(202, 'DELETE', `/v1/account_settings_assignments/${assignments[0].id}`, { token: root.owner });
  const retry = { token: root.owner, headers: { 'if-match': last.entity_tag }, body: { template_version: 1 } };
  assert.equal((await world.expect(202, 'PATCH', path, retry)).body.status, 'succeeded');
  assert.equal(await lifetime(), 900);
});
