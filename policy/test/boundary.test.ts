import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accountBoundary } from '../src/index.ts';
import { decide, owner, request, stranger } from './world.ts';

const limited = { state: 'limited', allowedAccounts: ['C'] } as const;

describe('the boundary of an account', () => {
  it('is drawn by the state limited only', () => {
    for (const setting of [undefined, { ...limited, state: 'enabled' as const }, { ...limited, state: 'monitor' as const }]) {
      for (const token of ['A', 'B', undefined]) assert.equal(accountBoundary(setting, 'A', token), 'open');
    }
  });

  it('lets pass the account itself and the allowed ones, and no unknown one', () => {
    assert.equal(accountBoundary(limited, 'A', 'A'), 'admitted');
    assert.equal(accountBoundary(limited, 'A', 'C'), 'admitted');
    assert.equal(accountBoundary(limited, 'A', 'B'), 'excluded');
    assert.equal(accountBoundary(limited, 'A', undefined), 'excluded');
    assert.equal(accountBoundary({ ...limited, allowedAccounts: [''] }, 'A', ''), 'excluded');
  });

  it('denies whoever is excluded, the owner too, and names no policy', () => {
    for (const context of [stranger, owner]) {
      assert.deepEqual(decide([{ on: { serviceName: 'kms' } }], request({ serviceName: 'kms' }), { ...context, boundary: 'excluded' }), {
        permitted: false,
        reason: 'IAM',
      });
    }
  });

  it('keeps a permit that it admitted from being remembered', () => {
    for (const context of [stranger, owner]) {
      const decision = decide([{ on: { serviceName: 'kms' } }], request({ serviceName: 'kms' }), { ...context, boundary: 'admitted' });
      assert.ok(decision.permitted);
      assert.deepEqual(decision.obligation, { actions: [], subject: { id: 'U', scope: 'ibm openid' }, maxCacheAgeSeconds: 1 });
    }
  });

  it('changes nothing where it is open', () => {
    const [open, unsaid] = ([{ ...stranger, boundary: 'open' }, stranger] as const).map((context) =>
      decide([{ id: 'p', on: { serviceName: 'kms' } }], request({ serviceName: 'kms' }), context),
    );
    assert.deepEqual(open, unsaid);
  });
});
