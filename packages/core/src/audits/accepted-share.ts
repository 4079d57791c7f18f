import { binomialCdf, hypergeometricCdf } from '../math/special-functions.ts';
import { type AuditSample, byScore, checkAudit } from './audit-sample.ts';

export interface AcceptedShareOptions {
  /** At most this share of the accepted labels may be wrong. */
  readonly targetError: number;
  /** The probability with which the promise may fail. */
  readonly risk: number;
  /** The share of *audited* labels that may look wrong, where auditors err (`noisy-auditors`); then the binomial tail is used. */
  readonly observedTarget?: number;
}

/** One hypothesis "more than the target error of the labels with this score or more are wrong". */
export interface ScoreStep {
  readonly threshold: number;
  /** Labels with at least this score, in the pool. */
  readonly accepted: number;
  readonly audited: number;
  readonly wrong: number;
  /** How likely so few wrong ones are under the hypothesis. */
  readonly pValue: number;
  readonly proven: boolean;
}

export interface AcceptedShare {
  /** The last step proven: accept every label with at least its threshold. Undefined: nothing can be promised. */
  readonly proven?: ScoreStep;
  /** From the strictest; the chain begins at `start` and ends at the first failure. */
  readonly steps: readonly ScoreStep[];
  readonly start: number;
}

/** The largest set {score ≥ threshold} of which at most `targetError` is wrong, with probability 1 − risk over the draw of the audit.
 *  Learn then Test with a fixed sequence: thresholds at 2 %, 4 % … 100 % of the pool's scores are fixed before the audit is seen and tested
 *  from the strictest on, each at the full risk, until one fails. Given how many audits fall into such a set they are a uniform sample of it, so
 *  the p-value is an exact hypergeometric tail on the finite pool: smaller than the binomial one, the more so the more of the set was audited.
 *  Scores need only rank well; they need not be probabilities. A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan & L. Lei (2025), Learn
 *  then Test, Ann. Appl. Stat. 19(2), arXiv:2110.01052.
 *  @param score n scores of the pool, higher is surer, frozen before the audit was drawn */
export function acceptedShare(score: Float64Array, audit: AuditSample, options: AcceptedShareOptions): AcceptedShare {
  checkAudit(audit, score.length);
  const { risk } = options;
  const steps = stepsOf(score, audit, options);
  const start = startOf(steps, audit.item.length, score.length, options);
  let last = start;
  while (last < steps.length && steps[last].pValue <= risk) last++;
  const judged = steps.map((step, at) => ({ ...step, proven: at >= start && at < last }));
  return { ...(last > start ? { proven: judged[last - 1] } : {}), steps: judged, start };
}

/** The strictest set worth testing first, by the number of audits that it can *expect*: known beforehand, so free to use. The fewest that prove
 *  anything need all of them right, and one mishap there would end the chain; so three times as many, or what half of the audit gives. */
function startOf(steps: readonly ScoreStep[], audited: number, n: number, { targetError, risk }: AcceptedShareOptions): number {
  const fewest = Math.log(risk) / Math.log(1 - targetError);
  const wanted = Math.min(3 * fewest, Math.max(1.5 * fewest, audited / 2));
  const found = steps.findIndex((step) => (audited * step.accepted) / n >= wanted);
  return found >= 0 ? found : Math.max(0, steps.length - 1);
}

/** The step at which an audit of this size would begin; its place in the steps depends on the scores alone. */
export function startingStep(share: AcceptedShare, audited: number, n: number, options: AcceptedShareOptions): ScoreStep {
  return share.steps[startOf(share.steps, audited, n, options)];
}

function stepsOf(score: Float64Array, audit: AuditSample, options: AcceptedShareOptions): ScoreStep[] {
  const n = score.length;
  const order = byScore(score);
  const finding = new Int8Array(n).fill(-1);
  audit.item.forEach((item, at) => {
    finding[item] = audit.right[at];
  });
  const steps: ScoreStep[] = [];
  let audited = 0;
  let wrong = 0;
  for (let at = 0, share = 1; at < n; at++) {
    if (finding[order[at]] >= 0) audited++;
    if (finding[order[at]] === 0) wrong++;
    const accepted = at + 1;
    // A set {score ≥ threshold} holds all that tie with its last.
    if (accepted < (share * n) / gridSteps || (accepted < n && score[order[accepted]] === score[order[at]])) continue;
    while ((share * n) / gridSteps <= accepted) share++;
    const pValue = pValueOf(accepted, audited, wrong, options);
    steps.push({ threshold: score[order[at]], accepted, audited, wrong, pValue, proven: false });
  }
  return steps;
}

const gridSteps = 50;

function pValueOf(accepted: number, audited: number, wrong: number, options: AcceptedShareOptions): number {
  if (audited === 0) return 1;
  if (options.observedTarget !== undefined) return binomialCdf(wrong, audited, options.observedTarget);
  const allowed = Math.floor(options.targetError * accepted + 1e-9);
  return allowed + 1 > accepted ? 0 : hypergeometricCdf(wrong, accepted, allowed + 1, audited);
}
