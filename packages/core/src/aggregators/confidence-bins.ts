import type { LabelerId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';

/** A table in which a labeler's sure votes and its unsure ones are those of different labelers. */
export interface ConfidenceSplit {
  readonly votes: VoteTable;
  /** Per labeler of that table, the labeler it was made from. */
  readonly origin: Int32Array;
}

const mostBins = 5;
/** Fewer votes than this in a bin say little of it. */
const fewestVotes = 30;
/** Standard errors by which sure votes must agree more with others, where nothing else shows that confidence means something. */
const clearly = 3;

/** Parts each labeler whose votes carry different confidences into up to five of nearly equal size, by quantiles; votes without a confidence
 *  are another. Each part then gets a confusion of its own, so that an unsure vote counts for what unsure votes are worth, whatever number
 *  the labeler puts on it. Undefined where there is nothing to part: a labeler that always says the same number is left whole.
 *  @param proven leave labelers whole unless their sure votes agree with others more than their unsure ones: for tables without gold */
export function splitByConfidence(votes: VoteTable, proven: boolean): ConfidenceSplit | undefined {
  const { confidence, labelers, labeler } = votes;
  if (!confidence) return undefined;
  const own = labelers.map((): number[] => []);
  for (let r = 0; r < labeler.length; r++) if (confidence[r] >= 0) own[labeler[r]].push(confidence[r]);
  const cuts = own.map(cutsOf);
  if (proven && cuts.some((list) => list.length > 0)) {
    const isProven = agreeMoreWhenSure(votes, cuts);
    cuts.forEach((list, j) => {
      if (!isProven[j]) list.length = 0;
    });
  }
  if (cuts.every((list) => list.length === 0)) return undefined;
  const first = new Int32Array(labelers.length + 1);
  // A part per bin, and one for votes without a confidence.
  cuts.forEach((list, j) => (first[j + 1] = first[j] + (list.length > 0 ? list.length + 2 : 1)));
  const origin = new Int32Array(first[labelers.length]);
  const names = Array.from<LabelerId>({ length: origin.length });
  cuts.forEach((list, j) => {
    for (let part = first[j]; part < first[j + 1]; part++) {
      origin[part] = j;
      names[part] = list.length > 0 ? (`${labelers[j]} (confidence ${part - first[j] + 1})` as LabelerId) : labelers[j];
    }
  });
  const parts = labeler.map((j, r) => {
    if (cuts[j].length === 0) return first[j];
    return first[j] + (confidence[r] >= 0 ? binOf(cuts[j], confidence[r]) : cuts[j].length + 1);
  });
  const silence = votes.silence && Array.from(origin, (j) => votes.silence?.[j] ?? 'unasked');
  return { votes: { ...votes, labelers: names, labeler: parts, ...(silence && { silence }) }, origin };
}

/** Ascending thresholds between bins; none where the confidences are too few or too alike. */
function cutsOf(confidences: number[]): number[] {
  const sorted = Float64Array.from(confidences).sort();
  const bins = Math.min(mostBins, Math.floor(sorted.length / fewestVotes));
  const cuts: number[] = [];
  let before = 0;
  for (let bin = 1; bin < bins; bin++) {
    const cut = sorted[Math.floor((bin * sorted.length) / bins)];
    const below = lowerBound(sorted, cut);
    if (below - before < fewestVotes || sorted.length - below < fewestVotes) continue;
    cuts.push(cut);
    before = below;
  }
  return cuts;
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function binOf(cuts: readonly number[], confidence: number): number {
  let bin = 0;
  while (bin < cuts.length && confidence >= cuts[bin]) bin++;
  return bin;
}

/** Per labeler: whether the share of others who say the same is higher in the upper half of its bins, beyond chance. */
function agreeMoreWhenSure(
  { items, labels, item, labeler, label, confidence }: VoteTable,
  cuts: readonly (readonly number[])[],
): boolean[] {
  const k = labels.length;
  const said = new Uint16Array(items.length * k);
  for (let r = 0; r < item.length; r++) said[item[r] * k + label[r]] += 1;
  const sums = cuts.map(() => [
    { n: 0, sum: 0, squares: 0 },
    { n: 0, sum: 0, squares: 0 },
  ]);
  for (let r = 0; r < item.length; r++) {
    const own = cuts[labeler[r]];
    if (own.length === 0 || !confidence || !(confidence[r] >= 0)) continue;
    let others = -1;
    for (let y = 0; y < k; y++) others += said[item[r] * k + y];
    if (others === 0) continue;
    const share = (said[item[r] * k + label[r]] - 1) / others;
    const half = sums[labeler[r]][binOf(own, confidence[r]) * 2 > own.length ? 1 : 0];
    half.n += 1;
    half.sum += share;
    half.squares += share * share;
  }
  return sums.map(([unsure, sure]) => {
    if (unsure.n < fewestVotes || sure.n < fewestVotes) return false;
    const variance = ({ n, sum, squares }: typeof sure): number => (squares / n - (sum / n) ** 2) / n;
    return sure.sum / sure.n - unsure.sum / unsure.n > clearly * Math.sqrt(variance(sure) + variance(unsure)) + 1e-12;
  });
}

/** Evidence of the parts (by `code · k + y`) as that of the labelers: their confusions, by how often each part votes. */
export function mergeParts({ votes, origin }: ConfidenceSplit, m: number, evidence: Float64Array): Float64Array {
  const k = votes.labels.length;
  const cast = new Float64Array(origin.length);
  for (const j of votes.labeler) cast[j] += 1;
  const merged = new Float64Array(m * k * k);
  origin.forEach((j, part) => {
    for (let y = 0; y < k; y++) {
      let top = -Infinity;
      for (let l = 0; l < k; l++) top = Math.max(top, evidence[(part * k + l) * k + y]);
      let sum = 0;
      for (let l = 0; l < k; l++) sum += top === -Infinity ? 1 : Math.exp(evidence[(part * k + l) * k + y] - top);
      for (let l = 0; l < k; l++) {
        const own = top === -Infinity ? 1 : Math.exp(evidence[(part * k + l) * k + y] - top);
        merged[(j * k + l) * k + y] += ((cast[part] + 1e-9) * own) / sum;
      }
    }
  });
  return merged.map((value) => Math.log(value));
}
