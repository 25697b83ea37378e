import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mfaEnrollment, mfaRules } from '../../src/identity/reports/mfa.ts';
import { type AccountSettings, DEFAULT_SETTINGS, MFA_LEVELS, type Mfa } from '../../src/identity/settings/account-settings.ts';

const USER = 'IBMid-1';
const rules = (mfa: Mfa, ofUser?: Mfa) => {
  const userMfa: AccountSettings['userMfa'] = ofUser === undefined ? [] : [{ iamId: USER, mfa: ofUser }];
  return mfaRules({ ...DEFAULT_SETTINGS, mfa, userMfa });
};

test('whoever is asked for a second factor does not comply, because there is none', () => {
  for (const mfa of MFA_LEVELS) {
    const { complies, complyState } = mfaEnrollment(rules(mfa), USER, []);
    assert.deepEqual([complies, complyState], mfa === 'NONE' || mfa === 'NONE_NO_ROPC' ? [true, 'CROSS_ACCOUNT'] : [false, 'NO'], mfa);
  }
});

test('what is asked of a user goes before what is asked of everybody', () => {
  assert.deepEqual(mfaEnrollment(rules('LEVEL3', 'NONE'), USER, []), {
    traitAccountDefault: 'LEVEL3',
    traitUserSpecific: 'NONE',
    traitEffective: 'NONE',
    complies: true,
    complyState: 'CROSS_ACCOUNT',
  });
  assert.deepEqual(mfaEnrollment(rules('LEVEL3', 'NONE'), 'IBMid-2', []), {
    traitAccountDefault: 'LEVEL3',
    traitEffective: 'LEVEL3',
    complies: false,
    complyState: 'NO',
  });
});

test('another account that asks for more makes it compliance in this one', () => {
  assert.equal(mfaEnrollment(rules('NONE'), USER, [rules('NONE'), rules('LEVEL1')]).complyState, 'ACCOUNT');
  assert.equal(mfaEnrollment(rules('NONE'), USER, [rules('NONE'), rules('LEVEL1', 'NONE')]).complyState, 'CROSS_ACCOUNT');
  assert.equal(mfaEnrollment(rules('LEVEL1'), USER, [rules('NONE')]).complyState, 'NO');
});

test('where other accounts are not known, nothing is said of them', () => {
  assert.equal('complyState' in mfaEnrollment(rules('NONE'), USER, undefined), false);
  assert.equal(mfaEnrollment(rules('TOTP'), USER, undefined).complyState, 'NO');
});
