import { describe, expect, it } from 'vitest';
import { checkOptions } from '../model/about.ts';
import { labelsOf } from '../model/answer.ts';
import type { CoreError } from '../model/errors.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Part } from '../model/item.ts';
import type { Question } from '../model/schema.ts';
import { type Answerer, Sample } from './labeler.ts';
import regex from './regex.ts';

const question = (more: Partial<Question> = {}): Question => ({
  kind: 'choice',
  id: questionId('kind'),
  title: 'Kind',
  labels: ['spam', 'ham', 'trade'].map((id) => ({ id: labelId(id) })),
  multiple: false,
  ...more,
});
const prepare = (options: unknown, more?: Partial<Question>): Answerer =>
  regex.prepare({ question: question(more), options: checkOptions(regex, options), model: null }) as Answerer;
const sample = (parts: string | Record<string, string>): Sample =>
  new Sample({
    id: itemId('1'),
    fields: {},
    parts: Object.fromEntries(
      Object.entries(typeof parts === 'string' ? { text: parts } : parts).map(([name, content]): [string, Part] => [
        name,
        { modality: 'text', content },
      ]),
    ),
  });
const says = (options: unknown, text: string | Record<string, string>, more?: Partial<Question>): string => {
  const answer = prepare(options, more).answer(sample(text));
  return answer.kind === 'labels' ? labelsOf(answer).join('+') : answer.kind;
};
const explains = (options: unknown, text: string | Record<string, string>, more?: Partial<Question>) =>
  prepare(options, more).explain?.(sample(text));
const fault = (options: unknown): string => {
  try {
    prepare(options);
    return '';
  } catch (thrown) {
    return `${(thrown as CoreError).code} ${(thrown as CoreError).message}`;
  }
};

describe('what it says', () => {
  it('a label where the pattern matches, in any case unless told', () => {
    const trade = { pattern: '\\b(buy|sell)\\s+now\\b', label: 'trade' };
    expect(says(trade, 'SELL\r\n now!')).toBe('trade');
    expect(says(trade, 'buy nowhere')).toBe('abstain');
    expect(says({ ...trade, caseSensitive: true }, 'SELL now')).toBe('abstain');
    expect(says({ pattern: '(?i)sell', label: 'trade', caseSensitive: true }, 'SELL')).toBe('trade');
    expect(says({ ...trade, else: 'ham' }, 'hello')).toBe('ham');
  });

  const rules = [
    { pattern: 'unsubscribe', label: 'spam' },
    { pattern: 'buy', label: 'trade' },
    { pattern: 'hello', label: 'spam' },
  ];

  it('the first rule that matches, wherever its match stands', () => {
    expect(says({ rules }, 'buy or unsubscribe')).toBe('spam');
    expect(says({ rules }, 'buy')).toBe('trade');
    expect(says({ rules, else: 'ham' }, '-')).toBe('ham');
  });

  it('all rules that match, where the question takes several labels; each label once', () => {
    expect(says({ rules }, 'hello, buy or unsubscribe', { multiple: true })).toBe('spam+trade');
    expect(says({ rules, else: ['ham', 'trade'] }, '-', { multiple: true })).toBe('ham+trade');
  });

  it('nothing before a pattern matched often enough', () => {
    const shouting = { pattern: '[A-Z]{3,}', label: 'spam', caseSensitive: true, minMatches: 2 };
    expect(says(shouting, 'FREEMONEY')).toBe('abstain');
    expect(says(shouting, 'FREE MONEY')).toBe('spam');
    const together = { patterns: ['!', '\\$'], label: 'spam', minMatches: 3 };
    expect(says(together, '!! $')).toBe('spam');
    expect(says(together, '!!')).toBe('abstain');
    expect(
      says(
        {
          rules: [
            { pattern: '!', label: 'spam', minMatches: 2 },
            { pattern: '!', label: 'ham' },
          ],
        },
        '!',
      ),
    ).toBe('ham');
  });

  it('the same answer object every time', () => {
    const { answer } = prepare({ pattern: 'a', label: 'spam' });
    expect(answer(sample('a'))).toBe(answer(sample('xax')));
    expect(Object.isFrozen(answer(sample('a')))).toBe(true);
  });
});

