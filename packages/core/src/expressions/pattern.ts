import { RE2JS } from 're2js';

/** A regular expression of an expression or a table cell, run in time linear in the text (RE2): the native engine takes exponential time on
 *  patterns like `(a+)+$`, which a user may write by accident.
 *  R. Cox (2007), Regular Expression Matching Can Be Simple And Fast, swtch.com/~rsc/regexp/regexp1.html. */
export class Pattern {
  readonly source: string;
  readonly #matcher: RE2JS;

  /** @throws Error with the fault of the pattern in words */
  constructor(source: string) {
    this.source = source;
    this.#matcher = RE2JS.compile(source);
  }

  /** Whether it matches anywhere in the text. */
  found(text: string): boolean {
    return this.#matcher.test(text);
  }
}
