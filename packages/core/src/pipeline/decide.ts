import type { Decision } from '../model/decision.ts';

const accepted: Decision = Object.freeze({ kind: 'accepted', certified: false });
const noVotes: Decision = Object.freeze({ kind: 'ask', reason: 'no-votes' });
const uncertain: Decision = Object.freeze({ kind: 'ask', reason: 'uncertain' });

/** Accepts the surest items as long as the *expected* share of wrong labels among them, by the posterior itself, stays within the target:
 *  the longest prefix by confidence whose mean of 1 − confidence is at most `targetError`; equal
 *  confidences are accepted together or not at all. An item on which nobody voted is never accepted.
 *  This is the machine's own estimate, so nothing here is certified: a certificate needs an audit (`audits/`). O(n log n).
 *  @param confidence n probabilities that the item's answer is right   @param votes n counts of votes   @param targetError 0..1 */
export function decide(confidence: Float64Array, votes: Uint16Array, targetError: number): Decision[] {
  const sorted = confidence.filter((_, item) => votes[item] > 0).sort();
  let expectedWrong = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let last = sorted.length - 1; last >= 0; last--) {
    expectedWrong += 1 - sorted[last];
    const isTied = last > 0 && sorted[last - 1] === sorted[last];
    if (!isTied && expectedWrong <= targetError * (sorted.length - last)) least = sorted[last];
  }
  return Array.from(confidence, (value, item) => {
    if (votes[item] === 0) return noVotes;
    return value >= least ? accepted : uncertain;
  });
}