describe('what it reads', () => {
  const mail = { subject: 'Re: prize', text: 'you won' };

  it('all text parts, a part that the options name, or that of the question', () => {
    expect(says({ pattern: 'prize\\nyou', label: 'spam' }, mail)).toBe('spam');
    expect(says({ pattern: '^you', label: 'spam' }, mail)).toBe('abstain');
    expect(says({ pattern: '^you', label: 'spam', part: 'text' }, mail)).toBe('spam');
    expect(says({ pattern: 'won', label: 'spam' }, mail, { part: 'subject' })).toBe('abstain');
  });

  it('nothing where there is no text: failed, even with else; an empty text is one', () => {
    const { answer } = prepare({ pattern: 'a', label: 'spam', else: 'ham', part: 'body' });
    expect(answer(sample(mail))).toEqual({ kind: 'failed', reason: "the item has no text part 'body'; it has subject, text" });
    expect(prepare({ pattern: 'a', label: 'spam' }).answer(sample({}))).toEqual({ kind: 'failed', reason: 'the item has no text' });
    expect(says({ pattern: '^$', label: 'spam' }, '')).toBe('spam');
    expect(says({ pattern: 'a', label: 'spam', else: 'ham' }, '')).toBe('ham');
  });

  it('NUL, lone surrogates and 5 MB', () => {
    expect(says({ pattern: 'a.b', label: 'spam' }, 'a\0b')).toBe('spam');
    expect(says({ pattern: 'a.b', label: 'spam' }, 'a\ud800b')).toBe('spam');
    expect(says({ pattern: 'end$', label: 'spam' }, `${'lorem ipsum '.repeat(420_000)}end`)).toBe('spam');
  });

  it('no more than a pattern can be searched for in seconds, whatever the text holds', () => {
    const large = { pattern: '(a{500}b)?[ab]{1000}c', label: 'spam' };
    expect(says(large, 'a'.repeat(100_000))).toBe('abstain');
    expect(prepare(large).answer(sample('x'.repeat(1_000_000)))).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(/^the text has 1000000 UTF-16 units; these patterns may search 66\d{4}$/) as string,
    });
  });

  it('ends on patterns that stop backtracking engines (P48)', () => {
    for (const text of [`${'a'.repeat(40)}!`, `${'a'.repeat(50_000)}!`]) {
      expect(says({ pattern: '(a+)+$', label: 'spam', minMatches: 2 }, text)).toBe('abstain');
      expect(explains({ pattern: '(a+)+!$', label: 'spam' }, text)?.matches).toEqual([
        { part: 'text', start: 0, end: text.length, label: 'spam' },
      ]);
    }
  });
});

describe('why', () => {
  it('what matched, how often, and where in code points', () => {
    expect(explains({ pattern: 'free money', label: 'spam' }, '😀 שלום e\u0301\r\nFree money, FREE MONEY, Free money')).toEqual({
      reason: "matched 'Free money' (2 times), 'FREE MONEY'",
      matches: [11, 23, 35].map((start) => ({ part: 'text', start, end: start + 10, label: 'spam' })),
    });
    expect(explains({ pattern: '👩\u200d👧', label: 'spam' }, '👧👩\u200d👧')?.matches).toEqual([
      { part: 'text', start: 1, end: 4, label: 'spam' },
    ]);
  });

  it('which rule', () => {
    const rules = [
      { pattern: 'x', label: 'ham' },
      { pattern: 'b', label: ['spam', 'trade'] },
      { pattern: 'a', label: 'spam' },
    ]; // biome-ignore format
    expect(explains({ rules }, { subject: 'ab', text: 'a' }, { multiple: true })).toEqual({
      reason: "rule 2 matched 'b'; rule 3 matched 'a' (2 times)",
      matches: [
        { part: 'subject', start: 1, end: 2, label: 'spam' },
        { part: 'subject', start: 1, end: 2, label: 'trade' },
        { part: 'subject', start: 0, end: 1, label: 'spam' },
        { part: 'text', start: 0, end: 1, label: 'spam' },
      ],
    });
  });

  it('that nothing matches, where that is an answer; nothing where there is none', () => {
    expect(explains({ pattern: 'a', label: 'spam', else: 'ham' }, 'b')).toEqual({ reason: 'no pattern matches' });
    expect(explains({ pattern: 'a', label: 'spam' }, 'b')).toBeUndefined();
  });

  it('with at most 100 places', () => {
    const why = explains({ pattern: 'a', label: 'spam' }, 'a'.repeat(1000));
    expect(why?.matches).toHaveLength(100);
    expect(why?.reason).toBe("matched 'a' (100 times), looked for no more than 100");
  });
});

describe('faults name the key', () => {
  const ok = { pattern: 'a', label: 'ham' };

  it('of patterns', () => {
    expect(fault({ rules: [ok, ok, { pattern: 'x(?=y)', label: 'ham' }] })).toMatch(
      /^bad-options regex: rules\.2\.pattern: .*'\(\?=' at character 2: RE2 has no look-around/,
    );
    expect(fault({ patterns: ['a', '(b'], label: 'ham' })).toBe("bad-options regex: patterns.1: missing closing ) '(b' at character 1");
    expect(fault({ ...ok, pattern: 'a'.repeat(1001) })).toMatch(
      /^bad-options regex: pattern: the pattern must have at most 1000 characters, got 1001/,
    );
    const unchecked = { ...checkOptions(regex, ok), pattern: '(' };
    expect(() => regex.prepare({ question: question(), options: unchecked, model: null })).toThrow('regex: pattern: missing closing )');
  });

  it('of labels, with the nearest that there is', () => {
    expect(fault({ ...ok, label: 'spma' })).toBe(
      "bad-options regex: label: there is no label 'spma', did you mean 'spam'? The labels are spam, ham, trade",
    );
    expect(fault({ rules: [ok, { ...ok, label: 'x' }] })).toMatch(
      /^bad-options regex: rules\.1\.label: there is no label 'x'\. The labels are/,
    );
    expect(fault({ ...ok, else: 'hem' })).toMatch(/^bad-options regex: else: /);
    expect(fault({ ...ok, label: ['spam', 'ham'] })).toMatch(/takes one label, got 2/);
  });

  it('of shape', () => {
    expect(fault({})).toMatch(/give one of `pattern`, `patterns` or `rules`/);
    expect(fault({ ...ok, rules: [ok] })).toMatch(/give one of/);
    expect(fault({ pattern: 'a' })).toMatch(/needs `label`/);
    expect(fault({ ...ok, lable: 'ham' })).toMatch(/lable/);
  });
});
