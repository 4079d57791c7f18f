import type { Client } from '@labelwright/contract/client';
import type { ItemDetail } from '@labelwright/contract/items';
import type { Assignment } from '@labelwright/contract/queue';
import { type ActiveClock, activeMs, noteHidden, noteInput, startClock } from './active-clock.ts';
import {
  answersChanged,
  type Bench,
  type BenchDiff,
  bring,
  changed,
  choose,
  chosen,
  emptyBench,
  isChanged,
  lastTurn,
  lookAt,
  neighbour,
  placeOf,
  receive,
  type Said,
  say,
  sessionFigures,
  subjectOf,
  waitingPlaces,
} from './bench.ts';
import type { Draft } from './browser-database.ts';
import { diffTo, noHistory, redo, remember, undo, type UndoHistory } from './diffs.ts';
import { picked } from './label-tree.ts';
import type { OutboxNews } from './outbox.ts';
import { type Action, type Given, itemKey } from './outbox-action.ts';
import type { BenchRecord } from './bench.ts';

export type Order = 'uncertainty' | 'random' | 'oldest';

export interface WorkbenchParts {
  readonly project: number;
  readonly question: { readonly id: string; readonly multiple: boolean };
  readonly order: Order | undefined;
  /** The machine's opinion stays hidden, even from those who could look it up. */
  readonly isBlind: boolean;
  /** How long the server keeps items for this person. */
  readonly leaseSeconds: number;
  readonly calls: Pick<Client, 'nextItems' | 'getItem' | 'myAnswers' | 'release'>;
  readonly outbox: {
    add(action: Action): Promise<void>;
    entries(): Promise<readonly { readonly action: Action }[]>;
    listen(listener: (news: OutboxNews) => void): () => void;
  };
  readonly drafts: {
    save(key: string, draft: Draft): Promise<void>;
    find(key: string, version: number): Promise<Draft | undefined>;
    drop(key: string): Promise<void>;
  };
  /** What the person asked for and cannot have; nothing else changes. */
  readonly report: (problem: unknown) => void;
  readonly newId: () => string;
  readonly now: () => number;
  /** @returns what calls it off */
  readonly later: (milliseconds: number, work: () => void) => () => void;
}

/** An item that the browser has, and why it was given. */
export interface Known {
  readonly item: ItemDetail;
  readonly reason: string | null;
}

export interface WorkbenchState {
  readonly bench: Bench;
  readonly known: ReadonlyMap<number, Known>;
  /** `finished`: the server has nothing more for this person. */
  readonly phase: 'loading' | 'ready' | 'finished';
  /** Why the queue could not be read; the items that are here can be worked on all the same. */
  readonly problem: unknown;
  /** Items that still want this person's label, when last asked. */
  readonly waiting: number | null;
  readonly figures: { readonly done: number; readonly secondsPerItem: number | null };
  /** What people call the items: their own ids, also of those that are not here. */
  readonly ids: ReadonlyMap<number, string>;
  /** Items whose answer the server did not take. */
  readonly refused: ReadonlySet<number>;
  /** Comments of this session, by item: on the screen before the server has them. */
  readonly comments: ReadonlyMap<number, readonly { readonly id: string; readonly text: string }[]>;
  /** What just happened, for whoever cannot see it. */
  readonly said: string;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** How many items are here before the person reaches them, and when to ask for more. */
const askedFor = 10;
const enough = 6;
const shortPauseMs = 2_000;
const longPauseMs = 20_000;
/** The share of a lease after which whoever is still at work asks for it anew. */
const renewAt = 0.6;

/** The labeling workbench: keeps the next items at hand, takes answers at once and passes them to the outbox, goes back and forth, undoes and redoes.
 *  All that it shows is in `get()`; it changes only by new states. */
export class Workbench {
  readonly #parts: WorkbenchParts;
  readonly #listeners = new Set<() => void>();
  readonly #stops: (() => void)[] = [];
  /** Answers that the server has not confirmed yet, by item. */
  readonly #unsent = new Map<number, number>();
  /** What was said of an item and stands, the last one on top: an undo takes that away, and what was said before holds again. */
  readonly #standing = new Map<number, readonly string[]>();
  /** Answers from before the page was opened: what was said before them is not known here. */
  readonly #recalled = new Set<string>();
  readonly #ownActions = new Set<string>();
  readonly #writing = new Map<number, string>();
  readonly #spentMs = new Map<number, number>();
  #history: UndoHistory<BenchRecord> = noHistory;
  #clock: ActiveClock;
  #order: Order | undefined;
  readonly #completed = new Set<number>();
  #isCompleting = false;
  #isAsking = false;
  #isDry = false;
  #isStopped = false;
  #failures = 0;
  #leasedAtMs = Number.POSITIVE_INFINITY;
  #callOff: (() => void) | undefined;
  #state: WorkbenchState = {
    bench: emptyBench,
    known: new Map(),
    phase: 'loading',
    problem: null,
    waiting: null,
    figures: { done: 0, secondsPerItem: null },
    ids: new Map(),
    refused: new Set(),
    comments: new Map(),
    said: '',
    canUndo: false,
    canRedo: false,
  };

