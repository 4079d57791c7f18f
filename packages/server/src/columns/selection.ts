import type { ItemFilter, ItemRow } from '@labelwright/contract/items';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { z } from 'zod';
import type { sort as sortSchema } from '@labelwright/contract/items';
import { decisions } from '../stores/estimate-codes.ts';
import type { OrdinalSet } from './ordinal-set.ts';
import type { QuestionView } from './question-view.ts';

export type Sort = z.infer<typeof sortSchema>;
type Is = (ordinal: number) => boolean;

/** A question about items. */
interface Test {
  readonly is: Is;
  /** Whom it is not true of passes no more. A loop of its own for each test: a call for each of a million items would take ten times as long. */
  readonly sieve: (passes: Uint8Array, from: number, to: number) => void;
}

/** What a filter asks of an item beside its texts, each a question with a quick answer. */
export function testsOf(view: QuestionView, filter: ItemFilter, sets: readonly OrdinalSet[]): Test[] {
  const { answer, decision, probability, disagreement, flagged } = filter;
  const { machine, people } = view;
  return [
    ...sets.map((set): Test => ({ is: (ordinal) => set.has(ordinal), sieve: (passes, from, to) => set.sieve(passes, from, to) })),
    ...(answer ? [answerTest(view, answer)] : []),
    ...(decision ? [decisionTest(view, decision)] : []),
    ...(probability ? [probabilityTest(view, probability)] : []),
    ...(disagreement === undefined ? [] : [markTest(machine?.disagreement ?? nothing, disagreement)]),
    ...(flagged === undefined ? [] : [markTest(people.flagged, flagged)]),
  ];
}

const nothing = new Uint8Array(0);
const noCodes = new Int32Array(0);

function markTest(marks: Uint8Array, wanted: boolean): Test {
  const unmarked = wanted ? 0 : 1;
  return {
    is: (ordinal) => (marks[ordinal] === 1) === wanted,
    sieve: (passes, from, to) => {
      const known = Math.max(from, Math.min(to, marks.length));
      for (let ordinal = from; ordinal < known; ordinal++) passes[ordinal] &= marks[ordinal] ^ unmarked;
      if (wanted) passes.fill(0, known, to);
    },
  };
}

/** By the answer that holds at present: people's, else the machine's. */
function answerTest({ machine, people, sets }: QuestionView, wanted: readonly string[]): Test {
  const isWanted = Uint8Array.from(sets.all, (labels, code) => (code > 0 && labels.some((label) => wanted.includes(label)) ? 1 : 0));
  const codes = machine?.answer ?? noCodes;
  return {
    is: (ordinal) => isWanted[people.answer[ordinal] || (codes[ordinal] ?? 0)] === 1,
    sieve: (passes, from, to) => {
      const { answer } = people;
      for (let ordinal = from; ordinal < to; ordinal++)
        passes[ordinal] &= isWanted[answer[ordinal] || (ordinal < codes.length ? codes[ordinal] : 0)];
    },
  };
}

function decisionTest({ machine, people }: QuestionView, wanted: readonly ItemRow['decision'][]): Test {
  const isAnsweredWanted = wanted.includes('answered') ? 1 : 0;
  const isWanted = Uint8Array.from(decisions, (decision) => (wanted.includes(decision) ? 1 : 0));
  const codes = machine?.decision ?? nothing;
  return {
    is: (ordinal) => (people.answer[ordinal] > 0 ? isAnsweredWanted : isWanted[codes[ordinal] ?? 0]) === 1,
    sieve: (passes, from, to) => {
      const { answer } = people;
      for (let ordinal = from; ordinal < to; ordinal++)
        passes[ordinal] &= answer[ordinal] > 0 ? isAnsweredWanted : isWanted[ordinal < codes.length ? codes[ordinal] : 0];
    },
  };
}

