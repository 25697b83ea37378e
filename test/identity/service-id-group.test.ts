import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Account } from '../../src/identity/accounts/account.ts';
import {
  accountOfDefaultGroup,
  changedFields,
  defaultGroup,
  defaultGroupId,
  isDefaultGroup,
  readServiceId,
} from '../../src/identity/service-ids/service-id.ts';

const UUID = '0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9';
const ACCOUNT: Account = {
  id: '0a1b2c3d4e5f40718293a4b5c6d7e8f9',
  name: 'one',
  ownerIamId: 'IBMid-1',
  parentAccountId: null,
  state: 'active',
  entityTag: '1-x',
  createdAt: 1000,
};

test("the default group's id is the account's id as a UUID, and leads back to it", () => {
  assert.equal(defaultGroupId(ACCOUNT.id), `ServiceIdGroup-${UUID}`);
  assert.equal(accountOfDefaultGroup(`ServiceIdGroup-${UUID}`), ACCOUNT.id);
});

test('what is no id of a group leads to no account', () => {
  for (const text of ['', UUID, `ServiceIdGroup-${UUID.toUpperCase()}`, `iam-ServiceIdGroup-${UUID}`, `ServiceIdGroup-${UUID}x`]) {
    assert.equal(accountOfDefaultGroup(text), undefined, text);
  }
});

test('the default group is as old as its account, and of its owner', () => {
  const group = defaultGroup(ACCOUNT);
  assert.deepEqual(group, {
    id: defaultGroupId(ACCOUNT.id),
    accountId: ACCOUNT.id,
    name: 'default',
    description: null,
    revision: 1,
    entityTag: `1-${ACCOUNT.id}`,
    createdBy: 'IBMid-1',
    createdAt: 1000,
    modifiedAt: 1000,
  });
  assert.equal(isDefaultGroup(group), true);
  assert.equal(isDefaultGroup({ ...group, id: 'ServiceIdGroup-11111111-2222-4333-8444-555555555555' }), false);
  assert.equal(isDefaultGroup({ ...group, accountId: '1'.repeat(32) }), false, 'the default group of another account');
});

test('a service ID is read in both of its forms, and nothing else is one', () => {
  assert.equal(readServiceId(`ServiceId-${UUID}`), `ServiceId-${UUID}`);
  assert.equal(readServiceId(`iam-ServiceId-${UUID}`), `ServiceId-${UUID}`);
  for (const text of ['', UUID, `iam-iam-ServiceId-${UUID}`, `serviceid-${UUID}`, `ServiceId-${UUID}\n`, `Profile-${UUID}`]) {
    assert.equal(readServiceId(text), undefined, text);
  }
});

test('the fields that a change of a service ID names are those that differ', () => {
  const before = { name: 'a', description: null, uniqueInstanceCrns: ['x', 'y'] };
  assert.deepEqual(changedFields(before, before), []);
  assert.deepEqual(changedFields({ ...before, uniqueInstanceCrns: ['x', 'y'] }, before), []);
  assert.deepEqual(changedFields({ ...before, uniqueInstanceCrns: ['y', 'x'] }, before), ['unique_instance_crns']);
  assert.deepEqual(changedFields({ ...before, uniqueInstanceCrns: ['x'] }, before), ['unique_instance_crns']);
  assert.deepEqual(changedFields({ ...before, name: 'b', description: 'd' }, before), ['name', 'description']);
  assert.deepEqual(changedFields({ name: 'a', description: null, uniqueInstanceCrns: [] }), ['name']);
});
