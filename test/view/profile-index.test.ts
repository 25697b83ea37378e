/** The index of who may become which profile, against a plain search through the same links. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Link } from '../../src/identity/profiles/link.ts';
import { ProfileIndex } from '../../src/view/profile-index.ts';
import { newProfile } from '../support/store.ts';

const CLUSTERS = ['crn:a', 'crn:b'] as const;
const NAMES = ['default', 'one', 'two'] as const;

const link = (id: string, profileId: string, overrides: Partial<Link> = {}): Link => ({
  id,
  profileId,
  accountId: 'a',
  label: null,
  crType: 'ROKS_SA',
  crn: 'crn:a',
  crnAccountId: 'a',
  target: { crn: 'crn:a' },
  namespace: 'default',
  serviceAccount: 'default',
  matchServiceAccount: null,
  matchEnabled: true,
  isCrossAccount: null,
  entityTag: '1-a',
  createdAt: 0,
  modifiedAt: 0,
  ...overrides,
});

/** What a link stands for, looked at one by one. */
const fits = (each: Link, crn: string, namespace: string, serviceAccount: string) =>
  each.matchEnabled &&
  each.crn === crn &&
  each.namespace === namespace &&
  (each.matchServiceAccount ?? each.serviceAccount) === serviceAccount;

test('whatever is put and taken away, a pod finds a link exactly where a search through all links does', () => {
  const profiles = [newProfile('a', 'p'), newProfile('a', 'q')];
  const step = fc.record({
    profile: fc.integer({ min: 0, max: 1 }),
    id: fc.constantFrom('l1', 'l2', 'l3', 'l4'),
    remove: fc.boolean(),
    crn: fc.constantFrom(...CLUSTERS),
    crType: fc.constantFrom('ROKS_SA' as const, 'IKS_SA' as const),
    namespace: fc.constantFrom('default', 'other', null),
    serviceAccount: fc.constantFrom(...NAMES, null),
    matchServiceAccount: fc.constantFrom('default', null),
    matchEnabled: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const index = new ProfileIndex();
      const plain = profiles.map(() => new Map<string, Link>());
      for (const profile of profiles) index.putProfile(profile);
      for (const { profile: which, id, remove, ...overrides } of steps) {
        const profileId = profiles[which]?.id ?? '';
        const made = remove ? undefined : link(id, profileId, overrides);
        index.putLink(profileId, id, made);
        if (made) plain[which]?.set(id, made);
        else plain[which]?.delete(id);
      }
      for (const [which, { id }] of profiles.entries()) {
        assert.deepEqual(new Set([...index.linksOf(id)].map((each) => each.id)), new Set(plain[which]?.keys()));
        for (const crn of CLUSTERS) {
          for (const namespace of ['default', 'other']) {
            for (const name of NAMES) {
              const expected = [...(plain[which]?.values() ?? [])].filter((each) => fits(each, crn, namespace, name));
              const found = index.matchingLink(id, crn, namespace, name);
              assert.equal(found !== undefined, expected.length > 0);
              assert.ok(found === undefined || expected.includes(found));
            }
          }
        }
      }
    }),
  );
});

test('a profile that is renamed keeps its links, and its old name finds nothing', () => {
  const index = new ProfileIndex();
  const profile = newProfile('a', 'old');
  index.putProfile(profile);
  index.putLink(profile.id, 'l', link('l', profile.id));
  index.putProfile({ ...profile, name: 'new' });
  assert.equal(index.profileNamed('old'), undefined);
  assert.equal(index.profileNamed('new')?.id, profile.id);
  assert.ok(index.matchingLink(profile.id, 'crn:a', 'default', 'default'));
});

test('a profile that is gone takes its links along, and a name that another one has taken stays with it', () => {
  const index = new ProfileIndex();
  const [first, second] = [newProfile('a', 'same'), newProfile('a', 'same')];
  index.putProfile(first);
  index.putLink(first.id, 'l', link('l', first.id));
  index.putProfile(second);
  index.removeProfile(first.id);
  assert.equal(index.profileNamed('same')?.id, second.id);
  assert.equal(index.matchingLink(first.id, 'crn:a', 'default', 'default'), undefined);
  index.putLink(first.id, 'l', link('l', first.id));
  assert.equal(index.matchingLink(first.id, 'crn:a', 'default', 'default'), undefined, 'a link of no profile stands for nobody');
});
