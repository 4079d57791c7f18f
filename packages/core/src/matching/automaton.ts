import { type Alphabet, codePointAt, type Text } from './alphabet.ts';
import { anyAssertionLater, assertionsBetween, edge, newline, sideOf, sidesThatMatter, word } from './assertions.ts';
import { Closure } from './closure.ts';
import type { Leap } from './leap.ts';
import { membership, type Program, read } from './program.ts';

// A cell of the table: > 0 the state to go to; < -3 the same, negated, a state with no match begun; or one of these.
const unknown = 0;
const matched = -1;
const dead = -2;
const full = -3;

const fewestStates = 8;
const mostStates = 4096;
const mostCells = 1 << 20;
/** A full table is emptied where it paid (this many units read per state built), else this automaton gives up for good. */
const unitsPerState = 20;

/** Does a pattern match somewhere in a text: the deterministic automaton of the program, built as far as texts ask for it.
 *  A state is the set of instructions that matches begun so far wait at, with the side (`assertions.ts`) of the character before.
 *
 *  Linear, by counting. Every turn of `test` moves on by one code point, for one look-up in the table, or at most one construction of a cell:
 *  a closure, at most `program.size` steps. Where no match is begun, `Leap` first looks for a place where one may begin: it inspects pairs of
 *  units further and further on and never goes back behind the place reached. So a text of n units costs at most 4 n + 4 reads of a
 *  unit (table 1, decoding 1 or 2 where surrogates are, leap 2) and n constructions, whatever the pattern.
 *
 *  K. Thompson (1968), Communications of the ACM 11(6), doi:10.1145/363347.363387; R. Cox (2010), "Regular expression matching in the wild". */
export class Automaton {
  private readonly program: Program;
  private readonly alphabet: Alphabet;
  private readonly leap: Leap | undefined;
  private readonly closure: Closure;
  private readonly reads: Uint8Array;
  /** The column after the classes: the end of the text. */
  private readonly end: number;
  /** Cells of a row. A state's id is its number times this. */
  private readonly stride: number;
  private readonly sides: Uint8Array;
  private readonly sidesThatMatter: number;
  private readonly onlyAtStart: boolean;
  private readonly capacity: number;
  private cells: Int32Array;
  private waiting: Int32Array[] = [];
  private sideBefore: number[] = [];
  private ids = new Map<string, number>();
  /** Per side, the state with no match begun. */
  private readonly blank = new Int32Array(8);
  /** Of the search under way. */
  private state = 0;
  private unitsRead = 0;
  private gaveUp = false;

  /** @param states how many to keep at most; fewer where the alphabet is large */
  constructor(program: Program, alphabet: Alphabet, leap?: Leap, states = mostStates) {
    this.program = program;
    this.alphabet = alphabet;
    this.closure = new Closure(program);
    this.reads = membership(program, alphabet);
    this.end = alphabet.size;
    // Ids must be told from what cells say beside them.
    this.stride = Math.max(alphabet.size + 1, 4);
    this.sides = Uint8Array.from(alphabet.sample, sideOf);
    this.sidesThatMatter = sidesThatMatter(program.demands);
    this.closure.begin();
    this.closure.add(program.start, anyAssertionLater);
    this.onlyAtStart = this.closure.count === 0;
    // Where matches begin at the start only, the search ends before a leap would.
    this.leap = this.onlyAtStart ? undefined : leap;
    this.capacity = Math.max(fewestStates, Math.min(states, Math.floor(mostCells / this.stride)));
    this.cells = new Int32Array(this.stride * (fewestStates + 1));
    this.clear();
  }

  /** Undefined: the pattern makes more states than are worth building (counted repeats that overlap); ask `Threads`. */
  test(text: Text): boolean | undefined {
    if (this.gaveUp) return undefined;
    const { leap } = this;
    let at = 0;
    this.state = this.blankAt(text, 0);
    let leaps = leap !== undefined;
    for (;;) {
      if (leaps) {
        const to = (leap as Leap).next(text, at);
        if (to < 0) return this.done(at, false);
        if (to > at) this.state = this.blankAt(text, to);
        at = to;
      }
      at = this.skim(text, at);
      const codePoint = at < text.length ? codePointAt(text, at) : -1;
      const to = this.follow(this.state, codePoint, at);
      if (to === matched) return this.done(at, true);
      if (to === dead) return this.done(at, false);
      if (to === full) return undefined;
      leaps = to < 0;
      this.state = leaps ? -to : to;
      at += codePoint > 0xffff ? 2 : 1;
    }
  }

