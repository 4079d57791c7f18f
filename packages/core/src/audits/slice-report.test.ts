import { describe, expect, it } from 'vitest';
import { slicingsOf } from '../features/slices.ts';
import { createRandom } from '../math/random.ts';
import { itemId, type LabelId, labelId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import type { Json } from '../model/json.ts';
import { sliceReport } from './slice-report.ts';

const labels = ['a', 'b'].map(labelId);
const [a, b] = labels;
const item = (i: number, content: string, fields: Record<string, Json> = {}): Item => ({
  id: itemId(i + 1),
  parts: { text: { modality: 'text', content } },
  fields,
});

describe('ways to part items', () => {
  it('categories by value, numbers and lengths by quarters, texts by language', () => {
    const items = Array.from({ length: 40 }, (_, i) =>
      item(i, i < 30 ? 'and this is the word '.repeat((i % 4) + 1) : 'это слово было сказано им давно, но никто его тогда не услышал', {
        team: i % 2 === 0 ? 'red' : 'blue',
        price: i * 1.5,
        note: `${i} some words`,
      }),
    );
    const slicings = slicingsOf(items);
    expect(slicings.map(({ name }) => name)).toEqual(['team', 'price', 'length', 'language']);
    expect(new Set(slicings[0].sliceOf)).toEqual(new Set(['red', 'blue']));
    expect(new Set(slicings[1].sliceOf).size).toBe(4);
    expect(slicings[1].sliceOf[0]).toBe('up to 14.625');
    expect(slicings[3].sliceOf.filter((slice) => slice === 'ru')).toHaveLength(10);
    expect(slicingsOf(items, { fields: ['team'] }).map(({ name }) => name)).toEqual(['team', 'length', 'language']);
  });

  it('what all items share parts nothing', () => {
    const english = Array.from({ length: 30 }, (_, i) => item(i, i % 3 === 0 ? 'nothing' : 'it is the same to all of them'));
    expect(slicingsOf(english).map(({ name }) => name)).toEqual(['length']);
    expect(slicingsOf([item(0, 'same'), item(1, 'same')])).toEqual([]);
    expect(slicingsOf([])).toEqual([]);
  });
});

describe('error rates by slice', () => {
  const slicing = (name: string, sliceOf: readonly string[]) => ({ name, sliceOf });

  it('by hand: all four errors of 20 answers in a slice of 10 is C(10,4) / C(20,4)', () => {
    const truth: LabelId[] = Array.from({ length: 20 }, () => a);
    const said = truth.map((label, i) => (i < 4 ? b : label));
    const report = sliceReport({
      labels,
      said,
      truth,
      slicings: [
        slicing(
          'half',
          truth.map((_, i) => (i < 10 ? 'first' : 'second')),
        ),
      ],
    });
    const [first, second] = report.slices;
    expect(first).toMatchObject({ slice: 'first', answers: 10, errors: { estimate: 0.4, n: 10 } });
    // Twice, for two slices were looked at.
    expect(first.pValue).toBeCloseTo((2 * 210) / 4845, 10);
    expect(first.difference.estimate).toBeCloseTo(0.4, 12);
    expect(second.pValue).toBe(1);
    expect(first.labels[1]).toMatchObject({ label: 'b', share: { estimate: 0.4 } });
    expect(report.warnings).toEqual([]);
    expect(
      sliceReport({
        labels,
        said,
        truth,
        slicings: [
          slicing(
            'half',
            truth.map((_, i) => (i < 10 ? 'first' : 'second')),
          ),
        ],
        risk: 0.1,
      }).warnings,
    ).toEqual(['errors are concentrated where half is first: 40.0 % of 10 answers are wrong (16.8 % to 68.7 %), elsewhere 0.0 %']);
  });

  it('warns of a slice with three times the errors among twenty that have none of it; by chance alone hardly ever', () => {
    const truth: LabelId[] = Array.from({ length: 2000 }, () => a);
    let falseAlarms = 0;
    let missed = 0;
    for (let seed = 0; seed < 60; seed++) {
      const random = createRandom(seed);
      const slicings = Array.from({ length: 20 }, (_, s) =>
        slicing(
          `s${s}`,
          truth.map(() => String(random.integer(4))),
        ),
      );
      const even = truth.map((label) => (random.next() < 0.1 ? b : label));
      falseAlarms += Number(sliceReport({ labels, said: even, truth, slicings }).warnings.length > 0);
      const biased = truth.map((label, i) => (random.next() < (slicings[3].sliceOf[i] === '1' ? 0.3 : 0.1) ? b : label));
      const { warnings } = sliceReport({ labels, said: biased, truth, slicings });
      missed += Number(!warnings.some((warning) => warning.includes('where s3 is 1')));
    }
    expect(falseAlarms).toBeLessThanOrEqual(8);
    expect(missed).toBe(0);
  });

  it('no answers, no truth, small slices', () => {
    const none = sliceReport({ labels, said: [undefined], truth: [a], slicings: [slicing('x', ['y'])] });
    expect(none).toMatchObject({ answers: 0, slices: [], warnings: [], errors: { n: 0 } });
    const said = Array.from({ length: 30 }, () => a);
    const unknown = sliceReport({
      labels,
      said,
      truth: said.map(() => undefined),
      slicings: [
        slicing(
          'x',
          said.map((_, i) => (i < 5 ? 'few' : 'many')),
        ),
      ],
    });
    expect(unknown.slices).toMatchObject([{ slice: 'many', pValue: 1, errors: { n: 0 } }]);
    expect(() => sliceReport({ labels, said, truth: [], slicings: [] })).toThrow('expected 30 rows, got 0');
  });
});
