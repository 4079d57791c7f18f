import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { apply, diffTo, inverse, noHistory, redo, remember, undo, type UndoHistory } from './diffs.ts';

interface Note {
  readonly key: string;
  readonly text: string;
}
const note = (key: string, text: string): Note => ({ key, text });

test('a change says what was added, what became what, what was removed', () => {
  const records = new Map([
    ['a', note('a', 'one')],
    ['b', note('b', 'two')],
  ]);
  const diff = diffTo(records, { a: note('a', 'uno'), b: undefined, c: note('c', 'tre'), d: undefined }, 'person');
  expect(diff).toEqual({
    origin: 'person',
    added: [note('c', 'tre')],
    updated: [[note('a', 'one'), note('a', 'uno')]],
    removed: [note('b', 'two')],
  });
  expect([...apply(records, diff).keys()]).toEqual(['a', 'c']);
});

test('any walk of doing, undoing and redoing leads where it says', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), key, text: fc.string() }),
    fc.record({ kind: fc.constant('remove' as const), key }),
    fc.record({ kind: fc.constant('undo' as const) }),
    fc.record({ kind: fc.constant('redo' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let records: ReadonlyMap<string, Note> = new Map();
      let history: UndoHistory<Note> = noHistory;
      // What the screen showed after each thing done, and where in that line we are.
      let states = [records];
      let at = 0;
      let isHonest = true;
      for (const taken of steps) {
        if (taken.kind === 'put' || taken.kind === 'remove') {
          const diff = diffTo(records, { [taken.key]: taken.kind === 'put' ? note(taken.key, taken.text) : undefined }, 'person');
          records = apply(records, diff);
          history = remember(history, diff);
          states = [...states.slice(0, at + 1), records];
          at++;
        } else {
          const turn = taken.kind === 'undo' ? undo(history) : redo(history);
          isHonest &&= (turn === undefined) === (taken.kind === 'undo' ? at === 0 : at === states.length - 1);
          if (!turn) continue;
          records = apply(records, turn.diff);
          history = turn.history;
          at += taken.kind === 'undo' ? -1 : 1;
        }
        expect(Object.fromEntries(records)).toEqual(Object.fromEntries(states[at]));
      }
      expect(isHonest).toBe(true);
    }),
  );
});

test('the inverse of the inverse is the change itself', () => {
  const diff = diffTo(new Map([['a', note('a', 'one')]]), { a: note('a', 'uno'), b: note('b', 'due') }, 'person');
  expect(inverse(inverse(diff))).toEqual(diff);
});
