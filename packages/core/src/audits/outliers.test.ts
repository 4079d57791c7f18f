import { expect, it } from 'vitest';
import type { DenseMatrix } from '../math/matrix.ts';
import { createRandom } from '../math/random.ts';
import { outliers } from './outliers.ts';

function directions(count: number): number[][] {
  const random = createRandom(2);
  return Array.from({ length: count }, (_, at) =>
    [at % 2 === 0 ? 1 : 0, at % 2 === 0 ? 0 : 1, 0].map((value) => value + 0.1 * random.normal()),
  );
}
const matrix = (rows: readonly (readonly number[])[]): DenseMatrix => ({
  kind: 'dense',
  rows: rows.length,
  columns: 3,
  values: Float32Array.from(rows.flat()),
});

it('finds the one that is unlike all others', () => {
  const { flagged, score, distance } = outliers(matrix([...directions(60), [0, 0, 1]]));
  expect(flagged[0]).toBe(60);
  expect(score[60]).toBeGreaterThan(10);
  expect(distance[60]).toBeGreaterThan(0.5);
});

it('flags few or none where all are alike', () => {
  expect(outliers(matrix(Array.from({ length: 50 }, () => [1, 0, 0]))).flagged).toHaveLength(0);
  expect(outliers(matrix(directions(200))).flagged.length).toBeLessThan(20);
});

it('says nothing of a handful, and has no NaN for rows of zeros', () => {
  expect(outliers(matrix([[1, 0, 0]])).flagged).toHaveLength(0);
  const { score } = outliers(matrix([...directions(30), [0, 0, 0], [0, 0, 0]]));
  for (const value of score) expect(value).not.toBeNaN();
});