  constructor(parts: WorkbenchParts) {
    this.#parts = parts;
    this.#order = parts.order;
    this.#clock = startClock(parts.now());
  }

  readonly get = (): WorkbenchState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @param first the item to begin with, where the person asked for one */
  async start(first?: number): Promise<void> {
    this.#stops.push(this.#parts.outbox.listen((news) => this.#hear(news)));
    const entries = await this.#parts.outbox.entries().catch(() => []);
    for (const { action } of entries) this.#countUnsent(action, 1);
    await this.#recall(entries.map(({ action }) => action));
    if (this.#isStopped) return;
    if (first !== undefined) await this.open(first);
    await this.#refill();
  }

  /** Gives back what was not looked at, so that others need not wait for it. */
  stop(): void {
    this.#isStopped = true;
    this.#callOff?.();
    for (const stop of this.#stops.splice(0)) stop();
    void this.#release(waitingPlaces(this.#state.bench).map(({ ordinal }) => ordinal));
  }

  /** The network, or the session, is back. */
  wake(): void {
    this.#failures = 0;
    this.#isDry = false;
    void this.#refill();
  }

  pick(label: string): void {
    const { bench } = this.#state;
    if (bench.current !== null) this.choose(picked(chosen(bench, bench.current), label, this.#parts.question.multiple));
  }

  choose(labels: readonly string[]): void {
    const { bench } = this.#state;
    if (bench.current === null) return;
    const diff = choose(bench, bench.current, labels);
    if (diff.added.length + diff.updated.length + diff.removed.length === 0) return;
    this.#history = remember(this.#history, diff);
    this.#commit(diff, (next) => next, '');
    this.#keepDraft(bench.current);
  }

  /** @returns what is missing, if the item cannot be submitted as it is */
  submit(): 'nothing' | 'no-label' | undefined {
    const { bench } = this.#state;
    const ordinal = bench.current;
    if (ordinal === null) return 'nothing';
    const said = placeOf(bench, ordinal)?.said;
    if (said && !isChanged(bench, ordinal)) {
      this.#lookAt(waitingPlaces(bench)[0]?.ordinal ?? neighbour(bench, 1) ?? ordinal);
      return undefined;
    }
    const labels = chosen(bench, ordinal);
    if (labels.length === 0 && !this.#parts.question.multiple) return 'no-label';
    this.#give({ kind: 'answer', labels });
    return undefined;
  }

  skip(): void {
    this.#give({ kind: 'skip' });
  }

  flag(note: string): void {
    this.#give(note.trim() === '' ? { kind: 'flag' } : { kind: 'flag', note: note.trim() });
  }

  undo(): void {
    const step = undo(this.#history);
    const subject = step && subjectOf(step.diff);
    if (!step || subject === undefined) return;
    // From before this page was opened: what it stands on must be known before it is taken back.
    if (!this.#state.known.has(subject)) {
      const { done } = this.#history;
      this.#learnMissing(subject).then(() => this.#history.done === done && this.undo(), this.#parts.report);
      return;
    }
    this.#history = step.history;
    this.#commit(step.diff, (bench) => lookAt(bench, subject), 'Taken back.', true);
    this.#keepDraft(subject);
  }

  redo(): void {
    const step = redo(this.#history);
    const subject = step && subjectOf(step.diff);
    if (!step || subject === undefined) return;
    this.#history = step.history;
    const isAnswer = answersChanged(step.diff).length > 0;
    this.#commit(step.diff, (bench) => lookAt(bench, isAnswer ? (waitingPlaces(bench)[0]?.ordinal ?? null) : subject), 'Done again.');
    if (!isAnswer) this.#keepDraft(subject);
  }

  move(step: -1 | 1): void {
    const to = neighbour(this.#state.bench, step);
    if (to !== null) void this.open(to);
  }

  /** Looks at an item, wherever it is. Until it is here, the screen stays as it is. */
  async open(ordinal: number): Promise<void> {
    if (!this.#state.known.has(ordinal)) {
      try {
        await this.#learnMissing(ordinal);
      } catch (problem) {
        this.#parts.report(problem);
        return;
      }
    }
    if (this.#isStopped) return;
    if (!placeOf(this.#state.bench, ordinal)) this.#apply(bring(this.#state.bench, ordinal, null));
    this.#lookAt(ordinal);
  }

  async setOrder(order: Order | undefined): Promise<void> {
    if (order === this.#order) return;
    this.#order = order;
    this.#isDry = false;
    const { bench } = this.#state;
    const ordinals = waitingPlaces(bench).flatMap(({ ordinal }) =>
      ordinal === bench.current || isChanged(bench, ordinal) ? [] : [ordinal],
    );
    this.#apply(receive(bench, [], new Set(this.#unsent.keys())));
    await this.#release(ordinals);
    await this.#refill();
  }

  /** What is being written about the present item; kept like a choice. */
  write(text: string): void {
    const { current } = this.#state.bench;
    if (current === null) return;
    this.#writing.set(current, text);
    this.#keepDraft(current);
  }

  written(ordinal: number): string {
    return this.#writing.get(ordinal) ?? '';
  }

  comment(text: string): void {
    const { current } = this.#state.bench;
    if (current === null || text.trim() === '') return;
    const id = this.#parts.newId();
    const before = this.#state.comments.get(current) ?? [];
    this.#writing.delete(current);
    this.#set({ comments: new Map(this.#state.comments).set(current, [...before, { id, text: text.trim() }]), said: 'Comment added.' });
    this.#keepDraft(current);
    this.#post({ kind: 'comment', id, project: this.#parts.project, ordinal: current, text: text.trim() });
  }

  /** A sign of life of the person: time counts, and what is reserved stays so. */
  input(): void {
    const now = this.#parts.now();
    this.#clock = noteInput(this.#clock, now);
    if (now - this.#leasedAtMs > renewAt * 1_000 * this.#parts.leaseSeconds) void this.#refill(true);
  }

  setVisible(isVisible: boolean): void {
    const now = this.#parts.now();
    this.#clock = isVisible ? noteInput(this.#clock, now) : noteHidden(this.#clock, now);
  }

  #give(given: Given): void {
    const { bench } = this.#state;
    const ordinal = bench.current;
    if (ordinal === null) return;
    const seconds = activeMs(this.#clock, this.#parts.now()) / 1_000;
    const diff = say(bench, ordinal, given, seconds);
    this.#history = remember(this.#history, diff);
    this.#spentMs.delete(ordinal);
    this.#commit(diff, (next) => lookAt(next, waitingPlaces(next)[0]?.ordinal ?? null), `${saidInWords(given)}.`);
    void this.#refill();
  }

  /** A change by the person: the screen first, then whoever has to know. */
  #commit(diff: BenchDiff, look: (bench: Bench) => Bench, words: string, isUndo = false): void {
    const from = this.#state.bench;
    const bench = look(changed(from, diff));
    let { waiting } = this.#state;
    for (const { ordinal, from: before, to } of answersChanged(diff)) {
      if (isUndo) this.#takeBack(ordinal);
      else if (to) this.#say(ordinal, to);
      if (waiting !== null && !(before && to)) waiting = Math.max(0, waiting + (to ? -1 : 1));
    }
    this.#turnTo(from.current, bench.current);
    this.#set({ bench, said: words, waiting });
    void this.#completeReasons();
  }

  #say(ordinal: number, { given, seconds }: Said): void {
    const { project, question, newId } = this.#parts;
    const id = newId();
    this.#standing.set(ordinal, [...(this.#standing.get(ordinal) ?? []), id]);
    this.#post({ kind: 'submit', id, project, question: question.id, ordinal, given, base: this.#versionOf(ordinal), seconds });
    void this.#parts.drafts.drop(this.#draftKey(ordinal)).catch(() => undefined);
  }

  #takeBack(ordinal: number): void {
    const { project, question, newId } = this.#parts;
    const standing = this.#standing.get(ordinal) ?? [];
    const undoes = standing.at(-1);
    if (undoes === undefined) return;
    this.#standing.set(ordinal, standing.slice(0, -1));
    const of = { question: question.id, ordinal, base: this.#versionOf(ordinal) };
    this.#post({ kind: 'undo', id: newId(), project, undoes, of });
  }

  #versionOf(ordinal: number): number {
    return this.#state.known.get(ordinal)?.item.version ?? 0;
  }

  #post(action: Action): void {
    this.#ownActions.add(action.id);
    this.#countUnsent(action, 1);
    this.#parts.outbox.add(action).catch((problem: unknown) => this.#set({ problem }));
  }

  #hear(news: OutboxNews): void {
    const { action } = news;
    if (action.project !== this.#parts.project) return;
    const isOwn = this.#ownActions.has(action.id);
    if (news.kind === 'added') {
      if (!isOwn) this.#countUnsent(action, 1);
      if (!isOwn && action.kind === 'submit') this.#answeredElsewhere(action.ordinal, action.given);
      return;
    }
    if (news.kind !== 'refused') this.#countUnsent(action, -1);
    if (action.kind !== 'submit') {
      if (news.kind === 'confirmed' && action.kind === 'undo' && action.of) {
        this.#moveVersion(action.of.ordinal, news.confirmation.version);
        if (this.#recalled.has(action.undoes)) void this.#findEarlier(action.of.ordinal);
      }
      return;
    }
    const refused = new Set(this.#state.refused);
    if (news.kind === 'refused') refused.add(action.ordinal);
    else refused.delete(action.ordinal);
    if (refused.size !== this.#state.refused.size) this.#set({ refused });
    if (news.kind === 'confirmed') this.#moveVersion(action.ordinal, news.confirmation.version);
    if (news.kind === 'dropped') this.#forget(action.ordinal, action.id);
  }

  /** The person let go of an answer that was refused: it is neither answered nor waiting here. */
  #forget(ordinal: number, action: string): void {
    const { bench } = this.#state;
    const place = placeOf(bench, ordinal);
    if (place?.said && ordinal !== bench.current && this.#standing.get(ordinal)?.at(-1) === action)
      this.#apply(diffTo(bench.records, { [place.key]: undefined }, 'server'));
  }

  /** The same person, in another tab. */
  #answeredElsewhere(ordinal: number, given: Given): void {
    const { bench } = this.#state;
    const place = placeOf(bench, ordinal);
    if (!place || place.said || isChanged(bench, ordinal)) return;
    this.#apply(say(bench, ordinal, given, 0, 'server'));
    void this.#refill();
  }

  #moveVersion(ordinal: number, version: number | null): void {
    const found = this.#state.known.get(ordinal);
    if (!found || version === null || version <= found.item.version) return;
    this.#set({ known: new Map(this.#state.known).set(ordinal, { ...found, item: { ...found.item, version } }) });
    if (isChanged(this.#state.bench, ordinal)) this.#keepDraft(ordinal);
  }

  #countUnsent(action: Action, step: 1 | -1): void {
    const ordinal = action.kind === 'submit' ? action.ordinal : action.kind === 'undo' ? action.of?.ordinal : undefined;
    if (ordinal === undefined || action.project !== this.#parts.project) return;
    const count = (this.#unsent.get(ordinal) ?? 0) + step;
    if (count > 0) this.#unsent.set(ordinal, count);
    else this.#unsent.delete(ordinal);
  }

  /** The last answers from before, so that going back and undoing do not end where the page was opened. */
  async #recall(unsent: readonly Action[]): Promise<void> {
    const { project } = this.#parts;
    const last = await this.#parts.calls.myAnswers({ params: { project }, query: { limit: 50 } }).catch(() => []);
    const waiting = unsent.filter((action) => action.kind === 'submit' && action.project === project);
    const ids = new Map(last.map(({ ordinal, id }) => [ordinal, id]));
    const seen = new Set<number>();
    const recalled = [
      ...waiting.reverse().map((action) => ({ ...(action as Extract<Action, { kind: 'submit' }>), action: action.id })),
      ...last.map((answer) => ({ ...answer, given: givenOf(answer) })),
    ].filter(({ ordinal }) => !seen.has(ordinal) && seen.add(ordinal));
    for (const { ordinal, action, given } of recalled.reverse()) {
      const { bench } = this.#state;
      const said: Said = { given, seconds: 0, turn: lastTurn(bench) + 1, isEarlier: true };
      const diff = bring(bench, ordinal, said);
      this.#standing.set(ordinal, [action]);
      this.#recalled.add(action);
      // As if it had been answered here: first it waited.
      const asked = bring(bench, ordinal, null).added[0] ?? diff.added[0];
      this.#history = remember(this.#history, { ...diff, origin: 'person', added: [], updated: [[asked, diff.added[0]]] });
      this.#state = { ...this.#state, bench: changed(bench, diff) };
    }
    this.#set({ ids });
  }

  /** An answer from before was taken back: the one before that, if there is one, holds again. */
  async #findEarlier(ordinal: number): Promise<void> {
    const { calls, project } = this.#parts;
    const last = await calls.myAnswers({ params: { project }, query: { limit: 50 } }).catch(() => []);
    const earlier = last.find((answer) => answer.ordinal === ordinal);
    const { bench } = this.#state;
    if (!earlier || this.#isStopped || placeOf(bench, ordinal)?.said || this.#unsent.has(ordinal)) return;
    this.#standing.set(ordinal, [earlier.action]);
    this.#recalled.add(earlier.action);
    this.#apply(bring(bench, ordinal, { given: givenOf(earlier), seconds: 0, turn: lastTurn(bench) + 1, isEarlier: true }));
  }

  async #refill(isRenewal = false): Promise<void> {
    const { calls, project, question, now } = this.#parts;
    const here = waitingPlaces(this.#state.bench).length;
    const isFull = (here >= enough && this.#state.problem === null) || (this.#isDry && here > 0);
    if (this.#isStopped || this.#isAsking || (isFull && !isRenewal)) return;
    this.#isAsking = true;
    this.#callOff?.();
    const turn = lastTurn(this.#state.bench);
    const order = this.#order;
    const except = [...this.#unsent.keys()];
    this.#leasedAtMs = now();
    try {
      const { assignments, waiting } = await calls.nextItems({
        params: { project },
        body: { question: question.id, count: askedFor, ...(order && { order }), except: except.slice(-50) },
      });
      if (this.#isStopped || order !== this.#order) return;
      this.#failures = 0;
      this.#isDry = assignments.length < askedFor;
      await this.#take(assignments, waiting, turn);
    } catch (problem) {
      this.#failures++;
      if (!this.#isStopped) this.#set({ problem, phase: this.#state.bench.current === null ? 'ready' : this.#state.phase });
    } finally {
      this.#isAsking = false;
      if (!this.#isStopped) this.#planNext(order);
    }
  }

  /** Asks again: at once for another order, soon after a failure, now and then where nothing is left. */
  #planNext(order: Order | undefined): void {
    if (order !== this.#order) void this.#refill();
    else if (this.#state.problem !== null)
      this.#callOff = this.#parts.later(Math.min(longPauseMs, shortPauseMs * 2 ** this.#failures), () => void this.#refill());
    else if (this.#state.phase === 'finished')
      this.#callOff = this.#parts.later(longPauseMs, () => {
        this.#isDry = false;
        void this.#refill();
      });
  }

  async #take(assignments: readonly Assignment[], waiting: number, turn: number): Promise<void> {
    // Answered while the question was on its way: the server did not know it yet.
    const isPast = (ordinal: number) => this.#unsent.has(ordinal) || (placeOf(this.#state.bench, ordinal)?.said?.turn ?? 0) > turn;
    const fresh = assignments.filter(({ item }) => !isPast(item.ordinal));
    await this.#learn(fresh.map(({ item, reason }) => ({ item, reason })));
    if (this.#isStopped) return;
    const still = fresh.map(({ item }) => item.ordinal).filter((ordinal) => !isPast(ordinal));
    this.#apply(receive(this.#state.bench, still, new Set(this.#unsent.keys())));
    const { bench } = this.#state;
    const hasNone = bench.current === null && waitingPlaces(bench).length === 0;
    if (bench.current === null && !hasNone) this.#lookAt(waitingPlaces(bench)[0].ordinal);
    this.#set({ problem: null, waiting, phase: hasNone ? 'finished' : 'ready' });
    void this.#completeReasons();
  }

  /** Takes in items with the drafts on them, before anybody sees them. */
  async #learn(items: readonly Known[]): Promise<void> {
    const drafts = await Promise.all(
      items.map(({ item }) => this.#parts.drafts.find(this.#draftKey(item.ordinal), item.version).catch(() => undefined)),
    );
    const known = new Map(this.#state.known);
    const ids = new Map(this.#state.ids);
    let { bench } = this.#state;
    for (const [index, found] of items.entries()) {
      const { ordinal } = found.item;
      const before = known.get(ordinal);
      ids.set(ordinal, found.item.id);
      // What is looked at does not change under the eyes.
      const item = before && ordinal === bench.current ? before.item : this.#seen(found.item);
      known.set(ordinal, { item, reason: found.reason ?? before?.reason ?? null });
      const draft = drafts[index];
      if (!draft || before || isChanged(bench, ordinal)) continue;
      this.#writing.set(ordinal, draft.comment);
      if (draft.labels.length > 0) bench = changed(bench, choose(bench, ordinal, draft.labels, 'server'));
    }
    this.#set({ known, bench, ids });
  }

  #seen(item: ItemDetail): ItemDetail {
    return this.#parts.isBlind ? { ...item, evidence: null, posterior: null } : item;
  }

  /** The queue does not wait for labelers that are slow to say why they voted so: what is missing for the next items is fetched, one after the other. */
  async #completeReasons(): Promise<void> {
    if (this.#isCompleting) return;
    this.#isCompleting = true;
    const { calls, project, question } = this.#parts;
    try {
      for (let ordinal = this.#nextWithoutReasons(); ordinal !== undefined; ordinal = this.#nextWithoutReasons()) {
        this.#completed.add(ordinal);
        const { evidence } = await calls.getItem({ params: { project, ordinal }, query: { question: question.id } });
        const found = this.#state.known.get(ordinal);
        if (this.#isStopped || !found?.item.evidence || !evidence) continue;
        const reasons = new Map(evidence.map((vote) => [vote.labeler, vote]));
        const completed = found.item.evidence.map((vote) => ({ ...reasons.get(vote.labeler), ...vote }));
        this.#set({ known: new Map(this.#state.known).set(ordinal, { ...found, item: { ...found.item, evidence: completed } }) });
      }
    } catch {
      // Votes without words are votes all the same.
    } finally {
      this.#isCompleting = false;
    }
  }

  #nextWithoutReasons(): number | undefined {
    if (this.#isStopped) return undefined;
    const { bench, known } = this.#state;
    const near = [...new Set([bench.current, ...waitingPlaces(bench).map(({ ordinal }) => ordinal)])].slice(0, enough);
    return (
      near.find((ordinal): ordinal is number => {
        const evidence = ordinal === null || this.#completed.has(ordinal) ? null : known.get(ordinal)?.item.evidence;
        return evidence?.some(({ kind, reason }) => kind !== 'person' && reason === undefined) ?? false;
      }) ?? undefined
    );
  }

  async #learnMissing(ordinal: number): Promise<void> {
    if (this.#state.known.has(ordinal)) return;
    const { calls, project, question } = this.#parts;
    const item = await calls.getItem({ params: { project, ordinal }, query: { question: question.id } });
    await this.#learn([{ item, reason: null }]);
  }

  #lookAt(ordinal: number): void {
    const { bench } = this.#state;
    if (bench.current === ordinal) return;
    this.#turnTo(bench.current, ordinal);
    this.#set({ bench: lookAt(bench, ordinal), phase: 'ready' });
    void this.#completeReasons();
  }

  /** The clock goes with the item; who comes back to it goes on counting. */
  #turnTo(from: number | null, to: number | null): void {
    if (from === to) return;
    const now = this.#parts.now();
    if (from !== null && !placeOf(this.#state.bench, from)?.said) this.#spentMs.set(from, activeMs(this.#clock, now));
    this.#clock = startClock(now, this.#clock.lastMs !== null, to === null ? 0 : (this.#spentMs.get(to) ?? 0));
  }

  #apply(diff: BenchDiff): void {
    this.#set({ bench: changed(this.#state.bench, diff) });
  }

  #keepDraft(ordinal: number): void {
    const { bench, known } = this.#state;
    const item = known.get(ordinal)?.item;
    if (!item) return;
    const labels = isChanged(bench, ordinal) ? chosen(bench, ordinal) : [];
    const draft = { base: item.version, labels, comment: this.written(ordinal), at: this.#parts.now() };
    void this.#parts.drafts.save(this.#draftKey(ordinal), draft).catch(() => undefined);
  }

  #draftKey(ordinal: number): string {
    return itemKey(this.#parts.project, this.#parts.question.id, ordinal);
  }

  async #release(ordinals: readonly number[]): Promise<void> {
    if (ordinals.length === 0) return;
    const { calls, project } = this.#parts;
    // A lease that is not given back ends by itself.
    await calls.release({ params: { project }, body: { ordinals: ordinals.slice(0, 50) } }).catch(() => undefined);
  }

  #set(change: Partial<WorkbenchState>): void {
    const next = { ...this.#state, ...change };
    this.#state = {
      ...next,
      figures: next.bench === this.#state.bench ? next.figures : sessionFigures(next.bench),
      phase: next.phase === 'ready' && next.bench.current === null && this.#isDry && next.problem === null ? 'finished' : next.phase,
      canUndo: this.#history.done.length > 0,
      canRedo: this.#history.undone.length > 0,
    };
    for (const listener of this.#listeners) listener();
  }
}

function givenOf({ kind, labels }: { kind: 'answer' | 'skip' | 'flag'; labels: readonly string[] | null }): Given {
  return kind === 'answer' ? { kind, labels: labels ?? [] } : { kind };
}

function saidInWords(given: Given): string {
  if (given.kind === 'skip') return 'Skipped';
  if (given.kind === 'flag') return 'Flagged';
  return given.labels.length === 0 ? 'None applies' : `Answered ${given.labels.join(', ')}`;
}
