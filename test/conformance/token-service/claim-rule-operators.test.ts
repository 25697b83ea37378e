/** What each operator of a claim rule compares, in quoted and in bare values. */
import { after, before, describe, test } from 'node:test';
import type { PodTokenOptions, TestCluster } from '../../support/world.ts';
import { exchange, profileWith, quoted, when } from './rules.ts';
import { assertIssued, assertNotEligible, type Setting, startSetting } from './setting.ts';

type Row = readonly [claim: string, operator: string, value: string, pod: PodTokenOptions, isLetIn: boolean];

const ns = (namespace: string): PodTokenOptions => ({ namespace });
const sa = (serviceAccount: string): PodTokenOptions => ({ serviceAccount });
const pod = (name: string): PodTokenOptions => ({ pod: name });

const EQUALITY: readonly Row[] = [
  ['name', 'EQUALS', 'builder', sa('builder'), true],
  ['name', 'EQUALS', quoted('builder'), sa('builder'), true],
  ['name', 'EQUALS', 'build', sa('builder'), false],
  ['name', 'EQUALS', 'builder2', sa('builder'), false],
  ['name', 'EQUALS', quoted('BUILDER'), sa('builder'), false],
  ['name', 'EQUALS', quoted(' builder'), sa('builder'), false],
  // One level of quoting is taken off, not two.
  ['name', 'EQUALS', quoted(quoted('builder')), sa('builder'), false],
  ['name', 'EQUALS', "'builder'", sa('builder'), false],
  ['name', 'EQUALS', '"builder', sa('builder'), false],
  ['name', 'EQUALS', quoted(''), sa('builder'), false],
  // Numbers and booleans are compared as text.
  ['namespace', 'EQUALS', 'true', ns('true'), true],
  ['namespace', 'EQUALS', quoted('true'), ns('true'), true],
  ['namespace', 'EQUALS', '1', ns('1'), true],
  ['namespace', 'NOT_EQUALS', 'kube-system', ns('default'), true],
  ['namespace', 'NOT_EQUALS', 'kube-system', ns('kube-system'), false],
  ['namespace', 'NOT_EQUALS', quoted('kube-system'), ns('default'), true],
  ['namespace', 'NOT_EQUALS', quoted('kube-system'), ns('kube-system'), false],
  ['namespace', 'NOT_EQUALS', 'Kube-System', ns('kube-system'), true],
  ['namespace', 'NOT_EQUALS', quoted(''), ns('default'), true],
];

const IGNORING_CASE: readonly Row[] = [
  ['namespace', 'EQUALS_IGNORE_CASE', 'KUBE-System', ns('kube-system'), true],
  ['namespace', 'EQUALS_IGNORE_CASE', quoted('KUBE-System'), ns('kube-system'), true],
  ['namespace', 'EQUALS_IGNORE_CASE', 'kube-system', ns('kube-system'), true],
  ['namespace', 'EQUALS_IGNORE_CASE', 'KUBE', ns('kube-system'), false],
  ['namespace', 'NOT_EQUALS_IGNORE_CASE', 'KUBE-System', ns('kube-system'), false],
  ['namespace', 'NOT_EQUALS_IGNORE_CASE', quoted('KUBE-System'), ns('kube-system'), false],
  ['namespace', 'NOT_EQUALS_IGNORE_CASE', quoted('KUBE-System'), ns('default'), true],
  // Letters beyond ASCII whose lower or upper case is an ASCII letter are other letters: K is the Kelvin sign.
  ['name', 'EQUALS_IGNORE_CASE', '\u212aeeper', sa('keeper'), false],
  ['name', 'EQUALS_IGNORE_CASE', quoted('\u212aEEPER'), sa('keeper'), false],
  ['name', 'EQUALS_IGNORE_CASE', '"\\u212aeeper"', sa('keeper'), false],
  ['name', 'NOT_EQUALS_IGNORE_CASE', '\u212aeeper', sa('keeper'), true],
  ['name', 'EQUALS_IGNORE_CASE', 'bu\u0131lder', sa('builder'), false],
  ['name', 'EQUALS_IGNORE_CASE', 'BU\u0130LDER', sa('builder'), false],
  ['name', 'EQUALS_IGNORE_CASE', '\u017fervice', sa('service'), false],
  ['name', 'EQUALS_IGNORE_CASE', 'stra\u00dfe', sa('strasse'), false],
  ['name', 'NOT_EQUALS_IGNORE_CASE', 'bu\u0131lder', sa('builder'), true],
];

