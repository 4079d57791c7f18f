import { expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { votePatterns } from '../math/vote-patterns.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelerId, labelId } from '../model/ids.ts';
import type { VoteTable } from '../model/vote-table.ts';
import glad, { fitGlad } from './glad.ts';

function tableOf(n: number, m: number, k: number, rows: readonly (readonly [item: number, labeler: number, label: number])[]): VoteTable {
  return {
    items: Array.from({ length: n }, (_, i) => itemId(`i${i}`)),
    labelers: Array.from({ length: m }, (_, j) => labelerId(`j${j}`)),
    labels: Array.from({ length: k }, (_, c) => labelId(`c${c}`)),
    item: Int32Array.from(rows, (row) => row[0]),
    labeler: Int32Array.from(rows, (row) => row[1]),
    label: Int32Array.from(rows, (row) => row[2]),
  };
}

const uniform = (k: number): Float64Array => new Float64Array(k).fill(1 / k);

test('by hand: one vote, one round: σ(α β) = σ(e) of the starting values', () => {
  const { posterior } = fitGlad(votePatterns(tableOf(1, 1, 3, [[0, 0, 1]])), uniform(3), { maxRounds: 1, tolerance: 1e-5 });
  // Odds of the label said against one other: 2 e^e.
  expect(Math.log(posterior[1] / posterior[0])).toBeCloseTo(Math.E + Math.log(2), 12);
});

test('crowd-kit 1.4.1, GLAD(n_iter=200, tol=1e-9, m_step_max_iter=200, m_step_tol=1e-9): four labelers, eight items', () => {
  const said = ['00001111', '00011110', '00101101', '10010110'];
  const rows = said.flatMap((labels, j) => labels.split('').map((label, i) => [i, j, Number(label)] as const));
  const patterns = votePatterns(tableOf(8, 4, 2, rows));
  const { posterior, skill, logEase } = fitGlad(patterns, uniform(2), { maxRounds: 2000, tolerance: 1e-12 });
  const of = (values: Float64Array, i: number, width = 1): number => values[(patterns.patternOf ? patterns.patternOf[i] : i) * width];
  const wanted = [0.9954, 1, 0.9954, 0.5, 0.0046, 0, 0.0046, 0.5];
  wanted.forEach((value, i) => expect(of(posterior, i, 2)).toBeCloseTo(value, 3));
  [1.005421, 1.005421, 0.318064, 0.318064].forEach((value, j) => expect(skill[j]).toBeCloseTo(value, 3));
  [0.980082, 1.605706, 0.980082, 0.222683].forEach((value, i) => expect(of(logEase, i)).toBeCloseTo(value, 3));
});

test('hard items are found: those that good labelers differ on', () => {
  const random = createRandom(3);
  const rows: [number, number, number][] = [];
  for (let i = 0; i < 200; i++) for (let j = 0; j < 9; j++) rows.push([i, j, random.next() < (i < 40 ? 0.55 : 0.95) ? i % 2 : 1 - (i % 2)]);
  const { difficulty = new Float64Array() } = glad.aggregate(tableOf(200, 9, 2, rows), checkOptions(glad, {}), { random });
  const hardest = Array.from(difficulty.keys())
    .sort((a, b) => difficulty[b] - difficulty[a])
    .slice(0, 40);
  expect(hardest.filter((i) => i < 40).length).toBeGreaterThan(32);
  expect(difficulty.every((value) => value > 0 && value < 1)).toBe(true);
});

test('a labeler who says the opposite has a skill below 0', () => {
  const random = createRandom(4);
  const rows: [number, number, number][] = [];
  for (let i = 0; i < 150; i++) for (let j = 0; j < 6; j++) rows.push([i, j, random.next() < (j === 5 ? 0.1 : 0.85) ? i % 2 : 1 - (i % 2)]);
  const { skill } = fitGlad(votePatterns(tableOf(150, 6, 2, rows)), uniform(2), { maxRounds: 200, tolerance: 1e-6 });
  expect(skill[5]).toBeLessThan(-0.3);
  expect(Math.min(...skill.subarray(0, 5))).toBeGreaterThan(0.3);
});