function probabilityTest(
  { machine, people }: QuestionView,
  { from: least, to: most }: { readonly from: number; readonly to: number },
): Test {
  // Probabilities are kept as 32-bit numbers: the ends are rounded as they were.
  const [low, high] = [Math.fround(least), Math.fround(most)];
  if (!machine) return { is: () => false, sieve: (passes, from, to) => passes.fill(0, from, to) };
  const { answer: codes, probability } = machine;
  return {
    is: (ordinal) => codes[ordinal] > 0 && people.answer[ordinal] === 0 && probability[ordinal] >= low && probability[ordinal] <= high,
    sieve: (passes, from, to) => {
      const { answer } = people;
      const known = Math.max(from, Math.min(to, codes.length));
      for (let ordinal = from; ordinal < known; ordinal++) {
        const value = probability[ordinal];
        if (!(codes[ordinal] > 0 && answer[ordinal] === 0 && value >= low && value <= high)) passes[ordinal] = 0;
      }
      passes.fill(0, known, to);
    },
  };
}

/** The items that pass all tests, in order. Between two slices others get their turn: what changes meanwhile may be seen or not.
 *  @param byId all ordinals by id, for that order */
export async function select(view: QuestionView, tests: readonly Test[], sort: Sort, byId: Int32Array | undefined): Promise<Int32Array> {
  const { n } = view;
  const passes = new Uint8Array(n).fill(1);
  for (const { sieve } of tests) await inSlices(n, (from, to) => sieve(passes, from, to));
  let count = 0;
  for (let ordinal = 0; ordinal < n; ordinal++) count += passes[ordinal];
  const found = new Int32Array(count);
  count = 0;
  await view.machine?.prepareOrder(sort);
  for (const { ordinals, isReversed, onlyUnanswered } of stretchesOf(view, sort, byId)) {
    const length = ordinals?.length ?? n;
    await inSlices(length, (from, to) => {
      const answered = onlyUnanswered ? view.people.answer : undefined;
      for (let at = from; at < to; at++) {
        const place = isReversed ? length - 1 - at : at;
        const ordinal = ordinals ? ordinals[place] : place;
        if (passes[ordinal] !== 1 || (answered && answered[ordinal] > 0)) continue;
        found[count++] = ordinal;
        // Once: not in a later stretch.
        passes[ordinal] = 0;
      }
    });
  }
  return found;
}

const slice = 131_072;

async function inSlices(length: number, work: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < length; from += slice) {
    if (from > 0) await nextTurn();
    work(from, Math.min(length, from + slice));
  }
}

/** An order is one stretch after another, of the items that were in none before. */
interface Stretch {
  /** Absent: all. */
  readonly ordinals?: Int32Array;
  readonly isReversed?: boolean;
  /** By people. */
  readonly onlyUnanswered?: boolean;
  /** It was in one before. */
  readonly wasBefore?: Is;
}

/** Items whose probability, or number of votes, is not known come last. Those that people answered have no probability. */
function stretchesOf(view: QuestionView, sort: Sort, byId: Int32Array | undefined): Stretch[] {
  const { machine, people } = view;
  if (sort === 'id') return [byId ? { ordinals: byId } : {}];
  if (sort === 'position' || !machine) return [{}];
  if (sort === '-votes') return [{ ordinals: machine.byVotes }, { wasBefore: (ordinal) => view.hasEstimate(ordinal) }];
  return [
    { ordinals: machine.byProbability, isReversed: sort === '-probability', onlyUnanswered: true },
    { wasBefore: (ordinal) => people.answer[ordinal] === 0 && view.hasEstimate(ordinal) },
  ];
}

/** The same one by one, for whoever needs only the first few. */
export function* inOrder(view: QuestionView, tests: readonly Test[], sort: Sort, byId: Int32Array | undefined): Generator<number> {
  for (const { ordinals, isReversed, onlyUnanswered, wasBefore } of stretchesOf(view, sort, byId)) {
    const length = ordinals?.length ?? view.n;
    for (let at = 0; at < length; at++) {
      const place = isReversed ? length - 1 - at : at;
      const ordinal = ordinals ? ordinals[place] : place;
      if (wasBefore?.(ordinal) || (onlyUnanswered && view.people.answer[ordinal] > 0)) continue;
      if (tests.every(({ is }) => is(ordinal))) yield ordinal;
    }
  }
}
