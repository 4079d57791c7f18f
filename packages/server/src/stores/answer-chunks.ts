import { type AnswerColumn, abstained, failure, firstAnswer } from '@labelwright/core/model/answer-column';
import type { LabelerId, LabelId } from '@labelwright/core/model/ids';
import type { Silence } from '@labelwright/core/model/vote';
import type { ChunkColumn, Failures } from '@labelwright/engine/runs/column-store';
import { chunkSize } from '@labelwright/engine/runs/labeling-task';
import type { Db } from '../context.ts';

/** A version of a computed labeler, and what its answers depend on beside the items. */
export interface ColumnKey {
  readonly labeler: number;
  readonly version: number;
  readonly fingerprint: string;
}

/** Chunks over the first n items that are not there, or that are too short, or of another fingerprint where one is given; in order. */
export async function missingChunks(
  db: Db,
  { labeler, version, fingerprint }: Pick<ColumnKey, 'labeler' | 'version'> & { readonly fingerprint?: string },
  n: number,
): Promise<number[]> {
  let query = db.selectFrom('answer_chunks').select(['chunk', 'items']).where('labeler_id', '=', labeler).where('version', '=', version);
  if (fingerprint !== undefined) query = query.where('fingerprint', '=', fingerprint);
  const rows = await query.execute();
  const there = new Map(rows.map(({ chunk, items }) => [chunk, items]));
  const missing: number[] = [];
  for (let chunk = 0; chunk * chunkSize < n; chunk++)
    if ((there.get(chunk) ?? 0) < Math.min(chunkSize, n - chunk * chunkSize)) missing.push(chunk);
  return missing;
}

/** Only answers that occur are written down: their labels count as in use. */
export async function saveChunk(db: Db, { labeler, version, fingerprint }: ColumnKey, chunk: number, column: ChunkColumn): Promise<void> {
  const { codes, answers } = compact(column);
  const { count } = column.failures;
  const row = {
    items: codes.length,
    codes: bytesOf(codes),
    confidences: column.confidences ? bytesOf(column.confidences) : null,
    answers: JSON.stringify(answers),
    failures: JSON.stringify(count > 0 ? [column.failures] : []),
    seconds: column.seconds,
    fingerprint,
  };
  await db
    .insertInto('answer_chunks')
    .values({ labeler_id: labeler, version, chunk, ...row })
    .onConflict((conflict) => conflict.columns(['labeler_id', 'version', 'chunk']).doUpdateSet(row))
    .execute();
}

function compact({ codes: given, answers: all }: ChunkColumn): { codes: Uint16Array; answers: (readonly LabelId[])[] } {
  const numbers = new Int32Array(all.length).fill(-1);
  const answers: (readonly LabelId[])[] = [];
  const codes = given.slice();
  for (let item = 0; item < codes.length; item++) {
    const answer = codes[item] - firstAnswer;
    if (answer < 0) continue;
    if (numbers[answer] < 0) numbers[answer] = answers.push(all[answer]) - 1;
    codes[item] = firstAnswer + numbers[answer];
  }
  return { codes, answers };
}

/** As they lie in memory: little-endian on every machine that Node runs on. */
function bytesOf(values: Uint16Array | Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

export interface StoredColumn {
  readonly column: AnswerColumn;
  readonly seconds: number;
  readonly failures: Failures;
}

export interface ColumnOf {
  readonly labeler: number;
  readonly version: number;
  readonly id: LabelerId;
  readonly silence: Silence;
  readonly complete: boolean;
}

/** What a labeler said about the first n items; where a chunk is not there, it abstained. */
export async function loadColumn(db: Db, { labeler, version, id, silence, complete }: ColumnOf, n: number): Promise<StoredColumn> {
  const rows = await db
    .selectFrom('answer_chunks')
    .select(['chunk', 'codes', 'confidences', 'answers', 'failures', 'seconds'])
    .where('labeler_id', '=', labeler)
    .where('version', '=', version)
    .where('chunk', '<', Math.ceil(n / chunkSize))
    .orderBy('chunk')
    .execute();
  const codes = new Uint16Array(n).fill(abstained);
  const confidences = rows.some((row) => row.confidences) ? new Float32Array(n).fill(Number.NaN) : undefined;
  const answers = new AnswerList();
  let seconds = 0;
  let failures: Failures = { count: 0, first: '', item: '' };
  for (const row of rows) {
    const first = row.chunk * chunkSize;
    const count = Math.min(row.codes.byteLength / 2, n - first);
    const numbers = row.answers.map((answer) => answers.numberOf(answer as LabelId[]));
    const given = uint16s(row.codes);
    for (let item = 0; item < count; item++) {
      const code = given[item];
      codes[first + item] = code < firstAnswer ? code : firstAnswer + numbers[code - firstAnswer];
    }
    if (row.confidences) confidences?.set(float32s(row.confidences).subarray(0, count), first);
    seconds += row.seconds;
    for (const failed of row.failures)
      failures = { count: failures.count + failed.count, first: failures.first || failed.first, item: failures.item || failed.item };
  }
  return {
    column: { labeler: id, silence, complete, codes, answers: answers.list, ...(confidences && { confidences }) },
    seconds,
    failures,
  };
}

/** What a labeler said about some items: labels, null where it failed, undefined where it abstained or was not asked. */
export async function answersAt(
  db: Db,
  { labeler, version }: { readonly labeler: number; readonly version: number },
  ordinals: Int32Array,
): Promise<(readonly string[] | null | undefined)[]> {
  const wanted = [...new Set(ordinals.map((ordinal) => Math.floor(ordinal / chunkSize)))];
  const rows = await db
    .selectFrom('answer_chunks')
    .select(['chunk', 'codes', 'answers'])
    .where('labeler_id', '=', labeler)
    .where('version', '=', version)
    .where('chunk', 'in', wanted.length > 0 ? wanted : [-1])
    .execute();
  const chunks = new Map(rows.map((row) => [row.chunk, { codes: uint16s(row.codes), answers: row.answers }]));
  return Array.from(ordinals, (ordinal) => {
    const chunk = chunks.get(Math.floor(ordinal / chunkSize));
    const code = chunk?.codes[ordinal % chunkSize] ?? abstained;
    if (code === failure) return null;
    return code === abstained ? undefined : chunk?.answers[code - firstAnswer];
  });
}

/** Numbers for answers, the same for the same labels. */
export class AnswerList {
  readonly list: (readonly LabelId[])[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(answer: readonly LabelId[]): number {
    const key = answer.length > 1 ? [...answer].sort().join('\n') : `${answer.length}${answer[0] ?? ''}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.list.push(answer) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }
}

function uint16s(bytes: Buffer): Uint16Array {
  return new Uint16Array(aligned(bytes, 2));
}

function float32s(bytes: Buffer): Float32Array {
  return new Float32Array(aligned(bytes, 4));
}

function aligned(bytes: Buffer, width: number): ArrayBuffer {
  return new Uint8Array(bytes.subarray(0, bytes.length - (bytes.length % width))).buffer;
}

/** Versions that nobody will read again. */
export async function forgetOldVersions(db: Db, labeler: number, kept: number): Promise<void> {
  await db.deleteFrom('answer_chunks').where('labeler_id', '=', labeler).where('version', '<', kept).execute();
  await db.deleteFrom('labeler_models').where('labeler_id', '=', labeler).where('version', '<', kept).execute();
}
