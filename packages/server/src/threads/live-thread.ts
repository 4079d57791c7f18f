import { Worker } from 'node:worker_threads';
import { CoreError } from '@labelwright/core/model/errors';
import { errorOf, type ThreadFault, threadFile } from './thread.ts';

/** What is asked of a thread that stays: one question at a time. */
export interface LiveQuestion {
  readonly id: number;
  readonly kind: string;
  readonly payload: unknown;
}

export type LiveAnswer =
  | { readonly id: number; readonly kind: 'done'; readonly result: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly fault: ThreadFault };

interface Waiting extends LiveQuestion {
  readonly timeoutMs: number;
  readonly supersedes: string | undefined;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface LiveOptions {
  readonly timeoutMs: number;
  /** A question under the same name that still waits is answered no more: whoever types asks anew with every letter. */
  readonly supersedes?: string;
}

const memoryMb = 2048;
/** Unasked for so long, it ends, and its memory is free. */
const idleMs = 300_000;

/** A thread that keeps what it prepared between questions. A question that takes too long ends it; the next one begins a new one: whatever a
 *  user's rule does, nobody else's request waits for it for longer than that. */
export class LiveThread {
  private readonly file: string;
  private readonly data: unknown;
  private worker: Worker | undefined;
  private readonly waiting: Waiting[] = [];
  private current: Waiting | undefined;
  private timer: NodeJS.Timeout | undefined;
  private nextId = 1;

  constructor(file: string, data: unknown) {
    this.file = file;
    this.data = data;
  }

  /** @throws what the thread threw; CoreError 'too-slow', 'out-of-memory', 'superseded' */
  ask<Result>(kind: string, payload: unknown, { timeoutMs, supersedes }: LiveOptions): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (supersedes !== undefined) this.dropWaiting(supersedes);
      this.waiting.push({ id: this.nextId++, kind, payload, timeoutMs, supersedes, resolve, reject });
      this.next();
    });
  }

  stop(): void {
    clearTimeout(this.timer);
    const { worker } = this;
    this.worker = undefined;
    void worker?.terminate();
    for (const each of [...(this.current ? [this.current] : []), ...this.waiting.splice(0)])
      each.reject(new Error('the thread was stopped'));
    this.current = undefined;
  }

  private dropWaiting(name: string): void {
    const at = this.waiting.findIndex(({ supersedes }) => supersedes === name);
    if (at < 0) return;
    const [dropped] = this.waiting.splice(at, 1);
    dropped.reject(new CoreError('conflict', 'A later request took the place of this one'));
  }

  private next(): void {
    if (this.current) return;
    clearTimeout(this.timer);
    this.current = this.waiting.shift();
    if (!this.current) {
      this.timer = setTimeout(() => this.stop(), idleMs);
      this.timer.unref();
      return;
    }
    const { id, kind, payload, timeoutMs } = this.current;
    this.timer = setTimeout(() => this.abandon(new CoreError('too-slow', `It was stopped after ${timeoutMs / 1000} s`)), timeoutMs);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.open().postMessage({ id, kind, payload } satisfies LiveQuestion);
  }

  /** The thread cannot be talked to any more: the question is answered, the next one goes to a new thread. */
  private abandon(error: unknown): void {
    const { worker, current } = this;
    this.worker = undefined;
    this.current = undefined;
    void worker?.terminate();
    current?.reject(error);
    this.next();
  }

  private open(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(threadFile(this.file), {
      workerData: this.data,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    this.worker = worker;
    worker.unref();
    const isMine = () => this.worker === worker;
    worker.on('message', (answer: LiveAnswer) => {
      const { current } = this;
      if (!isMine() || current?.id !== answer.id) return;
      this.current = undefined;
      if (answer.kind === 'done') current.resolve(answer.result as never);
      else current.reject(errorOf(answer.fault));
      this.next();
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (isMine()) this.abandon(isMemory ? new CoreError('out-of-memory', 'It needs more memory than it may have') : error);
    });
    worker.on('exit', () => {
      if (isMine()) this.abandon(new Error(`${this.file}: the thread ended without an answer`));
    });
    return worker;
  }
}
