import { accept, demand, fork, type Program, read } from './program.ts';

/** The instructions that read or accept, reached from given ones without reading, in order of preference (RE2's leftmost-first).
 *  Each instruction is entered at most once per `begin`, so one place of the text costs at most `program.size` steps. */
export class Closure {
  /** The first `count` entries are the instructions found. */
  readonly found: Int32Array;
  count = 0;
  accepts = false;
  private readonly program: Program;
  private readonly enteredAt: Int32Array;
  private readonly stack: Int32Array;
  private place = 0;

  constructor(program: Program) {
    this.program = program;
    this.found = new Int32Array(program.size);
    this.enteredAt = new Int32Array(program.size);
    // Every instruction is entered once and then pushes at most one.
    this.stack = new Int32Array(program.size);
  }

  begin(): void {
    this.place = this.place === 0x7fffffff ? this.restart() : this.place + 1;
    this.count = 0;
    this.accepts = false;
  }

  /** @param holds the assertions that hold at this place */
  add(from: number, holds: number): void {
    const { kind, out, arg } = this.program;
    const { stack, enteredAt, place, found } = this;
    let { count } = this;
    let top = 0;
    for (let pc = from; ; ) {
      if (enteredAt[pc] !== place) {
        enteredAt[pc] = place;
        const does = kind[pc];
        if (does === fork) stack[top++] = arg[pc];
        if (does === fork || (does === demand && (arg[pc] & ~holds) === 0)) {
          pc = out[pc];
          continue;
        }
        if (does === read || does === accept) found[count++] = pc;
        if (does === accept) this.accepts = true;
      }
      if (top === 0) break;
      pc = stack[--top];
    }
    this.count = count;
  }

  private restart(): number {
    this.enteredAt.fill(0);
    return 1;
  }
}
