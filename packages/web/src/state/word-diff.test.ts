import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wordDiff } from './word-diff.ts';

it('keeps what is common, word by word', () => {
  expect(wordDiff('Label the mail as spam.', 'Label every mail as spam.')).toEqual([
    { kind: 'same', text: 'Label ' },
    { kind: 'removed', text: 'the ' },
    { kind: 'added', text: 'every ' },
    { kind: 'same', text: 'mail as spam.' },
  ]);
  expect(wordDiff('', 'new')).toEqual([{ kind: 'added', text: 'new' }]);
  expect(wordDiff('same', 'same')).toEqual([{ kind: 'same', text: 'same' }]);
});

it('gives both texts back', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '\n', '  ')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const pieces = wordDiff(before, after);
      const without = (kind: string) => pieces.flatMap((piece) => (piece.kind === kind ? [] : [piece.text])).join('');
      expect(without('added')).toBe(before);
      expect(without('removed')).toBe(after);
    }),
  );
});
