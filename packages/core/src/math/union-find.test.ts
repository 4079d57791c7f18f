import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createUnionFind } from './union-find.ts';

it('joins what is joined through others', () => {
  const groups = createUnionFind(5);
  groups.join(3, 4);
  groups.join(4, 1);
  expect(groups.find(3)).toBe(1);
  expect(groups.sets(2)).toEqual([[1, 3, 4]]);
  expect(groups.sets()).toEqual([[0], [1, 3, 4], [2]]);
});

it('does not show the order of joins', () => {
  const pairs = fc.array(fc.tuple(fc.nat(9), fc.nat(9)));
  fc.assert(
    fc.property(pairs, (joins) => {
      const setsOf = (list: readonly (readonly [number, number])[]): number[][] => {
        const groups = createUnionFind(10);
        for (const [a, b] of list) groups.join(a, b);
        return groups.sets();
      };
      expect(setsOf(joins.map(([a, b]) => [b, a] as const).reverse())).toEqual(setsOf(joins));
    }),
  );
});
