import { z } from 'zod';
import { answeredPairs, askCounts, byHash } from './candidates.ts';
import type { AskableLabeler, Assignment, Planner } from './planner.ts';

const options = z
  .strictObject({
    risk: z
      .enum(['quadratic', 'log', 'error'])
      .default('quadratic')
      .describe('What is to fall: 1 − Σ p² (Brier), the entropy, or the probability of a wrong label, which sees one vote ahead only'),
    usualSkill: z.number().gt(0).max(1).default(0.85).describe('How often a labeler is taken to be right of whom nothing is known'),
    maxAsks: z.int().min(1).max(100).default(7).describe('Answers that an item gets at most'),
    perItem: z.int().min(1).max(5).default(3).describe('Labelers who are asked about the same item in one batch at most'),
    errorCostUsd: z
      .number()
      .min(0)
      .optional()
      .describe('What a wrong label costs. With it, no vote is bought on an item whose expected error costs less than the vote'),
  })
  .prefault({});

export type ValueOfInformationOptions = z.output<typeof options>;

/** Buys the (item, labeler) pairs with the largest expected drop in Bayes risk per dollar: the risk of p less that of what is believed after the answer of
 *  labeler j, summed over its answers l, which come with Σ_y p_y C_j[y, l]. A second labeler of an item in the same batch counts for what it adds on top of
 *  the first: all joint answers are summed. The risk is quadratic or logarithmic by default and not the error itself: one vote seldom changes a label
 *  that two would change, so that by the error cheap second votes look worthless and dear experts are bought instead (880 instead of 957 of 1,000
 *  right for $50, docs/BENCHMARKS.md). O(n·m·k² + B log n).
 *  R. A. Howard (1966), Information value theory, IEEE Trans. Syst. Sci. Cybern. 2(1), doi:10.1109/TSSC.1966.300074. */
const valueOfInformation: Planner<ValueOfInformationOptions> = {
  name: 'value-of-information',
  title: 'Value of information',
  summary: 'Asks whom and what lowers the expected risk most per dollar, over people, LLMs and models of different skill and price.',
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

    const freeFor = (entry: Entry): Askable[] => {
      const { item, bought } = entry;
      if (bought.length >= given.perItem || asks[item] + bought.length >= given.maxAsks) return [];
      // Whatever it says, a vote saves no more than the error there is.
      const errorUsd = given.errorCostUsd === undefined ? Number.POSITIVE_INFINITY : errorOf(entry, k) * given.errorCostUsd;
      return askable.filter(
        ({ costUsd, j }) => costUsd <= Math.min(leftUsd, errorUsd) && !bought.includes(j) && !(asks[item] > 0 && has(item, j)),
      );
    };
    const queue: Entry[] = [];
    const riskOf = risks[given.risk];
    const offer = (entry: Entry, ceiling: number): void => {
      entry.offer = bestOffer(entry, freeFor(entry), k, riskOf, ceiling);
      if (entry.offer) push(queue, entry);
    };
    byHash(situation, free, random).forEach((item, rank) =>
      offer({ item, rank, outcomes: posterior, start: item * k, count: 1, bought: [], offer: undefined }, Number.POSITIVE_INFINITY),
    );
    const batch: Assignment[] = [];
    while (batch.length < batchSize && queue.length > 0) {
      const next = pop(queue);
      const { utility, j } = next.offer as Offer;
      const { costUsd, confusion } = askable[j];
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
  readonly j: number;
  readonly utility: number;
  /** Risk before the vote and expected after it. */
  readonly before: number;
  readonly after: number;
}

interface Askable {
  readonly j: number;
  readonly costUsd: number;
  readonly confusion: Float64Array;
}

/** Votes that cost nothing are bought first, not infinitely eagerly. */
const leastUsd = 1e-6;
function askableOf({ costUsd, confusion }: AskableLabeler, j: number, k: number, skill: number): Askable {
  if (confusion) return { j, costUsd, confusion };
  const [right, other] = k > 1 ? [skill, (1 - skill) / (k - 1)] : [1, 0];
  return { j, costUsd, confusion: Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? right : other)) };
}

/** The best vote. Undefined where nobody can be asked. @param ceiling utilities are cut to it */
function bestOffer(entry: Outcomes, free: readonly Askable[], k: number, riskOf: Risk, ceiling: number): Offer | undefined {
  const before = riskOf(entry, undefined, k);
  let best: Offer | undefined;
  for (const { j, costUsd, confusion } of free) {
    const after = Math.min(before, riskOf(entry, confusion, k));
    const utility = Math.min(ceiling, (before - after) / Math.max(costUsd, leastUsd));
    if (!best || utility > best.utility) best = { j, utility, before, after };
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

/** Expected risk of the truth given the joint answers; given one more vote as well, where a confusion is given. */
type Risk = (entry: Outcomes, confusion: Float64Array | undefined, k: number) => number;

/** Sums `risk(joint probabilities of one answer, their mass)` over the answers. */
function riskBy(risk: (joint: Float64Array, mass: number) => number): Risk {
  return ({ outcomes, start, count }, confusion, k) => {
    const joint = new Float64Array(k);
    let sum = 0;
    for (let first = start; first < start + count * k; first += k) {
      for (let l = 0; l < (confusion ? k : 1); l++) {
        let mass = 0;
        for (let y = 0; y < k; y++) {
          joint[y] = outcomes[first + y] * (confusion ? confusion[y * k + l] : 1);
          mass += joint[y];
        }
        if (mass > 0) sum += risk(joint, mass);
      }
    }
    return sum;
  };
}

const risks: Readonly<Record<ValueOfInformationOptions['risk'], Risk>> = {
  log: riskBy((joint, mass) => {
    let sum = 0;
    for (let y = 0; y < joint.length; y++) if (joint[y] > 0) sum -= joint[y] * Math.log(joint[y] / mass);
    return sum;
  }),
  quadratic: riskBy((joint, mass) => {
    let squares = 0;
    for (let y = 0; y < joint.length; y++) squares += joint[y] * joint[y];
    return mass - squares / mass;
  }),
  error: riskBy((joint, mass) => {
    let most = 0;
    for (let y = 0; y < joint.length; y++) if (joint[y] > most) most = joint[y];
    return mass - most;
  }),
};

const errorOf = (entry: Outcomes, k: number): number => risks.error(entry, undefined, k);

function reasonOf({ before, after }: Offer, { id, costUsd }: AskableLabeler): string {
  return `${id} is expected to lower the risk from ${before.toFixed(3)} to ${after.toFixed(3)} for $${costUsd}`;
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
