import { apply, type Diff, diffTo, type Records } from './diffs.ts';
import type { Given } from './outbox-action.ts';

/** An item on the bench: waiting for an answer, or answered. */
export interface Place {
  readonly type: 'place';
  readonly key: string;
  readonly ordinal: number;
  /** The order of waiting. */
  readonly rank: number;
  readonly said: Said | null;
}
export interface Said {
  readonly given: Given;
  readonly seconds: number;
  /** The order of answering: 1, 2, 3 … */
  readonly turn: number;
  /** Before this page was opened. */
  readonly isEarlier: boolean;
  /** What was said in answer to other questions: question → labels. */
  readonly also?: Readonly<Record<string, readonly string[]>>;
}
/** What is chosen for an item and not submitted. */
export interface Choice {
  readonly type: 'choice';
  readonly key: string;
  readonly ordinal: number;
  /** Absent for the question of the queue. */
  readonly question?: string;
  readonly labels: readonly string[];
}
export type BenchRecord = Place | Choice;
export type BenchDiff = Diff<BenchRecord>;

/** The queue, what was answered, what is being chosen, and the item that is looked at. Where the person looks is not part of the records: going
 *  back and forth is not something to undo. */
export interface Bench {
  readonly records: Records<BenchRecord>;
  readonly current: number | null;
}

export const emptyBench: Bench = { records: new Map(), current: null };

const placeKey = (ordinal: number) => `place/${ordinal}`;
const choiceKey = (ordinal: number, question?: string) => (question === undefined ? `choice/${ordinal}` : `choice/${ordinal}/${question}`);

export function placeOf({ records }: Bench, ordinal: number): Place | undefined {
  return records.get(placeKey(ordinal)) as Place | undefined;
}

/** What the palette shows: the unfinished choice, else what was answered. */
export function chosen(bench: Bench, ordinal: number): readonly string[] {
  const choice = bench.records.get(choiceKey(ordinal)) as Choice | undefined;
  if (choice) return choice.labels;
  const given = placeOf(bench, ordinal)?.said?.given;
  return given?.kind === 'answer' ? given.labels : [];
}

/** Whether something is chosen for it, under any question. */
export function isChanged(bench: Bench, ordinal: number): boolean {
  return choicesFor(bench, ordinal).length > 0;
}

/** Whether the question of the queue is what something is chosen for. */
export function isChosen({ records }: Bench, ordinal: number): boolean {
  return records.has(choiceKey(ordinal));
}

/** What is chosen and not submitted, question by question. */
export function choicesFor({ records }: Bench, ordinal: number): Choice[] {
  return [...records.values()].filter((record) => record.type === 'choice' && record.ordinal === ordinal) as Choice[];
}

/** The unfinished choice for another question than that of the queue. */
export function furtherChoice({ records }: Bench, ordinal: number, question: string): readonly string[] | undefined {
  return (records.get(choiceKey(ordinal, question)) as Choice | undefined)?.labels;
}

/** Next first. */
export function waitingPlaces(bench: Bench): Place[] {
  return places(bench)
    .filter(({ said }) => !said)
    .sort((a, b) => a.rank - b.rank);
}

/** Oldest first. */
export function answeredPlaces(bench: Bench): (Place & { said: Said })[] {
  return places(bench)
    .filter((place): place is Place & { said: Said } => place.said !== null)
    .sort((a, b) => a.said.turn - b.said.turn);
}

/** What was answered, in order, then what waits, in order: the line that back and forth walk along. */
export function neighbour(bench: Bench, step: -1 | 1): number | null {
  const line = [...answeredPlaces(bench), ...waitingPlaces(bench)];
  const at = line.findIndex(({ ordinal }) => ordinal === bench.current);
  // An item from elsewhere stands at the head of the queue.
  const from = at < 0 ? answeredPlaces(bench).length - (step === 1 ? 1 : 0) : at;
  return line[from + step]?.ordinal ?? null;
}

/** The server's word on what waits: known ones keep their place, new ones join at the end, those that are reserved no longer leave, except the one
 *  that is looked at, those chosen for and those of `kept`, which the server does not know the last of. */
export function receive(bench: Bench, ordinals: readonly number[], kept: ReadonlySet<number> = new Set()): BenchDiff {
  const wanted: Record<string, BenchRecord | undefined> = {};
  const offered = new Set(ordinals);
  for (const { key, ordinal } of waitingPlaces(bench))
    if (!offered.has(ordinal) && !kept.has(ordinal) && ordinal !== bench.current && !isChanged(bench, ordinal)) wanted[key] = undefined;
  let rank = Math.max(0, ...places(bench).map((place) => place.rank));
  for (const ordinal of offered) {
    const known = placeOf(bench, ordinal);
    if (!known || known.said) wanted[placeKey(ordinal)] = { type: 'place', key: placeKey(ordinal), ordinal, rank: ++rank, said: null };
  }
  return diffTo(bench.records, wanted, 'server');
}

