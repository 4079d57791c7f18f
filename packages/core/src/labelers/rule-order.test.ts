import { expect, test } from 'vitest';
import { components, cycleIn } from './rule-order.ts';

test('components: those that reach each other together, each before where its edges lead', () => {
  // 3 → 0 → 1 ⇄ 2 → 4, and 5 alone with an edge to itself
  const edges = [[1], [2], [1, 4], [0], [], [5]];
  const found = components(edges).map((component) => component.toSorted((a, b) => a - b));
  expect(found).toHaveLength(5);
  const place = (vertex: number): number => found.findIndex((component) => component.includes(vertex));
  expect(found[place(1)]).toEqual([1, 2]);
  expect([place(3), place(0), place(1), place(4)]).toEqual([place(3), place(0), place(1), place(4)].toSorted((a, b) => a - b));
});

test('cycleIn: the way around, none for a single vertex without an edge to itself', () => {
  const edges = [[1], [2], [1, 4], [0], [], [5]];
  expect(cycleIn([1, 2], edges)).toEqual([1, 2, 1]);
  expect(cycleIn([5], edges)).toEqual([5, 5]);
  expect(cycleIn([4], edges)).toBeUndefined();
});

test('no edges, no vertices', () => {
  expect(components([])).toEqual([]);
  expect(components([[], []])).toHaveLength(2);
});
