import { z } from 'zod';
import { answeredPairs, askCounts, byHash } from './candidates.ts';
import type { AskableLabeler, Assignment, Planner } from './planner.ts';

const options = z
  .strictObject({
    usualSkill: z.number().gt(0).max(1).default(0.85).describe('How often a labeler is taken to be right of whom nothing is known'),
    maxAsks: z.int().min(1).max(100).default(7).describe('Answers that an item gets at most'),
    perItem: z.int().min(1).max(5).default(3).describe('Labelers who are asked about the same item in one batch at most'),
    errorCostUsd: z
      .number()
      .min(0)
      .optional()
      .describe('What a wrong label costs. With it, votes that are expected to save less than they cost are not bought'),
  })
  .prefault({});

export type ValueOfInformationOptions = z.output<typeof options>;

/** Buys the (item, labeler) pairs with the largest expected drop in Bayes risk (the probability that the most probable label is wrong) per dollar. The
 *  drop of a vote of j is Σ_l max_y p_y C_j[y, l] − max_y p_y. A second labeler of an item in the same batch counts for what it adds on top of the
 *  first: all joint answers are summed. Where one vote cannot change the label, what two together are worth decides; where nothing can, the
 *  expected information does. O(n·m²·k³ + B log n).
 *  R. A. Howard (1966), Information value theory, IEEE Trans. Syst. Sci. Cybern. 2(1), doi:10.1109/TSSC.1966.300074. */
const valueOfInformation: Planner<ValueOfInformationOptions> = {
  name: 'value-of-information',
  title: 'Value of information',
  summary: 'Asks whom and what lowers the expected error most per dollar, over people, LLMs and models of different skill and price.',
  paper: 'V. S. Sheng, F. Provost & P. G. Ipeirotis (2008), Get another label?, KDD, doi:10.1145/1401890.1401965',
  needs: ['confusions'],
  options,
  plan(situation, given, random) {
    const { items, labelers, batchSize, open, posterior, labels } = situation;
    const k = labels.length;
    const asks = askCounts(situation);
    const has = answeredPairs(situation);
    const askable = labelers.map((labeler) => askableOf(labeler, k, given.usualSkill));
    const free: number[] = [];
    for (let i = 0; i < items.length; i++) if (open[i] !== 0 && asks[i] < given.maxAsks) free.push(i);
    let leftUsd = situation.budgetUsd ?? Number.POSITIVE_INFINITY;

    /** The best vote to buy next for an item; undefined where there is none to be had. */
    const bestFor = (entry: Entry): Offer | undefined => {
      if (entry.bought.length >= given.perItem || asks[entry.item] + entry.bought.length >= given.maxAsks) return undefined;
      const free = askable.flatMap((labeler, j) =>
        labeler.costUsd <= leftUsd && !entry.bought.includes(j) && !has(entry.item, j) ? [{ ...labeler, j }] : [],
      );
      return bestOffer(entry.outcomes, free, k, given.errorCostUsd);
    };

    const queue: (Entry & Offer)[] = [];
    byHash(situation, free, random).forEach((item, rank) => {
      const entry: Entry = { item, rank, outcomes: [posterior.slice(item * k, (item + 1) * k)], bought: [] };
      const offer = bestFor(entry);
      if (offer) push(queue, { ...entry, ...offer });
    });
    const batch: Assignment[] = [];
    while (batch.length < batchSize && queue.length > 0) {
      const next = pop(queue);
      const bought = labelers[next.j];
      if (bought.costUsd <= leftUsd) {
        leftUsd -= bought.costUsd;
        batch.push({ item: next.item, labeler: next.j, utility: next.utility, reason: reasonOf(next, bought) });
        next.outcomes = answersOf(next.outcomes, askable[next.j].confusion, k);
        next.bought = [...next.bought, next.j];
      }
      const offer = bestFor(next);
      // Later votes of an item never rank above the first: decreasing returns.
      if (offer) push(queue, { ...next, ...offer, utility: Math.min(offer.utility, next.utility) });
    }
    return batch;
  },
};

export default valueOfInformation;

interface Entry {
  readonly item: number;
  /** Place in an order of chance, for ties. */
  readonly rank: number;
  /** One row of k per joint answer so far: P(truth = y, answers). They sum to 1 together. */
  outcomes: readonly Float64Array[];
  bought: readonly number[];
}

interface Offer {
  readonly j: number;
  readonly utility: number;
  /** Expected drop in the probability of a wrong label. */
  readonly drop: number;
  /** The vote is worth this only together with another one. */
  readonly together: boolean;
}

