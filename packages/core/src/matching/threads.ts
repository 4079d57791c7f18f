import { type Alphabet, codePointAt, type Text } from './alphabet.ts';
import { assertionsBetween, edge, sideOf } from './assertions.ts';
import { Closure } from './closure.ts';
import { accept, membership, type Program } from './program.ts';

/** A place in a text in UTF-16 code units, `[start, end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a pattern matches: all ways through the program at once, in order of preference, each knowing where it began. Slower than `Automaton`,
 *  which does not know where; never more than `program.size` steps per code point.
 *  R. Pike's algorithm, after R. Cox (2009), "Regular expression matching: the virtual machine approach". */
export class Threads {
  private readonly program: Program;
  private readonly alphabet: Alphabet;
  private readonly closure: Closure;
  private readonly reads: Uint8Array;
  private readonly foundStart: Int32Array;
  private waiting: Int32Array;
  private waitingStart: Int32Array;

  constructor(program: Program, alphabet: Alphabet) {
    this.program = program;
    this.alphabet = alphabet;
    this.closure = new Closure(program);
    this.reads = membership(program, alphabet);
    this.foundStart = new Int32Array(program.size);
    this.waiting = new Int32Array(program.size);
    this.waitingStart = new Int32Array(program.size);
  }

  /** The leftmost match at or after `from`, of those the one that backtracking would find first (leftmost-first, as Perl and RE2).
   *  @param any stop at the first place where something matches, which then is a match but perhaps not that one */
  find(text: Text, from: number, any = false): Span | undefined {
    const { program, alphabet, closure, reads, foundStart, waiting, waitingStart } = this;
    const { kind, set, out } = program;
    const { found } = closure;
    const { size } = alphabet;
    const units = text.length;
    let waits = 0;
    let best: Span | undefined;
    let before = from === 0 ? edge : sideOf(text.charCodeAt(from - 1));
    for (let at = from; ; ) {
      const codePoint = at < units ? codePointAt(text, at) : -1;
      const after = codePoint < 0 ? edge : sideOf(codePoint);
      const holds = assertionsBetween(before, after);
      closure.begin();
      for (let w = 0, known = 0; w < waits; w++) {
        closure.add(waiting[w], holds);
        for (; known < closure.count; known++) foundStart[known] = waitingStart[w];
      }
      if (best === undefined) {
        const known = closure.count;
        closure.add(program.start, holds);
        foundStart.fill(at, known, closure.count);
      }
      const column = codePoint < 0 ? -1 : alphabet.of(codePoint);
      waits = 0;
      for (let f = 0; f < closure.count; f++) {
        const pc = found[f];
        if (kind[pc] === accept) {
          best = { start: foundStart[f], end: at };
          if (any) return best;
          // What is less preferred than this match does not matter any more.
          break;
        }
        if (column >= 0 && reads[set[pc] * size + column] === 1) {
          waiting[waits] = out[pc];
          waitingStart[waits++] = foundStart[f];
        }
      }
      if (codePoint < 0 || (waits === 0 && best !== undefined)) return best;
      before = after;
      at += codePoint > 0xffff ? 2 : 1;
    }
  }
}
