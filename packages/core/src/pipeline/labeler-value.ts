import { findCopies } from '../aggregators/redundancy.ts';
import { silenceOf } from '../aggregators/silence.ts';
import { meanOf } from '../math/statistics.ts';
import { votePatterns } from '../math/vote-patterns.ts';
import type { Estimate } from '../model/estimate.ts';
import type { LabelerId } from '../model/ids.ts';
import { type Gold, noGold, type VoteTable } from '../model/vote-table.ts';

/** What a labeler is worth beside all others: what is lost where its votes are left out. Plain JSON. */
export interface LabelerValue {
  readonly labeler: LabelerId;
  /** Who judged: gold items, or where there are fewer than `fewestGold` the posterior itself, on all items with votes. */
  readonly judge: 'gold' | 'posterior';
  readonly items: number;
  /** Drop of the share of items that are right, and rise of the mean log loss (nats), with standard errors over the items. By the posterior
   *  neither is below 0: it is made from the votes. On gold a labeler may be worth less than nothing. */
  readonly accuracy: number;
  readonly accuracyError: number;
  readonly logLoss: number;
  readonly logLossError: number;
  /** Items, of all, whose label would be another; that nobody else voted on. */
  readonly changed: number;
  readonly alone: number;
}

/** Gold items below which the posterior is the better judge. */
const fewestGold = 20;

/** One per labeler, in the order of the table: `labelerValues(votes, estimate, gold?)`. Fitted confusions are held and nothing is fitted
 *  again, so it costs one walk over the votes, O(votes · k), and a labeler's part in teaching the others is not counted. Copies of one labeler
 *  are worth nothing one by one. Of gold items, whose posterior is the gold label, what the votes alone would say is judged.
 *  @param votes the table that the estimate was made from, with its `silence` */
export function labelerValues(votes: VoteTable, estimate: Estimate, gold: Gold = noGold): LabelerValue[] {
  const { labelers, items } = votes;
  const m = labelers.length;
  const k = votes.labels.length;
  const model = createCounterfactual(votes, estimate, gold);
  const goldOf = new Int32Array(items.length).fill(-1);
  for (let g = 0; g < gold.item.length; g++) goldOf[gold.item[g]] = gold.label[g];
  const byGold = gold.item.length >= fewestGold;
  let judged = gold.item.length;
  if (!byGold) judged = items.reduce((sum, _, i) => sum + (model.votesOn(i) > 0 ? 1 : 0), 0);
  const sums = Array.from({ length: m }, () => ({ accuracy: 0, accuracySquares: 0, logLoss: 0, logLossSquares: 0, changed: 0, alone: 0 }));
  const base = new Float64Array(k);
  const without = new Float64Array(k);
  for (let i = 0; i < items.length; i++) {
    if (model.votesOn(i) === 0) continue;
    model.base(i, base);
    const top = topOf(base);
    model.each(i, (j, r) => {
      model.withoutVote(i, r, base, without);
      const sum = sums[j];
      const other = topOf(without);
      if (other !== top) sum.changed += 1;
      if (model.votesOn(i) === 1) sum.alone += 1;
      if (byGold && goldOf[i] < 0) return;
      const accuracy = byGold ? Number(top === goldOf[i]) - Number(other === goldOf[i]) : base[top] - base[other];
      const logLoss = byGold ? logOf(base[goldOf[i]]) - logOf(without[goldOf[i]]) : divergence(base, without);
      sum.accuracy += accuracy;
      sum.accuracySquares += accuracy * accuracy;
      sum.logLoss += logLoss;
      sum.logLossSquares += logLoss * logLoss;
    });
  }
  return labelers.map((labeler, j) => ({
    labeler,
    judge: byGold ? 'gold' : 'posterior',
    items: judged,
    accuracy: judged > 0 ? sums[j].accuracy / judged : 0,
    accuracyError: errorOf(sums[j].accuracy, sums[j].accuracySquares, judged),
    logLoss: judged > 0 ? sums[j].logLoss / judged : 0,
    logLossError: errorOf(sums[j].logLoss, sums[j].logLossSquares, judged),
    changed: sums[j].changed,
    alone: sums[j].alone,
  }));
}

/** What would be believed of one item without one of those who voted on it. */
export interface WithoutLabeler {
  readonly labeler: LabelerId;
  /** k probabilities. */
  readonly posterior: readonly number[];
  /** Index of the most probable label then. */
  readonly label: number;
  /** Whether that is another label than with its vote. */
  readonly changes: boolean;
}

/** For each labeler that voted on item `row`, in the order of the table's rows: `withoutEach(votes, estimate)(row)`. Making the function costs a
 *  walk over the votes, calling it the item's votes. */
export function withoutEach(votes: VoteTable, estimate: Estimate, gold: Gold = noGold): (row: number) => WithoutLabeler[] {
  const model = createCounterfactual(votes, estimate, gold);
  const k = votes.labels.length;
  return (row) => {
    const base = new Float64Array(k);
    if (model.votesOn(row) > 0) model.base(row, base);
    const out: WithoutLabeler[] = [];
    model.each(row, (j, r) => {
      const posterior = new Float64Array(k);
      model.withoutVote(row, r, base, posterior);
      const label = topOf(posterior);
      out.push({ labeler: votes.labelers[j], posterior: [...posterior], label, changes: label !== topOf(base) });
    });
    return out;
  };
}

/** Items of more votes than this share one discount. */
const mostVotes = 32;
const leastLog = Math.log(1e-9);