interface Askable {
  readonly costUsd: number;
  readonly confusion: Float64Array;
}

/** Votes that cost nothing are bought first, not infinitely eagerly. */
const leastUsd = 1e-6;
/** Information (nats) counts only where risk tells nothing apart. */
const informationWeight = 1e-6;
/** Below this a drop is rounding. */
const nothing = 1e-12;

function askableOf({ costUsd, confusion }: AskableLabeler, k: number, skill: number): Askable {
  if (confusion) return { costUsd, confusion };
  const other = k > 1 ? (1 - skill) / (k - 1) : 0;
  return { costUsd, confusion: Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? (k > 1 ? skill : 1) : other)) };
}

function bestOffer(
  outcomes: readonly Float64Array[],
  free: readonly (Askable & { j: number })[],
  k: number,
  errorCostUsd: number | undefined,
): Offer | undefined {
  const before = rightness(outcomes);
  let best: Offer | undefined;
  const consider = (offer: Offer, costUsd: number): void => {
    const worth = errorCostUsd === undefined || offer.drop * errorCostUsd >= costUsd;
    if (worth && (!best || offer.utility > best.utility)) best = offer;
  };
  for (const labeler of free) {
    const said = answersOf(outcomes, labeler.confusion, k);
    const drop = Math.max(0, rightness(said) - before);
    const dollars = Math.max(labeler.costUsd, leastUsd);
    const alone = { j: labeler.j, utility: (drop + informationWeight * informationOf(outcomes, said, k)) / dollars, drop, together: false };
    consider(alone, labeler.costUsd);
    if (drop > nothing) continue;
    for (const second of free) {
      if (second.j === labeler.j) continue;
      const both = Math.max(0, rightness(answersOf(said, second.confusion, k)) - before);
      const costUsd = labeler.costUsd + second.costUsd;
      const utility = both / Math.max(costUsd, leastUsd);
      if (both > nothing && utility > alone.utility) consider({ j: labeler.j, utility, drop: both, together: true }, costUsd);
    }
  }
  return best;
}

/** All joint answers after one more vote: k times as many. */
function answersOf(outcomes: readonly Float64Array[], confusion: Float64Array, k: number): Float64Array[] {
  const said: Float64Array[] = [];
  for (const outcome of outcomes) {
    for (let l = 0; l < k; l++) {
      const joint = new Float64Array(k);
      for (let y = 0; y < k; y++) joint[y] = outcome[y] * confusion[y * k + l];
      said.push(joint);
    }
  }
  return said;
}

/** The probability that the most probable label, whatever the answers, is right: 1 − Bayes risk. */
function rightness(outcomes: readonly Float64Array[]): number {
  let sum = 0;
  for (const outcome of outcomes) {
    let most = 0;
    for (const value of outcome) if (value > most) most = value;
    sum += most;
  }
  return sum;
}

/** How far the entropy of the truth is expected to fall, nats. */
function informationOf(before: readonly Float64Array[], after: readonly Float64Array[], k: number): number {
  return k < 2 ? 0 : Math.max(0, spread(before) - spread(after));
}

/** Σ over the answers of P(answers) · entropy of the truth given them. */
function spread(outcomes: readonly Float64Array[]): number {
  let sum = 0;
  for (const outcome of outcomes) {
    let mass = 0;
    for (const value of outcome) mass += value;
    for (const value of outcome) if (value > 0) sum -= value * Math.log(value / mass);
  }
  return sum;
}

function reasonOf({ drop, together }: Offer, { id, costUsd }: AskableLabeler): string {
  const points = `${(100 * drop).toFixed(2)} points of error`;
  if (drop <= nothing) return `${id} tells most here for $${costUsd}, though no vote is expected to change the label`;
  return together ? `${id} and another are expected to save ${points}` : `${id} is expected to save ${points} for $${costUsd}`;
}

const isBefore = (a: Entry & Offer, b: Entry & Offer): boolean => a.utility > b.utility || (a.utility === b.utility && a.rank < b.rank);

/** A binary heap, the best on top. */
function push(heap: (Entry & Offer)[], entry: Entry & Offer): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(entry, heap[above])) break;
    heap[at] = heap[above];
    at = above;
  }
  heap[at] = entry;
}

function pop(heap: (Entry & Offer)[]): Entry & Offer {
  const top = heap[0];
  const last = heap.pop() as Entry & Offer;
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1], heap[below])) below += 1;
    if (!isBefore(heap[below], last)) break;
    heap[at] = heap[below];
    at = below;
  }
  heap[at] = last;
  return top;
}
