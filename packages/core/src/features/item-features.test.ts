import { describe, expect, test } from 'vitest';
import { itemId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import type { Json } from '../model/json.ts';
import { createItemFeatures, fitItemFeatures, transformItemFeatures } from './item-features.ts';

type Fields = Readonly<Record<string, Json>>;
const textItem = (id: string, text: string, fields: Fields = {}): Item => ({
  id: itemId(id),
  parts: { text: { modality: 'text', content: text } },
  fields: { id, text, ...fields },
});
const bare = (id: string, fields: Fields): Item => ({ id: itemId(id), parts: {}, fields });

function namesOf(items: readonly Item[], options = {}): string[] {
  const reader = createItemFeatures(fitItemFeatures(items, options));
  return Array.from({ length: reader.columns }, (_, feature) => reader.nameOf(feature));
}

describe('item features', () => {
  test('an item with a text part is its text, whatever else came with it', () => {
    const items = [textItem('1', 'a b', { label: 'spam', amount: 1 }), textItem('2', 'a', { label: 'ham', amount: 2 })];
    expect(namesOf(items)).toEqual(["'a'", "'a b'", "'b'"]);
  });

  test('fields that are asked for, text beside numbers; never the id, by any name', () => {
    const items = Array.from({ length: 30 }, (_, at) =>
      textItem(`x${at}`, `words and more ${at}`, {
        subject: `re: house ${at}`,
        amount: at * 1.5,
        kind: at % 2 === 0 ? 'a' : 'b',
        copy: `x${at}`,
        note: 'unasked',
      }),
    );
    const names = namesOf(items, { fields: ['text', 'subject', 'amount', 'kind', 'copy', 'id', 'absent'], ngrams: 1 });
    expect(names.slice(-3)).toEqual(['amount', 'kind = a', 'kind = b']);
    expect(names).toContain("'house'");
    expect(names).toContain("'words'");
    expect(names.join()).not.toMatch(/x1|copy|unasked/);
  });

  test('one part, a table part, or no parts at all', () => {
    const item: Item = {
      id: itemId('1'),
      parts: {
        title: { modality: 'text', content: 'head' },
        body: { modality: 'text', content: 'tail' },
        row: { modality: 'table', content: { n: 10 } },
      },
      fields: {},
    };
    const other: Item = { ...item, id: itemId('2'), parts: { ...item.parts, row: { modality: 'table', content: { n: 20 } } } };
    expect(namesOf([item, other], { ngrams: 1 })).toEqual(["'head'", "'tail'", 'n']);
    expect(namesOf([item, other], { part: 'body' })).toEqual(["'tail'"]);
    expect(namesOf([bare('1', { n: 10 }), bare('2', { n: 20 }), bare('3', { n: 20 })])).toEqual(['n', 'n = 20', 'n = another']);
  });

  test('a table row weighs √0.1 of its scaled values beside a text of length 1', () => {
    const items = ['a', 'b', 'a', 'b'].map((kind, at) => textItem(String(at), 'word', { kind }));
    const matrix = transformItemFeatures(fitItemFeatures(items, { fields: ['text', 'kind'] }), items.slice(0, 1));
    expect([...matrix.indices]).toEqual([0, 1]);
    expect([...matrix.values]).toEqual([1, Math.fround(Math.sqrt(0.1))]);
  });

  test('one-word messages of a field called text are text', () => {
    const items = ['yes', 'no', 'no', 'yes', 'yes', 'no'].map((text, at) => bare(String(at), { text }));
    expect(namesOf(items, { fields: ['text'] })).toEqual(["'no'", "'yes'"]);
  });

  test('items that can be read only once are told', () => {
    const once = (function* () {
      yield textItem('1', 'a');
    })();
    expect(() => fitItemFeatures(once)).toThrow('the items must be iterable twice, got 1, then 0');
  });

  test('whether there was anything to look at', () => {
    const reader = createItemFeatures(fitItemFeatures([textItem('1', 'a'), textItem('2', 'b')]));
    expect(reader.read(textItem('3', '')).looked).toBe(true);
    expect(reader.read(bare('3', {})).looked).toBe(false);
  });
});
