import type { Assignment } from '@labelwright/contract/queue';
import type { ItemDetail } from '@labelwright/contract/items';
import { AnswerPost } from './answer-post.ts';
import {
  answeredPlaces,
  answersChanged,
  type Bench,
  type BenchDiff,
  type BenchRecord,
  bring,
  changed,
  choose,
  chooseFurther,
  chosen,
  furtherChoice,
  isChanged,
  isChosen,
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
import { type Asked, chosenFurther, furtherAnswers, isOpen, standingAnswer, unanswered } from './further-answers.ts';
import { ItemStock, type Known } from './item-stock.ts';
import { ItemTimes } from './item-times.ts';
import { picked } from './label-tree.ts';
import type { Confirmation, OutboxNews } from './outbox.ts';
import { type Action, type Given, questionsOf } from './outbox-action.ts';
import { type AuditProgress, enough, type Order, QueueSupply } from './queue-supply.ts';
import { recalledAnswers } from './recalled-answers.ts';
import { firstState, type Missing, type WorkbenchParts, type WorkbenchState } from './workbench-state.ts';

export type { WorkbenchParts, WorkbenchState } from './workbench-state.ts';

/** The labeling workbench: takes answers at once and passes them to the outbox, goes back and forth, undoes and redoes. All that it shows is in
 *  `get()`; it changes only by new states. */
export class Workbench {
  readonly #parts: WorkbenchParts;
  readonly #listeners = new Set<() => void>();
  readonly #stock: ItemStock;
  readonly #supply: QueueSupply;
  readonly #times: ItemTimes;
  readonly #post: AnswerPost;
  #history: UndoHistory<BenchRecord> = noHistory;
  #stopListening: (() => void) | undefined;
  #isStopped = false;
  #state: WorkbenchState = firstState;

  constructor(parts: WorkbenchParts) {
    this.#parts = parts;
    this.#times = new ItemTimes(parts.now);
    this.#stock = new ItemStock(parts, () => this.#set({}));
    this.#post = new AnswerPost(parts, this.#stock);
    this.#supply = new QueueSupply(parts, {
      here: () => waitingPlaces(this.#state.bench).length,
      unsent: () => this.#post.trail.unsent(),
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
    for (const action of unsent) this.#post.trail.count(action, 1);
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
    if (bench.current !== null) this.#choose(bench.current, choose(bench, bench.current, labels));
  }

  /** The same for another question than that of the queue. */
  pickFurther(question: string, label: string): void {
    const item = this.#currentItem();
    const multiple = this.#further.find(({ id }) => id === question)?.multiple ?? false;
    if (item) this.chooseFurther(question, picked(chosenFurther(this.#state.bench, item, question), label, multiple));
  }

  chooseFurther(question: string, labels: readonly string[]): void {
    const { bench } = this.#state;
    const item = this.#currentItem();
    if (!item || !isOpen(item, question)) return;
    this.#choose(item.ordinal, chooseFurther(bench, item.ordinal, { question, labels }, standingAnswer(bench, item, question)));
  }

  #choose(ordinal: number, diff: BenchDiff): void {
    if (diff.added.length + diff.updated.length + diff.removed.length === 0) return;
    this.#history = remember(this.#history, diff);
    this.#commit(diff, (next) => next, '');
    this.#keepDraft(ordinal);
  }

  /** Questions of the present item that nothing is said to yet. */
  unanswered(): readonly string[] {
    const item = this.#currentItem();
    return item ? unanswered(this.#state.bench, item, this.#parts.question, this.#further) : [];
  }

  /** Answers all questions of the item at once.
   *  @param passed questions that the person leaves with nothing chosen, knowingly: none applies, or no answer
   *  @returns what is missing, if the item cannot be submitted as it is */
  submit(passed: ReadonlySet<string> = new Set()): Missing | undefined {
    const { bench } = this.#state;
    const ordinal = bench.current;
    if (ordinal === null) return 'nothing';
    if (placeOf(bench, ordinal)?.said && !isChanged(bench, ordinal)) {
      this.#lookAt(waitingPlaces(bench)[0]?.ordinal ?? neighbour(bench, 1) ?? ordinal);
      return undefined;
    }
    const labels = chosen(bench, ordinal);
    const open = this.#further.length === 0 ? undefined : this.unanswered().find((question) => !passed.has(question));
    if (open !== undefined) return { question: open };
    const before = placeOf(bench, ordinal)?.said?.given;
    const isKept = before !== undefined && !isChosen(bench, ordinal);
    if (!isKept && labels.length === 0 && !this.#parts.question.multiple) return 'no-label';
    const item = this.#currentItem();
    this.#give(isKept ? before : { kind: 'answer', labels }, item && furtherAnswers(bench, item, this.#further, passed));
    return undefined;
  }

  skip(): void {
    this.#give({ kind: 'skip' });
  }

  /** About the question of the queue; what is chosen for the others is said as well. */
  flag(note: string): void {
    const item = this.#currentItem();
    const also = item && furtherAnswers(this.#state.bench, item, this.#further, new Set());
    this.#give(note.trim() === '' ? { kind: 'flag' } : { kind: 'flag', note: note.trim() }, also);
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
      this.#apply(receive(this.#state.bench, [], new Set(this.#post.trail.unsent())));
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
    const before = this.#state.comments.get(current) ?? [];
    this.#keepDraft(current, '');
    const id = this.#post.comment(current, text);
    this.#set({ comments: new Map(this.#state.comments).set(current, [...before, { id, text }]), said: 'Comment added.' });
  }

  /** A sign of life of the person: time counts, and what is reserved stays so. */
  input(): void {
    this.#times.input();
    this.#supply.renew();
  }

  setVisible(isVisible: boolean): void {
    this.#times.setVisible(isVisible);
  }

  get #further(): readonly Asked[] {
    return this.#parts.further ?? [];
  }

  #currentItem(): ItemDetail | undefined {
    const { bench } = this.#state;
    return bench.current === null ? undefined : this.#stock.known.get(bench.current)?.item;
  }

  #give(given: Given, also: Said['also'] = {}): void {
    const { bench } = this.#state;
    const ordinal = bench.current;
    if (ordinal === null) return;
    const diff = say(bench, ordinal, given, this.#times.seconds(), 'person', also);
    this.#history = remember(this.#history, diff);
    this.#commit(diff, (next) => lookAt(next, waitingPlaces(next)[0]?.ordinal ?? null), saidInWords(given));
    this.#times.finish(ordinal);
    void this.#supply.refill();
  }

  /** A change by the person: whoever has to know, and the screen. */
  #commit(diff: BenchDiff, look: (bench: Bench) => Bench, said: string, isUndo = false): void {
    let { waiting } = this.#state;
    for (const { ordinal, from, to } of answersChanged(diff)) {
      if (isUndo) this.#post.takeBack(ordinal);
      else if (to) this.#post.say(ordinal, from, to);
      if (waiting !== null && !(from && to)) waiting = Math.max(0, waiting + (to ? -1 : 1));
    }
    this.#show(look(changed(this.#state.bench, diff)), { said, waiting });
  }

  #hear(news: OutboxNews): void {
    const { action, kind } = news;
    const isOwn = this.#post.trail.isOwn(action);
    if (kind === 'added') {
      if (!isOwn) this.#post.trail.count(action, 1);
      if (!isOwn && action.kind === 'submit' && action.question === this.#parts.question.id)
        this.#answeredElsewhere(action.ordinal, action.given);
      return;
    }
    if (kind !== 'refused') this.#post.trail.count(action, -1);
    if (kind === 'confirmed' && action.kind === 'submit') this.#moveVersions(action.ordinal, action, news.confirmation);
    if (kind === 'confirmed' && action.kind === 'undo' && action.of) {
      this.#moveVersions(action.of.ordinal, action, news.confirmation);
      if (this.#post.trail.isRecalled(action.undoes)) void this.#findEarlier(action.of.ordinal);
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
    if (place?.said && ordinal !== bench.current && this.#post.trail.last(ordinal)?.action === action)
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

  #moveVersions(ordinal: number, action: Action, { version, versions }: Confirmation): void {
    const [question] = questionsOf(action);
    const moved = (versions ?? [{ question, version }]).map((each) => this.#stock.moveVersion(ordinal, each.version, each.question));
    if (moved.includes(true) && isChanged(this.#state.bench, ordinal)) this.#keepDraft(ordinal);
  }

  /** The last answers from before, so that going back and undoing do not end where the page was opened. */
  async #recall(unsent: readonly Action[]): Promise<void> {
    const { calls, project } = this.#parts;
    const mine = await calls.myAnswers({ params: { project }, query: { limit: 50 } }).catch(() => []);
    this.#stock.name(mine);
    for (const { ordinal, action, questions, given, also } of recalledAnswers(mine, unsent, this.#parts.question.id)) {
      const { bench } = this.#state;
      const diff = bring(bench, ordinal, { given, seconds: 0, turn: lastTurn(bench) + 1, isEarlier: true, ...(also && { also }) });
      this.#post.trail.recall(ordinal, { action, questions });
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
    const earlier = recalledAnswers(mine, [], this.#parts.question.id).find((answer) => answer.ordinal === ordinal);
    const { bench } = this.#state;
    if (!earlier || this.#isStopped || placeOf(bench, ordinal)?.said || this.#post.trail.isUnsent(ordinal)) return;
    this.#post.trail.recall(ordinal, earlier);
    const { given, also } = earlier;
    this.#apply(bring(bench, ordinal, { given, seconds: 0, turn: lastTurn(bench) + 1, isEarlier: true, ...(also && { also }) }));
  }

  /** @param turn the last answer when the server was asked: it does not know later ones */
  async #take(assignments: readonly Assignment[], waiting: number, turn: number, audit: AuditProgress | null): Promise<void> {
    if (audit) for (const { item } of assignments) this.#post.sampled.add(item.ordinal);
    const isPast = (ordinal: number) => this.#post.trail.isUnsent(ordinal) || (placeOf(this.#state.bench, ordinal)?.said?.turn ?? 0) > turn;
    const fresh = assignments.filter(({ item }) => !isPast(item.ordinal));
    await this.#learn(fresh);
    if (this.#isStopped) return;
    const still = fresh.map(({ item }) => item.ordinal).filter((ordinal) => !isPast(ordinal));
    this.#apply(receive(this.#state.bench, still, new Set(this.#post.trail.unsent())));
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
    for (const { ordinal, question, labels } of unfinished) {
      if (labels.length === 0) continue;
      if (question === undefined && !isChosen(bench, ordinal)) bench = changed(bench, choose(bench, ordinal, labels, 'server'));
      if (question !== undefined && !furtherChoice(bench, ordinal, question))
        bench = changed(bench, chooseFurther(bench, ordinal, { question, labels }, undefined, 'server'));
    }
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
    this.#stock.keepDraft(ordinal, isChosen(bench, ordinal) ? chosen(bench, ordinal) : [], text);
    for (const { id } of this.#further) this.#stock.keepFurtherDraft(ordinal, id, furtherChoice(bench, ordinal, id) ?? []);
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
