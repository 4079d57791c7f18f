import { bestCoinPlan, type CoinPlan, reach } from '../audits/coin-audit.ts';
import type { Random } from '../math/random.ts';
import type { ItemId, LabelId } from '../model/ids.ts';
import { labelerId, labelId } from '../model/ids.ts';
import type { AnyPlanner } from '../planners/planner.ts';
import { checkOptions } from '../model/about.ts';
import type { Judge, Judgement } from './item-judge.ts';

export interface RoutingTask {
  readonly items: readonly ItemId[];
  readonly labels: readonly LabelId[];
  readonly judge: Judge;
  readonly planner: AnyPlanner;
  /** At most this share of all final labels may be wrong, people's included (they count as right) … */
  readonly targetError: number;
  /** … with probability 1 − risk. */
  readonly risk: number;
  /** Labels that people can give at most. Absent: as many as it takes. */
  readonly budget?: number | undefined;
  readonly random: Random;
}

/** Items that people are asked to label, and why: to begin with, for the model to learn from, as a check of machine labels, or because the
 *  machine may not label them. Answers are given in the same order. */
export interface Ask {
  readonly why: 'start' | 'learn' | 'check' | 'rest';
  readonly items: Int32Array;
  /** What the machine believes now. Absent before the first answers. */
  readonly judgement?: Judgement;
  readonly state: RoutingState;
}

export interface RoutingState {
  /** n: label by people or accepted from the machine, −1 while open. */
  readonly label: Int32Array;
  /** n: 0 open, 1 by a person, 2 accepted from the machine. */
  readonly by: Uint8Array;
}

export interface Routed extends RoutingState {
  readonly judgement?: Judgement;
  readonly coin: CoinPlan;
  /** Wrong labels that the checks found, and how many checks there were. */
  readonly found: number;
  readonly checks: number;
  /** Machine labels that may be wrong, with the promised confidence: `allowed` / final labels is the certified error. */
  readonly allowed: number;
}

/** Decides item by item who labels it, person or machine, until the error of all final labels is certified. A generator: it yields questions and is
 *  sent the answers, so the same loop runs on gold, in a server and in a test; same task, seed and answers, same questions, so that a server
 *  can take it up again from its log of answers.
 *
 *  People label from the one end, what the model is least sure of and what would be theirs anyway; the machine's labels are accepted from the other
 *  end, the surest first, each after the toss of a coin (`audits/coin-audit`). The model learns from all answers, the checks included, until both ends
 *  meet. Where they will meet is the model's own estimate, made anew in each round; what it costs to be wrong there is labels, never validity. */
export function* routeToPeople(task: RoutingTask): Generator<Ask, Routed, Int32Array> {
  const n = task.items.length;
  const label = new Int32Array(n).fill(-1);
  const by = new Uint8Array(n);
  const answered = new Int32Array(n).fill(-1);
  const budget = Math.min(n, task.budget ?? n);
  const coins = task.random.fork('coins');
  const learning = task.random.fork('learning');
  let asked = 0;
  let judgement: Judgement | undefined;

  function* ask(why: Ask['why'], wanted: ArrayLike<number>): Generator<Ask, Int32Array, Int32Array> {
    const items = Int32Array.from(wanted).subarray(0, budget - asked);
    if (items.length === 0) return items;
    const answers = yield { why, items, ...(judgement && { judgement }), state: { label, by } };
    items.forEach((item, at) => {
      answered[item] = label[item] = answers[at];
      by[item] = 1;
    });
    asked += items.length;
    return items;
  }

  const judge = (): Judgement => (judgement = task.judge.judge(answered, learning.fork(`after ${asked}`)));
  let plan: (CoinPlan & { allowed: number }) | undefined;
  let found = 0;
  let checks = 0;
  let judgedAfter = 0;
  /** From so many answers on the surest labels are checked in between: people's own end says little of them, nor where both ends will meet. */
  let nextGlance = firstGlance;

  if (task.judge.hasVotes) {
    // The more doubtful, the more likely: probably theirs anyway, but the model must have seen the surer ones as well.
    const order = byProbability(by, judge());
    const size = Math.min(n, 100, Math.max(30, Math.round(0.02 * n)));
    const start = new Set<number>();
    while (start.size < size) start.add(order[Math.floor(n * Math.sqrt(learning.next()))]);
    yield* ask('start', [...start]);
  }
  for (let round = 0; asked < budget || plan; round++) {
    if (asked > 0 && asked >= 1.02 * judgedAfter) {
      judge();
      judgedAfter = asked;
    }
    const open = byProbability(by, judgement);
    if (open.length === 0) break;
    const wrong = Float64Array.from(open, (item) => 1 - (judgement ? judgement.probability[item] : 0));
    const tentative = plan ?? planFor(wrong, n, budget, asked, task);
    const left = tentative.tolerated + 1 - found;
    const green = !plan && asked < Math.min(n / 2, firstLesson);
    const far = judgement && !green ? reach(wrong, (left + margin * Math.sqrt(Math.max(0, left))) / Math.max(tentative.chance, 1e-9)) : 0;
    const beyond = open.subarray(tentative.tolerated === Number.POSITIVE_INFINITY && !green ? open.length : far);
    const learnt = task.budget !== undefined && (plan !== undefined || asked >= budget / 2);
    if (!plan && tentative.tolerated < 0 && learnt) break;
    const sure = Math.round(reach(wrong, left / Math.max(tentative.chance, 1e-9)) / 6);
    const glance = asked >= nextGlance && sure >= fewestGlanced;
    if (beyond.length > 0 && asked < budget && !learnt && !glance) {
      const size = Math.min(beyond.length, Math.max(10, Math.min(40, 2 * task.labels.length), Math.round(0.3 * asked)));
      const picked = pick(task, judgement, answered, beyond, Math.min(size, budget - asked), round, learning);
      if (picked.length > 0) {
        yield* ask('learn', picked);
        continue;
      }
    }
    plan = tentative;
    nextGlance = 2 * asked;
    const near = Math.max(fewestGlanced, sure);
    const tossed: { item: number; check: boolean }[] = [];
    for (const item of open.subarray(0, near)) tossed.push({ item, check: coins.next() < plan.chance });
    const machine = (judgement as Judgement).label.slice();
    const checked = yield* ask(
      'check',
      tossed.filter(({ check }) => check).map(({ item }) => item),
    );
    const known = new Set(checked);
    for (const { item, check } of tossed) {
      if (check) {
        if (!known.has(item)) {
          found = Number.POSITIVE_INFINITY;
          break;
        }
        checks++;
        if (answered[item] !== machine[item] && found++ === plan.tolerated) break;
      } else {
        label[item] = machine[item];
        by[item] = 2;
      }
    }
    if (found > plan.tolerated) break;
  }
  const rest = byProbability(by, judgement).reverse();
  yield* ask('rest', rest);
  const coin = plan ?? { chance: 1, tolerated: -1 };
  return { label, by, ...(judgement && { judgement }), coin, found, checks, allowed: plan?.allowed ?? 0 };
}