/** An item that was asked for by its number, or answered before. */
export function bring(bench: Bench, ordinal: number, said: Said | null): BenchDiff {
  const rank = Math.min(0, ...places(bench).map((place) => place.rank)) - 1;
  const place: Place = placeOf(bench, ordinal) ?? { type: 'place', key: placeKey(ordinal), ordinal, rank, said };
  return diffTo(bench.records, { [place.key]: { ...place, said } }, 'server');
}

/** Chooses, or with no change to what was answered, forgets the choice. */
export function choose(bench: Bench, ordinal: number, labels: readonly string[], origin: BenchDiff['origin'] = 'person'): BenchDiff {
  const key = choiceKey(ordinal);
  const given = placeOf(bench, ordinal)?.said?.given;
  const isSame = given?.kind === 'answer' ? sameLabels(given.labels, labels) : given === undefined && labels.length === 0;
  return diffTo(bench.records, { [key]: isSame ? undefined : { type: 'choice', key, ordinal, labels } }, origin);
}

/** The same for another question. @param standing what is answered there; undefined where nothing is */
export function chooseFurther(
  bench: Bench,
  ordinal: number,
  { question, labels }: { readonly question: string; readonly labels: readonly string[] },
  standing: readonly string[] | undefined,
  origin: BenchDiff['origin'] = 'person',
): BenchDiff {
  const key = choiceKey(ordinal, question);
  const isSame = standing ? sameLabels(standing, labels) : labels.length === 0;
  return diffTo(bench.records, { [key]: isSame ? undefined : { type: 'choice', key, ordinal, question, labels } }, origin);
}

/** Answers: what is chosen becomes what is said. */
export function say(
  bench: Bench,
  ordinal: number,
  given: Given,
  seconds: number,
  origin: BenchDiff['origin'] = 'person',
  also: Said['also'] = {},
): BenchDiff {
  const place: Place = placeOf(bench, ordinal) ?? { type: 'place', key: placeKey(ordinal), ordinal, rank: 0, said: null };
  // An answer that is changed keeps its place among the last ones.
  const turn = place.said?.turn ?? lastTurn(bench) + 1;
  const further = { ...place.said?.also, ...also };
  const said: Said = { given, seconds, turn, isEarlier: false, ...(Object.keys(further).length > 0 && { also: further }) };
  const gone = choicesFor(bench, ordinal).map(({ key }) => [key, undefined] as const);
  return diffTo(bench.records, { [place.key]: { ...place, said }, ...Object.fromEntries(gone) }, origin);
}

export function changed(bench: Bench, diff: BenchDiff): Bench {
  return { ...bench, records: apply(bench.records, diff) };
}

export function lookAt(bench: Bench, ordinal: number | null): Bench {
  return { ...bench, current: ordinal };
}

/** The item that a change is about, to go back to when it is undone. */
export function subjectOf({ added, updated, removed }: BenchDiff): number | undefined {
  return (added[0] ?? updated[0]?.[1] ?? removed[0])?.ordinal;
}

/** Items whose answer a change gives, alters or takes back: what the server has to be told. */
export function answersChanged({ added, updated, removed }: BenchDiff): { ordinal: number; from: Said | null; to: Said | null }[] {
  const pairs: [BenchRecord | undefined, BenchRecord | undefined][] = [
    ...updated.map(([from, to]): [BenchRecord, BenchRecord] => [from, to]),
    ...added.map((record): [undefined, BenchRecord] => [undefined, record]),
    ...removed.map((record): [BenchRecord, undefined] => [record, undefined]),
  ];
  return pairs.flatMap(([from, to]) => {
    const [before, after] = [saidIn(from), saidIn(to)];
    const ordinal = (to ?? from)?.ordinal;
    return before === after || ordinal === undefined ? [] : [{ ordinal, from: before, to: after }];
  });
}

export function lastTurn(bench: Bench): number {
  return Math.max(0, ...places(bench).map(({ said }) => said?.turn ?? 0));
}

/** `38 done · 4.1 s/item`, of this session. Skipping is no work on a label. */
export function sessionFigures(bench: Bench): { done: number; secondsPerItem: number | null } {
  const own = answeredPlaces(bench).filter(({ said }) => !said.isEarlier);
  const labeled = own.filter(({ said }) => said.given.kind === 'answer');
  const seconds = labeled.reduce((sum, { said }) => sum + said.seconds, 0);
  return { done: own.length, secondsPerItem: labeled.length > 0 ? seconds / labeled.length : null };
}

export function sameLabels(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((label) => b.includes(label));
}

function saidIn(record: BenchRecord | undefined): Said | null {
  return record?.type === 'place' ? record.said : null;
}

function places({ records }: Bench): Place[] {
  return [...records.values()].filter((record) => record.type === 'place');
}
