import { Worker } from 'node:worker_threads';
import type { Item } from '@labelwright/core/model/item';
import type { Explanation } from '@labelwright/core/model/vote';
import { threadFile } from '../threads/thread.ts';
import type { ExplainedLabeler, ExplainReply, ExplainTask } from './explain-task.ts';

/** A labeler to be asked why; `load` is called where the thread does not know it yet. */
export interface Asked {
  /** Changes with whatever the answers depend on. */
  readonly key: string;
  readonly load: () => Promise<Omit<ExplainedLabeler, 'key'>>;
}

/** Beyond it the thread is taken for lost, and another one is started when it is needed. */
const lostMs = 5_000;
const mostLabelers = 500;

/** Why labelers voted as they did, in a thread of its own: a slow rule holds up nobody's request. */
class Explainer {
  private worker: Worker | undefined;
  /** Those that the thread knows, the ones not asked for the longest first. */
  private readonly known = new Set<string>();
  private readonly waiting = new Map<number, (explanations: ExplainReply['explanations']) => void>();
  private lastId = 0;

  /** @returns by the labelers; nulls where there is nothing to say or not in time */
  async explain(item: Item, labelers: readonly Asked[], withinMs: number): Promise<readonly (Explanation | null)[]> {
    const nothing = labelers.map(() => null);
    if (labelers.length === 0) return nothing;
    const unknown = labelers.filter(({ key }) => !this.known.has(key));
    const define = await Promise.all(unknown.map(async ({ key, load }) => ({ key, ...(await load()) })));
    const worker = this.thread();
    for (const { key } of labelers) {
      this.known.delete(key);
      this.known.add(key);
    }
    const forget = [...this.known].slice(0, Math.max(0, this.known.size - mostLabelers));
    for (const key of forget) this.known.delete(key);
    const id = ++this.lastId;
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(nothing), withinMs);
      const lost = setTimeout(() => this.waiting.has(id) && this.end(worker), lostMs).unref();
      this.waiting.set(id, (explanations) => {
        clearTimeout(late);
        clearTimeout(lost);
        resolve(explanations);
      });
      const task: ExplainTask = { id, define, forget, item, labelers: labelers.map(({ key }) => key) };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage(task);
    });
  }

  private thread(): Worker {
    if (this.worker) return this.worker;
    // Without the arguments of this process: by those of a test runner it would look for sources.
    const worker = new Worker(threadFile('explaining/explain-thread'), { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 512 } });
    worker.on('message', ({ id, explanations }: ExplainReply) => {
      this.waiting.get(id)?.(explanations);
      this.waiting.delete(id);
    });
    worker.on('error', () => this.end(worker));
    worker.on('exit', () => this.end(worker));
    // After the listeners: each of them would keep the process alive again.
    worker.unref();
    this.worker = worker;
    return worker;
  }

  private end(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.known.clear();
    this.waiting.clear();
    void worker.terminate();
  }
}

export const explainer = new Explainer();
