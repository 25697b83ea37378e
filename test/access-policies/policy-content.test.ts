/** What a document of either version says, in the form that decisions take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accessSubject,
  contentOf,
  literalResource,
  type PolicyDocumentV1,
  subjectKeyOf,
  toEvaluatedPolicy,
} from '../../src/access/policies/policy.ts';
import { newPolicy, removePolicy, restored, withDocument } from '../../src/access/policies/policy-changes.ts';
import { createManualClock } from '../../src/kernel/clock.ts';
import { createIds } from '../../src/kernel/ids.ts';

const clock = createManualClock(1_000);
const sources = { clock, ids: createIds() };

const document = (
  attributes: PolicyDocumentV1['resources'][0]['attributes'],
  tags?: PolicyDocumentV1['resources'][0]['tags'],
): PolicyDocumentV1 => ({
  type: 'access',
  subjects: [{ attributes: [{ name: 'access_group_id', value: 'AccessGroupId-1' }] }],
  roles: [{ role_id: 'r' }],
  resources: [{ attributes, ...(tags && { tags }) }],
});

test('a lone asterisk of version 1 asks for the attribute to be there, but under stringMatch and in tags it is what it is', () => {
  const { resource, tags } = contentOf({
    apiVersion: 1,
    document: document(
      [
        { name: 'a', value: '*' },
        { name: 'b', value: '*', operator: 'stringEquals' },
        { name: 'c', value: '*', operator: 'stringMatch' },
        { name: 'd', value: '**' },
      ],
      [{ name: 'e', value: '*' }],
    ),
  });
  assert.deepEqual(resource, [
    { key: 'a', operator: 'stringExists', value: true },
    { key: 'b', operator: 'stringExists', value: true },
    { key: 'c', operator: 'stringMatch', value: '*' },
    { key: 'd', operator: 'stringEquals', value: '**' },
  ]);
  assert.deepEqual(tags, [{ key: 'e', operator: 'stringEquals', value: '*' }]);
});

test('an instance that is named by its CRN is the instance', () => {
  const of = (value: string, operator?: 'stringMatch') =>
    contentOf({ apiVersion: 1, document: document([{ name: 'serviceInstance', value, ...(operator && { operator }) }]) }).resource[0]
      ?.value;
  assert.equal(of(`crn:v1:bluemix:public:kms:eu-de:a/${'0'.repeat(32)}:i1::`), 'i1');
  assert.equal(of('i1'), 'i1');
  assert.equal(of('crn:nonsense'), 'crn:nonsense');
  assert.equal(of('crn:*', 'stringMatch'), 'crn:*');
});

test('the literal value of a key is told, and of no other operator', () => {
  const { resource } = contentOf({
    apiVersion: 1,
    document: document([
      { name: 'serviceName', value: 'kms' },
      { name: 'region', value: 'eu-*', operator: 'stringMatch' },
    ]),
  });
  assert.equal(literalResource({ resource }, 'serviceName'), 'kms');
  assert.equal(literalResource({ resource }, 'region'), undefined);
  assert.equal(literalResource({ resource }, 'resource'), undefined);
});

test('a policy is found under its subject, and an authorization under a name that no subject has', () => {
  const content = contentOf({ apiVersion: 1, document: document([{ name: 'accountId', value: 'a' }]) });
  assert.deepEqual(accessSubject(content), { name: 'access_group_id', value: 'AccessGroupId-1' });
  assert.equal(subjectKeyOf(content), 'AccessGroupId-1');
  assert.equal(subjectKeyOf({ ...content, type: 'authorization' }), 'authorization');
  const policy = newPolicy(sources, 'a', { apiVersion: 1, document: document([{ name: 'accountId', value: 'a' }]) }, 'IBMid-x');
  assert.deepEqual(toEvaluatedPolicy(policy).subject, { accessGroupId: 'AccessGroupId-1' });
});

test('every change renews the tag and says who made it and when; what it says changes with the document alone', async () => {
  const first = newPolicy(sources, 'a', { apiVersion: 1, document: document([{ name: 'accountId', value: 'a' }]) }, 'IBMid-x');
  clock.advance(5);
  const second = withDocument(
    sources,
    first,
    {
      apiVersion: 1,
      document: document([
        { name: 'accountId', value: 'a' },
        { name: 'x', value: 'y' },
      ]),
    },
    'IBMid-y',
  );
  assert.deepEqual([second.revision, second.lastModifiedAt - first.lastModifiedAt, second.lastModifiedById], [2, 5, 'IBMid-y']);
  assert.deepEqual([second.createdAt, second.createdById, second.id], [first.createdAt, first.createdById, first.id]);
  assert.notEqual(second.entityTag, first.entityTag);
  assert.notEqual(second.fingerprint, first.fingerprint);
  const written: string[] = [];
  const tx = {
    updatePolicy: async () => void written.push('update'),
    deletePermits: async () => void written.push('permits'),
    purgePolicies: async () => void written.push('purge'),
    changed: () => void written.push('changed'),
    event: () => void written.push('event'),
  };
  const deleted = await removePolicy(sources, tx, second, 'IBMid-z');
  assert.deepEqual(
    [deleted.state, deleted.deletedAt, deleted.revision, deleted.fingerprint],
    ['deleted', clock.now(), 3, second.fingerprint],
  );
  assert.deepEqual(written, ['update', 'permits', 'purge', 'changed', 'event']);
  const back = restored(sources, deleted, 'IBMid-z');
  assert.deepEqual([back.state, back.deletedAt, back.revision, back.document], ['active', null, 4, second.document]);
});
