import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limitsNamed, limitWarnings } from '../../src/kernel/limits.ts';

describe('the limits that IBM Cloud publishes', () => {
  it('are those of the set with that name', () => {
    const limits = limitsNamed('ibm');
    for (const [name, value] of Object.entries({
      profilesPerAccount: 2000,
      rulesPerProfile: 20,
      serviceIdsPerGroup: 2000,
      serviceIdsPerAccount: 100_000,
      apiKeysPerIdentity: 20,
      profileTemplatesPerAccount: 100,
      accountSettingsTemplatesPerAccount: 10,
      versionsPerTemplate: 100,
      linksPerProfile: 100,
    })) {
      assert.equal(limits[name as keyof typeof limits], value, name);
    }
  });

  it('are all exceeded by the ones that hold where nothing is set', () => {
    const [own, ibm] = [limitsNamed('default'), limitsNamed('ibm')];
    for (const [name, value] of Object.entries(ibm)) assert.ok(own[name as keyof typeof own] > value, name);
  });
});

describe('the warning of a limit', () => {
  it('comes with nine tenths of it and with all of it, and not before', () => {
    assert.deepEqual(limitWarnings('things', 89, 100), []);
    assert.deepEqual(limitWarnings('things', 90, 100), ['90 of 100 things are in use, which is close to the limit.']);
    assert.deepEqual(limitWarnings('things', 99, 100), ['99 of 100 things are in use, which is close to the limit.']);
    assert.deepEqual(limitWarnings('things', 100, 100), ['100 of 100 things are in use, which is the limit: the next one is refused.']);
  });
});
