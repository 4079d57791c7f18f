import { type Interval, wilson } from '../math/statistics.ts';
import { type AnswerColumn, answerAt, firstAnswer } from '../model/answer-column.ts';
import type { Decision } from '../model/decision.ts';
import type { LabelerId, LabelId } from '../model/ids.ts';
import { bestAnswer, type QuestionEstimate } from './question-estimate.ts';
import { ancestry } from './question-tables.ts';
import { type Agrees, agreementOf, countPairs, type VotePairs } from './vote-pairs.ts';

/** A run's result on one question in numbers, as plain JSON: for reports, screens and comparisons. */
export interface QuestionSummary {
  readonly items: number;
  /** Items with at least one vote; with votes that differ. */
  readonly covered: number;
  readonly conflicting: number;
  readonly accepted: number;
  readonly waiting: { readonly uncertain: number; readonly noVotes: number };
  /** Expected share of wrong labels among the accepted, by the posterior's own account; not a certificate. */
  readonly expectedError: number;
  readonly labels: readonly LabelSummary[];
  readonly labelers: readonly LabelerSummary[];
  /** m×m row-major: on how many items both voted, and on how many of these they differ. */
  readonly overlaps: readonly number[];
  readonly conflicts: readonly number[];
  /** Counts of items by confidence, in 20 equal bins from 0 to 1. */
  readonly confidence: { readonly accepted: readonly number[]; readonly waiting: readonly number[] };
  /** Against gold, which no estimate used; whoever wrote the rules may have looked at it, and then it flatters them. Absent without gold. */
  readonly gold?: GoldSummary;
}

export interface LabelSummary {
  readonly label: LabelId;
  /** Items whose answer it is; the share that the posterior gives it. */
  readonly answered: number;
  readonly share: number;
}

export interface LabelerSummary {
  readonly labeler: LabelerId;
  readonly voted: number;
  /** Votes by label, in the order of the question's labels. */
  readonly votes: readonly number[];
  /** Of the items it voted on: others voted too; some other labeler said otherwise. */
  readonly overlapping: number;
  readonly conflicting: number;
  /** Mean probability, by the posterior, that its votes are right. Made from the votes themselves: an opinion, not a measurement. */
  readonly estimatedAccuracy: number;
  readonly goldAccuracy?: Interval;
}

export interface GoldSummary {
  readonly n: number;
  readonly accuracy: Interval;
  readonly acceptedAccuracy: Interval;
  readonly labels: readonly { readonly label: LabelId; readonly gold: number; readonly answered: number; readonly right: number }[];
}

const bins = 20;

/** @param gold whole answers by item ordinal   @param decisions one per item   @param pairs of these columns, where they are counted already */
export function summarizeQuestion(
  estimate: QuestionEstimate,
  columns: readonly AnswerColumn[],
  decisions: readonly Decision[],
  gold: ReadonlyMap<number, readonly LabelId[]>,
  pairs: VotePairs = countPairs(estimate.question, columns, estimate.items.length),
): QuestionSummary {
  const n = estimate.items.length;
  const agrees = agreementOf(estimate.question);
  const waiting = { uncertain: 0, noVotes: 0 };
  const confidence = { accepted: Array.from({ length: bins }, () => 0), waiting: Array.from({ length: bins }, () => 0) };
  let accepted = 0;
  let expectedWrong = 0;
  decisions.forEach((decision, item) => {
    const bin = Math.min(bins - 1, Math.floor(estimate.confidence[item] * bins));
    if (decision.kind === 'accepted') {
      accepted += 1;
      expectedWrong += 1 - estimate.confidence[item];
      confidence.accepted[bin] += 1;
    } else {
      waiting[decision.reason === 'no-votes' ? 'noVotes' : 'uncertain'] += 1;
      confidence.waiting[bin] += 1;
    }
  });
  return {
    items: n,
    covered: pairs.covered,
    conflicting: pairs.conflicting,
    accepted,
    waiting,
    expectedError: accepted === 0 ? 0 : expectedWrong / accepted,
    labels: summarizeLabels(estimate),
    labelers: columns.map((column, c) => summarizeLabeler(estimate, column, pairs, c, gold, agrees)),
    overlaps: [...pairs.overlaps],
    conflicts: [...pairs.conflicts],
    confidence,
    ...(gold.size > 0 && { gold: summarizeGold(estimate, decisions, gold) }),
  };
}

