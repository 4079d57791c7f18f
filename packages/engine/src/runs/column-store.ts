import { type AnswerColumn, firstAnswer } from '@labelwright/core/model/answer-column';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Silence } from '@labelwright/core/model/vote';
import { type ChunkMemory, chunkSize, type LabelingResult, type WorkerLabeler } from './labeling-task.ts';

export interface StoredLabeler extends WorkerLabeler {
  readonly silence: Silence;
  readonly complete: boolean;
}

/** What labelers said about one chunk of items, whole. */
export interface FinishedChunk {
  /** 0, 1, 2 … from the first item that was read. */
  readonly chunk: number;
  readonly items: number;
  /** One per labeler, in their order. */
  readonly columns: readonly ChunkColumn[];
}

export interface ChunkColumn {
  readonly codes: Uint16Array;
  readonly confidences?: Float32Array;
  readonly answers: readonly (readonly LabelId[])[];
  readonly seconds: number;
  readonly failures: Failures;
}

/** `first` says why the first item failed that did. */
export interface Failures {
  readonly count: number;
  readonly first: string;
  readonly item: string;
}

interface Effort {
  readonly seconds: number[];
  readonly failures: Failures[];
}

/** Where worker threads write their answers: chunks of shared memory, m columns each, joined at the end. */
export class ColumnStore {
  private readonly chunks = new Map<number, ChunkMemory>();
  private readonly answers: LabelId[][][];
  private readonly indexes: Map<string, number>[];
  private readonly hasConfidence: boolean[];
  private readonly efforts = new Map<number, Effort>();
  private readonly labelers: readonly StoredLabeler[];

  constructor(labelers: readonly StoredLabeler[]) {
    this.labelers = labelers;
    this.answers = labelers.map((labeler) => labeler.question.labels.map((label) => [label.id]));
    this.indexes = this.answers.map((answers) => new Map(answers.map((answer, index) => [answer.join('\n'), index])));
    this.hasConfidence = labelers.map(() => false);
  }

  /** The chunk that holds item ordinal `first`, made when first asked for. */
  chunkOf(first: number): ChunkMemory {
    const index = Math.floor(first / chunkSize);
    let memory = this.chunks.get(index);
    if (!memory) {
      const entries = Math.max(1, this.labelers.length) * chunkSize;
      memory = { codes: new SharedArrayBuffer(entries * 2), confidences: new SharedArrayBuffer(entries * 4) };
      this.chunks.set(index, memory);
    }
    return memory;
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
    const effort = this.effortOf(Math.floor(first / chunkSize));
    result.seconds.forEach((seconds, column) => {
      effort.seconds[column] += seconds;
    });
    for (const { labeler, ...failures } of result.failures) effort.failures[labeler] = joined(effort.failures[labeler], failures);
  }

  /** Seconds of computing, per labeler. */
  get seconds(): number[] {
    return this.labelers.map((_, c) => [...this.efforts.values()].reduce((sum, effort) => sum + effort.seconds[c], 0));
  }

  get failures(): Failures[] {
    const efforts = [...this.efforts].sort(([a], [b]) => a - b);
    return this.labelers.map((_, c) => efforts.reduce((all, [, effort]) => joined(all, effort.failures[c]), none));
  }

  /** A chunk to which nothing will be added; it is forgotten here, and its memory freed. */
  take(chunk: number, items: number): FinishedChunk {
    const first = chunk * chunkSize;
    const effort = this.effortOf(chunk);
    const columns = this.labelers.map((_, c) => ({
      codes: this.codesOf(c, first, items).slice(),
      ...(this.hasConfidence[c] && { confidences: this.confidencesOf(c, first, items).slice() }),
      answers: [...this.answers[c]],
      seconds: effort.seconds[c],
      failures: effort.failures[c],
    }));
    this.chunks.delete(chunk);
    return { chunk, items, columns };
  }

  private effortOf(chunk: number): Effort {
    let effort = this.efforts.get(chunk);
    if (!effort) {
      effort = { seconds: this.labelers.map(() => 0), failures: this.labelers.map(() => none) };
      this.efforts.set(chunk, effort);
    }
    return effort;
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

const none: Failures = { count: 0, first: '', item: '' };

function joined(before: Failures, { count, first, item }: Failures): Failures {
  return { count: before.count + count, first: before.first || first, item: before.item || item };
}
