import type { Decision } from '@labelwright/core/model/decision';
import { bestAnswer, type QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import { decisions } from './estimate-codes.ts';

export interface EstimatedQuestion {
  readonly estimate: QuestionEstimate;
  readonly decisions: readonly Decision[];
  /** Per item: counts of votes; 1 where they differ. */
  readonly votes: Uint16Array;
  readonly disputed: Uint8Array;
}

/** The columns that `estimateRows` writes, in its order. */
export const estimateColumns = '(run_id, question, ordinal, answer, probability, margin, posterior, decision, votes, disagreement)';

const chunkBytes = 1 << 20;
const textOid = 25;
const float4Oid = 700;

/** Rows of `estimates` as COPY's binary form wants them: a million in about a second, where text takes several.
 *  https://www.postgresql.org/docs/18/sql-copy.html, "Binary Format"; arrays as their send functions write them. */
export async function* estimateRows(
  run: number,
  questions: Iterable<EstimatedQuestion> | AsyncIterable<EstimatedQuestion>,
): AsyncGenerator<Buffer> {
  yield Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
  for await (const question of questions) yield* rowsOf(run, question);
  yield Buffer.from([0xff, 0xff]);
}

function* rowsOf(run: number, { estimate, decisions: decided, votes, disputed }: EstimatedQuestion): Generator<Buffer> {
  const { question, labels, posterior, confidence } = estimate;
  const k = labels.length;
  const name = Buffer.from(question.id);
  const answers = new Map<string, Buffer>();
  const codes = {
    accepted: decisions.indexOf('accepted'),
    uncertain: decisions.indexOf('uncertain'),
    'no-votes': decisions.indexOf('no-votes'),
  };
  const fixed = 2 + 8 + 4 + name.length + 8 + 8 + 8 + 24 + 8 * k + 6 + 6 + 5;
  let buffer = Buffer.allocUnsafe(chunkBytes);
  let at = 0;
  for (let item = 0; item < estimate.items.length; item++) {
    const labelsOf = bestAnswer(estimate, item);
    const key = labelsOf.join('\n');
    let answer = answers.get(key);
    if (!answer) {
      answer = textArray(labelsOf);
      answers.set(key, answer);
    }
    if (at + fixed + answer.length > buffer.length) {
      yield buffer.subarray(0, at);
      buffer = Buffer.allocUnsafe(Math.max(chunkBytes, fixed + answer.length));
      at = 0;
    }
    at = buffer.writeInt16BE(10, at);
    at = int32(buffer, at, run);
    at = buffer.writeInt32BE(name.length, at);
    at += name.copy(buffer, at);
    at = int32(buffer, at, item);
    at += answer.copy(buffer, at);
    at = float32(buffer, at, confidence[item]);
    at = float32(buffer, at, marginOf(estimate, item));
    at = arrayHead(buffer, at, 20 + 8 * k, float4Oid, k);
    for (let c = 0; c < k; c++) at = float32(buffer, at, posterior[item * k + c]);
    const decision = decided[item];
    at = int16(buffer, at, codes[decision.kind === 'accepted' ? 'accepted' : decision.reason]);
    at = int16(buffer, at, Math.min(votes[item], 32_767));
    at = buffer.writeInt32BE(1, at);
    at = buffer.writeUInt8(disputed[item], at);
  }
  yield buffer.subarray(0, at);
}

/** How far the answer is ahead: of the second label, or of several labels the nearest one to a coin toss. */
function marginOf({ question, labels, posterior }: QuestionEstimate, item: number): number {
  const k = labels.length;
  let first = 0;
  let second = 0;
  let nearest = 1;
  for (let c = 0; c < k; c++) {
    const p = posterior[item * k + c];
    nearest = Math.min(nearest, Math.abs(2 * p - 1));
    if (p > first) {
      second = first;
      first = p;
    } else if (p > second) second = p;
  }
  return question.multiple ? nearest : first - second;
}

function int32(buffer: Buffer, at: number, value: number): number {
  return buffer.writeInt32BE(value, buffer.writeInt32BE(4, at));
}

function int16(buffer: Buffer, at: number, value: number): number {
  return buffer.writeInt16BE(value, buffer.writeInt32BE(2, at));
}

function float32(buffer: Buffer, at: number, value: number): number {
  return buffer.writeFloatBE(value, buffer.writeInt32BE(4, at));
}

/** Length of the value, dimensions, no nulls, type of the elements; length and lower bound of the one dimension. */
function arrayHead(buffer: Buffer, at: number, length: number, oid: number, count: number): number {
  let next = at;
  for (const value of [length, 1, 0, oid, count, 1]) next = buffer.writeInt32BE(value, next);
  return next;
}

function textArray(values: readonly string[]): Buffer {
  const texts = values.map((value) => Buffer.from(value));
  if (texts.length === 0) {
    const empty = Buffer.alloc(16);
    empty.writeInt32BE(12, 0);
    empty.writeInt32BE(textOid, 12);
    return empty;
  }
  const length = texts.reduce((sum, text) => sum + 4 + text.length, 20);
  const buffer = Buffer.alloc(4 + length);
  let at = arrayHead(buffer, 0, length, textOid, texts.length);
  for (const text of texts) {
    at = buffer.writeInt32BE(text.length, at);
    at += text.copy(buffer, at);
  }
  return buffer;
}
