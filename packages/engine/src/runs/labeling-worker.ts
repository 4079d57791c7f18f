import { workerData } from 'node:worker_threads';
import { type Answerer, Sample } from '@labelwright/core/labelers/labeler';
import { checkOptions } from '@labelwright/core/model/about';
import type { Answer } from '@labelwright/core/model/answer';
import { abstained, failure, firstAnswer } from '@labelwright/core/model/answer-column';
import { foldOf } from '@labelwright/core/pipeline/cross-fit';
import { labelers as techniques } from '../labelers.ts';
import { unpackItems } from './packed-items.ts';
import { chunkSize, type LabelingResult, type LabelingTask, type WorkerLabeler } from './labeling-task.ts';

const labelers = (workerData as { labelers: readonly WorkerLabeler[] }).labelers;
const ready = Promise.all(labelers.map(prepare));

async function prepare(labeler: WorkerLabeler): Promise<Answerer[]> {
  const technique = techniques.find(({ name }) => name === labeler.use);
  if (!technique) throw new Error(`there is no technique '${labeler.use}'`);
  const options: unknown = checkOptions(technique, labeler.with);
  return Promise.all(
    labeler.models.map(async (model): Promise<Answerer> => technique.prepare({ question: labeler.question, options, model })),
  );
}

/** Runs in a worker thread. Labeler by labeler over the batch: one rule's code and tables stay hot. */
export default async function answerBatch({ items: packed, first, chunk }: LabelingTask): Promise<LabelingResult> {
  const prepared = await ready;
  const items = unpackItems(packed);
  const samples = items.map((item) => new Sample(item));
  const results = labelers.map((labeler, c) => {
    const started = performance.now();
    const codes = new Uint16Array(chunk.codes, (c * chunkSize + first) * 2, items.length);
    const confidences = new Float32Array(chunk.confidences, (c * chunkSize + first) * 4, items.length);
    const recorder = new Recorder(labeler, codes, confidences);
    const answerers = prepared[c];
    for (let i = 0; i < samples.length; i++) {
      const fold = answerers.length === 1 ? 0 : foldOf(items[i].id, answerers.length, labeler.seed);
      recorder.record(i, answerers[fold].answer(samples[i]));
    }
    return { recorder, seconds: (performance.now() - started) / 1000 };
  });
  return {
    answers: results.map(({ recorder }) => recorder.answers),
    hasConfidence: results.map(({ recorder }) => recorder.hasConfidence),
    seconds: results.map(({ seconds }) => seconds),
    failures: results.flatMap(({ recorder: { failures, firstFailure } }, labeler) =>
      firstFailure ? [{ labeler, count: failures, first: firstFailure.reason, item: items[firstFailure.row].id }] : [],
    ),
  };
}

class Recorder {
  readonly answers: (readonly string[])[];
  hasConfidence = false;
  failures = 0;
  firstFailure: { row: number; reason: string } | undefined;
  private readonly known = new Map<string, number>();
  /** Rules return the same frozen answer again and again. */
  private last: Answer | undefined;
  private lastCode = abstained;
  private readonly codes: Uint16Array;
  private readonly confidences: Float32Array;

  constructor(labeler: WorkerLabeler, codes: Uint16Array, confidences: Float32Array) {
    this.codes = codes;
    this.confidences = confidences;
    // Single labels come first, in the order of the schema: their codes are the same in every batch.
    this.answers = labeler.question.labels.map((label) => [label.id]);
    this.answers.forEach((answer, index) => this.known.set(answer.join('\n'), index));
  }

  record(row: number, answer: Answer): void {
    if (answer !== this.last) {
      this.last = answer;
      this.lastCode = this.codeOf(row, answer);
    } else if (answer.kind === 'failed') {
      this.failures += 1;
    }
    this.codes[row] = this.lastCode;
    const confidence = answer.kind === 'labels' ? answer.confidence : undefined;
    if (confidence !== undefined) this.hasConfidence = true;
    this.confidences[row] = confidence ?? Number.NaN;
  }

  private codeOf(row: number, answer: Answer): number {
    if (answer.kind === 'abstain') return abstained;
    if (answer.kind === 'failed') {
      this.failures += 1;
      this.firstFailure ??= { row, reason: answer.reason };
      return failure;
    }
    const labels = answer.annotations.map((annotation) => annotation.label);
    const key = labels.length > 1 ? [...labels].sort().join('\n') : (labels[0] ?? '');
    let index = this.known.get(key);
    if (index === undefined) {
      index = this.answers.push(labels) - 1;
      this.known.set(key, index);
    }
    return firstAnswer + index;
  }
}
