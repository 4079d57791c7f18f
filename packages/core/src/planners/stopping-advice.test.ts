import { expect, test } from 'vitest';
import { adviseStopping, stabilityKappa, stoppingOptions } from './stopping-advice.ts';

const defaults = stoppingOptions.parse(undefined);

test('kappa by hand: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no is 0.4', () => {
  const pairs = [
    [20, 0, 0],
    [5, 0, 1],
    [10, 1, 0],
    [15, 1, 1],
  ].flatMap(([count, before, after]) => Array.from({ length: count }, () => [before, after] as const));
  const [before, after] = [pairs.map(([label]) => label), pairs.map(([, label]) => label)];
  expect(stabilityKappa(before, after, 2)).toBeCloseTo(0.4);
  expect(stabilityKappa(before, before, 2)).toBeCloseTo(1);
  expect(stabilityKappa([], [], 2)).toBe(1);
  expect(stabilityKappa([0, 0], [0, 0], 2)).toBe(1);
  expect(() => stabilityKappa([0], [], 2)).toThrow(/same items, got 1 and 0/);
});

test('stops only where labels have settled and an audit proves the target', () => {
  const settled = [0.9, 0.99, 0.995, 0.99];
  expect(adviseStopping({ kappas: settled, auditedLow: 0.96, target: 0.95 }, defaults)).toEqual({
    stop: true,
    stable: true,
    proved: true,
    reason: 'labels have stopped moving (kappa 0.992); an audit proves 95.0 %',
  });
  expect(adviseStopping({ kappas: settled, target: 0.95 }, defaults)).toMatchObject({ stop: false, stable: true, proved: false });
  expect(adviseStopping({ kappas: [0.9, 1, 1], auditedLow: 0.96, target: 0.95 }, defaults)).toMatchObject({ stop: false, stable: false });
  expect(adviseStopping({ kappas: [1, 1], auditedLow: 0.93, target: 0.95 }, defaults).reason).toBe(
    'too few rounds to tell whether labels still move (2 of 3); the audit proves 93.0 % of the 95.0 % wanted',
  );
});
