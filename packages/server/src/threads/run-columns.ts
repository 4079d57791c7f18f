import { createHash } from 'node:crypto';
import type { Settings } from '@labelwright/contract/projects';
import { hashText } from '@labelwright/core/math/random';
import { checkOptions } from '@labelwright/core/model/about';
import { abstained, firstAnswer } from '@labelwright/core/model/answer-column';
import { reasonOf } from '@labelwright/core/model/errors';
import type { LabelerId, LabelId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import type { Question } from '@labelwright/core/model/schema';
import { calibrateAnswers } from '@labelwright/core/pipeline/calibrate-answers';
import type { QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import type { ItemView } from '@labelwright/engine/items/item-of';
import { askedTechnique } from '@labelwright/engine/project/asked';
import { fingerprintOf } from '@labelwright/engine/runs/answer-log';
import type { StoredLabeler } from '@labelwright/engine/runs/column-store';
import { chunkSize } from '@labelwright/engine/runs/labeling-task';
import { learnModels } from '@labelwright/engine/runs/learn-models';
import { runLabelers } from '@labelwright/engine/runs/run-labelers';
import { learns, storedLabeler, techniqueNamed } from '@labelwright/engine/runs/stored-labeler';
import { calibratedConfidences, checkedAnswers } from '../asking/calibration.ts';
import { AnswerList, type ColumnKey, loadColumn, missingChunks, saveChunk, type StoredColumn } from '../stores/answer-chunks.ts';
import { imported } from '../stores/imported-votes.ts';
import { loadModels, saveModels } from '../stores/labeler-models.ts';
import { askedColumn } from '../stores/llm-answers.ts';
import { agreedAnswers, peoplesVotes } from '../stores/peoples-votes.ts';
import type { LabelerRow } from '../stores/labelers.ts';
import { itemsAt, readItems } from '../stores/run-items.ts';
import type { ProgressTeller } from './run-progress.ts';
import type { ThreadDatabase } from './thread-database.ts';

/** Of the folds and of whatever is drawn: explanations count on it. */
export const runSeed = 0;

export interface RunScope {
  readonly database: ThreadDatabase;
  readonly project: number;
  readonly settings: Settings;
  readonly view: ItemView;
  /** Items of the run: ordinals below it. */
  readonly n: number;
  /** Of Labelwright. */
  readonly version: string;
  readonly signal: AbortSignal;
  readonly progress: ProgressTeller;
}

/** A labeler of a run. */
export interface Taker {
  readonly row: LabelerRow;
  readonly question: Question;
}

export const isImported = ({ row }: Taker): boolean => row.use === imported;
export const isAsked = ({ row }: Taker): boolean => askedTechnique(row.use) !== undefined;
export const isLearner = ({ row }: Taker): boolean => learns({ use: row.use });

/** As the aggregator calls it: the name, which its warnings then say. */
export function columnId({ row: { id, name } }: Taker): LabelerId {
  return (/^person:\d+$/.test(name) ? `${name} (labeler ${id})` : name) as LabelerId;
}

/** Why a labeler cannot work at all; undefined where it can. It is left out of the run then, and the others go on. */
export async function whyUnfit({ row, question }: Taker): Promise<string | undefined> {
  try {
    const technique = techniqueNamed(row.use);
    const options: unknown = checkOptions(technique, row.options);
    if (technique.learn) return undefined;
    const answerer = await technique.prepare({ question, options, model: null });
    answerer.dispose?.();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Lets rules answer the items that they have not answered yet in their present version. */
export async function answerByRules(scope: RunScope, takers: readonly Taker[]): Promise<void> {
  await answer(
    scope,
    'rules',
    takers.map((taker) => ({ stored: stored(taker, [null]), key: keyOf(taker, definitionOf(scope, taker)) })),
  );
}

/** Lets classifiers learn from what is believed without them, and answer. Where that is the same as the last time, what they learned is as well.
 *  @returns those that had too little to learn from */
export async function answerByLearners(
  scope: RunScope,
  takers: readonly Taker[],
  estimate: QuestionEstimate,
  votes: Uint16Array,
): Promise<Taker[]> {
  const { db, pool } = scope.database;
  const lesson = createHash('sha256').update(bytesOf(estimate.posterior)).update(bytesOf(votes)).digest('hex');
  const unlearned: Taker[] = [];
  const learned: Answering[] = [];
  for (const taker of takers) {
    const key = keyOf(taker, fingerprintOf([definitionOf(scope, taker), lesson]));
    let models = await loadModels(db, key);
    if (models.length === 0) {
      scope.progress.tell(`learning ${taker.row.name}`, 0);
      models = await learnModels({
        spec: { use: taker.row.use, with: taker.row.options as Json },
        estimate,
        votes,
        seed: runSeed,
        rankOf: (ordinal) => hashText(`item ${ordinal}`),
        itemsAt: (ordinals) => itemsAt(pool, scope.project, scope.view, ordinals),
        signal: scope.signal,
      });
      await saveModels(db, key, models);
    }
    if (models.length === 0) unlearned.push(taker);
    else learned.push({ stored: stored(taker, models), key });
  }
  await answer(scope, 'classifiers', learned);
  return unlearned;
}

/** What came with files, as columns like all others: so evidence and filters read them in the same way. */
export async function storeImportedVotes({ database: { db }, n }: RunScope, { row, question }: Taker): Promise<void> {
  const known = new Set<string>(question.labels.map(({ id }) => id));
  for (let chunk = 0; chunk * chunkSize < n; chunk++) {
    const first = chunk * chunkSize;
    const items = Math.min(chunkSize, n - first);
    const rows = await db
      .selectFrom('imported_votes')
      .select(['ordinal', 'labels', 'confidence'])
      .where('labeler_id', '=', row.id)
      .where('ordinal', '>=', first)
      .where('ordinal', '<', first + items)
      .execute();
    const codes = new Uint16Array(items).fill(abstained);
    const confidences = rows.some(({ confidence }) => confidence !== null) ? new Float32Array(items).fill(Number.NaN) : undefined;
    const answers = new AnswerList();
    for (const { ordinal, labels, confidence } of rows) {
      if (!labels.every((label) => known.has(label))) continue;
      codes[ordinal - first] = firstAnswer + answers.numberOf(labels as LabelId[]);
      if (confidences && confidence !== null) confidences[ordinal - first] = confidence;
    }
    const failures = { count: 0, first: '', item: '' };
    const key = { labeler: row.id, version: row.version, fingerprint: imported };
    await saveChunk(db, key, chunk, { codes, answers: answers.list, seconds: 0, failures, ...(confidences && { confidences }) });
  }
}

/** What a language model said so far, as a column like all others. Its confidence becomes a probability where enough of its answers can be checked by
 *  people's; never by gold, which only scores.  @returns how many items it was asked about */
export async function storeAskedAnswers({ database: { db }, project, n }: RunScope, { row, question }: Taker): Promise<number> {
  const { id: labeler, version } = row;
  const { column, failures, answered } = await askedColumn(db, { labeler, version, id: columnId({ row, question }) }, question, n);
  if (answered === 0) return 0;
  const people = agreedAnswers(await peoplesVotes(db, project, question.id, { below: n }));
  const calibration = calibrateAnswers(checkedAnswers(column, people))?.calibration;
  const confidences = column.confidences && calibration ? calibratedConfidences(column.confidences, calibration) : column.confidences;
  for (let chunk = 0; chunk * chunkSize < n; chunk++) {
    const from = chunk * chunkSize;
    const to = Math.min(n, from + chunkSize);
    await saveChunk(db, { labeler, version, fingerprint: 'asked' }, chunk, {
      codes: column.codes.slice(from, to),
      answers: column.answers,
      seconds: 0,
      failures: chunk === 0 ? failures : { count: 0, first: '', item: '' },
      ...(confidences && { confidences: confidences.slice(from, to) }),
    });
  }
  return answered;
}

/** Whether its present version has answered all items, whatever the answers depended on. */
export async function hasAnswered({ database: { db }, n }: RunScope, { row }: Taker): Promise<boolean> {
  return (await missingChunks(db, { labeler: row.id, version: row.version }, n)).length === 0;
}

export function columnOf({ database: { db }, n }: RunScope, taker: Taker): Promise<StoredColumn> {
  const { id: labeler, version, use } = taker.row;
  const id = columnId(taker);
  if (isImported(taker) || isAsked(taker)) return loadColumn(db, { labeler, version, id, silence: 'unasked', complete: true }, n);
  const technique = techniqueNamed(use);
  return loadColumn(db, { labeler, version, id, silence: technique.silence, complete: technique.learn !== undefined }, n);
}

interface Answering {
  readonly stored: StoredLabeler;
  readonly key: ColumnKey;
}

/** Chunk by chunk what is missing; chunks next to each other that the same labelers lack are one pass over the items. */
async function answer(scope: RunScope, phase: string, takers: readonly Answering[]): Promise<void> {
  const { database, project, view, n, signal, progress } = scope;
  const lacking: Answering[][] = Array.from({ length: Math.ceil(n / chunkSize) }, () => []);
  for (const taker of takers) for (const chunk of await missingChunks(database.db, taker.key, n)) lacking[chunk].push(taker);
  let done = 0;
  for (let chunk = 0; chunk < lacking.length; ) {
    const mine = lacking[chunk];
    let next = chunk + 1;
    while (next < lacking.length && sameList(lacking[next], mine)) next++;
    const from = chunk * chunkSize;
    const to = Math.min(n, next * chunkSize);
    if (mine.length > 0) {
      const before = done;
      const firstChunk = chunk;
      await runLabelers(
        mine.map((taker) => taker.stored),
        readItems(database.pool, project, view, from, to),
        {
          signal,
          onProgress: (items) => progress.tell(phase, before + items),
          onChunk: async ({ chunk: at, columns }) => {
            for (const [c, column] of columns.entries()) await saveChunk(database.db, mine[c].key, firstChunk + at, column);
          },
        },
      );
    }
    done += to - from;
    if (takers.length > 0) progress.tell(phase, done);
    chunk = next;
  }
}

function sameList(a: readonly Answering[], b: readonly Answering[]): boolean {
  return a.length === b.length && a.every((taker, at) => taker === b[at]);
}

function stored(taker: Taker, models: readonly Json[]): StoredLabeler {
  const { use, options } = taker.row;
  return storedLabeler({ id: columnId(taker), use, with: options as Json }, taker.question, models, runSeed);
}

function keyOf({ row }: Taker, fingerprint: string): ColumnKey {
  return { labeler: row.id, version: row.version, fingerprint };
}

/** What a rule's answers depend on beside the items. */
function definitionOf({ view, version }: RunScope, { row, question }: Taker): string {
  return fingerprintOf([version, row.use, row.options, question, view.text, [...view.hidden].sort()]);
}

function bytesOf(values: Float64Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
