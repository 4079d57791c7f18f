import { reasonOf } from '@labelwright/core/model/errors';
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten';
import { guestPrelude } from './guest-prelude.ts';

export interface GuestLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly outputCharacters: number;
}

export type GuestReply =
  /** JSON of what the function returned. */
  | { readonly kind: 'value'; readonly json: string }
  /** The function failed on this item. */
  | { readonly kind: 'fault'; readonly reason: string };

const stackBytes = 512 << 10;
/** Running the file itself, once: tables may be built there. */
const startMs = 1_000;

/** A user's function in QuickJS: an interpreter in WebAssembly that has nothing of Node, neither files nor network nor timers. What takes too
 *  long or too much memory is stopped, and the interpreter made anew: its state cannot be trusted after that. */
export class Guest {
  private readonly quickjs: QuickJSWASMModule;
  private readonly code: string;
  private readonly fileName: string;
  private readonly limits: GuestLimits;
  private live: { readonly runtime: QuickJSRuntime; readonly context: QuickJSContext; readonly answer: QuickJSHandle } | undefined;
  private deadline = 0;

  constructor(quickjs: QuickJSWASMModule, code: string, fileName: string, limits: GuestLimits) {
    this.quickjs = quickjs;
    this.code = code;
    this.fileName = fileName;
    this.limits = limits;
  }

  /** Runs the file and finds its default export. @throws Error with what is wrong with it */
  start(): void {
    const runtime = this.quickjs.newRuntime();
    runtime.setMemoryLimit(this.limits.memoryBytes);
    runtime.setMaxStackSize(stackBytes);
    runtime.setInterruptHandler(() => performance.now() > this.deadline);
    const context = runtime.newContext();
    this.deadline = performance.now() + startMs;
    const prelude = taken(context, context.evalCode(guestPrelude, 'prelude'), this.fileName);
    const settings = [context.newString(this.fileName), context.newNumber(this.limits.outputCharacters)];
    const wrap = taken(context, context.callFunction(prelude, context.undefined, ...settings), this.fileName);
    const exports = taken(context, context.evalCode(this.code, this.fileName, { type: 'module' }), this.fileName);
    const fn = context.getProp(exports, 'default');
    const type = context.typeof(fn);
    if (type !== 'function') {
      throw new Error(
        `${this.fileName}: its default export must be a function: export default (item) => …; got ${type === 'undefined' ? 'none' : type}`,
      );
    }
    const answer = taken(context, context.callFunction(wrap, context.undefined, fn), this.fileName);
    for (const handle of [prelude, ...settings, wrap, exports, fn]) handle.dispose();
    this.live = { runtime, context, answer };
  }

  /** @throws Error where the interpreter itself broke: the thread has to go */
  call(item: string): GuestReply {
    if (!this.live) this.start();
    const { context, answer } = this.live as NonNullable<typeof this.live>;
    const argument = context.newString(item);
    this.deadline = performance.now() + this.limits.timeoutMs;
    const result = context.callFunction(answer, context.undefined, argument);
    argument.dispose();
    if (result.error) {
      const message = messageOf(context, result.error);
      result.error.dispose();
      return this.stopped(this.explain(message));
    }
    const text = context.getString(result.value);
    result.value.dispose();
    if (text.startsWith('V')) return { kind: 'value', json: text.slice(1) };
    const reason = this.explain(text.slice(1));
    return text.includes('InternalError: out of memory') ? this.stopped(reason) : { kind: 'fault', reason };
  }

  private stopped(reason: string): GuestReply {
    const old = this.live;
    this.live = undefined;
    try {
      old?.answer.dispose();
      old?.context.dispose();
      old?.runtime.dispose();
    } catch {
      // It could not even be taken apart.
      throw new Error(reason);
    }
    return { kind: 'fault', reason };
  }

  private explain(message: string): string {
    if (message.endsWith('InternalError: interrupted')) return `${this.fileName}: took more than ${this.limits.timeoutMs} ms`;
    if (message.endsWith('InternalError: out of memory'))
      return `${this.fileName}: needed more than ${this.limits.memoryBytes >> 20} MiB of memory`;
    return message.includes(this.fileName) ? message : `${this.fileName}: ${message}`;
  }
}

/** The value of a call that must succeed. */
function taken(context: QuickJSContext, result: ReturnType<QuickJSContext['evalCode']>, fileName: string): QuickJSHandle {
  if (!result.error) return result.value;
  const message = messageOf(context, result.error);
  throw new Error(message.includes('interrupted') ? `${fileName}: running the file took more than ${startMs} ms` : message);
}

function messageOf(context: QuickJSContext, error: QuickJSHandle): string {
  try {
    const { name, message, stack } = context.dump(error) as { name?: string; message?: string; stack?: string };
    const place = /\(?([^\s(]+:\d+(?::\d+)?)\)?\s*$/.exec(stack?.split('\n')[0] ?? '')?.[1];
    return `${place === undefined ? '' : `${place}: `}${name ?? 'Error'}: ${message ?? ''}`;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}
