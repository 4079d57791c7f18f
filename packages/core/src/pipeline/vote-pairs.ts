import { type AnswerColumn, firstAnswer } from '../model/answer-column.ts';
import type { LabelId } from '../model/ids.ts';
import type { Question } from '../model/schema.ts';
import { ancestry } from './question-tables.ts';

export type Agrees = (a: readonly LabelId[], b: readonly LabelId[]) => boolean;

/** Whether two answers can both be right: same labels; in a tree, one label above the other; of several labels, one answer within the other. */
export function agreementOf(question: Question): Agrees {
  const above = ancestry(question);
  const covers = (a: LabelId, b: LabelId): boolean => a === b || above(b).includes(a);
  const within: Agrees = (a, b) => a.every((label) => b.some((other) => covers(label, other) || covers(other, label)));
  return (a, b) => (question.multiple ? within(a, b) || within(b, a) : a.length === b.length && within(a, b));
}

/** Who votes on the same items, and who says otherwise. m labelers, n items. */
export interface VotePairs {
  /** m×m row-major: items on which both voted (on the diagonal: voted), and of these the ones on which they differ. */
  readonly overlaps: Float64Array;
  readonly conflicts: Float64Array;
  /** m: of the items it voted on, others voted too; some other labeler said otherwise. */
  readonly overlapping: Float64Array;
  readonly contradicted: Float64Array;
  /** Items with a vote; with votes that differ. */
  readonly covered: number;
  readonly conflicting: number;
  /** n: 1 where votes differ. */
  readonly disputed: Uint8Array;
}

/** One pass over the columns, O(n · m + pairs of votes). */
export function countPairs(question: Question, columns: readonly AnswerColumn[], n: number): VotePairs {
  const m = columns.length;
  const overlaps = new Float64Array(m * m);
  const conflicts = new Float64Array(m * m);
  const overlapping = new Float64Array(m);
  const contradicted = new Float64Array(m);
  const disputed = new Uint8Array(n);
  const { numbers, differ } = numberedAnswers(question, columns);
  const voters = new Int32Array(m);
  const said = new Int32Array(m);
  const differs = new Uint8Array(m);
  let covered = 0;
  let conflicting = 0;
  for (let item = 0; item < n; item++) {
    let count = 0;
    for (let c = 0; c < m; c++) {
      const code = columns[c].codes[item];
      if (code < firstAnswer) continue;
      voters[count] = c;
      said[count++] = numbers[c][code - firstAnswer];
    }
    if (count === 0) continue;
    covered += 1;
    for (let x = 0; x < count; x++) {
      const a = voters[x];
      overlaps[a * m + a] += 1;
      for (let y = x + 1; y < count; y++) {
        const b = voters[y];
        overlaps[a * m + b] += 1;
        if (said[x] === said[y] || !differ(said[x], said[y])) continue;
        conflicts[a * m + b] += 1;
        differs[x] = 1;
        differs[y] = 1;
        disputed[item] = 1;
      }
    }
    if (disputed[item]) conflicting += 1;
    for (let x = 0; x < count; x++) {
      if (count > 1) overlapping[voters[x]] += 1;
      contradicted[voters[x]] += differs[x];
      differs[x] = 0;
    }
  }
  for (let a = 0; a < m; a++) {
    for (let b = a + 1; b < m; b++) {
      overlaps[b * m + a] = overlaps[a * m + b];
      conflicts[b * m + a] = conflicts[a * m + b];
    }
  }
  return { overlaps, conflicts, overlapping, contradicted, covered, conflicting, disputed };
}

const tabled = 1024;

/** Equal answers of different columns get one number; whether two numbers differ is looked up, for most questions in a table. */
function numberedAnswers(question: Question, columns: readonly AnswerColumn[]) {
  const agrees = agreementOf(question);
  const known = new Map<string, number>();
  const answers: (readonly LabelId[])[] = [];
  const numbers = columns.map((column) =>
    Int32Array.from(column.answers, (answer) => {
      const key = answer.length > 1 ? [...answer].sort().join('\n') : `${answer.length}${answer[0] ?? ''}`;
      let number = known.get(key);
      if (number === undefined) {
        number = answers.push(answer) - 1;
        known.set(key, number);
      }
      return number;
    }),
  );
  const size = answers.length;
  if (size > tabled) return { numbers, differ: (a: number, b: number) => !agrees(answers[a], answers[b]) };
  const table = new Uint8Array(size * size);
  for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) table[a * size + b] = agrees(answers[a], answers[b]) ? 0 : 1;
  return { numbers, differ: (a: number, b: number) => table[a * size + b] === 1 };
}
