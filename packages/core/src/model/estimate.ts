import type { ItemId, LabelerId, LabelId } from './ids.ts';

/** What an aggregator makes of the votes. n items, k labels. */
export interface Estimate {
  readonly items: readonly ItemId[];
  readonly labels: readonly LabelId[];
  /** n×k row-major; every row sums to 1. */
  readonly posterior: Float64Array;
  /** k class shares that the posterior starts from; they sum to 1. */
  readonly shares: Float64Array;
  /** k×k per labeler, row-major, rows = true label, columns = label said, given that it voted; each row sums to 1. */
  readonly confusion: ReadonlyMap<LabelerId, Float64Array>;
  /** n: P(a labeler of average skill is wrong), from aggregators that know easy items from hard ones (`glad`). */
  readonly difficulty?: Float64Array;
  /** Gold rows × k, in the order of the gold: what is believed of each by what was learned from other gold; for honest reliability. */
  readonly heldOut?: Float64Array;
  /** What the user should know: "full and one-coin confusions disagree on 7 % of the items: ask for gold". */
  readonly warnings: readonly string[];
  /** The aggregator that ran where this one delegated (`auto`), and how the candidates scored (mean log loss on held-out gold). */
  readonly method?: string;
  readonly methods?: readonly { readonly name: string; readonly logLoss: number }[];
}

/** The most probable label of item `row` and its probability; ties go to the first label. */
export function topLabel(estimate: Pick<Estimate, 'posterior' | 'labels'>, row: number): { label: number; probability: number } {
  const k = estimate.labels.length;
  let label = 0;
  for (let c = 1; c < k; c++) if (estimate.posterior[row * k + c] > estimate.posterior[row * k + label]) label = c;
  return { label, probability: estimate.posterior[row * k + label] };
}
