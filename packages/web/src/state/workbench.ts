import type { Client } from '@labelwright/contract/client';
import type { Assignment } from '@labelwright/contract/queue';
import { AnswerTrail } from './answer-trail.ts';
import {
  answeredPlaces,
  answersChanged,
  type Bench,
  type BenchDiff,
  type BenchRecord,
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
import { diffTo, noHistory, redo, remember, undo, type UndoHistory } from './diffs.ts';
import { ItemStock, type ItemStockParts, type Known } from './item-stock.ts';
import { ItemTimes } from './item-times.ts';
import { picked } from './label-tree.ts';
import type { OutboxNews } from './outbox.ts';
import type { Action, Given } from './outbox-action.ts';
import { type AuditProgress, enough, type Order, QueueSupply, type QueueSupplyParts } from './queue-supply.ts';
import { recalledAnswers } from './recalled-answers.ts';

export interface WorkbenchParts extends Omit<ItemStockParts, 'calls'>, Omit<QueueSupplyParts, 'calls'> {
  readonly question: { readonly id: string; readonly multiple: boolean };
  readonly calls: Pick<Client, 'nextItems' | 'getItem' | 'myAnswers' | 'release'>;
  readonly outbox: {
    add(action: Action): Promise<void>;
    entries(): Promise<readonly { readonly action: Action }[]>;
    listen(listener: (news: OutboxNews) => void): () => void;
  };
  /** What the person asked for and cannot have; nothing else changes. */
  readonly report: (problem: unknown) => void;
  readonly newId: () => string;
  /** Outlives the page. */
  readonly releaseAtOnce?: (ordinals: readonly number[]) => void;
}

export interface WorkbenchState {
  readonly bench: Bench;
  readonly known: ReadonlyMap<number, Known>;
  readonly ids: ReadonlyMap<number, string>;
  /** `finished`: the server has nothing more for this person. */
  readonly phase: 'loading' | 'ready' | 'finished';
  /** Why the queue could not be read; the items that are here can be worked on all the same. */
  readonly problem: unknown;
  /** Items that still want this person's label, when last asked. */
  readonly waiting: number | null;
  /** How far the audit was, when last asked; null outside of one. */
  readonly audit: AuditProgress | null;
  readonly figures: { readonly done: number; readonly secondsPerItem: number | null };
  /** Items whose answer the server did not take. */
  readonly refused: ReadonlySet<number>;
  /** Comments of this session, by item: on the screen before the server has them. */
  readonly comments: ReadonlyMap<number, readonly { readonly id: string; readonly text: string }[]>;
  /** What just happened, for whoever cannot see it. */
  readonly said: string;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** The labeling workbench: takes answers at once and passes them to the outbox, goes back and forth, undoes and redoes. All that it shows is in
 *  `get()`; it changes only by new states. */
export class Workbench {
  readonly #parts: WorkbenchParts;
  readonly #listeners = new Set<() => void>();
  readonly #stock: ItemStock;
  readonly #supply: QueueSupply;
  readonly #times: ItemTimes;
  readonly #trail = new AnswerTrail();
  /** Items that came as part of the audit: others, from before, are not answers to it. */
  readonly #sampled = new Set<number>();
  #history: UndoHistory<BenchRecord> = noHistory;
  #stopListening: (() => void) | undefined;
  #isStopped = false;
  #state: WorkbenchState = {
    bench: emptyBench,
    known: new Map(),
    ids: new Map(),
    phase: 'loading',
    problem: null,
    waiting: null,
    audit: null,
    figures: { done: 0, secondsPerItem: null },
    refused: new Set(),
    comments: new Map(),
    said: '',
    canUndo: false,
    canRedo: false,
  };

  constructor(parts: WorkbenchParts) {
    this.#parts = parts;
    this.#times = new ItemTimes(parts.now);
    this.#stock = new ItemStock(parts, () => this.#set({}));
    this.#supply = new QueueSupply(parts, {
      here: () => waitingPlaces(this.#state.bench).length,
      unsent: () => this.#trail.unsent(),
      ask: () => {
        const turn = lastTurn(this.#state.bench);
        return (assignments, waiting, audit) => this.#take(assignments, waiting, turn, audit);
      },
      fail: (problem) => this.#set({ problem, phase: this.#state.bench.current === null ? 'ready' : this.#state.phase }),
    });
  }

  readonly get = (): WorkbenchState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @param first the item to begin with, where the person asked for one */
  async start(first?: number): Promise<void> {
    const { outbox, project } = this.#parts;
    this.#stopListening = outbox.listen((news) => news.action.project === project && this.#hear(news));
    const entries = await outbox.entries().catch(() => []);
    const unsent = entries.map(({ action }) => action).filter((action) => action.project === project);
    for (const action of unsent) this.#trail.count(action, 1);
    await this.#recall(unsent);
    if (this.#isStopped) return;
    if (first !== undefined) await this.open(first);
    await this.#supply.refill();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopListening?.();
    this.#supply.stop(waitingPlaces(this.#state.bench).map(({ ordinal }) => ordinal));
  }

  /** The page goes away at once, and nothing is heard of it any more. */
  leave(): void {
    const waiting = waitingPlaces(this.#state.bench).map(({ ordinal }) => ordinal);
    this.#parts.releaseAtOnce?.(waiting.slice(0, 50));
  }

  /** The network, or the session, is back. */
  wake(): void {
    this.#supply.wake();
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
    if (placeOf(bench, ordinal)?.said && !isChanged(bench, ordinal)) {
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
    if (!this.#stock.known.has(subject)) {
      const { done } = this.#history;
      this.#fetch(subject).then(() => this.#history.done === done && this.undo(), this.#parts.report);
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
    if (!this.#stock.known.has(ordinal)) {
      try {
        await this.#fetch(ordinal);
      } catch (problem) {
        this.#parts.report(problem);
        return;
      }
    }
    if (this.#isStopped) return;
    if (!placeOf(this.#state.bench, ordinal)) this.#apply(bring(this.#state.bench, ordinal, null));
    this.#lookAt(ordinal);
  }

  setOrder(order: Order | undefined): Promise<void> {
    return this.#supply.setOrder(order, () => {
      const before = waitingPlaces(this.#state.bench);
      this.#apply(receive(this.#state.bench, [], new Set(this.#trail.unsent())));
      return before.map(({ ordinal }) => ordinal).filter((ordinal) => !placeOf(this.#state.bench, ordinal));
    });
  }

  /** What is being written about the present item; kept like a choice. */
  write(text: string): void {
    const { current } = this.#state.bench;
    if (current !== null) this.#keepDraft(current, text);
  }

  written(ordinal: number): string {
    return this.#stock.written(ordinal);
  }

  comment(given: string): void {
    const { current } = this.#state.bench;
    const text = given.trim();
    if (current === null || text === '') return;
    const id = this.#parts.newId();
    const before = this.#state.comments.get(current) ?? [];
    this.#keepDraft(current, '');
    this.#set({ comments: new Map(this.#state.comments).set(current, [...before, { id, text }]), said: 'Comment added.' });
    this.#post({ kind: 'comment', id, project: this.#parts.project, ordinal: current, text });
  }

  /** A sign of life of the person: time counts, and what is reserved stays so. */
  input(): void {
    this.#times.input();
    this.#supply.renew();
  }

  setVisible(isVisible: boolean): void {
    this.#times.setVisible(isVisible);
  }

  #give(given: Given): void {
    const { bench } = this.#state;
    const ordinal = bench.current;
    if (ordinal === null) return;
    const diff = say(bench, ordinal, given, this.#times.seconds());
    this.#history = remember(this.#history, diff);
    this.#commit(diff, (next) => lookAt(next, waitingPlaces(next)[0]?.ordinal ?? null), saidInWords(given));
    this.#times.finish(ordinal);
    void this.#supply.refill();
  }

  /** A change by the person: whoever has to know, and the screen. */
  #commit(diff: BenchDiff, look: (bench: Bench) => Bench, said: string, isUndo = false): void {
    let { waiting } = this.#state;
    for (const { ordinal, from, to } of answersChanged(diff)) {
      if (isUndo) this.#takeBack(ordinal);
      else if (to) this.#say(ordinal, to);
      if (waiting !== null && !(from && to)) waiting = Math.max(0, waiting + (to ? -1 : 1));
    }
    this.#show(look(changed(this.#state.bench, diff)), { said, waiting });
  }

  #say(ordinal: number, { given, seconds }: Said): void {
    const { project, question, audit, newId } = this.#parts;
    const base = this.#stock.versionOf(ordinal);
    const ofAudit = audit !== undefined && this.#sampled.has(ordinal) ? { audit } : {};
    this.#post({ kind: 'submit', id: newId(), project, question: question.id, ordinal, ...ofAudit, given, base, seconds });
    this.#stock.dropDraft(ordinal);
  }

  #takeBack(ordinal: number): void {
    const { project, question, newId } = this.#parts;
    const undoes = this.#trail.last(ordinal);
    if (undoes === undefined) return;
    const of = { question: question.id, ordinal, base: this.#stock.versionOf(ordinal) };
    this.#post({ kind: 'undo', id: newId(), project, undoes, of });
  }

  #post(action: Action): void {
    this.#trail.add(action);
    this.#parts.outbox.add(action).catch((problem: unknown) => {
      this.#parts.report(new Error(`This browser could not keep what you did. Undo it and try again. (${String(problem)})`));
    });
  }

  #hear(news: OutboxNews): void {
    const { action, kind } = news;
    const isOwn = this.#trail.isOwn(action);
    if (kind === 'added') {
      if (!isOwn) this.#trail.count(action, 1);
      if (!isOwn && action.kind === 'submit') this.#answeredElsewhere(action.ordinal, action.given);
      return;
    }
    if (kind !== 'refused') this.#trail.count(action, -1);
    if (kind === 'confirmed' && action.kind === 'submit') this.#moveVersion(action.ordinal, news.confirmation.version);
    if (kind === 'confirmed' && action.kind === 'undo' && action.of) {
      this.#moveVersion(action.of.ordinal, news.confirmation.version);
      if (this.#trail.isRecalled(action.undoes)) void this.#findEarlier(action.of.ordinal);
    }
    if (action.kind === 'submit') this.#markRefused(action.ordinal, kind === 'refused');
    if (kind === 'dropped' && action.kind === 'submit') this.#forget(action.ordinal, action.id);
  }

  #markRefused(ordinal: number, isRefused: boolean): void {
    const { refused } = this.#state;
    if (refused.has(ordinal) === isRefused) return;
    const others = [...refused].filter((other) => other !== ordinal);
    this.#set({ refused: new Set(isRefused ? [...others, ordinal] : others) });
  }

  /** The person let go of an answer that was refused: it is neither answered nor waiting here. */
  #forget(ordinal: number, action: string): void {
    const { bench } = this.#state;
    const place = placeOf(bench, ordinal);
    if (place?.said && ordinal !== bench.current && this.#trail.last(ordinal) === action)
      this.#apply(diffTo(bench.records, { [place.key]: undefined }, 'server'));
  }

  /** The same person, in another tab. */
  #answeredElsewhere(ordinal: number, given: Given): void {
    const { bench } = this.#state;
    const place = placeOf(bench, ordinal);
    if (!place || place.said || isChanged(bench, ordinal)) return;
    this.#apply(say(bench, ordinal, given, 0, 'server'));
    void this.#supply.refill();
  }

  #moveVersion(ordinal: number, version: number | null): void {
    if (this.#stock.moveVersion(ordinal, version) && isChanged(this.#state.bench, ordinal)) this.#keepDraft(ordinal);
  }

  /** The last answers from before, so that going back and undoing do not end where the page was opened. */
  async #recall(unsent: readonly Action[]): Promise<void> {
    const { calls, project } = this.#parts;
    const mine = await calls.myAnswers({ params: { project }, query: { limit: 50 } }).catch(() => []);
    this.#stock.name(mine);
    for (const { ordinal, action, given } of recalledAnswers(mine, unsent)) {
      const { bench } = this.#state;
      const diff = bring(bench, ordinal, { given, seconds: 0, turn: lastTurn(bench) + 1, isEarlier: true });
      this.#trail.recall(ordinal, action);
      // As if it had been answered here: first it waited.
      const waited = bring(bench, ordinal, null).added;
      this.#history = remember(this.#history, { origin: 'person', added: [], updated: [[waited[0], diff.added[0]]], removed: [] });
      this.#state = { ...this.#state, bench: changed(bench, diff) };
    }
    this.#set({});
  }

  /** An answer from before was taken back: the one before that, if there is one, holds again. */
  async #findEarlier(ordinal: number): Promise<void> {
    const { calls, project } = this.#parts;
    const mine = await calls.myAnswers({ params: { project }, query: { limit: 50 } }).catch(() => []);
    const earlier = recalledAnswers(mine, []).find((answer) => answer.ordinal === ordinal);
    const { bench } = this.#state;
    if (!earlier || this.#isStopped || placeOf(bench, ordinal)?.said || this.#trail.isUnsent(ordinal)) return;
    this.#trail.recall(ordinal, earlier.action);
    this.#apply(bring(bench, ordinal, { given: earlier.given, seconds: 0, turn: lastTurn(bench) + 1, isEarlier: true }));
  }

  /** @param turn the last answer when the server was asked: it does not know later ones */
  async #take(assignments: readonly Assignment[], waiting: number, turn: number, audit: AuditProgress | null): Promise<void> {
    if (audit) for (const { item } of assignments) this.#sampled.add(item.ordinal);
    const isPast = (ordinal: number) => this.#trail.isUnsent(ordinal) || (placeOf(this.#state.bench, ordinal)?.said?.turn ?? 0) > turn;
    const fresh = assignments.filter(({ item }) => !isPast(item.ordinal));
    await this.#learn(fresh);
    if (this.#isStopped) return;
    const still = fresh.map(({ item }) => item.ordinal).filter((ordinal) => !isPast(ordinal));
    this.#apply(receive(this.#state.bench, still, new Set(this.#trail.unsent())));
    const { bench } = this.#state;
    const next = waitingPlaces(bench)[0];
    const isFinished = bench.current === null && !next;
    // What was answered while the server was asked, it had not counted.
    const later = answeredPlaces(bench).filter(({ said }) => (said?.turn ?? 0) > turn).length;
    this.#set({ problem: null, waiting: Math.max(0, waiting - later), audit, phase: isFinished ? 'finished' : 'ready' });
    if (bench.current === null && next) this.#lookAt(next.ordinal);
    this.#completeReasons();
  }

  async #learn(items: readonly Known[]): Promise<void> {
    const unfinished = await this.#stock.learn(items, this.#state.bench.current);
    let { bench } = this.#state;
    for (const { ordinal, labels } of unfinished)
      if (labels.length > 0 && !isChanged(bench, ordinal)) bench = changed(bench, choose(bench, ordinal, labels, 'server'));
    this.#set({ bench });
  }

  async #fetch(ordinal: number): Promise<void> {
    await this.#learn([await this.#stock.fetch(ordinal)]);
  }

  #lookAt(ordinal: number): void {
    const { bench } = this.#state;
    if (bench.current !== ordinal) this.#show(lookAt(bench, ordinal), { phase: 'ready' });
  }

  #show(bench: Bench, change: Partial<WorkbenchState>): void {
    const from = this.#state.bench.current;
    if (bench.current !== from) this.#times.turnTo(from !== null && !placeOf(bench, from)?.said ? from : null, bench.current);
    this.#set({ ...change, bench });
    this.#completeReasons();
  }

  #completeReasons(): void {
    void this.#stock.completeReasons(() => {
      const { bench } = this.#state;
      const near = [bench.current, ...waitingPlaces(bench).map(({ ordinal }) => ordinal)].filter((ordinal) => ordinal !== null);
      return this.#isStopped ? [] : [...new Set(near)].slice(0, enough);
    });
  }

  #keepDraft(ordinal: number, text?: string): void {
    const { bench } = this.#state;
    this.#stock.keepDraft(ordinal, isChanged(bench, ordinal) ? chosen(bench, ordinal) : [], text);
  }

  #apply(diff: BenchDiff): void {
    this.#set({ bench: changed(this.#state.bench, diff) });
  }

  #set(change: Partial<WorkbenchState>): void {
    const next = { ...this.#state, ...change, known: this.#stock.known, ids: this.#stock.ids };
    const isOut = next.phase === 'ready' && next.bench.current === null && this.#supply.isDry && next.problem === null;
    this.#state = {
      ...next,
      figures: next.bench === this.#state.bench ? next.figures : sessionFigures(next.bench),
      phase: isOut && waitingPlaces(next.bench).length === 0 ? 'finished' : next.phase,
      canUndo: this.#history.done.length > 0,
      canRedo: this.#history.undone.length > 0,
    };
    for (const listener of this.#listeners) listener();
  }
}

function saidInWords(given: Given): string {
  if (given.kind === 'skip') return 'Skipped.';
  if (given.kind === 'flag') return 'Flagged.';
  return given.labels.length === 0 ? 'None applies.' : `Answered ${given.labels.join(', ')}.`;
}
