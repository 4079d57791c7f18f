import { z } from 'zod';
import { CoreError } from '../model/errors.ts';

const options = z
  .strictObject({
    stability: z
      .number()
      .min(0)
      .max(1)
      .default(0.99)
      .describe('Mean kappa between successive models from which on the labels no longer move'),
    window: z.int().min(1).max(100).default(3).describe('Successive kappas whose mean is looked at'),
  })
  .prefault({});

export const stoppingOptions = options;
export type StoppingOptions = z.output<typeof options>;

export interface StoppingEvidence {
  /** Kappa of each model with the one before, in their order: see `stabilityKappa`. */
  readonly kappas: readonly number[];
  /** Lower bound of the accuracy from an audit. Absent: nothing was audited. */
  readonly auditedLow?: number;
  /** The accuracy that is wanted, 0..1. */
  readonly target: number;
}

export interface StoppingAdvice {
  readonly stop: boolean;
  /** More labels chosen by this planner hardly move the labels any more. */
  readonly stable: boolean;
  /** The audit proves the target. */
  readonly proved: boolean;
  readonly reason: string;
}

/** Stop when the labels have stopped moving *and* an audit proves the target: stability alone says that no more is learned, not that it is right; an
 *  audit alone may be passed while labels still improve cheaply.
 *  M. Bloodgood & K. Vijay-Shanker (2009), A method for stopping active learning based on stabilizing predictions, CoNLL, aclanthology W09-1107. */
export function adviseStopping({ kappas, auditedLow, target }: StoppingEvidence, { stability, window }: StoppingOptions): StoppingAdvice {
  const last = kappas.slice(-window);
  const mean = last.reduce((sum, kappa) => sum + kappa, 0) / Math.max(1, last.length);
  const stable = last.length === window && mean >= stability;
  const proved = auditedLow !== undefined && auditedLow >= target;
  return {
    stop: stable && proved,
    stable,
    proved,
    reason: `${stabilityTold(last.length, window, mean, stable)}; ${proofTold(auditedLow, target)}`,
  };
}

/** Cohen's kappa of the labels that two successive models give the same items (those that nobody was asked about), as label indices. 1 where both give
 *  one and the same label to all; 1 for no items. J. Cohen (1960), Educ. Psychol. Meas. 20(1), doi:10.1177/001316446002000104.
 *  @throws CoreError 'bad-shape' where the columns differ in length */
export function stabilityKappa(before: ArrayLike<number>, after: ArrayLike<number>, k: number): number {
  const n = before.length;
  if (after.length !== n)
    throw new CoreError('bad-shape', `stability: both models must label the same items, got ${n} and ${after.length}`);
  if (n === 0) return 1;
  const [first, second] = [new Float64Array(k), new Float64Array(k)];
  let same = 0;
  for (let i = 0; i < n; i++) {
    first[before[i]] += 1 / n;
    second[after[i]] += 1 / n;
    if (before[i] === after[i]) same += 1;
  }
  let byChance = 0;
  for (let c = 0; c < k; c++) byChance += first[c] * second[c];
  return byChance >= 1 - 1e-12 ? Number(same === n) : (same / n - byChance) / (1 - byChance);
}

function stabilityTold(have: number, window: number, mean: number, stable: boolean): string {
  if (have < window) return `too few rounds to tell whether labels still move (${have} of ${window})`;
  return stable ? `labels have stopped moving (kappa ${mean.toFixed(3)})` : `labels still move (kappa ${mean.toFixed(3)})`;
}

function proofTold(low: number | undefined, target: number): string {
  const wanted = `${(100 * target).toFixed(1)} %`;
  if (low === undefined) return `no audit has tested ${wanted} yet`;
  return low >= target ? `an audit proves ${wanted}` : `the audit proves ${(100 * low).toFixed(1)} % of the ${wanted} wanted`;
}
