import { hypergeometricCdf } from '../math/special-functions.ts';
import { type AuditSample, byScore, checkAudit } from './audit-sample.ts';

export interface AcceptedCount {
  /** Machine labels to accept, by descending score: without the audited ones, whose labels people know. */
  readonly accepted: Int32Array;
  /** The score of the last one accepted; Infinity where there is none. */
  readonly threshold: number;
  /** Wrong labels that the audit may find in the accepted range, and found. −1: the audit is too small to prove anything. */
  readonly tolerated: number;
  readonly found: number;
}

/** The largest range of best scores in which at most `allowed` unaudited labels are wrong, with probability 1 − risk: a PAC bound on the errors
 *  that remain among *all* final labels once people have labeled the rest. So allowed = ⌊ε · all items⌋ promises an error of at most ε.
 *
 *  Rule: let `tolerated` be the largest t with P(at most t of the first allowed + 1 + t wrong labels are audited) ≤ risk, a hypergeometric tail of
 *  the whole pool; go down the scores and stop before the audit's wrong label number tolerated + 1.
 *  Proof: if the range held more than `allowed` unaudited wrong labels, its first allowed + 1 + t wrong labels (or all, if fewer) would hold at most
 *  t audited ones, for these come before label number allowed + 1 of the unaudited. Which labels are wrong and in which order was fixed before
 *  the audit was drawn, so that event has the stated probability – for all thresholds at once, with no grid, no union bound and no start.
 *
 *  Valid under adaptive labeling: items that people labeled before may have been chosen in any way, as long as the pool, the labels and the
 *  scores were frozen before the audit was drawn uniformly from that pool. Freezing only the promising part of what remains as the pool (and
 *  sending the rest to people) makes the audit denser where it counts. For repeated looks see `lookRisk`.
 *  The setting is that of E. J. Candès, A. Ilyas & T. Zrnic (2025), Probably approximately correct labels, arXiv:2506.10908. */
export function acceptedCount(score: Float64Array, audit: AuditSample, allowed: number, risk: number): AcceptedCount {
  const n = score.length;
  checkAudit(audit, n);
  const tolerated = toleratedErrors(n, audit.item.length, allowed, risk);
  const finding = new Int8Array(n).fill(-1);
  audit.item.forEach((item, at) => {
    finding[item] = audit.right[at];
  });
  const accepted: number[] = [];
  let found = 0;
  for (const item of tolerated < 0 ? [] : byScore(score)) {
    if (finding[item] === 0 && found++ === tolerated) {
      found--;
      break;
    }
    if (finding[item] < 0) accepted.push(item);
  }
  const threshold = accepted.length > 0 ? score[accepted[accepted.length - 1]] : Number.POSITIVE_INFINITY;
  return { accepted: Int32Array.from(accepted), threshold, tolerated, found };
}

/** How many wrong labels the audit may find; −1 where even none would prove nothing. Infinite where the pool cannot hold that many errors.
 *  @param n pool  @param audited of them */
export function toleratedErrors(n: number, audited: number, allowed: number, risk: number): number {
  if (n - audited <= allowed) return Number.POSITIVE_INFINITY;
  const proves = (t: number): boolean => allowed + 1 + t <= n && hypergeometricCdf(t, n, allowed + 1 + t, audited) <= risk;
  if (!proves(0)) return -1;
  // The tail grows with t, so the last t that proves is found by bisection.
  let good = 0;
  let bad = audited + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (proves(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
