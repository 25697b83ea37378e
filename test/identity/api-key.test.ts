import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiKey, changedFields, newApiKey, ownerOf, shownApiKey } from '../../src/identity/api-keys/api-key.ts';
import { createManualClock } from '../../src/kernel/clock.ts';
import { createIds } from '../../src/kernel/ids.ts';

const UUID = '0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9';
const INPUT = { accountId: '0'.repeat(32), iamId: 'IBMid-1', name: 'key', createdBy: 'IBMid-1', expiresAt: null };
const made = (given?: string) =>
  newApiKey({ clock: createManualClock(1000), ids: createIds(), hashApiKey: (value) => `hash of ${value}` }, INPUT, given);

test('a key of a service ID is told as a change of that service ID, a key of a user as one of the user', () => {
  const change = { kind: 'service_id', id: `ServiceId-${UUID}` };
  const ofService = { type: 'serviceid', event: 'serviceid-apikey', change, serviceId: `ServiceId-${UUID}` };
  assert.deepEqual(ownerOf(`iam-ServiceId-${UUID}`), ofService);
  assert.deepEqual(ownerOf('IBMid-1'), { type: 'user', event: 'user-apikey', change: { kind: 'user', id: 'IBMid-1' } });
});

test('a value is made of 44 URL-safe characters, or is the one that is given', () => {
  assert.match(made().value.reveal(), /^[A-Za-z0-9_-]{44}$/);
  const { key, value } = made('given');
  assert.equal(value.reveal(), 'given');
  assert.equal(key.keyHash, 'hash of given');
});

test('what is shown of a key holds neither its hash nor its value', () => {
  const key: ApiKey = { ...made('given').key, sealedValue: 'sealed' };
  const shown = shownApiKey(key);
  assert.ok(!('keyHash' in shown) && !('sealedValue' in shown));
  assert.equal(shown.id, key.id);
});

test('the fields that a change names are those that differ; of a new key those that were given', () => {
  const { key } = made();
  assert.deepEqual(changedFields(key, key), []);
  assert.deepEqual(changedFields(key), ['name']);
  assert.deepEqual(changedFields({ ...key, expiresAt: 1, supportSessions: true, actionWhenLeaked: 'disable' }, key), [
    'support_sessions',
    'action_when_leaked',
    'expires_at',
  ]);
});
