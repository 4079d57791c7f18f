import { askedLabelers } from '@labelwright/core/labelers/index';
import { type Answerer, Sample } from '@labelwright/core/labelers/labeler';
import { checkOptions } from '@labelwright/core/model/about';
import { answerAt } from '@labelwright/core/model/answer-column';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import { describeProblem } from '@labelwright/core/model/problem';
import type { Question } from '@labelwright/core/model/schema';
import type { Explanation } from '@labelwright/core/model/vote';
import { foldOf } from '@labelwright/core/pipeline/cross-fit';
import { decide } from '@labelwright/core/pipeline/decide';
import { bestAnswer } from '@labelwright/core/pipeline/question-estimate';
import { type QuestionSummary, summarizeQuestion } from '@labelwright/core/pipeline/question-summary';
import type { Decision } from '@labelwright/core/model/decision';
import { labelers as techniques } from '../labelers.ts';
import type { Asked } from '../runs/ask-labelers.ts';
import { itemsAt, type LabelingRun, type QuestionRun, type RanLabeler } from '../runs/label-project.ts';

/** A finished run as plain JSON: `report.json`, and all that `report.html` shows. */
export interface RunReport {
  readonly project: string;
  readonly seconds: number;
  readonly peakMegabytes: number;
  readonly seed: number;
  readonly targetError: number;
  readonly problems: { readonly count: number; readonly first: readonly string[] };
  readonly questions: readonly QuestionReport[];
}

export interface QuestionReport extends QuestionSummary {
  readonly question: Question;
  /** The aggregator that ran (what `auto` chose), and the held-out log loss of each candidate where gold was given to it. */
  readonly method: string;
  readonly warnings: readonly string[];
  /** Beside `labelers[i]` of the summary. */
  readonly ran: readonly RanReport[];
  /** Of the items with votes that differ, those with the least certain answers first. */
  readonly disputed: readonly DisputedItem[];
}

export interface RanReport {
  readonly labeler: string;
  readonly use: string;
  readonly title: string;
  readonly costUsd: number;
  readonly computeSeconds: number;
  readonly failures: number;
  /** "item 17: timed out after 100 ms" */
  readonly firstFailure?: string;
  /** Of language models. */
  readonly asked?: AskedReport;
}

export interface AskedReport {
  readonly model: string;
  /** USD over all runs into this folder, and the part of it for calls whose bill never came, counted at their highest price. */
  readonly usd: number;
  readonly openUsd: number;
  readonly usdPerVote: number;
  readonly calls: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Of the items, answered by an earlier run or by an item of the same text: for nothing. */
  readonly kept: number;
  /** By what went wrong. */
  readonly failed: Readonly<Record<string, number>>;
  /** "the budget of 5.00 USD was used up after 812 of 2,000 items" */
  readonly stopped?: string;
}

export interface DisputedItem {
  readonly id: string;
  readonly parts: readonly { readonly name: string; readonly text: string }[];
  readonly fields: Item['fields'];
  readonly answer: readonly LabelId[];
  readonly probability: number;
  /** One per label of the estimate, in the order of `labels` of the summary. */
  readonly posterior: readonly number[];
  readonly decision: Decision;
  readonly gold?: readonly LabelId[];
  readonly votes: readonly {
    readonly labeler: string;
    readonly labels: readonly LabelId[];
    readonly confidence?: number;
    readonly explanation?: Explanation;
  }[];
}

const shownDisputed = 24;

export function decisionsOf(run: LabelingRun, { estimate, votes }: QuestionRun): Decision[] {
  return decide(estimate.confidence, votes, run.project.targetError);
}

export async function reportRun(run: LabelingRun, seconds: number): Promise<RunReport> {
  const questions: QuestionReport[] = [];
  for (const question of run.questions) questions.push(await reportQuestion(run, question));
  return {
    project: run.project.name,
    seconds,
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    seed: run.project.seed,
    targetError: run.project.targetError,
    problems: { count: run.problemCount, first: run.problems.slice(0, 20).map(describeProblem) },
    questions,
  };
}

async function reportQuestion(run: LabelingRun, asked: QuestionRun): Promise<QuestionReport> {
  const decisions = decisionsOf(run, asked);
  const summary = summarizeQuestion(asked.estimate, asked.columns, decisions, asked.gold);
  const methods = new Set(asked.estimate.tables.map(({ estimate }) => estimate.method ?? run.project.aggregator.use));
  return {
    ...summary,
    question: asked.question,
    method: [...methods].join(', '),
    warnings: [...asked.estimate.warnings, ...asked.labelers.flatMap((labeler) => stopOf(labeler, run.items.length) ?? [])],
    ran: asked.labelers.map((labeler, c) => reportLabeler(labeler, summary.labelers[c].voted, run.items.length)),
    disputed: await disputedItems(run, asked, decisions),
  };
}

