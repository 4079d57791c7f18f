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
 *  first: all joint answers are summed. Where no vote can change the label, what two together are worth decides; where they cannot either, the
 *  expected information does. Such items wait under an upper bound and are worked out only where it comes to the top. O(n·m·k² + B log n).
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
    const askable = labelers.map((labeler, j) => askableOf(labeler, j, k, given.usualSkill));
    const free: number[] = [];
    for (let i = 0; i < items.length; i++) if (open[i] !== 0 && asks[i] < given.maxAsks) free.push(i);
    let leftUsd = situation.budgetUsd ?? Number.POSITIVE_INFINITY;

    const freeFor = ({ item, bought }: Entry): Askable[] =>
      bought.length >= given.perItem || asks[item] + bought.length >= given.maxAsks
        ? []
        : askable.filter(({ costUsd, j }) => costUsd <= leftUsd && !bought.includes(j) && !(asks[item] > 0 && has(item, j)));
    const queue: Entry[] = [];
    const offer = (entry: Entry, ceiling: number): void => {
      entry.offer = quickOffer(entry, freeFor(entry), k, ceiling);
      if (entry.offer) push(queue, entry);
    };
    byHash(situation, free, random).forEach((item, rank) =>
      offer({ item, rank, outcomes: posterior, start: item * k, count: 1, bought: [], offer: undefined }, Number.POSITIVE_INFINITY),
    );
    const batch: Assignment[] = [];
    while (batch.length < batchSize && queue.length > 0) {
      const next = pop(queue);
      const { utility, drop, j } = next.offer as Offer;
      if (j < 0) {
        next.offer = thoroughOffer(next, freeFor(next), k);
        if (next.offer) push(queue, next);
        continue;
      }
      const { costUsd, confusion } = askable[j];
      if (given.errorCostUsd !== undefined && drop * given.errorCostUsd < (next.offer as Offer).costUsd) continue;
      if (costUsd <= leftUsd) {
        leftUsd -= costUsd;
        batch.push({ item: next.item, labeler: j, utility, reason: reasonOf(next.offer as Offer, labelers[j]) });
        Object.assign(next, answersOf(next, confusion, k));
        next.bought = [...next.bought, j];
      }
      // Later votes of an item never rank above the first: decreasing returns.
      offer(next, utility);
    }
    return batch;
  },
};

export default valueOfInformation;

/** P(truth = y, answers), one row of k per joint answer of those asked in this batch: `count` rows from `start` on. They sum to 1 together. */
interface Outcomes {
  outcomes: Float64Array;
  start: number;
  count: number;
}

interface Entry extends Outcomes {
  readonly item: number;
  /** Place in an order of chance, for ties. */
  readonly rank: number;
  bought: readonly number[];
  offer: Offer | undefined;
}

interface Offer {
  /** -1: `utility` is an upper bound, and whom to ask is not worked out yet. */
  readonly j: number;
  readonly utility: number;
  /** Expected drop in the probability of a wrong label, and what it costs. */
  readonly drop: number;
  readonly costUsd: number;
  /** The vote is worth this only together with another one. */
  readonly together: boolean;
}

interface Askable {
  readonly j: number;
  readonly costUsd: number;
  readonly confusion: Float64Array;
}

/** Votes that cost nothing are bought first, not infinitely eagerly. */
const leastUsd = 1e-6;
/** Information (nats) counts only where risk tells nothing apart. */
const informationWeight = 1e-6;
/** Below this a drop is rounding. */
const nothing = 1e-12;

function askableOf({ costUsd, confusion }: AskableLabeler, j: number, k: number, skill: number): Askable {
  if (confusion) return { j, costUsd, confusion };
  const [right, other] = k > 1 ? [skill, (1 - skill) / (k - 1)] : [1, 0];
  return { j, costUsd, confusion: Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? right : other)) };
}

/** The best single vote; where none can change the label, an upper bound of what more could bring. Undefined where nobody can be asked.
 *  @param ceiling utilities are cut to it */
function quickOffer(entry: Outcomes, free: readonly Askable[], k: number, ceiling: number): Offer | undefined {
  if (free.length === 0) return undefined;
  const before = rightness(entry, k);
  let best: Offer | undefined;
  let cheapest = Number.POSITIVE_INFINITY;
  for (const { j, costUsd, confusion } of free) {
    cheapest = Math.min(cheapest, costUsd);
    const drop = rightnessAfter(entry, confusion, k) - before;
    const utility = Math.min(ceiling, drop / Math.max(costUsd, leastUsd));
    if (drop > nothing && (!best || utility > best.utility)) best = { j, utility, drop, costUsd, together: false };
  }
  if (best) return best;
  const most = Math.max(1 - before, informationWeight * Math.log(Math.max(2, k)));
  return { j: -1, utility: Math.min(ceiling, most / Math.max(cheapest, leastUsd)), drop: 0, costUsd: 0, together: false };
}

