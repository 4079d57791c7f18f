import { createRandom } from '@labelwright/core/math/random';
import type { AnswerColumn } from '@labelwright/core/model/answer-column';
import type { ItemId } from '@labelwright/core/model/ids';
import type { Question } from '@labelwright/core/model/schema';
import type { QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import type { HeldOut } from '../stores/held-out.ts';
import type { PersonVotes } from '../stores/peoples-votes.ts';
import { runSeed } from './run-columns.ts';

/** So many items that people answered are judged, and at least so many others tell what labelers are like. */
const mostJudged = 20_000;
const leastItems = 20_000;

/** What the labelers say of the items that people answered, as if nobody had: only such a posterior can say that an answer is wrong, or that a
 *  probability means what it says. Estimated over those items and a random sample of the others, so that it costs a run little.
 *  Learners judge each item by a model that did not see its answer. */
export function holdPeopleOut(
  question: Question,
  columns: readonly AnswerColumn[],
  people: readonly PersonVotes[],
  n: number,
  aggregate: (items: readonly ItemId[], columns: readonly AnswerColumn[]) => QuestionEstimate,
): HeldOut {
  const none: HeldOut = { question: question.id, ordinals: [], posterior: new Float64Array(0) };
  const random = createRandom(runSeed).fork(`held out ${question.id}`);
  const answered = new Uint8Array(n);
  for (const { ordinals } of people) for (const ordinal of ordinals) if (ordinal < n) answered[ordinal] = 1;
  const judged = sampled(pick(answered, 1), mostJudged, random);
  if (judged.length === 0 || columns.length === 0) return none;
  const others = sampled(pick(answered, 0), Math.max(0, leastItems - judged.length), random);
  const ordinals = Int32Array.from([...judged, ...others]).sort();
  const some = columns.map((column) => ({
    ...column,
    codes: Uint16Array.from(ordinals, (ordinal) => column.codes[ordinal]),
    ...(column.confidences && { confidences: Float32Array.from(ordinals, (ordinal) => column.confidences?.[ordinal] ?? Number.NaN) }),
  }));
  const { labels, posterior } = aggregate(
    Array.from(ordinals, (ordinal) => String(ordinal) as ItemId),
    some,
  );
  const k = labels.length;
  const kept = [...ordinals.keys()].filter((row) => answered[ordinals[row]] === 1 && some.some(({ codes }) => codes[row] > 1));
  const rows = new Float64Array(kept.length * k);
  kept.forEach((row, at) => rows.set(posterior.subarray(row * k, row * k + k), at * k));
  return { question: question.id, ordinals: kept.map((row) => ordinals[row]), posterior: rows };
}

function pick(marks: Uint8Array, wanted: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < marks.length; at++) if (marks[at] === wanted) found.push(at);
  return found;
}

function sampled(ordinals: number[], most: number, random: ReturnType<typeof createRandom>): number[] {
  return ordinals.length <= most ? ordinals : random.shuffle(ordinals).slice(0, most);
}
