import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { reasonOf } from '@labelwright/core/model/errors';
import { newQuickJSWASMModule } from 'quickjs-emscripten';
import { Guest, type GuestLimits, type GuestReply } from './guest.ts';

/** What `Sandbox` starts this thread with. */
export interface SandboxData {
  readonly code: string;
  readonly fileName: string;
  readonly limits: GuestLimits;
  readonly port: MessagePort;
  /** [requests sent, replies sent], shared. */
  readonly counts: Int32Array;
}

/** `broken`: this thread is of no use any more. The first reply, to no request, is the start: its value is ''. */
export type SandboxReply = GuestReply | { readonly kind: 'broken'; readonly reason: string };

const { code, fileName, limits, port, counts } = workerData as SandboxData;

/** The guest sees the clock's zone through the `Date` of this thread: in UTC, dates mean the same on every machine. */
function liveInUtc(): void {
  const { prototype } = Date;
  prototype.getTimezoneOffset = () => 0;
  for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'] as const) {
    prototype[`get${part}`] = prototype[`getUTC${part}`];
  }
}

function reply(message: SandboxReply): void {
  port.postMessage(message);
  Atomics.add(counts, 1, 1);
  Atomics.notify(counts, 1);
}

function attempt(make: () => SandboxReply): SandboxReply {
  try {
    return make();
  } catch (error) {
    return { kind: 'broken', reason: reasonOf(error) };
  }
}

liveInUtc();
const guest = new Guest(await newQuickJSWASMModule(), code, fileName, limits);
reply(
  attempt(() => {
    guest.start();
    return { kind: 'value', json: '' };
  }),
);

// Waiting asleep instead of in an event loop makes a call four times as fast; the thread has nothing else to do, and is ended from outside.
for (let served = 0; ; ) {
  Atomics.wait(counts, 0, served);
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    const item = next.message as string;
    served += 1;
    reply(attempt(() => guest.call(item)));
  }
}
