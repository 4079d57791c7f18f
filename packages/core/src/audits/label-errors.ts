import { CoreError } from '../model/errors.ts';

export const labelErrorFilters = ['both', 'prune_by_noise_rate', 'prune_by_class', 'confident_learning'] as const;
export type LabelErrorFilter = (typeof labelErrorFilters)[number];

export interface LabelErrors {
  /** k×k, rows = given label, columns = estimated true label: counts of items, each row summing to the items given that label. */
  readonly joint: Int32Array;
  /** k mean self-confidences; 2 for a label that nobody was given. */
  readonly thresholds: Float64Array;
  /** Items whose label is probably wrong, the most suspicious (least probable) first. */
  readonly flagged: Int32Array;
}

/** Confident learning: which given labels does a model contradict with more than its usual confidence? The same joint and the same flags as
 *  cleanlab 2.9 (`compute_confident_joint`, `find_label_issues`), but for items of exactly equal probability at a cut, which are taken in order.
 *  Only out-of-sample probabilities make sense: a model that was trained on a wrong label believes it. O(n k + n k log n).
 *  C. G. Northcutt, L. Jiang & I. L. Chuang (2021), JAIR 70, doi:10.1613/jair.1.12125.
 *  @param given n labels, 0..k−1  @param probabilities n×k, rows sum to 1
 *  @param filter `both` (precise) keeps what the next two agree on; `prune_by_noise_rate` takes, per pair of labels, as many as the joint
 *  counts; `prune_by_class` the least probable of each label; `confident_learning` all that the joint counted off its diagonal
 *  @throws CoreError 'bad-probabilities' where the lengths do not fit */
export function labelErrors(given: Int32Array, probabilities: Float64Array, k: number, filter: LabelErrorFilter = 'both'): LabelErrors {
  if (probabilities.length !== given.length * k) {
    throw new CoreError('bad-probabilities', `label errors: expected ${given.length} × ${k} probabilities, got ${probabilities.length}`);
  }
  const members = membersOf(given, k);
  const thresholds = confidentThresholds(members, probabilities, k);
  const guess = confidentGuesses(probabilities, thresholds, given.length, k);
  const joint = calibrate(countJoint(given, guess, k), members, k);
  const counts = keepOne(joint, k);
  const flags = new Uint8Array(given.length);
  for (let label = 0; label < k; label++) {
    const items = members[label];
    if (filter === 'confident_learning') for (const item of items) flags[item] = Number(guess[item] >= 0 && guess[item] !== label);
    // A label that only one item has cannot spare it.
    else if (items.length > 1) pruneLabel(label, items, counts, probabilities, k, filter, flags);
  }
  return { joint, thresholds, flagged: ranked(flags, given, probabilities, k) };
}

function membersOf(given: Int32Array, k: number): Int32Array[] {
  const members: number[][] = Array.from({ length: k }, () => []);
  for (let item = 0; item < given.length; item++) members[given[item]].push(item);
  return members.map((items) => Int32Array.from(items));
}

/** The mean probability of a label over the items that were given it. */
function confidentThresholds(members: readonly Int32Array[], probabilities: Float64Array, k: number): Float64Array {
  return Float64Array.from(members, (items, label) => {
    if (items.length === 0) return 2;
    const sum = items.reduce((total, item) => total + probabilities[item * k + label], 0);
    return Math.max(2 * closeness, sum / items.length);
  });
}

const closeness = 1e-6;

/** The label that each item confidently has: the one above its threshold, with several the most probable of all; −1 where none is. */
function confidentGuesses(probabilities: Float64Array, thresholds: Float64Array, n: number, k: number): Int32Array {
  const guess = new Int32Array(n).fill(-1);
  for (let item = 0; item < n; item++) {
    let confident = 0;
    let first = -1;
    let top = 0;
    for (let label = 0; label < k; label++) {
      const probability = probabilities[item * k + label];
      if (probability > probabilities[item * k + top]) top = label;
      if (probability < thresholds[label] - closeness) continue;
      if (confident++ === 0) first = label;
    }
    guess[item] = confident > 1 ? top : first;
  }
  return guess;
}

