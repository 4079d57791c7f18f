import type { RE2JS } from 're2js';

/** One instruction of the program that re2js compiles a pattern to (its `Inst`, as in Go's regexp/syntax). */
export interface Re2Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  /** One code point, or ranges `[low, high, low, high …]`. */
  readonly runes: ArrayLike<number>;
}

/** re2js types its program loosely; this is the one place that knows its shape. The property tests of `pattern.test.ts` fail if it changes. */
export function instructionsOf(compiled: RE2JS): readonly Re2Instruction[] {
  return (compiled.re2().prog as { inst: readonly Re2Instruction[] }).inst;
}

export function startOf(compiled: RE2JS): number {
  return (compiled.re2().prog as { start: number }).start;
}
