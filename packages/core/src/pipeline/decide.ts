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
  const order = Array.from(confidence.keys())
    .filter((item) => votes[item] > 0)
    .sort((a, b) => confidence[b] - confidence[a] || a - b);
  let expectedWrong = 0;
  let length = 0;
  order.forEach((item, position) => {
    expectedWrong += 1 - confidence[item];
    const tied = position + 1 < order.length && confidence[order[position + 1]] === confidence[item];
    if (!tied && expectedWrong <= targetError * (position + 1)) length = position + 1;
  });
  const decisions = Array.from(confidence, (_, item) => (votes[item] > 0 ? uncertain : noVotes));
  for (const item of order.slice(0, length)) decisions[item] = accepted;
  return decisions;
}
