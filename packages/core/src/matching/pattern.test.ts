import * as fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { alphabetOf, type Text } from './alphabet.ts';
import { setsOfSides, sidesThatMatter } from './assertions.ts';
import { Automaton } from './automaton.ts';
import { leapOf } from './leap.ts';
import { compilePattern, largestProgram, longestPattern } from './pattern.ts';
import { readProgram } from './program.ts';
import { type Span, Threads } from './threads.ts';

const pattern = (source: string, caseSensitive = false) => compilePattern(source, { caseSensitive });
const matches = (source: string, text: string) =>
  pattern(source, true)
    .find(text, 100)
    .map(({ start, end }) => text.slice(start, end));

describe('what a pattern finds', () => {
  it('is leftmost-first, greedy or not as written', () => {
    expect(matches('a|ab', 'abab')).toEqual(['a', 'a']);
    expect(matches('ab|a', 'aba')).toEqual(['ab', 'a']);
    expect(matches('a+', 'caaat aa')).toEqual(['aaa', 'aa']);
    expect(matches('a+?', 'caat')).toEqual(['a', 'a']);
    expect(matches('<.*?>', '<b>x</b>')).toEqual(['<b>', '</b>']);
  });

  it('follows RE2 where JavaScript differs', () => {
    expect(matches('\\s+', 'a\u00a0b\u2028c d\v')).toEqual([' ']); // ASCII white space without \v
    expect(matches('.+', 'a\r\u2028b\nc')).toEqual(['a\r\u2028b', 'c']); // all but \n
    expect(matches('\\bé', 'é xé')).toEqual(['é']); // é is no word character: a boundary lies after x
    expect(matches('(?m)^b$', 'a\nb\n')).toEqual(['b']);
    expect(matches('b$', 'b\n')).toEqual([]);
    expect(pattern('straße').test('STRASSE')).toBe(false);
    expect(pattern('straße').test('STRAẞE')).toBe(true);
    expect(pattern('kelvin').test('\u212aelvin')).toBe(true);
    expect(pattern('ISPARTA').test('ısparta')).toBe(false);
  });

  it('counts empty matches one character apart', () => {
    expect(pattern('x*').find('a😀', 10)).toEqual([
      { start: 0, end: 0 },
      { start: 1, end: 1 },
      { start: 3, end: 3 },
    ]);
    expect(pattern('$').test('')).toBe(true);
    expect(pattern('.').test('')).toBe(false);
  });

  it('takes a pair of surrogates as one character, a lone one and NUL as themselves', () => {
    expect(matches('^.$', '😀')).toEqual(['😀']);
    expect(matches('[😀-😂]+', 'x😁😂y')).toEqual(['😁😂']);
    expect(matches('\\x{1F601}|\\x{de01}', '😁 \ude01')).toEqual(['😁', '\ude01']);
    expect(matches('\\x{d83d}', '😁')).toEqual([]);
    expect(matches('a\\x00b', 'a\0b')).toEqual(['a\0b']);
    expect(pattern('𐐀').test('𐐨')).toBe(true);
  });
});