function summarizeLabels(estimate: QuestionEstimate): LabelSummary[] {
  const { items, labels, posterior } = estimate;
  const k = labels.length;
  const answered = new Map<LabelId, number>();
  const mass = new Float64Array(k);
  for (let item = 0; item < items.length; item++) {
    for (const label of bestAnswer(estimate, item)) answered.set(label, (answered.get(label) ?? 0) + 1);
    for (let c = 0; c < k; c++) mass[c] += posterior[item * k + c];
  }
  return labels.map((label, c) => ({ label, answered: answered.get(label) ?? 0, share: items.length === 0 ? 0 : mass[c] / items.length }));
}

function summarizeLabeler(
  estimate: QuestionEstimate,
  column: AnswerColumn,
  pairs: VotePairs,
  c: number,
  gold: ReadonlyMap<number, readonly LabelId[]>,
  agrees: Agrees,
): LabelerSummary {
  const m = pairs.overlapping.length;
  const voted = pairs.overlaps[c * m + c];
  const counts = new Float64Array(column.answers.length);
  const probabilities = column.answers.map((answer) => probabilityOf(estimate, answer, column.complete));
  let right = 0;
  for (let item = 0; item < estimate.items.length; item++) {
    const answer = column.codes[item] - firstAnswer;
    if (answer < 0) continue;
    counts[answer] += 1;
    right += probabilities[answer](item);
  }
  const votes = estimate.question.labels.map(({ id }) =>
    column.answers.reduce((sum, answer, index) => sum + (answer.includes(id) ? counts[index] : 0), 0),
  );
  let scored = 0;
  let correct = 0;
  for (const [item, labels] of gold) {
    const answer = answerAt(column, item);
    if (!answer) continue;
    scored += 1;
    if (agrees(answer, labels)) correct += 1;
  }
  return {
    labeler: column.labeler,
    voted,
    votes,
    overlapping: pairs.overlapping[c],
    conflicting: pairs.contradicted[c],
    estimatedAccuracy: voted === 0 ? 0 : right / voted,
    ...(scored > 0 && { goldAccuracy: wilson(correct, scored) }),
  };
}

/** P(an answer is right) by the posterior, per item. Of several labels: the mean over the labels that it speaks about. */
function probabilityOf(
  { question, labels, posterior }: QuestionEstimate,
  answer: readonly LabelId[],
  complete: boolean,
): (item: number) => number {
  const k = labels.length;
  const above = ancestry(question);
  const indices = Array.from(labels.keys());
  const isSaid = labels.map((label) => answer.some((given) => given === label || above(label).includes(given)));
  const said = indices.filter((c) => isSaid[c]);
  if (!question.multiple) return (item) => said.reduce((sum, c) => sum + posterior[item * k + c], 0);
  const denied = complete || answer.length === 0 ? indices.filter((c) => !isSaid[c]) : [];
  const spoken = Math.max(1, said.length + denied.length);
  return (item) => {
    let sum = 0;
    for (const c of said) sum += posterior[item * k + c];
    for (const c of denied) sum += 1 - posterior[item * k + c];
    return sum / spoken;
  };
}

function summarizeGold(
  estimate: QuestionEstimate,
  decisions: readonly Decision[],
  gold: ReadonlyMap<number, readonly LabelId[]>,
): GoldSummary {
  const perLabel = new Map(estimate.labels.map((label) => [label, { label, gold: 0, answered: 0, right: 0 }]));
  let right = 0;
  let accepted = 0;
  let acceptedRight = 0;
  for (const [item, labels] of gold) {
    const answer = bestAnswer(estimate, item);
    const same = answer.length === labels.length && answer.every((label) => labels.includes(label));
    if (same) right += 1;
    if (decisions[item].kind === 'accepted') {
      accepted += 1;
      if (same) acceptedRight += 1;
    }
    for (const label of labels) increment(perLabel.get(label), 'gold');
    for (const label of answer) {
      increment(perLabel.get(label), 'answered');
      if (labels.includes(label)) increment(perLabel.get(label), 'right');
    }
  }
  return {
    n: gold.size,
    accuracy: wilson(right, gold.size),
    acceptedAccuracy: wilson(acceptedRight, accepted),
    labels: [...perLabel.values()],
  };
}

function increment<Key extends string>(counts: Record<Key, number> | undefined, key: Key): void {
  if (counts) counts[key] += 1;
}
