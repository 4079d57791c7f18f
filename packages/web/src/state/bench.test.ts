import { expect, test } from 'vitest';
import {
  answeredPlaces,
  answersChanged,
  type Bench,
  bring,
  changed,
  choose,
  chosen,
  emptyBench,
  isChanged,
  lookAt,
  neighbour,
  receive,
  say,
  sessionFigures,
  subjectOf,
  waitingPlaces,
} from './bench.ts';
import { inverse } from './diffs.ts';

const answer = (...labels: string[]) => ({ kind: 'answer', labels }) as const;
const waiting = (bench: Bench) => waitingPlaces(bench).map(({ ordinal }) => ordinal);
const answered = (bench: Bench) => answeredPlaces(bench).map(({ ordinal }) => ordinal);
const bench = lookAt(changed(emptyBench, receive(emptyBench, [12, 5, 9])), 12);

test('items wait in the order in which the server gave them', () => {
  expect(waiting(bench)).toEqual([12, 5, 9]);
});

test('a later word of the server keeps places, adds at the end, and takes away only what nobody is at', () => {
  const busy = changed(bench, choose(bench, 9, ['spam']));
  expect(waiting(changed(busy, receive(busy, [5, 7])))).toEqual([12, 5, 9, 7]);
  expect(waiting(changed(busy, receive(busy, [7])))).toEqual([12, 9, 7]);
});

test('answering moves an item to the last ones and takes its choice along; undoing brings both back', () => {
  const chose = changed(bench, choose(bench, 12, ['spam']));
  const diff = say(chose, 12, answer('spam'), 4);
  const after = changed(chose, diff);
  expect([waiting(after), answered(after), chosen(after, 12), isChanged(after, 12)]).toEqual([[5, 9], [12], ['spam'], false]);
  const back = changed(after, inverse(diff));
  expect([waiting(back), answered(back), chosen(back, 12), isChanged(back, 12)]).toEqual([[12, 5, 9], [], ['spam'], true]);
  expect(subjectOf(inverse(diff))).toBe(12);
});

test('only answers are for the server: given, changed, taken back', () => {
  const first = say(bench, 12, answer('spam'), 4);
  expect(answersChanged(choose(bench, 12, ['spam']))).toEqual([]);
  expect(answersChanged(first)).toMatchObject([{ ordinal: 12, from: null, to: { given: answer('spam') } }]);
  const after = changed(bench, first);
  expect(answersChanged(say(after, 12, answer('ham'), 2))).toMatchObject([
    { from: { given: answer('spam') }, to: { given: answer('ham') } },
  ]);
  expect(answersChanged(inverse(first))).toMatchObject([{ from: { given: answer('spam') }, to: null }]);
});

test('a changed answer keeps its place among the last ones', () => {
  let after = changed(bench, say(bench, 12, answer('spam'), 4));
  after = changed(after, say(after, 5, { kind: 'skip' }, 1));
  after = changed(after, say(after, 12, answer('ham'), 2));
  expect(answered(after)).toEqual([12, 5]);
});

test('choosing what was answered already is no change', () => {
  const after = changed(bench, say(bench, 12, answer('a', 'b'), 4));
  expect(isChanged(changed(after, choose(after, 12, ['b', 'a'])), 12)).toBe(false);
  expect(isChanged(changed(after, choose(after, 12, [])), 12)).toBe(true);
  expect(isChanged(changed(bench, choose(bench, 12, [])), 12)).toBe(false);
});

test('back and forth walk over the last ones into the queue', () => {
  let after = changed(bench, say(bench, 12, answer('spam'), 4));
  after = lookAt(changed(after, say(after, 5, answer('spam'), 4)), 9);
  expect(neighbour(after, 1)).toBeNull();
  expect(neighbour(after, -1)).toBe(5);
  expect(neighbour(lookAt(after, 5), -1)).toBe(12);
  expect(neighbour(lookAt(after, 12), -1)).toBeNull();
  expect(neighbour(lookAt(after, 12), 1)).toBe(5);
});

test('an item from elsewhere stands at the head of the queue', () => {
  const after = lookAt(changed(bench, bring(bench, 77, null)), 77);
  expect(waiting(after)).toEqual([77, 12, 5, 9]);
  expect(neighbour(after, 1)).toBe(12);
});

test('the figures of a session leave out what was done before, and time only labels', () => {
  let after = changed(bench, bring(bench, 3, { given: answer('spam'), seconds: 900, turn: 1, isEarlier: true }));
  expect(sessionFigures(after)).toEqual({ done: 0, secondsPerItem: null });
  after = changed(after, say(after, 12, answer('spam'), 4));
  after = changed(after, say(after, 5, answer('ham'), 6));
  after = changed(after, say(after, 9, { kind: 'skip' }, 50));
  expect(sessionFigures(after)).toEqual({ done: 3, secondsPerItem: 5 });
});
