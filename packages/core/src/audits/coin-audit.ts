import { binomialCdf, inverseIncompleteBeta, normalQuantile } from '../math/special-functions.ts';

/** How an audit by coins is run. Fixed before the first toss. */
export interface CoinPlan {
  /** A person checks each machine label that is about to be accepted with this probability. */
  readonly chance: number;
  /** Wrong labels that these checks may find; with the next one, accepting ends. −1: nothing can be promised. */
  readonly tolerated: number;
}

/** A certificate that stays valid while the model learns on: before a machine label is accepted, a coin is tossed, and with probability `chance` a
 *  person labels the item instead. When the checks have found `tolerated` + 1 wrong labels, no more is accepted. Then, with probability 1 − risk, at
 *  most `allowed` of all labels ever accepted are wrong; allowed = ⌊ε · all items⌋ promises an error of at most ε among all final labels once
 *  people have labeled the rest.
 *
 *  Everything but the coins may depend on everything seen so far, the findings included: which item comes next, the model that labels it, what
 *  people are asked in between and when one stops. No grid, no union bound, no split of the data, no frozen model.
 *  Proof: number the items that reached their coin with a wrong label, in that order. Whether the next one is wrong is settled before its coin
 *  falls, so the coins of these items are independent tosses of one coin, however they were chosen. Had more than `allowed` of them been
 *  accepted while at most t were found, the first allowed + 1 + t of these tosses would hold at most t checks: P(Bin(allowed + 1 + t, chance) ≤ t).
 *  A fixed random sample (`acceptedCount`) has the same tail, hypergeometric, but a model that may not learn from it.
 *  @returns the smallest chance for which that tail is at most `risk` */
export function chanceFor(tolerated: number, allowed: number, risk: number): number {
  // P(Bin(a + 1 + t, p) ≤ t) = I_{1−p}(a + 1, t + 1).
  let chance = 1 - inverseIncompleteBeta(risk, allowed + 1, tolerated + 1);
  while (chance < 1 && binomialCdf(tolerated, allowed + 1 + tolerated, chance) > risk) chance = Math.min(1, chance * (1 + 1e-12) + 1e-15);
  return chance;
}

/** The plan that is expected to leave most labels to the machine, and how far it is expected to get.
 *  @param wrong the model's own probability that each label is wrong, in the order of acceptance; where it is off it costs labels, never validity
 *  @param checks the most that people can do */
export function bestCoinPlan(
  wrong: ArrayLike<number>,
  allowed: number,
  risk: number,
  checks = Number.POSITIVE_INFINITY,
): CoinPlan & { readonly accepted: number } {
  const certain = { chance: 0, tolerated: Number.POSITIVE_INFINITY, accepted: wrong.length };
  if (wrong.length <= allowed) return certain;
  let best: CoinPlan & { readonly accepted: number } = { chance: 1, tolerated: -1, accepted: 0 };
  const most = worthTolerating(allowed, risk);
  for (let tolerated = 0, poorer = 0; tolerated <= most && poorer < 10; tolerated++) {
    const chance = chanceFor(tolerated, allowed, risk);
    if (chance >= 0.5) break;
    const accepted = (1 - chance) * expectedReach(wrong, tolerated + 1, chance, checks);
    poorer = accepted > best.accepted ? 0 : poorer + 1;
    if (accepted > best.accepted) best = { chance, tolerated, accepted };
  }
  return best;
}

/** More is not worth its checks. With t tolerated, chance ≈ t / a and the errors met ≈ a (1 − z / √t), so one more brings a z / (2 ρ t^1.5) labels, where ρ
 *  of the last ones are wrong, and costs V / a checks of V labels: t^1.5 = z a² / (2 ρ V). Where the score knows anything, ρ is at least twice the mean a / V.
 *  A model that has seen little does not know where its errors are, and would ask for far more. */
function worthTolerating(allowed: number, risk: number): number {
  const z = Math.max(0.5, normalQuantile(1 - risk));
  return Math.min(allowed, Math.max(3, Math.ceil(((z * allowed) / 4) ** (2 / 3))));
}

/** Wrong labels met before check number `finds` finds one are spread like a gamma distribution, by chance; and models are too sure as a rule, so the
 *  plan must be good as well where errors are up to twice as frequent as believed. */
function expectedReach(wrong: ArrayLike<number>, finds: number, chance: number, checks: number): number {
  let sum = 0;
  for (const z of normalFifths) {
    // Wilson and Hilferty (1931).
    const met = (finds * Math.max(0, 1 - 1 / (9 * finds) + z / (3 * Math.sqrt(finds))) ** 3) / chance;
    for (const doubt of doubts) sum += Math.min(checks / chance, reach(wrong, met / doubt));
  }
  return sum / (normalFifths.length * doubts.length);
}

/** The middles of five equal parts of a normal distribution. */
const normalFifths = [-1.2816, -0.5244, 0, 0.5244, 1.2816];
const doubts = [0.8, 1.25, 2];

/** How many of the labels come before so many wrong ones are expected. */
export function reach(wrong: ArrayLike<number>, errors: number): number {
  let expected = 0;
  let at = 0;
  while (at < wrong.length && expected + wrong[at] <= errors) expected += wrong[at++];
  return at;
}
