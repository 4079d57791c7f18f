import type { RE2JS } from 're2js';
import { CoreError } from '../model/errors.ts';
import { caseVariants } from './case-folding.ts';
import { instructionsOf, type Re2Instruction, startOf } from './re2-instructions.ts';

/** What an instruction does: go two ways, demand something of this place, read one code point, or accept. */
export const fork = 1;
export const demand = 2;
export const read = 3;
export const accept = 4;
const fail = 0;

/** Code points as ascending disjoint ranges `[low, high, low, high …]`. */
export type CodePointSet = Int32Array;

/** A pattern as a nondeterministic automaton, in columns, an entry per instruction. It is re2js's own program, so what a pattern means
 *  (classes, folding, greed, anchors) is RE2's by construction; only the running of it is ours. */
export interface Program {
  readonly size: number;
  readonly start: number;
  /** All assertions that some instruction demands. */
  readonly demands: number;
  readonly kind: Uint8Array;
  /** Where to go next; for a fork the way that is preferred. */
  readonly out: Int32Array;
  /** A fork: the other way. A demand: the assertions that must hold, as bits of `assertions.ts`. */
  readonly arg: Int32Array;
  /** A read: which of `sets` it accepts. */
  readonly set: Int32Array;
  readonly sets: readonly CodePointSet[];
}

export function readProgram(compiled: RE2JS): Program {
  const instructions = instructionsOf(compiled);
  const size = instructions.length;
  const kind = new Uint8Array(size);
  const out = new Int32Array(size);
  const arg = new Int32Array(size);
  const set = new Int32Array(size).fill(-1);
  const sets = new SetList();
  let demands = 0;
  for (let pc = 0; pc < size; pc++) {
    const instruction = instructions[pc];
    kind[pc] = kindOf(instruction);
    out[pc] = land(instructions, instruction.out);
    arg[pc] = kind[pc] === fork ? land(instructions, instruction.arg) : instruction.arg;
    if (kind[pc] === demand) demands |= instruction.arg;
    if (kind[pc] === read) set[pc] = sets.indexOf(instruction);
  }
  return { size, start: land(instructions, startOf(compiled)), demands, kind, out, arg, set, sets: sets.list };
}

/** `table[set * size + class]` is 1 where a set of the program holds a class of an alphabet (of `size` classes) that tells its sets apart. */
export function membership(program: Program, { size, sample }: { readonly size: number; readonly sample: Int32Array }): Uint8Array {
  const table = new Uint8Array(program.sets.length * size);
  program.sets.forEach((set, s) => {
    // Class 0 stands for no code point.
    for (let c = 1; c < size; c++) if (holds(set, sample[c])) table[s * size + c] = 1;
  });
  return table;
}

function holds(set: CodePointSet, codePoint: number): boolean {
  let low = 0;
  let high = set.length >> 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (set[2 * middle + 1] < codePoint) low = middle + 1;
    else high = middle;
  }
  return 2 * low < set.length && set[2 * low] <= codePoint;
}

// re2js's numbers, which are Go's: ALT, ALT_MATCH, CAPTURE, EMPTY_WIDTH, FAIL, MATCH, NOP, RUNE, RUNE1, RUNE_ANY, RUNE_ANY_NOT_NL.
const kinds: readonly (number | undefined)[] = [undefined, fork, fork, fail, demand, fail, accept, fail, read, read, read, read];
const capture = 3;
const nothing = 7;
const foldsCase = 1;

function kindOf(instruction: Re2Instruction): number {
  const kind = kinds[instruction.op];
  if (kind === undefined)
    throw new CoreError('bad-program', `re2js: instruction ${instruction.op} is not one that a pattern without look-behind has`);
  return kind;
}

/** The first instruction from here that does something: groups only mark places. */
function land(instructions: readonly Re2Instruction[], pc: number): number {
  let at = pc;
  while (instructions[at].op === capture || instructions[at].op === nothing) at = instructions[at].out;
  return at;
}

/** Each different set once: `\pL{500}` has one. */
class SetList {
  readonly list: CodePointSet[] = [];
  private readonly byKey = new Map<unknown, number>();

  indexOf(instruction: Re2Instruction): number {
    const { runes } = instruction;
    const folds = runes.length === 1 && (instruction.arg & foldsCase) !== 0;
    const key = runes.length > 2 ? runes : `${folds ? 'i' : ''}${runes[0]},${runes[1]}`;
    let index = this.byKey.get(key);
    if (index === undefined) {
      index = this.list.push(setOf(runes, folds)) - 1;
      this.byKey.set(key, index);
    }
    return index;
  }
}

function setOf(runes: ArrayLike<number>, folds: boolean): CodePointSet {
  if (runes.length !== 1) return Int32Array.from(runes);
  const members = folds ? caseVariants(runes[0]) : [runes[0]];
  return Int32Array.from(members.flatMap((member) => [member, member]));
}
