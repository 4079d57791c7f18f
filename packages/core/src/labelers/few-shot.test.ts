import { expect, it } from 'vitest';
import { itemId, labelId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import { madeField } from '../model/made.ts';
import { createExamplePicker } from './few-shot.ts';
import type { AnsweredItem } from './labeler.ts';

const item = (id: string, content: string): Item => ({ id: itemId(id), parts: { text: { modality: 'text', content } }, fields: {} });
const answered = (id: string, content: string, label: string): AnsweredItem => ({ item: item(id, content), labels: [labelId(label)] });

const pool = [
  answered('1', 'free money for you', 'spam'),
  answered('2', 'free money for you!', 'spam'),
  answered('3', 'cheap money loans', 'spam'),
  answered('4', 'lunch at noon', 'ham'),
  answered('5', 'money for lunch', 'ham'),
  answered('6', 'see the agenda', 'work'),
];
const picked = (count: number, ...items: Item[]): string[] =>
  createExamplePicker(pool)
    .pick(items, count)
    .map((one) => one.item.id);

it('the nearest come first, every label is among them where there is room, near-copies are left out', () => {
  expect(picked(4, item('x', 'free money'))).toEqual(['1', '5', '3', '6']);
});

it('where there is less room than labels, none fills more than half', () => {
  expect(picked(2, item('x', 'free money'))).toEqual(['1', '5']);
});

it('never the item itself, and one pick serves several items', () => {
  expect(picked(3, pool[0].item)).toEqual(['2', '5', '6']);
  expect(picked(3, item('x', 'agenda'), item('y', 'noon'))).toEqual(['4', '6', '1']);
});

it('never a made item: it could be a copy of the one asked about', () => {
  const made = { ...pool[0].item, id: itemId('7'), fields: { [madeField]: 'yes' } };
  const picker = createExamplePicker([{ item: made, labels: [labelId('spam')] }, pool[3]]);
  expect(picker.pick([pool[0].item], 2).map((one) => one.item.id)).toEqual(['4']);
});

it('an empty pool, no room, words never seen', () => {
  expect(createExamplePicker([]).pick([item('x', 'a')], 3)).toEqual([]);
  expect(picked(0, item('x', 'free'))).toEqual([]);
  expect(picked(3, item('x', 'zebra'))).toEqual(['1', '4', '6']);
});
