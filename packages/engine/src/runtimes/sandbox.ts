import { setTimeout } from 'node:timers/promises';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { reasonOf } from '@labelwright/core/model/errors';
import { workerFile } from '../worker-file.ts';
import type { GuestLimits, GuestReply } from './guest.ts';
import type { SandboxData, SandboxReply } from './sandbox-worker.ts';

/** Starting a thread and its interpreter takes about a tenth of a second; a busy machine may take long. */
const startMs = 20_000;
/** QuickJS looks at its limits between its own steps, but one native step can take hours (`[].indexOf` on a huge length, products of
 *  huge integers): then the thread is ended from here. */
const graceMs = 250;

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly counts: Int32Array;
  /** Why it ended by itself. */
  failure?: string;
}

/** A user's function in a thread of its own, called synchronously: the caller sleeps until it answers or its time is up. Whatever the function
 *  does to its thread, the caller goes on, and the next call finds a new one. */
export class Sandbox {
  private readonly code: string;
  private readonly fileName: string;
  private readonly limits: GuestLimits;
  private thread: Thread | undefined;

  constructor(code: string, fileName: string, limits: GuestLimits) {
    this.code = code;
    this.fileName = fileName;
    this.limits = limits;
  }

  /** Without holding up the caller's event loop. @throws Error with what is wrong with the file */
  async start(): Promise<void> {
    const thread = this.open();
    const end = performance.now() + startMs;
    // Listening on the port would take its messages away from the synchronous calls: look now and then.
    while (Atomics.load(thread.counts, 1) === 0 && thread.failure === undefined && performance.now() < end) await setTimeout(2);
    this.check(thread, take(thread));
  }

  call(item: string): GuestReply {
    try {
      return this.request(this.thread ?? this.restart(), item);
    } catch (error) {
      this.dispose();
      const reason = reasonOf(error);
      return { kind: 'fault', reason: reason.includes(this.fileName) ? reason : `${this.fileName}: ${reason}` };
    }
  }

  dispose(): void {
    const ended = this.thread;
    this.thread = undefined;
    ended?.port.close();
    void ended?.worker.terminate();
  }

  private request(thread: Thread, item: string): GuestReply {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
    thread.port.postMessage(item);
    const request = Atomics.add(thread.counts, 0, 1) + 1;
    Atomics.notify(thread.counts, 0);
    const reply = waitFor(thread, request, this.limits.timeoutMs * 2 + graceMs);
    if (!reply) throw new Error(`took more than ${this.limits.timeoutMs} ms`);
    if (reply.kind === 'broken') throw new Error(reply.reason);
    return reply;
  }

  private restart(): Thread {
    const thread = this.open();
    this.check(thread, waitFor(thread, 0, startMs));
    return thread;
  }

  private open(): Thread {
    const counts = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
    const { port1, port2 } = new MessageChannel();
    const data: SandboxData = { code: this.code, fileName: this.fileName, limits: this.limits, port: port2, counts };
    const worker = new Worker(workerFile('runtimes/sandbox-worker'), {
      workerData: data,
      transferList: [port2],
      env: {},
      // Not those of the process: a loader of source files, say.
      execArgv: [],
      // The interpreter notices that its stack (half a MiB) is full; V8, which runs it, must not run out before.
      resourceLimits: { stackSizeMb: 16 },
      // What an interpreter prints when it breaks says nothing to users.
      stderr: true,
    });
    worker.unref();
    const thread: Thread = { worker, port: port1, counts };
    worker.on('error', (error) => (thread.failure = reasonOf(error)));
    this.thread = thread;
    return thread;
  }

  private check(thread: Thread, started: SandboxReply | undefined): void {
    if (started?.kind === 'value') return;
    this.dispose();
    throw new Error(started?.reason ?? thread.failure ?? `${this.fileName}: running the file did not come to an end`);
  }
}

/** The reply to request number `request`, 0 being the start; undefined where it does not come in time. */
function waitFor(thread: Thread, request: number, patienceMs: number): SandboxReply | undefined {
  const end = performance.now() + patienceMs;
  for (;;) {
    const replies = Atomics.load(thread.counts, 1);
    if (replies > request) return take(thread);
    const left = end - performance.now();
    if (left <= 0) return undefined;
    Atomics.wait(thread.counts, 1, replies, left);
  }
}

function take({ port }: Thread): SandboxReply | undefined {
  return receiveMessageOnPort(port)?.message as SandboxReply | undefined;
}
