import { RE2JS } from 're2js';
import { CoreError } from '../model/errors.ts';
import { alphabetOf, codePointAt } from './alphabet.ts';
import { setsOfSides, sidesThatMatter } from './assertions.ts';
import { Automaton } from './automaton.ts';
import { leapOf } from './leap.ts';
import { patternFault } from './pattern-fault.ts';
import { readProgram } from './program.ts';
import { type Span, Threads } from './threads.ts';

export const longestPattern = 1000;
/** Instructions after repeats are written out: `a{1000}` has 1,000. */
export const largestProgram = 10_000;

/** A compiled pattern. Time is linear in the text, always. */
export interface Pattern {
  readonly source: string;
  /** Steps per code point at worst. */
  readonly size: number;
  /** Does it match anywhere? */
  readonly test: (text: string) => boolean;
  /** The first matches from left to right, no two overlapping, at most `limit` of them: `limit` · `size` · text length steps at worst. An empty match
   *  counts; the search goes on one character further. */
  readonly find: (text: string, limit: number) => Span[];
}

export interface PatternOptions {
  readonly caseSensitive: boolean;
}

/** Compiles RE2 syntax. `$` is the end of the text, `^` its start; `.` is anything but a line feed; `\d \w \s \b` are ASCII.
 *  @throws CoreError 'bad-pattern' saying what is wrong, where, and what to write instead */
export function compilePattern(source: string, options: PatternOptions): Pattern {
  const fault = patternFault(source, longestPattern);
  if (fault !== undefined) throw new CoreError('bad-pattern', fault, { pattern: source });
  const program = readProgram(RE2JS.compile(source, options.caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE));
  if (program.size > largestProgram) {
    const message = `the pattern unfolds to ${program.size} steps, the limit is ${largestProgram}: lower its repeat counts`;
    throw new CoreError('bad-pattern', message, { pattern: source });
  }
  const alphabet = alphabetOf([...program.sets, ...setsOfSides(sidesThatMatter(program.demands))]);
  const automaton = new Automaton(program, alphabet, leapOf(program, alphabet));
  const threads = new Threads(program, alphabet);
  return {
    source,
    size: program.size,
    test: (text) => automaton.test(text) ?? threads.find(text, 0, true) !== undefined,
    find: (text, limit) => findAll(threads, text, limit),
  };
}

function findAll(threads: Threads, text: string, limit: number): Span[] {
  const spans: Span[] = [];
  for (let from = 0; from <= text.length && spans.length < limit; ) {
    const span = threads.find(text, from);
    if (span === undefined) break;
    spans.push(span);
    from = span.end > span.start ? span.end : span.end + (codePointAt(text, span.end) > 0xffff ? 2 : 1);
  }
  return spans;
}