  /** On from `this.state` while the table knows how. A function of its own: its loop then is compiled to twice the speed. */
  private skim(text: Text, from: number): number {
    const { cells } = this;
    const { ofUnit } = this.alphabet;
    const units = text.length;
    let { state } = this;
    let at = from;
    for (; at < units; at++) {
      const to = cells[state + ofUnit[text.charCodeAt(at)]];
      if (to <= unknown) break;
      state = to;
    }
    this.state = state;
    return at;
  }

  /** States built so far: what the memory is. */
  get states(): number {
    return this.waiting.length - 1;
  }

  private done(at: number, answer: boolean): boolean {
    this.unitsRead += at;
    return answer;
  }

  /** The cell of a state and a code point (-1: the end), built where it is not known. */
  private follow(state: number, codePoint: number, at: number): number {
    const column = codePoint < 0 ? this.end : this.alphabet.of(codePoint);
    const known = this.cells[state + column];
    if (known !== unknown) return known;
    let from = state;
    let to = this.derive(from, column);
    if (to === full) {
      if (this.unitsRead + at < unitsPerState * this.states) {
        this.gaveUp = true;
        this.clear();
        return full;
      }
      this.unitsRead = -at;
      from = this.clearAllBut(from);
      to = this.derive(from, column);
    }
    this.cells[from + column] = to;
    return to;
  }

  private derive(state: number, column: number): number {
    const { program, closure } = this;
    const number = state / this.stride;
    const after = column === this.end ? edge : this.sides[column];
    const holds = assertionsBetween(this.sideBefore[number], after);
    closure.begin();
    for (const pc of this.waiting[number]) closure.add(pc, holds);
    closure.add(program.start, holds);
    if (closure.accepts) return matched;
    if (column === this.end) return dead;
    const next = new Set<number>();
    for (let f = 0; f < closure.count; f++) {
      const pc = closure.found[f];
      if (program.kind[pc] === read && this.reads[program.set[pc] * this.alphabet.size + column] === 1) next.add(program.out[pc]);
    }
    if (next.size === 0 && this.onlyAtStart) return dead;
    const to = this.stateOf(Int32Array.from(next).sort(), after);
    return next.size === 0 && this.leap !== undefined && to > 0 ? -to : to;
  }

  /** The id of a state, which is made where it is new; or `full`. */
  private stateOf(waiting: Int32Array, side: number): number {
    const before = side & this.sidesThatMatter;
    const key = `${before}:${waiting.join()}`;
    const known = this.ids.get(key);
    if (known !== undefined) return known;
    const number = this.waiting.length;
    if (number > this.capacity) return full;
    const id = number * this.stride;
    if (id + this.stride > this.cells.length) {
      const grown = new Int32Array(this.cells.length * 2);
      grown.set(this.cells);
      this.cells = grown;
    }
    this.waiting.push(waiting);
    this.sideBefore.push(before);
    this.ids.set(key, id);
    return id;
  }

  private blankAt(text: Text, at: number): number {
    return this.blank[(at === 0 ? edge : sideOf(text.charCodeAt(at - 1))) & this.sidesThatMatter];
  }

  private clear(): void {
    this.cells = new Int32Array(this.stride * (fewestStates + 1));
    // State 0 is nobody: its id is `unknown`.
    this.waiting = [new Int32Array(0)];
    this.sideBefore = [0];
    this.ids.clear();
    for (const side of [0, edge, newline, word]) this.blank[side & this.sidesThatMatter] = this.stateOf(new Int32Array(0), side);
  }

  private clearAllBut(state: number): number {
    const number = state / this.stride;
    const waiting = this.waiting[number];
    const side = this.sideBefore[number];
    this.clear();
    return this.stateOf(waiting, side);
  }
}
