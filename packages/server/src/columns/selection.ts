import type { ItemFilter, ItemRow } from '@labelwright/contract/items';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { z } from 'zod';
import type { sort as sortSchema } from '@labelwright/contract/items';
import { decisions } from '../stores/estimate-codes.ts';
import type { OrdinalSet } from './ordinal-set.ts';
import type { QuestionView } from './question-view.ts';

export type Sort = z.infer<typeof sortSchema>;
type Test = (ordinal: number) => boolean;

/** What a filter asks of an item beside its texts, each a question with a quick answer. */
export function testsOf(view: QuestionView, filter: ItemFilter, sets: readonly OrdinalSet[]): Test[] {
  const { answer, decision, probability, disagreement, flagged } = filter;
  return [
    ...(answer ? [answerTest(view, answer)] : []),
    ...(decision ? [decisionTest(view, decision)] : []),
    ...(probability ? [probabilityTest(view, probability)] : []),
    ...(disagreement === undefined ? [] : [(ordinal: number) => (view.machine?.disagreement[ordinal] === 1) === disagreement]),
    ...(flagged === undefined ? [] : [(ordinal: number) => (view.people.flagged[ordinal] === 1) === flagged]),
    ...sets.map((set) => (ordinal: number) => set.has(ordinal)),
  ];
}

/** By the answer that holds at present: people's, else the machine's. */
function answerTest({ machine, people, sets }: QuestionView, wanted: readonly string[]): Test {
  const isWanted = sets.all.map((labels, code) => code > 0 && labels.some((label) => wanted.includes(label)));
  return (ordinal) => isWanted[people.answer[ordinal] || (machine?.answer[ordinal] ?? 0)];
}

function decisionTest(view: QuestionView, wanted: readonly ItemRow['decision'][]): Test {
  const { machine, people } = view;
  const isAnsweredWanted = wanted.includes('answered');
  const isWanted = decisions.map((decision) => wanted.includes(decision));
  return (ordinal) => (people.answer[ordinal] > 0 ? isAnsweredWanted : isWanted[machine?.decision[ordinal] ?? 0]);
}

function probabilityTest(view: QuestionView, { from, to }: { readonly from: number; readonly to: number }): Test {
  const { machine, people } = view;
  // Probabilities are kept as 32-bit numbers: the ends are rounded as they were.
  const [low, high] = [Math.fround(from), Math.fround(to)];
  return (ordinal) => {
    if (!view.hasEstimate(ordinal) || people.answer[ordinal] > 0) return false;
    const value = machine?.probability[ordinal] ?? 0;
    return value >= low && value <= high;
  };
}

/** The items that pass all tests, in order. Between two slices others get their turn: what changes meanwhile may be seen or not.
 *  @param byId all ordinals by id, for that order */
export async function select(view: QuestionView, tests: readonly Test[], sort: Sort, byId: Int32Array | undefined): Promise<Int32Array> {
  const { n } = view;
  const passes = new Uint8Array(n).fill(1);
  for (const test of tests)
    await inSlices(n, (from, to) => {
      for (let ordinal = from; ordinal < to; ordinal++) if (passes[ordinal] === 1 && !test(ordinal)) passes[ordinal] = 0;
    });
  const found = new Int32Array(n);
  let count = 0;
  for (const { ordinals, isReversed, test } of stretchesOf(view, sort, byId)) {
    const length = ordinals?.length ?? n;
    await inSlices(length, (from, to) => {
      for (let at = from; at < to; at++) {
        const place = isReversed ? length - 1 - at : at;
        const ordinal = ordinals ? ordinals[place] : place;
        if (passes[ordinal] !== 1 || (test && !test(ordinal))) continue;
        found[count++] = ordinal;
        // Once, also where it comes to belong to another stretch meanwhile.
        passes[ordinal] = 0;
      }
    });
  }
  return found.slice(0, count);
}

const slice = 131_072;

async function inSlices(length: number, work: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < length; from += slice) {
    if (from > 0) await nextTurn();
    work(from, Math.min(length, from + slice));
  }
}

/** An order is one stretch after another. */
interface Stretch {
  /** Absent: all. */
  readonly ordinals?: Int32Array;
  readonly isReversed?: boolean;
  readonly test?: Test;
}

/** Items whose probability, or number of votes, is not known come last. Those that people answered have no probability. */
function stretchesOf(view: QuestionView, sort: Sort, byId: Int32Array | undefined): Stretch[] {
  const { machine, people } = view;
  if (sort === 'id') return [byId ? { ordinals: byId } : {}];
  if (sort === 'position' || !machine) return [{}];
  if (sort === '-votes') return [{ ordinals: machine.byVotes }, { test: (ordinal) => !view.hasEstimate(ordinal) }];
  const isKnown: Test = (ordinal) => people.answer[ordinal] === 0;
  return [
    { ordinals: machine.byProbability, isReversed: sort === '-probability', test: isKnown },
    { test: (ordinal) => !isKnown(ordinal) || !view.hasEstimate(ordinal) },
  ];
}

/** The same one by one, for whoever needs only the first few. */
export function* inOrder(view: QuestionView, tests: readonly Test[], sort: Sort, byId: Int32Array | undefined): Generator<number> {
  for (const { ordinals, isReversed, test } of stretchesOf(view, sort, byId)) {
    const length = ordinals?.length ?? view.n;
    for (let at = 0; at < length; at++) {
      const place = isReversed ? length - 1 - at : at;
      const ordinal = ordinals ? ordinals[place] : place;
      if ((!test || test(ordinal)) && tests.every((each) => each(ordinal))) yield ordinal;
    }
  }
}
