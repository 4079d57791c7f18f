import keywords from '@labelwright/core/labelers/keywords';
import regex from '@labelwright/core/labelers/regex';
import { describe, expect, it } from 'vitest';
import { changed, draftFor, isComplete, withoutEmptyRows } from './labeler-draft.ts';

const labels = ['spam', 'ham'];

describe('the definition of a labeler while it is edited', () => {
  it('of a term is a pattern that finds the term and nothing else', () => {
    const { with: options } = draftFor(undefined, 'regex', { term: 'c++ (new)', label: 'ham' }, labels);
    expect(options).toEqual({ pattern: '\\bc\\+\\+ \\(new\\)\\b', label: 'ham' });
    expect(regex.options.safeParse(options).success).toBe(true);
  });

  it('is not tried before there is something to try', () => {
    expect(isComplete('regex', { pattern: ' ', label: 'spam' })).toBe(false);
    expect(isComplete('regex', { rules: [{ pattern: '' }, { pattern: 'a' }] })).toBe(true);
    expect(isComplete('keywords', { dictionary: { spam: [], ham: ['thanks'] } })).toBe(true);
    expect(isComplete('keywords', { words: [], label: 'spam' })).toBe(false);
    expect(isComplete('classifier', {})).toBe(true);
  });

  it('is tried without the rows that nobody filled in', () => {
    const options = withoutEmptyRows('keywords', { dictionary: { spam: [], ham: ['thanks'] } });
    expect(options).toEqual({ dictionary: { ham: ['thanks'] } });
    expect(keywords.options.safeParse(options).success).toBe(true);
    expect(
      withoutEmptyRows('expression', {
        rules: [
          { when: '', label: 'ham' },
          { when: 'true', label: 'spam' },
        ],
      }),
    ).toEqual({
      rules: [{ when: 'true', label: 'spam' }],
    });
  });

  it('loses what is set to undefined', () => {
    expect(changed({ pattern: 'a', label: 'spam' }, { label: undefined, else: 'ham' })).toEqual({ pattern: 'a', else: 'ham' });
  });
});
