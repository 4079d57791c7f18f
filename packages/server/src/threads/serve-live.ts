import { parentPort } from 'node:worker_threads';
import type { LiveAnswer, LiveQuestion } from './live-thread.ts';
import { faultOfThread } from './thread.ts';

/** The other end of a `LiveThread`: answers questions by their kind. */
export function serveLive(answerers: Readonly<Record<string, (payload: never) => unknown>>): void {
  const port = parentPort;
  port?.on('message', (question: LiveQuestion) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
    void answer(question).then((reply) => port.postMessage(reply));
  });

  async function answer({ id, kind, payload }: LiveQuestion): Promise<LiveAnswer> {
    try {
      return { id, kind: 'done', result: await answerers[kind](payload as never) };
    } catch (error) {
      return { id, kind: 'failed', fault: faultOfThread(error) };
    }
  }
}
