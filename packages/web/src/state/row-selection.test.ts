import { expect, test } from 'vitest';
import {
  countSelected,
  everythingSelected,
  extended,
  isSelected,
  mostSelected,
  nothingSelected,
  rangeTo,
  toggled,
} from './row-selection.ts';

test('a click selects, a second one takes it back', () => {
  const one = toggled(nothingSelected, 40, 2);
  expect([isSelected(one, 40), countSelected(one, 100)]).toEqual([true, 1]);
  expect(countSelected(toggled(one, 40, 2), 100)).toBe(0);
});

test('Shift extends from where the last click was, either way', () => {
  const one = toggled(nothingSelected, 40, 5);
  expect(rangeTo(one, 9)).toEqual({ from: 5, to: 9 });
  expect(rangeTo(one, 1)).toEqual({ from: 1, to: 5 });
  expect(rangeTo(nothingSelected, 3)).toEqual({ from: 3, to: 3 });
  const more = extended(one, [41, 42]);
  expect([...(more?.ordinals ?? [])]).toEqual([40, 41, 42]);
  expect(more?.anchor).toBe(5);
});

test('more than the server takes at once is refused', () => {
  const many = Array.from({ length: mostSelected }, (_, index) => index);
  expect(extended(nothingSelected, many)?.ordinals.size).toBe(mostSelected);
  expect(extended(nothingSelected, [...many, mostSelected])).toBeUndefined();
});

test('all that match are all, seen or not; a click then selects that one alone', () => {
  expect([isSelected(everythingSelected, 7), countSelected(everythingSelected, 4_102)]).toEqual([true, 4_102]);
  const one = toggled(everythingSelected, 7, 3);
  expect([isSelected(one, 7), isSelected(one, 8), one.anchor]).toEqual([true, false, 3]);
});
