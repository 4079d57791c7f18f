import { compilePattern, type Pattern as Compiled } from '../matching/pattern.ts';

/** A regular expression of an expression or a table cell, run in time linear in the text. A class, because CEL tells types by their constructors. */
export class Pattern {
  readonly source: string;
  readonly #compiled: Compiled;

  /** @throws CoreError 'bad-pattern' with the fault of the pattern in words */
  constructor(source: string) {
    this.source = source;
    this.#compiled = compilePattern(source, { caseSensitive: true });
  }

  /** Whether it matches anywhere in the text. */
  found(text: string): boolean {
    return this.#compiled.test(text);
  }
}
