import { type Interval, wilson } from '@labelwright/core/math/statistics';
import { type AnswerColumn, answerAt } from '@labelwright/core/model/answer-column';
import type { Decision } from '@labelwright/core/model/decision';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Question } from '@labelwright/core/model/schema';
import type { QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import { type LabelerSummary, summarizeQuestion } from '@labelwright/core/pipeline/question-summary';
import { agreementOf, type VotePairs } from '@labelwright/core/pipeline/vote-pairs';
import type { Failures } from '@labelwright/engine/runs/column-store';
import { intervalOf, type LabelerStatistics } from '../stores/labelers.ts';
import { agreedAnswers, type PersonVotes } from '../stores/peoples-votes.ts';
import type { QuestionDetails, RunResult } from '../stores/runs.ts';
import { type Worth, worthOf } from './labeler-worth.ts';

/** A labeler with its column; people have no row. */
export interface RanColumn {
  readonly labeler?: number;
  readonly column: AnswerColumn;
  readonly seconds: number;
  readonly failures: Failures;
}

export interface QuestionRun {
  readonly run: number;
  readonly estimate: QuestionEstimate;
  readonly decisions: readonly Decision[];
  readonly pairs: VotePairs;
  /** Labelers first, then `people` in their order. */
  readonly columns: readonly RanColumn[];
  readonly people: readonly PersonVotes[];
  readonly gold: ReadonlyMap<number, readonly LabelId[]>;
  readonly warnings: readonly string[];
  readonly aggregator: string;
}

export interface QuestionOutcome {
  readonly result: RunResult;
  readonly details: Omit<QuestionDetails, 'agreement'>;
  /** By labeler. */
  readonly statistics: ReadonlyMap<number, LabelerStatistics>;
}

/** What a run found out about a question, for its row, for screens, and about each labeler. */
export function outcomeOf({ run, estimate, decisions, pairs, columns, people, gold, warnings, aggregator }: QuestionRun): QuestionOutcome {
  const { question, items } = estimate;
  const summary = summarizeQuestion(
    estimate,
    columns.map(({ column }) => column),
    decisions,
    gold,
    pairs,
  );
  const worth = worthOf(estimate, gold);
  const agreed = agreedAnswers(people);
  const labelers = columns.length - people.length;
  const all = columns.map((ran, c) => {
    const answers = c < labelers ? agreed : agreedAnswers(people, people[c - labelers].person);
    return statisticsOf({
      run,
      n: items.length,
      question,
      ran,
      summary: summary.labelers[c],
      people: accuracyOn(question, ran.column, answers),
      worth: worth.get(ran.column.labeler) ?? null,
    });
  });
  return {
    result: {
      question: question.id,
      items: summary.items,
      covered: summary.covered,
      conflicting: summary.conflicting,
      accepted: summary.accepted,
      waiting: summary.waiting.uncertain + summary.waiting.noVotes,
      expectedError: summary.expectedError,
      gold: intervalOf(summary.gold?.accuracy),
      method: estimate.tables[0]?.estimate.method ?? aggregator,
      warnings: [...new Set([...warnings, ...estimate.warnings])],
    },
    details: {
      labels: summary.labels,
      confidence: summary.confidence,
      matrix: columns.map(({ labeler, column }) => (labeler === undefined ? column.labeler : String(labeler))),
      overlaps: summary.overlaps,
      conflicts: summary.conflicts,
      people: people.map(({ person, name }, at) => ({ id: person, name, statistics: all[labelers + at] })),
    },
    statistics: new Map(columns.flatMap(({ labeler }, c) => (labeler === undefined ? [] : [[labeler, all[c]] as const]))),
  };
}

/** Of a labeler that could not work at all. */
export function unfitStatistics(run: number, n: number, question: Question, reason: string): LabelerStatistics {
  return {
    run,
    voted: 0,
    coverage: 0,
    overlapping: 0,
    conflicting: 0,
    votes: question.labels.map(({ id }) => ({ label: id, count: 0 })),
    estimatedAccuracy: 0,
    goldAccuracy: null,
    peopleAccuracy: null,
    failures: n,
    firstFailure: reason,
    seconds: 0,
  };
}

function statisticsOf({
  run,
  n,
  question,
  ran,
  summary,
  people,
  worth,
}: {
  readonly run: number;
  readonly n: number;
  readonly question: Question;
  readonly ran: RanColumn;
  readonly summary: LabelerSummary;
  readonly people: Interval;
  readonly worth: Worth | null;
}): LabelerStatistics {
  const share = (count: number) => (n > 0 ? count / n : 0);
  return {
    run,
    voted: summary.voted,
    coverage: share(summary.voted),
    overlapping: share(summary.overlapping),
    conflicting: share(summary.conflicting),
    votes: question.labels.map(({ id }, c) => ({ label: id, count: summary.votes[c] })),
    estimatedAccuracy: summary.estimatedAccuracy,
    goldAccuracy: intervalOf(summary.goldAccuracy),
    peopleAccuracy: intervalOf(people),
    failures: ran.failures.count,
    firstFailure: ran.failures.first || null,
    seconds: ran.seconds,
    worth,
  };
}

function accuracyOn(question: Question, column: AnswerColumn, truth: ReadonlyMap<number, readonly LabelId[]>): Interval {
  const agrees = agreementOf(question);
  let scored = 0;
  let right = 0;
  for (const [item, labels] of truth) {
    const answer = answerAt(column, item);
    if (!answer) continue;
    scored += 1;
    if (agrees(answer, labels)) right += 1;
  }
  return wilson(right, scored);
}
