/** The chain finds whatever was done to a record after it was written, and cannot find what was cut off at its end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHAIN_START, type ChainLink, chainHash, findBrokenLink } from '../../src/audit/chain.ts';

function chainOf(lines: readonly string[]): ChainLink[] {
  let head = CHAIN_START;
  return lines.map((record) => {
    head = chainHash(head, record);
    return { record, hash: head };
  });
}

const LINES = ['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}'];
const whole = chainOf(LINES);
const [one, two, three, four] = whole as [ChainLink, ChainLink, ChainLink, ChainLink];

describe('a chain', () => {
  it('holds where nothing was done to it', () => {
    assert.equal(findBrokenLink(whole), undefined);
    assert.equal(findBrokenLink([]), undefined);
    assert.equal(findBrokenLink(whole.slice(2), two.hash), undefined);
  });

  const tampered: readonly [what: string, links: readonly ChainLink[], at: number][] = [
    ['the text of the first record', [{ ...one, record: '{"n":9}' }, two, three, four], 0],
    ['the text of one in the middle', [one, two, { ...three, record: '{"n":3 }' }, four], 2],
    ['the text and the hash of a record', [one, ...chainOf(['{"n":9}']), three, four], 1],
    ['a record taken out', [one, three, four], 1],
    ['the first record taken out', [two, three, four], 0],
    ['a record put in', [one, ...chainOf(['{"n":9}']), two, three, four], 1],
    ['a record repeated', [one, two, two, three, four], 2],
    ['two records exchanged', [one, three, two, four], 1],
    ['the case of a hash', [one, { ...two, hash: two.hash.toUpperCase() }, three, four], 1],
  ];
  for (const [what, links, at] of tampered) {
    it(`breaks at the place of ${what}`, () => assert.equal(findBrokenLink(links), at));
  }

  it('breaks where one that was rewritten from a record on is compared with the end that was noted', () => {
    const rewritten = chainOf(['{"n":1}', '{"n":9}', '{"n":3}', '{"n":4}']);
    assert.equal(findBrokenLink(rewritten), undefined);
    assert.notEqual(rewritten.at(-1)?.hash, four.hash);
  });

  it('is bound to the bytes, not to what they mean', () => {
    assert.notEqual(chainHash(CHAIN_START, '{"a":1,"b":2}'), chainHash(CHAIN_START, '{"b":2,"a":1}'));
    assert.equal(chainHash(CHAIN_START, '{"n":1}'), 'bad665c38a61c1ef00dd9dc15e77b0099ac6e73233027efbc233ebbc6fd6f4ef');
  });
});
