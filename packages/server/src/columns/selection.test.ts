import type { ItemFilter } from '@labelwright/contract/items';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MachineColumns } from './machine-columns.ts';
import { OrdinalSet } from './ordinal-set.ts';
import { QuestionView } from './question-view.ts';
import { inOrder, select, type Sort, testsOf } from './selection.ts';

const question = {
  id: 'label',
  kind: 'choice',
  prompt: '?',
  labels: [{ id: 'spam' }, { id: 'ham' }],
} as unknown as QuestionView['question'];

/** n items, of which the machine knows the first `estimated`, and people answered or flagged some. */
function viewOf(n: number, estimated: number | null, numbers: readonly number[]): QuestionView {
  const view = new QuestionView(question, 2);
  view.grow(n);
  const at = (index: number) => numbers[index % numbers.length];
  if (estimated !== null) {
    const machine = new MachineColumns(1, estimated);
    for (let ordinal = 0; ordinal < estimated; ordinal++) {
      const draw = at(ordinal);
      machine.answer[ordinal] = draw % 5 === 0 ? 0 : view.sets.codeOf([draw % 2 === 0 ? 'spam' : 'ham']);
      machine.probability[ordinal] = (draw % 11) / 10;
      machine.decision[ordinal] = draw % 3;
      machine.votes[ordinal] = draw % 4;
      machine.disagreement[ordinal] = draw % 7 === 0 ? 1 : 0;
    }
    view.setMachine(machine);
  }
  for (let ordinal = 0; ordinal < n; ordinal += 3) {
    const labels = at(ordinal + 1) % 2 === 0 ? ['ham'] : ['spam'];
    const said = at(ordinal + 2) % 2 === 0 ? [{ person: 1, kind: 'answer' as const, labels }] : [];
    view.accept({ ordinal, answered: said.length, flagged: at(ordinal) % 4 === 0, said });
  }
  return view;
}

const filters: fc.Arbitrary<ItemFilter> = fc.record(
  {
    answer: fc.subarray(['spam', 'ham']),
    decision: fc.subarray(['accepted', 'uncertain', 'no-votes', 'answered'] as const),
    probability: fc.constantFrom({ from: 0.2, to: 0.7 }, { from: 0, to: 1 }, { from: 0.9, to: 0.1 }),
    disagreement: fc.boolean(),
    flagged: fc.boolean(),
  },
  { requiredKeys: [] },
);
const sorts = fc.constantFrom<Sort>('position', 'probability', '-probability', '-votes', 'id');

test('all at once and one by one come to the same, also where items or sets end earlier', async () => {
  const run = fc.asyncProperty(
    fc.integer({ min: 0, max: 60 }),
    fc.option(fc.nat(60)),
    fc.array(fc.nat(1000), { minLength: 5, maxLength: 40 }),
    filters,
    sorts,
    fc.option(fc.array(fc.nat(70), { maxLength: 40 })),
    async (n, estimated, numbers, filter, sort, chosen) => {
      const view = viewOf(n, estimated === null ? null : Math.min(n, estimated), numbers);
      const sets = chosen ? [OrdinalSet.of(Math.max(0, n - 2), chosen)] : [];
      const byId = sort === 'id' ? Int32Array.from({ length: n }, (_, place) => n - 1 - place) : undefined;
      const tests = testsOf(view, filter, sets);
      const found = await select(view, tests, sort, byId);
      expect([...found]).toEqual([...inOrder(view, tests, sort, byId)]);
      expect(new Set(found).size).toBe(found.length);
      const isAll = Object.keys(filter).length === 0 && !chosen;
      expect(found.length).toBe(isAll ? n : found.length);
    },
  );
  await fc.assert(run, { numRuns: 500, seed: 3 });
});