const CONTAINING: readonly Row[] = [
  ['pod', 'CONTAINS', 'job', pod('token-job-x'), true],
  ['pod', 'CONTAINS', quoted('job'), pod('token-job-x'), true],
  ['pod', 'CONTAINS', 'token-job-x', pod('token-job-x'), true],
  ['pod', 'CONTAINS', 'token-job-xy', pod('token-job-x'), false],
  ['pod', 'CONTAINS', 'JOB', pod('token-job-x'), false],
  ['pod', 'CONTAINS', quoted(quoted('job')), pod('token-job-x'), false],
  // Nothing in a value is a pattern.
  ['pod', 'CONTAINS', 'j.b', pod('token-job-x'), false],
  ['pod', 'CONTAINS', '.*', pod('token-job-x'), false],
  ['pod', 'CONTAINS', '*', pod('token-job-x'), false],
  ['pod', 'CONTAINS', '(a+)+$', pod('a'.repeat(60)), false],
  ['pod', 'CONTAINS', '.', pod('token.job'), true],
  ['namespace', 'EQUALS', '*', ns('default'), false],
  ['namespace', 'EQUALS', 'def*', ns('default'), false],
  ['namespace', 'EQUALS', 'd.fault', ns('default'), false],
  ['namespace', 'IN', quoted(['*']), ns('default'), false],
];

const LISTS: readonly Row[] = [
  ['namespace', 'IN', quoted(['a', 'b']), ns('b'), true],
  ['namespace', 'IN', '[ "a" , "b" ]', ns('b'), true],
  ['namespace', 'IN', 'a,b', ns('b'), true],
  ['namespace', 'IN', 'a,b', ns('a'), true],
  ['namespace', 'IN', 'a,b', ns('c'), false],
  ['namespace', 'IN', 'b', ns('b'), true],
  ['namespace', 'IN', quoted('b'), ns('b'), true],
  ['namespace', 'IN', quoted(['B']), ns('b'), false],
  ['namespace', 'IN', 'A,B', ns('b'), false],
  ['namespace', 'IN', quoted(['bb', 'cb']), ns('b'), false],
  ['namespace', 'IN', 'bb,cb', ns('b'), false],
  ['namespace', 'IN', quoted(['a']), ns('a-b'), false],
  ['namespace', 'IN', quoted([quoted('b')]), ns('b'), false],
  ['namespace', 'IN', quoted([['b']]), ns('b'), false],
  ['namespace', 'IN', quoted([1, true]), ns('1'), true],
  ['namespace', 'IN', quoted([1, true]), ns('true'), true],
  // A comma inside a member of a JSON list separates nothing.
  ['namespace', 'IN', quoted(['a,b']), ns('b'), false],
  ['namespace', 'IN', quoted([]), ns('b'), false],
  ['namespace', 'IN', ',', ns('b'), false],
];

/** A value in the title of a test: letters beyond ASCII as their numbers, so that they can be told apart. */
const printable = (value: string): string =>
  value.replace(/[^\x20-\x7e]/g, (character) => `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);

const describePod = (options: PodTokenOptions): string =>
  Object.entries(options)
    .map(([key, value]) => `${key} ${String(value).slice(0, 20)}`)
    .join(', ');

describe('the operators of claim rules', () => {
  let setting: Setting;
  let cluster: TestCluster;
  before(async () => {
    setting = await startSetting();
    cluster = setting.cluster;
  });
  after(() => setting[Symbol.asyncDispose]());

  for (const [claim, operator, value, options, isLetIn] of [...EQUALITY, ...IGNORING_CASE, ...CONTAINING, ...LISTS]) {
    test(`${claim} ${operator} ${printable(value)} ${isLetIn ? 'lets in' : 'refuses'} ${describePod(options)}`, async () => {
      const profile = await profileWith(setting, [when(claim, operator, value)]);
      const reply = await exchange(setting, cluster, profile.id, options);
      if (isLetIn) assertIssued(reply);
      else assertNotEligible(reply);
    });
  }

  test('letters of the token are compared in both cases as well', async () => {
    const { world, account } = setting;
    const grouped = await world.cluster(account, { resource_group_id: 'KEEPERS' });
    for (const [operator, value, isLetIn] of [
      ['EQUALS_IGNORE_CASE', 'keepers', true],
      ['NOT_EQUALS_IGNORE_CASE', 'keepers', false],
      ['EQUALS_IGNORE_CASE', '\u212aEEPERS', false],
      ['EQUALS', 'keepers', false],
      ['CONTAINS', 'EEP', true],
      ['CONTAINS', 'eep', false],
      ['IN', 'KEEPERS,others', true],
      ['IN', 'keepers,others', false],
    ] as const) {
      const profile = await profileWith(setting, [when('resource_group_id', operator, value)]);
      const reply = await exchange(setting, grouped, profile.id);
      if (isLetIn) assertIssued(reply);
      else assertNotEligible(reply);
    }
  });
});
