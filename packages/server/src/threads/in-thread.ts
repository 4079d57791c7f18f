import { parentPort, workerData } from 'node:worker_threads';
import { faultOfThread, type ThreadMessage } from './thread.ts';

export interface ThreadCall<Data, Report> {
  readonly data: Data;
  /** The work is wanted no more, or not here. */
  readonly signal: AbortSignal;
  readonly report: (report: Report) => void;
}

/** The whole of a thread's main file, beside its imports: `await serveThread(async ({ data, signal, report }) => …)`. */
export async function serveThread<Data, Report, Result>(work: (call: ThreadCall<Data, Report>) => Promise<Result>): Promise<void> {
  const stopping = new AbortController();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
  const send = (message: ThreadMessage<Report, Result>) => parentPort?.postMessage(message);
  parentPort?.on('message', () => stopping.abort(new Error('the work is stopped')));
  try {
    const result = await work({
      data: workerData as Data,
      signal: stopping.signal,
      report: (report) => send({ kind: 'report', report }),
    });
    send({ kind: 'done', result });
  } catch (error) {
    send({ kind: 'failed', fault: faultOfThread(error) });
  } finally {
    parentPort?.close();
  }
}
