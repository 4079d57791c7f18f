import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SparseMatrix } from '../math/matrix.ts';
import { createTermCounter } from './terms.ts';
import { createTfIdf, fitTfIdf, transformTfIdf } from './tf-idf.ts';

const texts = ['Free money, FREE prize now', 'call me now', 'the prize is yours: call now', 'money money money', ''];

function tableOf(matrix: SparseMatrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, row) => {
    const values: number[] = Array(matrix.columns).fill(0);
    for (let e = matrix.offsets[row]; e < matrix.offsets[row + 1]; e++) values[matrix.indices[e]] = matrix.values[e];
    return values;
  });
}

function expectRows(matrix: SparseMatrix, rows: readonly Readonly<Record<string, number>>[], terms: readonly string[]): void {
  for (const [row, got] of tableOf(matrix).entries()) {
    for (const [feature, term] of terms.entries()) expect(got[feature], `${row} ${term}`).toBeCloseTo(rows[row][term] ?? 0, 5);
  }
}

/** scikit-learn 1.9.1: TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\w+").fit_transform(texts) */
describe("scikit-learn's numbers", () => {
  test('one and two words', () => {
    const model = fitTfIdf(texts);
    expect(model.terms).toEqual(
      'call,call me,call now,free,free money,free prize,is,is yours,me,me now,money,money free,money money,now,prize,prize is,prize now,the,the prize,yours,yours call'.split(
        ',',
      ),
    );
    const rare = 0.320251;
    expectRows(
      transformTfIdf(model, texts),
      [
        {
          free: 0.576785,
          'free money': 0.340659,
          'free prize': 0.340659,
          money: 0.274841,
          'money free': 0.340659,
          now: 0.228143,
          prize: 0.274841,
          'prize now': 0.340659,
        },
        { call: 0.398475, 'call me': 0.493899, me: 0.493899, 'me now': 0.493899, now: 0.33077 },
        {
          call: 0.258376,
          'call now': rare,
          is: rare,
          'is yours': rare,
          now: 0.214476,
          prize: 0.258376,
          'prize is': rare,
          the: rare,
          'the prize': rare,
          yours: rare,
          'yours call': rare,
        },
        { money: Math.SQRT1_2, 'money money': Math.SQRT1_2 },
        {},
      ],
      model.terms,
    );
  });

  test('min_df=2, single words', () => {
    const model = fitTfIdf(texts, { ngrams: 1, minDocuments: 2 });
    expect(model.terms).toEqual(['call', 'money', 'now', 'prize']);
    expect(model.frequencies).toEqual([2, 2, 3, 2]);
    const expected = [
      { money: 0.609818, now: 0.506204, prize: 0.609818 },
      { call: 0.769447, now: 0.638711 },
      { call: 0.609818, now: 0.506204, prize: 0.609818 },
      { money: 1 },
      {},
    ];
    expectRows(transformTfIdf(model, texts), expected, model.terms);
  });

  test("characters: analyzer='char_wb', ngram_range=(2, 3), on 'ab abc' and 'bc'", () => {
    const model = fitTfIdf(['ab abc', 'bc'], { ngrams: 0, characters: { min: 2, max: 3 } });
    expect(model.terms.map((term) => term.slice(1))).toEqual([' a', ' ab', ' b', ' bc', 'ab', 'ab ', 'abc', 'b ', 'bc', 'bc ', 'c ']);
    const table = tableOf(transformTfIdf(model, ['ab abc', 'bc']));
    const expected = [0.46746, 0.46746, 0, 0, 0.46746, 0.27609, 0.27609, 0.27609, 0.19644, 0.19644, 0.19644];
    expected.forEach((value, feature) => expect(table[0][feature]).toBeCloseTo(value, 5));
  });
});

describe('tf-idf', () => {
  test('the most frequent terms are kept, ties by text', () => {
    expect(fitTfIdf(texts, { maxFeatures: 3 }).terms).toEqual(['call', 'money', 'now']);
    expect(fitTfIdf(texts, { maxFeatures: 0 }).terms).toEqual([]);
  });

  test('places are those of the text as it stands', () => {
    const model = fitTfIdf(['FREE  prize', 'free prize']);
    const wanted = new Set([model.terms.indexOf('free'), model.terms.indexOf('free prize')]);
    const places = createTfIdf(model).places('So: FREE  prize!', wanted);
    expect(places.map(({ start, end }) => [start, end])).toEqual([
      [4, 8],
      [4, 15],
    ]);
  });

  test('unknown words in between break sequences, known ones need not be terms themselves', () => {
    const model = fitTfIdf(['a b', 'a b', 'a', 'b'], { minDocuments: 2, maxFeatures: 3 });
    expect(model.terms).toEqual(['a', 'a b', 'b']);
    const only = { ...model, terms: ['a b'], frequencies: [2] };
    expect(tableOf(transformTfIdf(only, ['a b', 'a x b', 'b a'])).flat()).toEqual([1, 0, 0]);
  });

  test('the model survives JSON, and text order changes nothing', () => {
    const odd = [...texts, '👍 我喜欢 שלום cafe\u0301', 'constructor __proto__ toString'];
    const model = fitTfIdf(odd, { characters: { min: 3, max: 4 } });
    expect(fitTfIdf(odd.toReversed(), { characters: { min: 3, max: 4 } })).toEqual(model);
    expect(transformTfIdf(JSON.parse(JSON.stringify(model)), odd)).toEqual(transformTfIdf(model, odd));
    expect(model.terms).toContain('constructor');
  });

  test('nothing in, nothing out', () => {
    const model = fitTfIdf([]);
    expect(transformTfIdf(model, ['some text', ''])).toMatchObject({ rows: 2, columns: 0, offsets: Int32Array.of(0, 0, 0) });
    expect(transformTfIdf(model, [])).toMatchObject({ rows: 0 });
  });

  test('any texts: rows of length one or empty, no NaN, columns ascending', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { maxLength: 8 }), fc.boolean(), (given, inside) => {
        const model = fitTfIdf(given, inside ? { characters: { min: 1, max: 3 } } : {});
        const { rows, offsets, indices, values } = transformTfIdf(model, given);
        expect(rows).toBe(given.length);
        for (let row = 0; row < rows; row++) {
          const own = [...indices.subarray(offsets[row], offsets[row + 1])];
          const squares = values.subarray(offsets[row], offsets[row + 1]).reduce((sum, value) => sum + value ** 2, 0);
          expect(squares).toBeCloseTo(own.length > 0 ? 1 : 0, 5);
          expect(own).toEqual([...new Set(own)].sort((a, b) => a - b));
        }
      }),
    );
  });

  test('a full counter forgets what it saw once, and keeps counting the rest', () => {
    const counter = createTermCounter({ ngrams: 2, characters: null }, 50);
    for (let text = 0; text < 40; text++) counter.add(`common pair only${text}`);
    expect(counter.choose(2, 100)).toEqual([
      { term: 'common', frequency: 40 },
      { term: 'common pair', frequency: 40 },
      { term: 'pair', frequency: 40 },
    ]);
  });
});
