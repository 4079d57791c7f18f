import { type Interval, wilson } from '../math/statistics.ts';
import { type AnswerColumn, answerAt } from '../model/answer-column.ts';
import type { Decision } from '../model/decision.ts';
import type { LabelerId, LabelId } from '../model/ids.ts';
import { bestAnswer, type QuestionEstimate } from './question-estimate.ts';
import { ancestry } from './question-tables.ts';

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
  /** Against gold, which nothing was fitted to; absent without gold. */
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

/** @param gold whole answers by item ordinal   @param decisions one per item */
export function summarizeQuestion(
  estimate: QuestionEstimate,
  columns: readonly AnswerColumn[],
  decisions: readonly Decision[],
  gold: ReadonlyMap<number, readonly LabelId[]>,
): QuestionSummary {
  const n = estimate.items.length;
  const agrees = agreementOf(estimate);
  const pairs = countPairs(columns, n, agrees);
  const waiting = { uncertain: 0, noVotes: 0 };
  const confidence = { accepted: new Array<number>(bins).fill(0), waiting: new Array<number>(bins).fill(0) };
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

type Agrees = (a: readonly LabelId[], b: readonly LabelId[]) => boolean;

/** Whether two answers can both be right: same labels; in a tree, one label above the other; of several labels, one answer within the other. */
function agreementOf({ question }: QuestionEstimate): Agrees {
  const above = ancestry(question);
  const covers = (a: LabelId, b: LabelId): boolean => a === b || above(b).includes(a);
  const within: Agrees = (a, b) => a.every((label) => b.some((other) => covers(label, other) || covers(other, label)));
  return (a, b) => (question.multiple ? within(a, b) || within(b, a) : a.length === b.length && within(a, b));
}

interface Pairs {
  readonly overlaps: Float64Array;
  readonly conflicts: Float64Array;
  readonly overlapping: Float64Array;
  readonly contradicted: Float64Array;
  readonly covered: number;
  readonly conflicting: number;
}

function countPairs(columns: readonly AnswerColumn[], n: number, agrees: Agrees): Pairs {
  const m = columns.length;
  const overlaps = new Float64Array(m * m);
  const conflicts = new Float64Array(m * m);
  const overlapping = new Float64Array(m);
  const contradicted = new Float64Array(m);
  const voters = new Int32Array(m);
  const differs = new Uint8Array(m);
  let covered = 0;
  let conflicting = 0;
  for (let item = 0; item < n; item++) {
    let count = 0;
    for (let c = 0; c < m; c++) if (answerAt(columns[c], item) !== undefined) voters[count++] = c;
    if (count === 0) continue;
    covered += 1;
    let conflict = false;
    differs.fill(0);
    for (let x = 0; x < count; x++) {
      const a = voters[x];
      overlaps[a * m + a] += 1;
      for (let y = x + 1; y < count; y++) {
        const b = voters[y];
        overlaps[a * m + b] += 1;
        overlaps[b * m + a] += 1;
        if (agrees(answerAt(columns[a], item) ?? [], answerAt(columns[b], item) ?? [])) continue;
        conflicts[a * m + b] += 1;
        conflicts[b * m + a] += 1;
        differs[a] = 1;
        differs[b] = 1;
        conflict = true;
      }
      if (count > 1) overlapping[a] += 1;
      contradicted[a] += differs[a];
    }
    if (conflict) conflicting += 1;
  }
  return { overlaps, conflicts, overlapping, contradicted, covered, conflicting };
}

function summarizeLabels(estimate: QuestionEstimate): LabelSummary[] {
  const { items, labels, posterior } = estimate;
  const k = labels.length;
  const answered = new Map<LabelId, number>();
  for (let item = 0; item < items.length; item++)
    for (const label of bestAnswer(estimate, item)) answered.set(label, (answered.get(label) ?? 0) + 1);
  return labels.map((label, c) => {
    let mass = 0;
    for (let item = 0; item < items.length; item++) mass += posterior[item * k + c];
    return { label, answered: answered.get(label) ?? 0, share: items.length === 0 ? 0 : mass / items.length };
  });
}

function summarizeLabeler(
  estimate: QuestionEstimate,
  column: AnswerColumn,
  pairs: Pairs,
  c: number,
  gold: ReadonlyMap<number, readonly LabelId[]>,
  agrees: Agrees,
): LabelerSummary {
  const m = Math.sqrt(pairs.overlaps.length);
  const voted = pairs.overlaps[c * m + c];
  const known = estimate.question.labels.map((label) => label.id);
  const votes = new Array<number>(known.length).fill(0);
  const probability = probabilityOf(estimate);
  let right = 0;
  for (let item = 0; item < estimate.items.length; item++) {
    const answer = answerAt(column, item);
    if (!answer) continue;
    for (const label of answer) votes[known.indexOf(label)] += 1;
    right += probability(item, answer, column.complete);
  }
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

/** P(an answer is right) by the posterior. Of several labels: the mean over the labels that it speaks about. */
function probabilityOf({
  question,
  labels,
  posterior,
}: QuestionEstimate): (item: number, answer: readonly LabelId[], complete: boolean) => number {
  const k = labels.length;
  const above = ancestry(question);
  return (item, answer, complete) => {
    let sum = 0;
    let spoken = 0;
    labels.forEach((label, c) => {
      const p = posterior[item * k + c];
      const said = answer.some((given) => given === label || above(label).includes(given));
      if (!question.multiple) sum += said ? p : 0;
      else if (said || complete || answer.length === 0) {
        sum += said ? p : 1 - p;
        spoken += 1;
      }
    });
    return question.multiple ? sum / Math.max(1, spoken) : sum;
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
