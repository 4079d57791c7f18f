import { type AnswerColumn, firstAnswer } from '@labelwright/core/model/answer-column';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Silence } from '@labelwright/core/model/vote';
import { type ChunkMemory, chunkSize, type LabelingResult, type WorkerLabeler } from './labeling-task.ts';

export interface StoredLabeler extends WorkerLabeler {
  readonly silence: Silence;
  readonly complete: boolean;
}

/** Where worker threads write their answers: chunks of shared memory, m columns each, joined at the end. */
export class ColumnStore {
  private readonly chunks: ChunkMemory[] = [];
  private readonly answers: LabelId[][][];
  private readonly indexes: Map<string, number>[];
  private readonly hasConfidence: boolean[];
  readonly seconds: number[];
  readonly failures: { count: number; first: string; item: string }[];
  private readonly labelers: readonly StoredLabeler[];

  constructor(labelers: readonly StoredLabeler[]) {
    this.labelers = labelers;
    this.answers = labelers.map((labeler) => labeler.question.labels.map((label) => [label.id]));
    this.indexes = this.answers.map((answers) => new Map(answers.map((answer, index) => [answer.join('\n'), index])));
    this.hasConfidence = labelers.map(() => false);
    this.seconds = labelers.map(() => 0);
    this.failures = labelers.map(() => ({ count: 0, first: '', item: '' }));
  }

  /** The chunk that holds item ordinal `first`, made when first asked for. */
  chunkOf(first: number): ChunkMemory {
    const index = Math.floor(first / chunkSize);
    const entries = Math.max(1, this.labelers.length) * chunkSize;
    while (this.chunks.length <= index) {
      this.chunks.push({ codes: new SharedArrayBuffer(entries * 2), confidences: new SharedArrayBuffer(entries * 4) });
    }
    return this.chunks[index];
  }

  codesOf(column: number, first: number, count: number): Uint16Array {
    return new Uint16Array(this.chunkOf(first).codes, (column * chunkSize + (first % chunkSize)) * 2, count);
  }

  confidencesOf(column: number, first: number, count: number): Float32Array {
    return new Float32Array(this.chunkOf(first).confidences, (column * chunkSize + (first % chunkSize)) * 4, count);
  }

  /** Takes in what a batch reported; codes of label sets are renumbered to this store's. */
  accept(result: LabelingResult, first: number, count: number): void {
    result.answers.forEach((answers, column) => this.renumber(column, answers, this.codesOf(column, first, count)));
    result.hasConfidence.forEach((has, column) => {
      this.hasConfidence[column] ||= has;
    });
    result.seconds.forEach((seconds, column) => {
      this.seconds[column] += seconds;
    });
    for (const { labeler, count: failures, first: reason, item } of result.failures) {
      const known = this.failures[labeler];
      this.failures[labeler] = { count: known.count + failures, first: known.first || reason, item: known.item || item };
    }
  }

  private renumber(column: number, answers: readonly (readonly string[])[], codes: Uint16Array): void {
    const indexes = this.indexes[column];
    const wanted = answers.map((answer) => {
      const key = answer.length > 1 ? [...answer].sort().join('\n') : (answer[0] ?? '');
      let index = indexes.get(key);
      if (index === undefined) {
        index = this.answers[column].push([...answer] as LabelId[]) - 1;
        if (index + firstAnswer > 0xffff)
          throw new CoreError('too-many-answers', `${this.labelers[column].id}: more than 65,533 different label sets`);
        indexes.set(key, index);
      }
      return index;
    });
    if (wanted.every((index, position) => index === position)) return;
    for (let i = 0; i < codes.length; i++) if (codes[i] >= firstAnswer) codes[i] = firstAnswer + wanted[codes[i] - firstAnswer];
  }

  /** The columns over the first n items. */
  columns(n: number): AnswerColumn[] {
    return this.labelers.map((labeler, c) => {
      const codes = new Uint16Array(n);
      const confidences = this.hasConfidence[c] ? new Float32Array(n) : undefined;
      for (let first = 0; first < n; first += chunkSize) {
        const count = Math.min(chunkSize, n - first);
        codes.set(this.codesOf(c, first, count), first);
        confidences?.set(this.confidencesOf(c, first, count), first);
      }
      const { id, silence, complete } = labeler;
      return { labeler: id, silence, complete, codes, answers: this.answers[c], ...(confidences && { confidences }) };
    });
  }
}
