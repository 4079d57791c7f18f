import { describe, expect, it } from 'vitest';
import { checkOptions } from '../model/about.ts';
import { labelsOf } from '../model/answer.ts';
import type { CoreError } from '../model/errors.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Question } from '../model/schema.ts';
import keywords from './keywords.ts';
import { type Answerer, Sample } from './labeler.ts';

const question = (more: Partial<Question> = {}): Question => ({
  kind: 'choice',
  id: questionId('topic'),
  title: 'Topic',
  labels: ['sport', 'money', 'law'].map((id) => ({ id: labelId(id) })),
  multiple: false,
  ...more,
});
const prepare = (options: unknown, more?: Partial<Question>): Answerer =>
  keywords.prepare({ question: question(more), options: checkOptions(keywords, options), model: null }) as Answerer;
const sample = (content: string): Sample => new Sample({ id: itemId('1'), fields: {}, parts: { text: { modality: 'text', content } } });
const says = (options: unknown, text: string, more?: Partial<Question>): string => {
  const answer = prepare(options, more).answer(sample(text));
  return answer.kind === 'labels' ? labelsOf(answer).join('+') : answer.kind;
};
const explains = (options: unknown, text: string, more?: Partial<Question>) => prepare(options, more).explain?.(sample(text));
const fault = (options: unknown): string => {
  try {
    prepare(options);
    return '';
  } catch (thrown) {
    return `${(thrown as CoreError).code} ${(thrown as CoreError).message}`;
  }
};

describe('one label', () => {
  const money = { words: ['loan', 'credit card', 'Bank'], label: 'money' };

  it('is said where a word occurs', () => {
    expect(says(money, 'your CREDIT\n card')).toBe('money');
    expect(says(money, 'loaned banks')).toBe('abstain');
    expect(says({ ...money, wholeWords: false }, 'loaned')).toBe('money');
    expect(says({ ...money, caseSensitive: true }, 'bank')).toBe('abstain');
  });

  it('may need several occurrences, or several different words', () => {
    expect(says({ ...money, minMatches: 2 }, 'bank, bank')).toBe('money');
    expect(says({ ...money, minMatches: 2 }, 'bank')).toBe('abstain');
    expect(says({ ...money, minDistinct: 2 }, 'bank, bank')).toBe('abstain');
    expect(says({ ...money, minDistinct: 2 }, 'bank loan')).toBe('money');
    expect(says({ ...money, words: ['bank', 'BANK', ' bank'], minDistinct: 2 }, 'bank Bank')).toBe('abstain');
    expect(says({ ...money, words: ['é', 'e\u0301'], minDistinct: 2 }, 'é e\u0301')).toBe('abstain');
    expect(says({ ...money, words: ['free', 'free money'], minDistinct: 2 }, 'free money')).toBe('money');
  });
});

describe('several labels', () => {
  const dictionary = { sport: ['goal', 'match', 'coach'], money: ['bank', 'loan', 'match'], law: ['court'] };

  it('of which the one with most different words answers, not the one with most occurrences', () => {
    expect(says({ dictionary }, 'court court court goal coach')).toBe('sport');
    expect(says({ dictionary }, 'match')).toBe('abstain');
    expect(says({ dictionary }, 'match bank')).toBe('money');
    expect(says({ dictionary }, 'court goal')).toBe('abstain');
    expect(says({ dictionary, minMatches: 2 }, 'court goal goal')).toBe('sport');
  });

  it('of which all answer, where the question takes several', () => {
    expect(says({ dictionary }, 'court goal', { multiple: true })).toBe('sport+law');
  });

  it('do not carry anything from one text to the next', () => {
    const { answer } = prepare({ dictionary, minDistinct: 2 });
    expect(['goal', 'coach', 'goal coach', 'goal'].map((text) => answer(sample(text)).kind)).toEqual([
      'abstain',
      'abstain',
      'labels',
      'abstain',
    ]);
  });
});

describe('why', () => {
  it('the words of the labels that it says, with places in code points', () => {
    const dictionary = { sport: ['goal', 'coach'], money: ['bank'] };
    expect(explains({ dictionary }, '😀 Goal! bank, goal; coach')).toEqual({
      reason: "matched 'Goal', 'goal', 'coach'",
      matches: [
        { part: 'text', start: 2, end: 6, label: 'sport' },
        { part: 'text', start: 14, end: 18, label: 'sport' },
        { part: 'text', start: 20, end: 25, label: 'sport' },
      ],
    });
    expect(explains({ dictionary }, 'bank goal')).toBeUndefined();
    expect(explains({ words: ['a'], label: 'law' }, 'a '.repeat(500))?.matches).toHaveLength(100);
  });
});

describe('limits and faults', () => {
  it('an empty text abstains, no text fails, 5 MB is searched', () => {
    const law = { words: ['court'], label: 'law' };
    expect(says(law, '')).toBe('abstain');
    expect(prepare({ ...law, part: 'body' }).answer(sample('court')).kind).toBe('failed');
    expect(says(law, `${'lorem ipsum '.repeat(420_000)}court`)).toBe('law');
  });

  it('take 20,000 words', () => {
    const words = Array.from({ length: 20_000 }, (_, index) => `word${index} ${String.fromCodePoint(0x4e00 + index)}`);
    expect(says({ words, label: 'law' }, `a word19999  ${String.fromCodePoint(0x4e00 + 19_999)}!`)).toBe('law');
    expect(says({ words, label: 'law' }, 'word19999 x')).toBe('abstain');
  });

  it('name the key', () => {
    expect(fault({ dictionary: { sport: ['a'], lw: ['b'] } })).toBe(
      "bad-options keywords: dictionary.lw: there is no label 'lw', did you mean 'law'? The labels are sport, money, law",
    );
    expect(fault({ words: ['a', ' \ufe0f'], label: 'law' })).toMatch(
      /^bad-options keywords: words\.1: a word must have a character that counts/,
    );
    expect(fault({ words: ['\u0301'], label: 'law', ignoreAccents: true })).toMatch(/words\.0/);
    expect(fault({ words: ['a'.repeat(201)], label: 'law' })).toMatch(/^bad-options keywords: words\.0: /);
    expect(fault({ words: ['a'] })).toMatch(/need `label`/);
    expect(fault({ label: 'law' })).toMatch(/give either/);
    expect(fault({ dictionary: { law: Array.from({ length: 10_001 }, (_, index) => String(index).padStart(200, 'x')) } })).toMatch(
      /may have 2000000 characters, got 2000200/,
    );
  });
});
