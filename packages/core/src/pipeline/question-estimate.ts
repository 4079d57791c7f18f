import type { AggregationContext, AnyAggregator } from '../aggregators/aggregator.ts';
import type { AnswerColumn } from '../model/answer-column.ts';
import type { Estimate } from '../model/estimate.ts';
import type { ItemId, LabelId } from '../model/ids.ts';
import { type Question, isTree } from '../model/schema.ts';
import type { VoteTable } from '../model/vote-table.ts';
import { type QuestionTable, ancestry, goldOf, questionTables, voteTableOf } from './question-tables.ts';

/** What is believed of a question's answer, item by item. n items, k labels. */
export interface QuestionEstimate {
  readonly question: Question;
  readonly items: readonly ItemId[];
  /** Of a tree: its leaves. */
  readonly labels: readonly LabelId[];
  /** n×k. One label holds: rows sum to 1. Several may hold: each is P(label holds). */
  readonly posterior: Float64Array;
  /** Per item, P(the answer given by `answerOf` is right): the largest probability; of several labels, the product over labels. */
  readonly confidence: Float64Array;
  /** The single-choice tables it was composed from, with their votes. */
  readonly tables: readonly { readonly table: QuestionTable; readonly votes: VoteTable; readonly estimate: Estimate }[];
  readonly warnings: readonly string[];
}

export interface QuestionContext extends Omit<AggregationContext, 'gold' | 'shares'> {
  /** Whole answers by item ordinal. */
  readonly gold?: ReadonlyMap<number, readonly LabelId[]>;
  /** Share of the items that each label holds for, in the order of the question's labels. Where several may hold they need not sum to 1; trees do without. */
  readonly shares?: Float64Array;
}

export interface Method {
  readonly aggregator: AnyAggregator;
  readonly options: unknown;
}

/** Runs the aggregator over the tables of a question and composes the answers. O(tables × aggregator). */
export function estimateQuestion(
  question: Question,
  items: readonly ItemId[],
  columns: readonly AnswerColumn[],
  method: Method,
  context: QuestionContext,
): QuestionEstimate {
  const { gold, shares, ...rest } = context;
  const tables = questionTables(question).map((table) => {
    const votes = voteTableOf(table, items, columns);
    const estimate = method.aggregator.aggregate(votes, method.options, {
      ...rest,
      random: context.random.fork(`table ${table.about ?? ''}`),
      ...(gold && { gold: goldOf(table, gold) }),
      ...sharesOf(question, table, votes, shares),
    });
    return { table, votes, estimate };
  });
  const { labels, posterior } = compose(question, items.length, tables);
  const confidence = confidences(question, items.length, labels.length, posterior);
  const warnings = [...new Set(tables.flatMap(({ estimate }) => estimate.warnings))];
  return { question, items, labels, posterior, confidence, tables, warnings };
}

/** Where several labels may hold and nobody knows the shares, a label's is guessed at the share of items that somebody gives it to: rules that
 *  only ever say yes leave an aggregator nothing to learn the share from, and one half for every label of hundreds is a poor guess. */
function sharesOf(question: Question, table: QuestionTable, votes: VoteTable, shares: Float64Array | undefined): { shares?: Float64Array } {
  if (!question.multiple) return shares && table.about === undefined ? { shares } : {};
  const known = shares?.[question.labels.findIndex(({ id }) => id === table.about)];
  if (known !== undefined) return { shares: Float64Array.of(known, 1 - known) };
  if (votes.label.includes(1)) return {};
  const given = new Set(votes.item).size;
  const share = (given + 0.5) / (votes.items.length + 1);
  return { shares: Float64Array.of(share, 1 - share) };
}

type Estimated = { readonly table: QuestionTable; readonly estimate: Estimate };

function compose(question: Question, n: number, tables: readonly Estimated[]): { labels: LabelId[]; posterior: Float64Array } {
  if (question.multiple) {
    const k = tables.length;
    const posterior = new Float64Array(n * k);
    tables.forEach(({ estimate }, c) => {
      for (let i = 0; i < n; i++) posterior[i * k + c] = estimate.posterior[i * 2];
    });
    return { labels: question.labels.map((label) => label.id), posterior };
  }
  if (!isTree(question)) return { labels: [...tables[0].table.labels], posterior: tables[0].estimate.posterior };
  return composeTree(question, n, tables);
}

/** P(leaf) = product of P(child | parent) along its path. */
function composeTree(question: Question, n: number, tables: readonly Estimated[]): { labels: LabelId[]; posterior: Float64Array } {
  const above = ancestry(question);
  const inner = new Set(question.labels.map((label) => label.parent));
  const labels = question.labels.map((label) => label.id).filter((label) => !inner.has(label));
  const k = labels.length;
  const posterior = new Float64Array(n * k).fill(1);
  for (const { table, estimate } of tables) {
    labels.forEach((leaf, c) => {
      const path = [leaf, ...above(leaf)];
      const child = table.labels.findIndex((label) => path.includes(label));
      if (child < 0) return;
      for (let i = 0; i < n; i++) posterior[i * k + c] *= estimate.posterior[i * table.labels.length + child];
    });
  }
  return { labels, posterior };
}

function confidences(question: Question, n: number, k: number, posterior: Float64Array): Float64Array {
  const confidence = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let value = question.multiple ? 1 : 0;
    for (let c = 0; c < k; c++) {
      const p = posterior[i * k + c];
      value = question.multiple ? value * Math.max(p, 1 - p) : Math.max(value, p);
    }
    confidence[i] = value;
  }
  return confidence;
}

/** The answer to give for item `row`: the most probable label (ties: the first), or every label that is more likely than not. */
export function bestAnswer(estimate: Pick<QuestionEstimate, 'question' | 'labels' | 'posterior'>, row: number): LabelId[] {
  const { labels, posterior, question } = estimate;
  const k = labels.length;
  if (question.multiple) return labels.filter((_, c) => posterior[row * k + c] > 0.5);
  let best = 0;
  for (let c = 1; c < k; c++) if (posterior[row * k + c] > posterior[row * k + best]) best = c;
  return k > 0 ? [labels[best]] : [];
}
