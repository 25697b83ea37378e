/** How many questions one what-if asks again, on a log that has no end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAccount } from '../../bench/match/account.ts';
import { createCatalog } from '../../src/access/catalog/catalog.ts';
import { createDecisions } from '../../src/access/decisions/decide.ts';
import type { AuditReads } from '../../src/audit/query.ts';
import { createWhatIfService } from '../../src/explain/what-if-service.ts';
import { systemContext } from '../../src/identity/system-caller.ts';
import { createManualClock } from '../../src/kernel/clock.ts';
import { createIds } from '../../src/kernel/ids.ts';

test('a what-if ends after as many questions as it may ask, and says that there were more', async () => {
  const { view } = makeAccount(10);
  const { accountId } = view;
  const clock = createManualClock(1_800_000_000_000);
  const data = {
    action: 'containers-kubernetes.cluster.read',
    outcome: 'failure',
    initiator: { id: 'IBMid-somebody' },
    responseData: { resource: { accountId, serviceName: 'containers-kubernetes' } },
  };
  const record = JSON.stringify({ id: 'request', time: new Date(clock.now()).toISOString(), data });
  const scanned: number[] = [];
  const audit: AuditReads = {
    find: async () => [],
    async scan({ limit, after }) {
      scanned.push(after?.seq ?? 0);
      const place = { at: clock.now(), writerId: 'w', seq: scanned.length };
      return Array.from({ length: limit }, () => ({ requestId: 'request', transactionId: 'label', at: clock.now(), record, place }));
    },
  };
  const catalog = createCatalog();
  const { whatIf } = createWhatIfService({
    audit,
    guard: async () => undefined,
    mayDo: async () => true,
    mayManage: async () => true,
    decisions: createDecisions(catalog, clock),
    findView: async () => view,
    findCatalog: async () => catalog,
    findGroup: async () => undefined,
    findIdentity: async () => undefined,
    hasSubject: async () => true,
    clusters: { findByCrn: () => undefined, ofAccount: () => [] },
    clock,
    maxExamined: 1234,
  });
  const document = {
    type: 'access' as const,
    subjects: [{ attributes: [{ name: 'iam_id', value: 'IBMid-somebody' }] }] as const,
    roles: [{ role_id: 'crn:v1:bluemix:public:iam::::role:Viewer' }],
    resources: [
      {
        attributes: [
          { name: 'accountId', value: accountId },
          { name: 'serviceName', value: 'containers-kubernetes' },
        ],
      },
    ] as const,
  };
  const changes = [{ add_policy: { apiVersion: 1 as const, document } }];
  const answer = await whatIf(systemContext(createIds(), accountId), { account_id: accountId, changes });
  assert.deepEqual([answer.examined, answer.isTruncated, answer.changed.length, answer.permitted], [1234, true, 1000, 1234]);
  assert.deepEqual(scanned, [0, 1, 2], 'page after page, and none too many');
});
