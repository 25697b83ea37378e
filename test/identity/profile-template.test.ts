import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionControlsOf, fillName } from '../../src/identity/templates/profile-template.ts';

const hole = (name: string): string => `$\{${name}}`;
const places = {
  template: { templateId: 'ProfileTemplate-1', name: 'auditors', version: 3 },
  account: { id: '0123456789abcdef0123456789abcdef', name: 'Ocean' },
};

for (const [name, filled] of [
  ['plain', 'plain'],
  [hole('template_id'), 'ProfileTemplate-1'],
  [`${hole('template_name')} v${hole('template_version')}`, 'auditors v3'],
  [`${hole('account_name')} (${hole('account_id')})`, 'Ocean (0123456789abcdef0123456789abcdef)'],
  [hole('account_name') + hole('account_name'), 'OceanOcean'],
  [hole('constructor'), hole('constructor')],
  [hole('__proto__'), hole('__proto__')],
  [hole('Account_Name'), hole('Account_Name')],
  [hole(''), hole('')],
  [`$${hole('account_name')}`, '$Ocean'],
  [`$\{${hole('account_name')}`, '${Ocean'],
  ['$account_name {account_name}', '$account_name {account_name}'],
] as const) {
  test(`the name ${name} becomes ${filled}`, () => assert.equal(fillName(name, places), filled));
}

test('what stands for a placeholder is taken as it is', () => {
  const account = { id: places.account.id, name: `$& $1 ${hole('template_id')}` };
  assert.equal(fillName(`<${hole('account_name')}>`, { ...places, account }), `<$& $1 ${hole('template_id')}>`);
});

test('what action controls leave out is not allowed', () => {
  const nothing = { add: false, remove: false };
  assert.deepEqual(actionControlsOf({}), { identities: nothing, rules: nothing, policies: nothing });
  const rules = { add: true, remove: false };
  assert.deepEqual(actionControlsOf({ actionControls: { rules } }), { identities: nothing, rules, policies: nothing });
});