const firstGlance = 400;
const fewestGlanced = 25;

/** How much luckier with the coins than expected one must be (in standard deviations) to need an item that goes to people now. */
const margin = 3;

/** Answers that the model must have learned from before the coin is chosen, which then stays. */
const firstLesson = 100;

/** The coin and how many wrong labels are allowed. With a budget fewer labels will be final, and the promise is about those. */
function planFor(wrong: ArrayLike<number>, n: number, budget: number, asked: number, task: RoutingTask): CoinPlan & { allowed: number } {
  const allowedOf = (final: number): number => Math.floor(task.targetError * final + 1e-9);
  if (budget >= n) {
    const allowed = allowedOf(n);
    return { ...bestCoinPlan(wrong, allowed, task.risk), allowed };
  }
  let final = n;
  let plan: CoinPlan & { accepted: number } = { chance: 1, tolerated: -1, accepted: 0 };
  for (let step = 0; step < 8; step++) {
    plan = bestCoinPlan(wrong, allowedOf(final), task.risk, budget - asked);
    final = Math.min(n, Math.floor(budget + 0.8 * plan.accepted));
  }
  const allowed = allowedOf(final);
  return { ...bestCoinPlan(wrong, allowed, task.risk, budget - asked), allowed };
}

/** Open items, the surest first. */
function byProbability(by: Uint8Array, judgement: Judgement | undefined): Int32Array {
  const open = Int32Array.from(by.keys()).filter((item) => by[item] === 0);
  if (!judgement) return open;
  const { probability } = judgement;
  return open.sort((a, b) => probability[b] - probability[a] || a - b);
}

function pick(
  task: RoutingTask,
  judgement: Judgement | undefined,
  answered: Int32Array,
  from: Int32Array,
  size: number,
  round: number,
  random: Random,
): Int32Array {
  const n = task.items.length;
  if (size >= from.length) return from;
  const outcomes = judgement?.outcomes ?? task.labels.length;
  const sameLabels = outcomes === task.labels.length;
  const open = new Uint8Array(n);
  for (const item of from) open[item] = 1;
  const plan = task.planner.plan(
    {
      items: task.items,
      labels: sameLabels ? task.labels : Array.from({ length: outcomes }, (_, c) => labelId(`outcome ${c}`)),
      posterior: judgement?.posterior ?? new Float64Array(n * outcomes).fill(1 / outcomes),
      ...(task.judge.features && { features: task.judge.features }),
      answered: sameLabels ? answered : answered.map((label) => (label < 0 ? -1 : 0)),
      open,
      labelers: [{ id: labelerId('person'), costUsd: 0 }],
      batchSize: size,
      round,
    },
    checkOptions(task.planner, {}),
    random.fork(`plan ${round}`),
  );
  return Int32Array.from(plan, ({ item }) => item);
}
