import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';

const kinds = (confidence: number[], votes: number[], target: number): string[] =>
  decide(Float64Array.from(confidence), Uint16Array.from(votes), target).map((decision) =>
    decision.kind === 'ask' ? decision.reason : decision.kind,
  );

describe('decide', () => {
  it('accepts the surest answers while their expected error stays within the target', () => {
    // Running mean of 1 − confidence: .01, .02, .08: the third would pass the target of .05.
    expect(kinds([0.99, 0.8, 0.97], [1, 1, 1], 0.05)).toEqual(['accepted', 'uncertain', 'accepted']);
  });

  it('never accepts what nobody voted on, however likely it looks', () => {
    expect(kinds([0.999, 0.999], [0, 2], 0.05)).toEqual(['no-votes', 'accepted']);
  });

  it('treats equal confidences alike', () => {
    expect(kinds([0.99, 0.9, 0.9], [1, 1, 1], 0.06)).toEqual(['accepted', 'uncertain', 'uncertain']);
  });

  it('has an answer for no items', () => expect(kinds([], [], 0.05)).toEqual([]));

  it('keeps the expected error within the target for any input, and accepts no less when more is tolerated', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3)), { maxLength: 60 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        (rows, target) => {
          const confidence = rows.map(([value]) => value);
          const votes = rows.map(([, count]) => count);
          const strict = kinds(confidence, votes, target);
          const wrong = strict.flatMap((kind, item) => (kind === 'accepted' ? [1 - confidence[item]] : []));
          const mean = wrong.reduce((sum, value) => sum + value, 0) / Math.max(1, wrong.length);
          expect(mean).toBeLessThanOrEqual(target + 1e-12);
          const loose = kinds(confidence, votes, Math.min(0.99, target * 2));
          const lost = strict.flatMap((kind, item) => (kind === 'accepted' && loose[item] !== 'accepted' ? [item] : []));
          expect(lost).toEqual([]);
        },
      ),
    );
  });
});
