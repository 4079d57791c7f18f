import { describe, expect, it } from 'vitest';
import { packNumbers, toBase64 } from '../math/packed-numbers.ts';
import { englishVectors } from './english-vectors.ts';
import { embedTexts, unpackWordVectors } from './word-vectors.ts';

const rowOf = ({ rows }: ReturnType<typeof embedTexts>, row: number) =>
  Array.from(rows.values.subarray(row * rows.columns, (row + 1) * rows.columns));
const cosine = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c], 0);

describe('embedTexts', () => {
  it('by hand: sums of weighted vectors, of length 1', () => {
    // cat = 2 · (3, 0), dog = 1 · (0, −4), 8 added to each nibble
    const vectors = unpackWordVectors({
      words: 'cat dog',
      columns: 2,
      base64: toBase64(Uint8Array.of((3 + 8) | (8 << 4), 8 | ((-4 + 8) << 4))),
      scales: packNumbers(Float32Array.of(2, 1), 1),
    });
    const embedded = embedTexts(vectors, ['Cat, dog!', 'unknown', '']);
    expect(rowOf(embedded, 0)[0]).toBeCloseTo(6 / Math.hypot(6, 4), 4);
    expect(rowOf(embedded, 0)[1]).toBeCloseTo(-4 / Math.hypot(6, 4), 4);
    expect(rowOf(embedded, 1)).toEqual([0, 0]);
    expect(embedded.coverage).toBeCloseTo(2 / 3, 12);
    expect(embedTexts(vectors, []).coverage).toBe(0);
  });

  it('the English ones know what is alike', () => {
    const embedded = embedTexts(unpackWordVectors(englishVectors), [
      'the doctor saw patients',
      'a nurse in the hospital',
      'shares fell on the stock market',
    ]);
    expect(embedded.coverage).toBeGreaterThan(0.9);
    const [doctor, nurse, market] = [0, 1, 2].map((row) => rowOf(embedded, row));
    expect(cosine(doctor, nurse)).toBeGreaterThan(0.5);
    expect(cosine(doctor, market)).toBeLessThan(cosine(doctor, nurse) - 0.3);
  });
});