// Few letters, so that random patterns meet random texts; the rest is what engines disagree on.
const characters = [
  ...Array.from('aaabbcABks_1  -!\n\r\t\0éÉßſ\u212aİıΩא東\u00a0\u2028\u0301\u200d'),
  '😀',
  '😁',
  '𐐀',
  '𐐨',
  '\ud83d',
  '\ude00',
];
const literal = fc.constantFrom(...characters).map((character) => {
  if (character.length === 1 && /[\ud800-\udfff]|[^\P{Cc}\t]/u.test(character)) return `\\x{${character.charCodeAt(0).toString(16)}}`;
  return /[!-]/.test(character) ? `\\${character}` : character;
});
const classes = [
  '.',
  '(?s:.)',
  '\\d',
  '\\w',
  '\\s',
  '\\W',
  '\\S',
  '\\pL',
  '\\PL',
  '\\p{Greek}',
  '[^a]',
  '[a-c]',
  '[ab]',
  '[^\\s\\d]',
  '[😀-😂]',
  '[k-s]',
  '[[:upper:]]',
];
const places = ['^', '$', '\\b', '\\B', '\\A', '\\z', '(?m:^)', '(?m:$)'];
const repeats = ['', '', '', '', '?', '*', '+', '??', '*?', '+?', '{2}', '{1,3}', '{2,}', '{0,2}?'];
const { alternatives: randomPattern } = fc.letrec<{ alternatives: string; sequence: string; repeated: string }>((tie) => ({
  alternatives: fc.oneof(
    { maxDepth: 3 },
    tie('sequence'),
    fc.array(tie('sequence'), { minLength: 2, maxLength: 3 }).map((ways) => ways.join('|')),
  ),
  sequence: fc.array(tie('repeated'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  repeated: fc
    .tuple(
      fc.oneof(
        { maxDepth: 3 },
        { weight: 4, arbitrary: literal },
        { weight: 3, arbitrary: fc.constantFrom(...classes) },
        { weight: 1, arbitrary: fc.constantFrom(...places) },
        { weight: 1, arbitrary: tie('alternatives').map((inner) => `(${inner})`) },
        { weight: 1, arbitrary: tie('alternatives').map((inner) => `(?i:${inner})`) },
      ),
      fc.constantFrom(...repeats),
    )
    .map(([inner, repeat]) => (places.includes(inner) ? inner : inner + repeat)),
}));
const randomTexts = fc.array(
  fc.array(fc.constantFrom(...characters), { maxLength: 40 }).map((list) => list.join('')),
  { minLength: 1, maxLength: 4 },
);

/** A text that counts how often it is looked at. */
class WatchedText implements Text {
  reads = 0;
  readonly length: number;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.length = text.length;
  }

  charCodeAt(at: number): number {
    this.reads++;
    return this.text.charCodeAt(at);
  }
}

/** All matches by the reference. */
function reference(source: string, text: string, caseSensitive: boolean): Span[] {
  const matcher = RE2JS.compile(source, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE).matcher(text);
  const spans: Span[] = [];
  while (matcher.find()) spans.push({ start: matcher.start(), end: matcher.end() });
  return spans;
}

function parts(source: string, least?: number, states?: number) {
  const program = readProgram(RE2JS.compile(source, RE2JS.CASE_INSENSITIVE));
  const alphabet = alphabetOf([...program.sets, ...setsOfSides(sidesThatMatter(program.demands))]);
  const leap = leapOf(program, alphabet, least);
  return { program, leap, automaton: new Automaton(program, alphabet, leap, states), threads: new Threads(program, alphabet) };
}

describe('against re2js, random patterns on random texts', () => {
  it('the same places', () => {
    fc.assert(
      fc.property(randomPattern, randomTexts, fc.boolean(), (source, texts, caseSensitive) => {
        const ours = pattern(source, caseSensitive);
        for (const text of texts) {
          const wanted = reference(source, text, caseSensitive);
          expect(ours.find(text, Number.POSITIVE_INFINITY)).toEqual(wanted);
          expect(ours.test(text)).toBe(wanted.length > 0);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('the same answer where every leap is taken and hardly a state is kept, looking at a unit 4 times at most', () => {
    fc.assert(
      fc.property(randomPattern, randomTexts, (source, texts) => {
        const { automaton } = parts(source, Number.NEGATIVE_INFINITY, 8);
        for (const text of texts) {
          const watched = new WatchedText(text);
          expect([undefined, reference(source, text, false).length > 0]).toContain(automaton.test(watched));
          expect(watched.reads).toBeLessThanOrEqual(4 * text.length + 4);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('linear time', () => {
  const n = 50_000;
  const evil: readonly (readonly [string, string, boolean])[] = [
    ['(a+)+$', `${'a'.repeat(40)}!`, false],
    ['(a+)+$', `${'a'.repeat(n)}!`, false],
    ['(a|a)*b', 'a'.repeat(n), false],
    ['(.*)*x', 'a'.repeat(n), false],
    ['a*a*a*a*b', 'a'.repeat(n), false],
    ['\\s+$', `${' '.repeat(n)}x`, false],
    ['(x+x+)+y', 'x'.repeat(n), false],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', `${'a'.repeat(n)}!`, false],
    ['(\\w+\\s?)*\\.com', 'word '.repeat(n / 5), false],
    ['(?:a?){100}a{100}b', 'a'.repeat(n), false],
    ['aaaaaaaaab', 'a'.repeat(n), false],
    ['😀{3}x', '😀'.repeat(n / 2), false],
    ['(a+)+$', 'a'.repeat(n), true],
  ];

  it.each(evil)('%s: each unit is looked at 4 times at most', (source, text, answer) => {
    for (const least of [undefined, Number.NEGATIVE_INFINITY]) {
      const { automaton, program } = parts(source, least);
      const watched = new WatchedText(text);
      expect(automaton.test(watched)).toBe(answer);
      expect(watched.reads).toBeLessThanOrEqual(4 * text.length + 4);
      expect(automaton.states).toBeLessThan(10 * program.size);
    }
  });

  it.each(evil)('%s: where it matches, each unit is looked at 2 times at most', (source, text, answer) => {
    const watched = new WatchedText(text);
    expect(parts(source).threads.find(watched, 0) !== undefined).toBe(answer);
    expect(watched.reads).toBeLessThanOrEqual(2 * text.length + 2);
  });

  it('gives up on automata that would not fit into memory, and answers all the same', () => {
    // Which of the last 20 were an a? 2^20 states.
    const source = 'a.{20}c|d';
    let seed = 1;
    const text = Array.from({ length: 20_000 }, () => ((seed = (seed * 48271) % 0x7fffffff) % 2 === 0 ? 'a' : 'b')).join('');
    const { automaton } = parts(source);
    expect(automaton.test(text)).toBeUndefined();
    expect(automaton.states).toBeLessThan(10);
    const ours = pattern(source);
    expect(ours.test(text)).toBe(false);
    expect(ours.test(`${text}d`)).toBe(true);
    expect(ours.find(`${text}d`, 2)).toEqual([{ start: 20_000, end: 20_001 }]);
  });

  it('empties a table that paid, and goes on', () => {
    const { automaton } = parts('a.{0,3}b|d.{0,3}e|f.{0,3}g', undefined, 8);
    for (let round = 0; round < 300; round++) {
      const [start, end] = ['ab', 'de', 'fg'][round % 3];
      const distance = round % 5;
      expect(automaton.test(`${'c'.repeat(300)}${start}${'c'.repeat(distance)}${end}`)).toBe(distance <= 3);
    }
    expect(automaton.states).toBeLessThanOrEqual(8);
  });

  it('answers on 5 MB', () => {
    const text = 'lorem ipsum '.repeat(420_000);
    expect(pattern('\\bdolor\\b').test(text)).toBe(false);
    expect(pattern('(\\w+ )+\\d').test(text)).toBe(false);
    expect(pattern('ipsum $').find(text, 2)).toEqual([{ start: text.length - 6, end: text.length }]);
  });
});

describe('leaps', () => {
  it('move on by what the pair at the end of the window allows', () => {
    const { leap } = parts('abcd', Number.NEGATIVE_INFINITY);
    expect(leap?.length).toBe(4);
    const watched = new WatchedText('xxxxxxxxxxabcdxx');
    // Windows end at 3, 7, 11 (ab: two more to go), 13.
    expect(leap?.next(watched, 0)).toBe(10);
    expect(watched.reads).toBe(8 + 1);
    expect(leap?.next('xxxxxxxxxxabcxxx', 0)).toBe(-1);
  });

  it('begin at whole characters', () => {
    const { leap, automaton } = parts('\\x{de00}bc', Number.NEGATIVE_INFINITY);
    expect(leap?.next('aa😀bc', 0)).toBe(2);
    expect(automaton.test('aa😀bc')).toBe(false);
    expect(automaton.test('aa\ude00bc')).toBe(true);
  });

  it('are not for patterns that match one character or none', () => {
    expect(parts('a?').leap).toBeUndefined();
    expect(parts('a|bcd').leap).toBeUndefined();
  });
});

describe('faults', () => {
  const fault = (source: string): string => {
    try {
      pattern(source);
      return '';
    } catch (thrown) {
      return (thrown as Error).message;
    }
  };

  it('say what, where and what to write instead', () => {
    expect(fault('é(abc')).toBe("missing closing ) 'é(abc' at character 1");
    expect(fault('é*[z-a]')).toBe("invalid character class range 'z-a' at character 4");
    expect(fault('a(?=b)')).toMatch(/'\(\?=' at character 2: RE2 has no look-around/);
    expect(fault('(?<!a)b')).toMatch(/RE2 has no look-around/);
    expect(fault('(a)\\1')).toMatch(/'\\1' at character 4: RE2 has no back-references/);
    expect(fault('a++')).toMatch(/no possessive repeats/);
    expect(fault('\\u00e9')).toMatch(/write \\x\{41\}/);
    expect(fault('abc\\')).toBe('trailing backslash at end of expression at character 4');
  });

  it('are limits, too', () => {
    expect(fault('a'.repeat(longestPattern))).toBe('');
    expect(fault('a'.repeat(longestPattern + 1))).toBe('the pattern must have at most 1000 characters, got 1001');
    expect(fault('(a{1000})'.repeat(11))).toBe(
      `the pattern unfolds to 11024 steps, the limit is ${largestProgram}: lower its repeat counts`,
    );
  });
});
