import { expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { fitFewLabelFeatures } from './few-label-features.ts';
import { fitTfIdf, transformTfIdf } from './tf-idf.ts';

it('terms beside what is dense, which counts less with more answers', () => {
  const texts = ['red apple', 'green apple', 'blue car', 'fast car', ''];
  const terms = transformTfIdf(fitTfIdf(texts), texts);
  const vectors = { kind: 'dense', rows: 5, columns: 2, values: Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1, 0, 0) } as const;
  const { near, rowsFor } = fitFewLabelFeatures(terms, vectors, createRandom(1));
  const [few, many] = [rowsFor(3), rowsFor(500)];
  expect(near.rows).toBe(5);
  expect(few.columns).toBe(terms.columns + near.columns);
  const last = few.offsets[1] - 2;
  expect([few.values[last], many.values[many.offsets[1] - 2]]).toEqual([1, 0.25]);
  expect(few.values.subarray(0, terms.offsets[1])).toEqual(terms.values.subarray(0, terms.offsets[1]));
  expect(near.values.subarray(4 * near.columns)).toEqual(new Float32Array(near.columns));
  expect(fitFewLabelFeatures(terms, undefined, createRandom(1)).near.columns).toBe(near.columns - 2);
});