function countJoint(given: Int32Array, guess: Int32Array, k: number): Float64Array {
  const joint = new Float64Array(k * k);
  for (let item = 0; item < given.length; item++) if (guess[item] >= 0) joint[given[item] * k + guess[item]]++;
  for (let label = 0; label < k; label++) joint[label * k + label] = Math.max(1, joint[label * k + label]);
  return joint;
}

/** Rows scaled to the number of items given each label, rounded so that they still sum to it. */
function calibrate(joint: Float64Array, members: readonly Int32Array[], k: number): Int32Array {
  const calibrated = new Int32Array(k * k);
  for (let given = 0; given < k; given++) {
    const row = joint.subarray(given * k, given * k + k);
    const sum = row.reduce((all, count) => all + count, 0);
    calibrated.set(roundKeepingSum(row.map((count) => (count / sum) * members[given].length)), given * k);
  }
  return calibrated;
}

function roundKeepingSum(values: Float64Array): Float64Array {
  const rounded = values.map(roundHalfEven);
  const wanted = roundHalfEven(values.reduce((sum, value) => sum + value, 0));
  let missing = wanted - rounded.reduce((sum, value) => sum + value, 0);
  while (missing !== 0) {
    const step = Math.sign(missing);
    const order = Int32Array.from(values.keys()).sort((a, b) => values[a] - rounded[a] - (values[b] - rounded[b]) || a - b);
    if (step > 0) order.reverse();
    for (const index of order.subarray(0, Math.min(Math.abs(missing), values.length))) {
      rounded[index] += step;
      missing -= step;
    }
  }
  return rounded;
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The joint with at least one item left on each diagonal, taken evenly from the other labels of the row. */
function keepOne(joint: Int32Array, k: number): Int32Array {
  const counts = joint.slice();
  for (let given = 0; given < k; given++) {
    const row = counts.subarray(given * k, given * k + k);
    if (row[given] >= 1) continue;
    const others = Math.max(1, row.reduce((count, value) => count + Number(value !== 0), 0) - 1);
    for (let label = 0; label < k; label++) row[label] = Math.max(0, Math.trunc(row[label] - (1 - row[given]) / others));
    row[given] = 1;
  }
  return counts;
}

function pruneLabel(
  label: number,
  items: Int32Array,
  counts: Int32Array,
  probabilities: Float64Array,
  k: number,
  filter: LabelErrorFilter,
  flags: Uint8Array,
): void {
  const byClass = new Uint8Array(items.length);
  const byRate = new Uint8Array(items.length);
  const own = Float64Array.from(items, (item) => -probabilities[item * k + label]);
  markLargest(own, items.length - counts[label * k + label], byClass);
  const others = filter === 'prune_by_class' ? 0 : k;
  for (let other = 0; other < others; other++) {
    const count = counts[label * k + other];
    if (other === label || count <= 0) continue;
    const lead = own.map((value, at) => probabilities[items[at] * k + other] + value);
    markLargest(lead, count, byRate);
  }
  for (let at = 0; at < items.length; at++) {
    flags[items[at]] = filter === 'both' ? byClass[at] & byRate[at] : filter === 'prune_by_class' ? byClass[at] : byRate[at];
  }
}

/** Marks the `count` largest values; of equal ones at the cut, the first. */
function markLargest(values: Float64Array, count: number, marks: Uint8Array): void {
  if (count < 1) return;
  const cut = values.slice().sort()[Math.max(0, values.length - count)];
  let left = count;
  for (const value of values) if (value > cut) left--;
  for (let at = 0; at < values.length; at++) {
    if (values[at] > cut || (values[at] === cut && left-- > 0)) marks[at] = 1;
  }
}

/** Flags where the model prefers another label by more than rounding, by ascending probability of the given one. */
function ranked(flags: Uint8Array, given: Int32Array, probabilities: Float64Array, k: number): Int32Array {
  const own = (item: number): number => probabilities[item * k + given[item]];
  const kept: number[] = [];
  for (let item = 0; item < given.length; item++) {
    if (flags[item] === 0) continue;
    for (let label = 0; label < k; label++) {
      const lead = probabilities[item * k + label] - (own(item) + closeness);
      if (label !== given[item] && (lead > 0 || (lead === 0 && label < given[item]))) {
        kept.push(item);
        break;
      }
    }
  }
  return Int32Array.from(kept).sort((a, b) => own(a) - own(b) || a - b);
}
