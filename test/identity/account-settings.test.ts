import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AccountSettings,
  changedSettings,
  changeSettings,
  DEFAULT_SETTINGS,
  effectiveSettings,
  settingName,
  type TemplateSettings,
} from '../../src/identity/settings/account-settings.ts';

/** What holds of one setting, where the account and its templates say this of it; `undefined` is a template that leaves it out. */
interface Row<Name extends keyof AccountSettings> {
  readonly name: Name;
  readonly own: AccountSettings[Name];
  readonly templates: readonly TemplateSettings[Name][];
  readonly holds: AccountSettings[Name];
}

const row = <Name extends keyof AccountSettings>(
  name: Name,
  own: AccountSettings[Name],
  templates: readonly TemplateSettings[Name][],
  holds: AccountSettings[Name],
): Row<Name> => ({ name, own, templates, holds });

const realm = (realmId: string) => ({ realmId, restrictInvitation: true });

const ROWS = [
  ...(['restrictCreateServiceId', 'restrictCreatePlatformApikey'] as const).flatMap((name) => [
    row(name, 'NOT_SET', [], 'NOT_RESTRICTED'),
    row(name, 'RESTRICTED', [], 'RESTRICTED'),
    row(name, 'NOT_RESTRICTED', ['RESTRICTED'], 'RESTRICTED'),
    row(name, 'RESTRICTED', ['NOT_RESTRICTED', 'NOT_SET'], 'RESTRICTED'),
    row(name, 'NOT_SET', [undefined, 'NOT_SET'], 'NOT_RESTRICTED'),
  ]),
  row('restrictUserListVisibility', 'NOT_RESTRICTED', [undefined], 'NOT_RESTRICTED'),
  row('restrictUserListVisibility', 'NOT_RESTRICTED', ['NOT_SET', 'RESTRICTED'], 'RESTRICTED'),
  row('restrictUserListVisibility', 'RESTRICTED', ['NOT_RESTRICTED'], 'RESTRICTED'),
  row('restrictUserDomains', [realm('a')], [], [realm('a')]),
  row('restrictUserDomains', [realm('a')], [{ restrictions: [realm('b')] }], [realm('a'), realm('b')]),
  row('restrictUserDomains', [realm('a')], [{ accountSufficient: true, restrictions: [realm('b')] }], [realm('a'), realm('b')]),
  row('restrictUserDomains', [realm('a')], [{ accountSufficient: false, restrictions: [realm('b')] }, {}], [realm('b')]),
  row('allowedIpAddresses', '', [], ''),
  row('allowedIpAddresses', '10.0.0.1', ['', undefined], '10.0.0.1'),
  row('allowedIpAddresses', '', ['10.0.0.0/8'], '10.0.0.0/8'),
  row('allowedIpAddresses', '10.1.0.0/16,192.0.2.1', ['10.0.0.0/8'], '10.1.0.0/16'),
  row('mfa', 'NONE', [undefined], 'NONE'),
  row('mfa', 'LEVEL1', ['TOTP4ALL'], 'LEVEL1'),
  row('mfa', 'NONE_NO_ROPC', ['NONE', 'LEVEL3'], 'LEVEL3'),
  ...(
    [
      ['sessionExpirationInSeconds', '86400'],
      ['sessionInvalidationInSeconds', '7200'],
      ['maxSessionsPerIdentity', 'NOT_SET'],
      ['systemAccessTokenExpirationInSeconds', '3600'],
      ['systemRefreshTokenExpirationInSeconds', '259200'],
    ] as const
  ).flatMap(([name, standard]) => [
    row(name, 'NOT_SET', [], standard),
    row(name, 'NOT_SET', ['NOT_SET', undefined], standard),
    row(name, '1000', ['NOT_SET'], '1000'),
    row(name, 'NOT_SET', ['1000'], '1000'),
    row(name, '1000', ['999', '3000'], '999'),
  ]),
];

test('of the settings of an account and its templates the strictest holds, setting by setting', () => {
  for (const { name, own, templates, holds } of ROWS) {
    const effective = effectiveSettings({
      own: { ...DEFAULT_SETTINGS, [name]: own },
      templates: templates.map((value): TemplateSettings => (value === undefined ? {} : { [name]: value })),
    });
    assert.deepEqual(effective[name], holds, `${name}: ${JSON.stringify(own)} with ${JSON.stringify(templates)}`);
  }
});

test('every setting has a row', () => {
  const withRows = new Set<string>(ROWS.map(({ name }) => name));
  assert.deepEqual(
    Object.keys(DEFAULT_SETTINGS).filter((name) => !withRows.has(name)),
    ['userMfa'],
  );
});

test('of a user every side asks what it asks of this user or else of everybody, and the strongest holds', () => {
  const holds = (own: Partial<AccountSettings>, ...templates: TemplateSettings[]) =>
    effectiveSettings({ own: { ...DEFAULT_SETTINGS, ...own }, templates }).userMfa.find(({ iamId }) => iamId === 'IBMid-1')?.mfa;
  const exempt = [{ iamId: 'IBMid-1', mfa: 'NONE' }] as const;
  const strict = [{ iamId: 'IBMid-1', mfa: 'LEVEL3' }] as const;
  assert.equal(holds({ mfa: 'LEVEL1' }), undefined);
  assert.equal(holds({ mfa: 'LEVEL1', userMfa: exempt }), 'NONE');
  assert.equal(holds({ mfa: 'LEVEL1', userMfa: strict }), 'LEVEL3');
  assert.equal(holds({ userMfa: exempt }, { mfa: 'LEVEL2' }), 'LEVEL2', 'an account does not exempt from what its enterprise asks');
  assert.equal(holds({ mfa: 'LEVEL2' }, { userMfa: exempt }), 'LEVEL2');
  assert.equal(holds({ mfa: 'LEVEL2' }, { userMfa: strict }), 'LEVEL3');
  assert.equal(holds({ userMfa: strict }, { userMfa: exempt }), 'LEVEL3');
});

test('nothing at all comes to the defaults', () => {
  const { maxSessionsPerIdentity, systemAccessTokenExpirationInSeconds, mfa } = effectiveSettings({ own: undefined, templates: [] });
  assert.deepEqual([maxSessionsPerIdentity, systemAccessTokenExpirationInSeconds, mfa], ['NOT_SET', '3600', 'NONE']);
});

test('a change replaces what it names and merges domains by realm', () => {
  const before = { ...DEFAULT_SETTINGS, mfa: 'TOTP', restrictUserDomains: [realm('a'), realm('b')] } as const;
  const after = changeSettings(before, {
    restrictUserDomains: [{ realmId: 'a' }, { realmId: 'b', restrictInvitation: false }, realm('c')],
  });
  assert.deepEqual(after.restrictUserDomains, [{ realmId: 'b', restrictInvitation: false }, realm('c')]);
  assert.equal(after.mfa, 'TOTP');
  assert.deepEqual(changedSettings(before, after).map(settingName), ['restrict_user_domains']);
  assert.deepEqual(changedSettings(before, changeSettings(before, {})), []);
});