/** Where no single vote changes the label: the first of the best two together, else the vote that tells most. */
function thoroughOffer(entry: Entry, free: readonly Askable[], k: number): Offer | undefined {
  const ceiling = (entry.offer as Offer).utility;
  const before = rightness(entry, k);
  const uncertainty = uncertaintyOf(entry, k);
  let best: Offer | undefined;
  const consider = (offer: Offer): void => {
    if (!best || offer.utility > best.utility) best = { ...offer, utility: Math.min(ceiling, offer.utility) };
  };
  for (const first of free) {
    const said = answersOf(entry, first.confusion, k);
    const told = Math.max(0, uncertainty - uncertaintyOf(said, k));
    consider({
      j: first.j,
      utility: (informationWeight * told) / Math.max(first.costUsd, leastUsd),
      drop: 0,
      costUsd: first.costUsd,
      together: false,
    });
    for (const second of free) {
      if (second.j === first.j) continue;
      const drop = rightnessAfter(said, second.confusion, k) - before;
      const costUsd = first.costUsd + second.costUsd;
      if (drop > nothing) consider({ j: first.j, utility: drop / Math.max(costUsd, leastUsd), drop, costUsd, together: true });
    }
  }
  return best;
}

/** All joint answers after one more vote: k times as many. */
function answersOf({ outcomes, start, count }: Outcomes, confusion: Float64Array, k: number): Outcomes {
  const said = new Float64Array(count * k * k);
  for (let row = 0, at = 0; row < count; row++)
    for (let l = 0; l < k; l++) for (let y = 0; y < k; y++, at++) said[at] = outcomes[start + row * k + y] * confusion[y * k + l];
  return { outcomes: said, start: 0, count: count * k };
}

/** The probability that the most probable label, whatever the answers, is right: 1 − Bayes risk. */
function rightness({ outcomes, start, count }: Outcomes, k: number): number {
  let sum = 0;
  for (let first = start; first < start + count * k; first += k) {
    let most = 0;
    for (let at = first; at < first + k; at++) if (outcomes[at] > most) most = outcomes[at];
    sum += most;
  }
  return sum;
}

/** `rightness(answersOf(…))`, nothing written down. */
function rightnessAfter({ outcomes, start, count }: Outcomes, confusion: Float64Array, k: number): number {
  let sum = 0;
  for (let first = start; first < start + count * k; first += k) {
    for (let l = 0; l < k; l++) {
      let most = 0;
      for (let y = 0, at = l; y < k; y++, at += k) {
        const joint = outcomes[first + y] * confusion[at];
        if (joint > most) most = joint;
      }
      sum += most;
    }
  }
  return sum;
}

/** Σ over the answers of P(answers) · entropy of the truth given them, nats. */
function uncertaintyOf({ outcomes, start, count }: Outcomes, k: number): number {
  let sum = 0;
  for (let first = start; first < start + count * k; first += k) {
    let mass = 0;
    for (let at = first; at < first + k; at++) mass += outcomes[at];
    for (let at = first; at < first + k; at++) if (outcomes[at] > 0) sum -= outcomes[at] * Math.log(outcomes[at] / mass);
  }
  return sum;
}

function reasonOf({ drop, together }: Offer, { id, costUsd }: AskableLabeler): string {
  const points = `${(100 * drop).toFixed(2)} points of error`;
  if (drop <= nothing) return `${id} tells most here for $${costUsd}, though no vote is expected to change the label`;
  return together ? `${id} and another are expected to save ${points}` : `${id} is expected to save ${points} for $${costUsd}`;
}

const isBefore = (a: Entry, b: Entry): boolean => {
  const [first, second] = [a.offer?.utility ?? 0, b.offer?.utility ?? 0];
  return first > second || (first === second && a.rank < b.rank);
};

/** A binary heap, the best on top. */
function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!isBefore(entry, heap[above])) break;
    heap[at] = heap[above];
    at = above;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry {
  const top = heap[0];
  const last = heap.pop() as Entry;
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
