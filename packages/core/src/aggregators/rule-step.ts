import { codeCounts, type VotePatterns } from '../math/vote-patterns.ts';
import { type Counts, leastShare } from './em.ts';

export interface RulePrior {
  /** Precision that a rule is given before its votes are looked at. */
  readonly accuracy: number;
  /** Pseudo-votes of that belief per rule and label: `votes + share · n`. */
  readonly votes: number;
  readonly share: number;
}

/** P(vote | y) summed over the labels of one rule stays below this: silence is never impossible. */
const mostFiring = 0.98;
const leastFiring = 1e-12;

/** Adds to `silent` (k) and writes into `votes` by `code · k + y` log P(vote | y) − log P(silent | y); −∞ for labels never said.
 *  Returns the k shares that fire rates were divided by. */
export type RuleStep = (counts: Counts, votes: Float64Array, silent: Float64Array) => Float64Array;

export interface RuleSetting {
  readonly labelers: readonly number[];
  readonly prior: RulePrior;
  /** m each: copies of one labeler share a weight of 1; the silence of correlated ones weighs less. */
  readonly copyWeights: Float64Array;
  readonly silenceWeights: Float64Array;
  /** k class shares, told or from gold; without them they are balanced as below. */
  readonly shares?: Float64Array;
  /** 0..1: how far the balancing goes. */
  readonly balance: number;
}

/** M-step for labelers whose silence is evidence. Per rule j and label c, a column q, the precision θ_q[y] = P(y | j said c) is kept, with
 *  S pseudo-votes for y = c at `accuracy`; then P(j says c | y) = θ_q[y] f_q / shares[y] with f_q the column's fire rate, and
 *  P(j silent | y) is what is left. Precision is what rules are written for, and what few votes can tell.
 *
 *  Where the class shares are not known, fire rates are divided by a mixture, `balance` being its weight, of uniform shares and of those
 *  that make every class receive equally many votes per item. With uniform shares alone, a class that few rules speak for looks like the
 *  best explanation of every silence: one with 1 % of the votes would claim all sparsely voted items. */
export function createRuleStep(patterns: VotePatterns, setting: RuleSetting): RuleStep {
  const { k, n } = patterns;
  const { labelers, silenceWeights } = setting;
  const said = codeCounts(patterns);
  let shares = setting.shares ?? new Float64Array(k).fill(1 / k);
  return (counts, votes, silent) => {
    precisions(counts, said, setting, shares, n, votes);
    if (!setting.shares) shares = balancedShares(said, setting, k, votes);
    for (const j of labelers) {
      for (let y = 0; y < k; y++) {
        let firing = 0;
        for (let c = 0; c < k; c++) {
          const at = (j * k + c) * k + y;
          votes[at] *= said[j * k + c] / (n * Math.max(shares[y], leastShare));
          firing += votes[at];
        }
        const shrink = firing > mostFiring ? mostFiring / firing : 1;
        const quiet = Math.log(1 - firing * shrink);
        silent[y] += silenceWeights[j] * quiet;
        for (let c = 0; c < k; c++) {
          const at = (j * k + c) * k + y;
          votes[at] = said[j * k + c] > 0 ? Math.log(Math.max(votes[at] * shrink, leastFiring)) - quiet : -Infinity;
        }
      }
    }
    return shares;
  };
}

/** θ by `code · k + y`: what the votes say of each column, with the prior's pseudo-votes spread over the classes by the shares. */
function precisions(counts: Counts, said: Float64Array, setting: RuleSetting, shares: Float64Array, n: number, out: Float64Array): void {
  const { labelers, prior } = setting;
  const k = shares.length;
  const strength = prior.votes + prior.share * n;
  const odds = (prior.accuracy * (k - 1)) / (1 - prior.accuracy);
  for (const j of labelers) {
    for (let c = 0; c < k; c++) {
      const votes = said[j * k + c];
      const from = (j * k + c) * k;
      const total = 1 + (odds - 1) * shares[c];
      for (let y = 0; y < k; y++) {
        const belief = k === 1 ? 1 : (shares[y] * (y === c ? odds : 1)) / total;
        out[from + y] = votes > 0 ? (counts.votes[from + y] + strength * belief) / (votes + strength) : 0;
      }
    }
  }
}

function balancedShares(
  said: Float64Array,
  { labelers, copyWeights, balance }: RuleSetting,
  k: number,
  precision: Float64Array,
): Float64Array {
  const mass = new Float64Array(k);
  let total = 0;
  for (const j of labelers) {
    for (let c = 0; c < k; c++) {
      const votes = copyWeights[j] * said[j * k + c];
      total += votes;
      for (let y = 0; y < k; y++) mass[y] += votes * precision[(j * k + c) * k + y];
    }
  }
  // One vote for each: a class that nobody votes for keeps a share.
  return mass.map((votes) => (1 - balance) / k + (balance * (votes + 1)) / (total + k));
}