function reportLabeler(labeler: RanLabeler, voted: number, items: number): RanReport {
  const { spec, computeSeconds, failures, asked } = labeler;
  return {
    labeler: spec.id,
    use: spec.use,
    title: [...techniques, ...askedLabelers].find(({ name }) => name === spec.use)?.title ?? spec.use,
    costUsd: spec.costUsd * voted + (asked?.usd ?? 0),
    computeSeconds,
    failures: failures.count,
    ...(failures.count > 0 && { firstFailure: `item ${failures.item}: ${failures.first}` }),
    ...(asked && { asked: reportAsked(asked, voted, stopOf(labeler, items)) }),
  };
}

function reportAsked({ model, usd, openUsd, calls, usage, summary }: Asked, voted: number, stopped: string | undefined): AskedReport {
  return {
    model,
    usd,
    openUsd,
    usdPerVote: voted > 0 ? usd / voted : 0,
    calls,
    inputTokens: usage.input,
    cachedInputTokens: usage.cachedInput,
    outputTokens: usage.output,
    kept: summary.cached,
    failed: summary.failed,
    ...(stopped !== undefined && { stopped }),
  };
}

function stopOf({ spec, asked }: RanLabeler, items: number): string | undefined {
  if (asked?.summary.stopped?.kind !== 'over-budget') return undefined;
  const { budget, limitUsd } = asked.summary.stopped;
  const whose = budget === 'project' ? 'the project' : spec.id;
  const answered = asked.summary.answered.toLocaleString('en');
  return `${spec.id}: the budget of ${whose}, ${limitUsd.toFixed(2)} USD, is used up after ${answered} of ${items.toLocaleString('en')} items; raise it and run again to go on`;
}

async function disputedItems(run: LabelingRun, asked: QuestionRun, decisions: readonly Decision[]): Promise<DisputedItem[]> {
  const { estimate, columns } = asked;
  const differing = Array.from(run.items.keys()).filter(
    (item) => new Set(columns.flatMap((column) => answerAt(column, item)?.join('|') ?? [])).size > 1,
  );
  const order = differing
    .sort((a, b) => estimate.confidence[a] - estimate.confidence[b] || asked.votes[b] - asked.votes[a] || a - b)
    .slice(0, shownDisputed);
  const items = new Map<number, Item>();
  for await (const [ordinal, item] of itemsAt(run, new Set(order))) items.set(ordinal, item);
  const explain = await explainerOf(run, asked);
  const k = estimate.labels.length;
  return order.flatMap((ordinal) => {
    const item = items.get(ordinal);
    if (!item) return [];
    const sample = new Sample(item);
    const gold = asked.gold.get(ordinal);
    const votes = columns.flatMap((column, c) => {
      const labels = answerAt(column, ordinal);
      if (!labels) return [];
      const confidence = column.confidences?.[ordinal];
      const explanation = explain(c, sample);
      return [
        {
          labeler: column.labeler,
          labels,
          ...(confidence !== undefined && !Number.isNaN(confidence) && { confidence }),
          ...(explanation && { explanation }),
        },
      ];
    });
    return [
      {
        id: item.id,
        parts: Object.entries(item.parts).flatMap(([name, part]) => (part.modality === 'text' ? [{ name, text: part.content }] : [])),
        fields: item.fields,
        answer: bestAnswer(estimate, ordinal),
        probability: estimate.confidence[ordinal],
        posterior: Array.from(estimate.posterior.subarray(ordinal * k, (ordinal + 1) * k)),
        decision: decisions[ordinal],
        ...(gold && { gold }),
        votes,
      },
    ];
  });
}

/** Why a labeler voted as it did, asked again of the labeler itself. */
async function explainerOf(run: LabelingRun, asked: QuestionRun): Promise<(column: number, sample: Sample) => Explanation | undefined> {
  const answerers = await Promise.all(
    asked.labelers.map(async ({ spec, models }): Promise<Answerer[]> => {
      const technique = techniques.find(({ name }) => name === spec.use);
      if (!technique) return [];
      const options: unknown = checkOptions(technique, spec.with);
      return Promise.all(models.map(async (model): Promise<Answerer> => technique.prepare({ question: asked.question, options, model })));
    }),
  );
  return (column, sample) => {
    const mine = answerers[column];
    const fold = mine.length === 1 ? 0 : foldOf(sample.item.id, mine.length, run.project.seed);
    return mine[fold]?.explain?.(sample);
  };
}