/** The posterior is taken for P(y) ∝ share[y] · Π P(said | y)^w(d) · what else was known (features), d being the item's votes, copies once:
 *  aggregators discount agreeing votes in different ways, and w(d) is what explains this posterior best, by least squares of the logs. */
function createCounterfactual(votes: VoteTable, estimate: Estimate, gold: Gold) {
  const { item, labeler, label } = votes;
  const n = votes.items.length;
  const k = votes.labels.length;
  const { posterior, shares } = estimate;
  const weight = new Float64Array(votes.labelers.length).fill(1);
  for (const group of findCopies(votePatterns(votes), silenceOf(votes))) for (const j of group) weight[j] = 1 / group.length;
  const logs = votes.labelers.map(
    (id) => estimate.confusion.get(id)?.map((p) => Math.max(leastLog, Math.log(p))) ?? new Float64Array(k * k),
  );
  const offsets = new Int32Array(n + 1);
  for (const i of item) offsets[i + 1]++;
  for (let i = 0; i < n; i++) offsets[i + 1] += offsets[i];
  const next = offsets.slice(0, n);
  const rows = new Int32Array(item.length);
  for (let r = 0; r < item.length; r++) rows[next[item[r]]++] = r;
  const isGold = new Uint8Array(n);
  for (const i of gold.item) isGold[i] = 1;

  const said = new Float64Array(k);
  /** Σ log P(said | y) into `said`; returns d. */
  const gather = (i: number): number => {
    said.fill(0);
    let d = 0;
    for (let e = offsets[i]; e < offsets[i + 1]; e++) {
      const r = rows[e];
      const own = weight[labeler[r]];
      d += own;
      const log = logs[labeler[r]];
      for (let y = 0; y < k; y++) said[y] += own * log[y * k + label[r]];
    }
    return d;
  };
  const discounts = fitDiscounts(n, k, (i) => (isGold[i] ? 0 : gather(i)), said, posterior, shares);
  const discountOf = (d: number): number => discounts[Math.min(mostVotes, Math.max(0, Math.round(d)))];
  return {
    votesOn: (i: number): number => offsets[i + 1] - offsets[i],
    each: (i: number, visit: (labeler: number, row: number) => void): void => {
      for (let e = offsets[i]; e < offsets[i + 1]; e++) visit(labeler[rows[e]], rows[e]);
    },
    /** The posterior; of gold items what it would be from the votes. */
    base: (i: number, out: Float64Array): void => {
      if (!isGold[i]) {
        for (let y = 0; y < k; y++) out[y] = posterior[i * k + y];
        return;
      }
      const w = discountOf(gather(i));
      for (let y = 0; y < k; y++) out[y] = Math.max(leastLog, Math.log(shares[y])) + w * said[y];
      softmax(out);
    },
    withoutVote: (i: number, r: number, base: Float64Array, out: Float64Array): void => {
      const j = labeler[r];
      if (offsets[i + 1] - offsets[i] === 1) {
        out.set(shares);
        return;
      }
      if (weight[j] < 1) {
        out.set(base);
        return;
      }
      const d = gather(i);
      const before = discountOf(d);
      const after = discountOf(d - 1);
      for (let y = 0; y < k; y++) {
        out[y] = Math.max(leastLog, Math.log(base[y])) + after * (said[y] - logs[j][y * k + label[r]]) - before * said[y];
      }
      softmax(out);
    },
  };
}

/** w(0 … mostVotes). Without anything to tell, 1. */
function fitDiscounts(
  n: number,
  k: number,
  gather: (i: number) => number,
  said: Float64Array,
  posterior: Float64Array,
  shares: Float64Array,
): Float64Array {
  const products = new Float64Array(mostVotes + 1);
  const squares = new Float64Array(mostVotes + 1);
  const logShares = shares.map((share) => Math.max(leastLog, Math.log(share)));
  const left = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    const d = Math.min(mostVotes, Math.round(gather(i)));
    if (d === 0) continue;
    for (let y = 0; y < k; y++) left[y] = Math.max(leastLog, Math.log(posterior[i * k + y])) - logShares[y];
    const meanSaid = meanOf(said).mean;
    const meanLeft = meanOf(left).mean;
    for (let y = 0; y < k; y++) {
      products[d] += (said[y] - meanSaid) * (left[y] - meanLeft);
      squares[d] += (said[y] - meanSaid) ** 2;
    }
  }
  return products.map((product, d) => (squares[d] > 1e-9 ? Math.min(1.5, Math.max(0, product / squares[d])) : 1));
}

function softmax(row: Float64Array): void {
  let top = -Infinity;
  for (const value of row) top = Math.max(top, value);
  let sum = 0;
  for (let y = 0; y < row.length; y++) sum += row[y] = Math.exp(row[y] - top);
  for (let y = 0; y < row.length; y++) row[y] /= sum;
}

function topOf(row: Float64Array): number {
  let top = 0;
  for (let y = 1; y < row.length; y++) if (row[y] > row[top] + 1e-9) top = y;
  return top;
}

function logOf(p: number): number {
  return Math.max(leastLog, Math.log(p));
}

/** KL(base ‖ without). */
function divergence(base: Float64Array, without: Float64Array): number {
  let sum = 0;
  for (let y = 0; y < base.length; y++) if (base[y] > 0) sum += base[y] * (Math.log(base[y]) - logOf(without[y]));
  return Math.max(0, sum);
}

/** Standard error of a mean over n items, zeros included, from a sum and a sum of squares. */
function errorOf(sum: number, squares: number, n: number): number {
  return n < 2 ? 0 : Math.sqrt(Math.max(0, squares - (sum * sum) / n) / (n - 1) / n);
}
