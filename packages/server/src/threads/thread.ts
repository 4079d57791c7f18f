import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { CoreError } from '@labelwright/core/model/errors';
import type { Json } from '@labelwright/core/model/json';

/** What a thread says: how it goes, and at the end what came of it. */
export type ThreadMessage<Report, Result> =
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly fault: ThreadFault };

/** An error on its way between threads: structured clones lose class and details. */
export interface ThreadFault {
  readonly code: string | null;
  readonly message: string;
  readonly details: Readonly<Record<string, Json>>;
  readonly stack: string | undefined;
}

export interface ThreadOptions<Report> {
  readonly signal?: AbortSignal;
  readonly onReport?: (report: Report) => void;
  /** Of JavaScript objects; typed arrays are not counted. Beyond it the thread ends, not the process. */
  readonly memoryMb?: number;
  /** It is ended if it takes longer. */
  readonly timeoutMs?: number;
}

/** After it was told to stop. */
const graceMs = 15_000;

/** Work that would hold up the requests of others, in a thread of its own that ends with it. @param file below `src`, without extension
 *  @throws what it throws; CoreError 'out-of-memory', 'too-slow' */
export async function runThread<Report, Result>(
  file: string,
  data: unknown,
  { signal, onReport, memoryMb = 4096, timeoutMs }: ThreadOptions<Report> = {},
): Promise<Result> {
  signal?.throwIfAborted();
  // Not with the flags of the process: those of a test runner would look for sources.
  const worker = new Worker(threadFile(file), { workerData: data, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
  const timers: NodeJS.Timeout[] = [];
  const stop = () => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage('stop');
    timers.push(setTimeout(() => void worker.terminate(), graceMs));
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<Result>((resolve, reject) => {
      worker.on('message', (message: ThreadMessage<Report, Result>) => {
        if (message.kind === 'report') onReport?.(message.report);
        else if (message.kind === 'done') resolve(message.result);
        else reject(errorOf(message.fault));
      });
      worker.once('error', (error) => reject(understood(error)));
      worker.once('exit', () => reject(signal?.aborted ? signal.reason : new Error(`${file}: the thread ended without an answer`)));
      if (timeoutMs === undefined) return;
      const late = () => reject(new CoreError('too-slow', `It was stopped after ${(timeoutMs / 1000).toLocaleString('en')} s`));
      timers.push(setTimeout(late, timeoutMs));
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    timers.forEach(clearTimeout);
    await worker.terminate();
  }
}

/** Threads run compiled files: from `src` (tests, where a loader compiles) it points to the same file in `dist`. */
export function threadFile(name: string): string {
  return fileURLToPath(new URL(`../../dist/${name}.js`, import.meta.url));
}

export function faultOfThread(error: unknown): ThreadFault {
  if (error instanceof CoreError) return { code: error.code, message: error.message, details: error.details, stack: error.stack };
  const { code, message = String(error), stack } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  return { code: typeof code === 'string' ? code : null, message, details: {}, stack };
}

/** As it was thrown: codes of PostgreSQL and of the system stay where the table of errors looks for them. */
export function errorOf({ code, message, details, stack }: ThreadFault): Error {
  const isOurs = code !== null && /^[a-z]+(-[a-z]+)*$/.test(code);
  const error = isOurs ? new CoreError(code, message, details) : Object.assign(new Error(message), code !== null && { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function understood(error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new CoreError('out-of-memory', 'It needs more memory than it may have', {}, { cause: error });
}
