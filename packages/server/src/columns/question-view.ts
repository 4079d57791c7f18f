import type { Question } from '@labelwright/core/model/schema';
import { acceptedCode } from '../stores/estimate-codes.ts';
import { LabelSets } from './label-sets.ts';
import type { MachineColumns } from './machine-columns.ts';
import { PeopleColumns, type TouchedItem } from './people-columns.ts';
import { allOrdinals, shuffleKeys, sortedOrdinals } from './sorted-ordinals.ts';

export type Order = 'uncertainty' | 'random' | 'oldest';

/** All items of a project as one question sees them: what the queue and Explore choose from. About 35 bytes an item. */
export class QuestionView {
  readonly question: Question;
  readonly overlap: number;
  readonly sets = new LabelSets();
  readonly people: PeopleColumns;
  /** Items of the project; ordinals are dense. */
  n = 0;
  /** Null before the first run. Items that came after the run are not in it. */
  machine: MachineColumns | null = null;
  /** Items that want more answers of people. */
  open = 0;
  /** Grows with every change. */
  revision = 0;
  private readonly orders = new Map<Order, Walk>();

  constructor(question: Question, overlap: number) {
    this.question = question;
    this.overlap = overlap;
    this.people = new PeopleColumns(question, this.sets);
  }

  grow(n: number): void {
    if (n <= this.n) return;
    this.people.grow(n);
    this.open += n - this.n;
    this.n = n;
    this.orders.clear();
    this.revision++;
  }

  setMachine(machine: MachineColumns | null): void {
    this.machine = machine;
    this.orders.clear();
    this.revision++;
    this.open = 0;
    for (let ordinal = 0; ordinal < this.n; ordinal++) if (this.isOpen(ordinal)) this.open++;
  }

  /** What people did to an item. */
  accept(item: TouchedItem): void {
    const wasOpen = this.isOpen(item.ordinal);
    this.people.accept(item, this.overlap);
    this.revision++;
    const isOpen = this.isOpen(item.ordinal);
    if (wasOpen === isOpen) return;
    this.open += isOpen ? 1 : -1;
    // It may stand before the place from which on there are open items.
    if (isOpen) for (const walk of this.orders.values()) walk.from = 0;
  }

  isOpen(ordinal: number): boolean {
    const { machine, people } = this;
    if (people.answered[ordinal] >= this.overlap || people.flagged[ordinal] === 1) return false;
    return !machine || ordinal >= machine.n || machine.decision[ordinal] !== acceptedCode;
  }

  hasEstimate(ordinal: number): boolean {
    return this.machine !== null && ordinal < this.machine.n && this.machine.answer[ordinal] > 0;
  }

  /** Whether the item wants an answer of this person. */
  wants(ordinal: number, person: number): boolean {
    return ordinal < this.n && this.isOpen(ordinal) && !this.people.spokenBy(person).has(ordinal);
  }

  /** Items that want an answer of this person. */
  countWanted(person: number): number {
    let count = this.open;
    for (const ordinal of this.people.spokenBy(person)) if (this.isOpen(ordinal)) count--;
    return count;
  }

  /** Open items, in an order. Uncertainty means oldest first as long as there is no run. */
  *openItems(order: Order): Generator<number> {
    const walk = this.walkOf(order);
    const { ordinals } = walk;
    let isFirst = true;
    for (let at = walk.from; at < ordinals.length; at++) {
      if (!this.isOpen(ordinals[at])) continue;
      if (isFirst) walk.from = at;
      isFirst = false;
      yield ordinals[at];
    }
  }

  private walkOf(order: Order): Walk {
    const known = this.orders.get(order);
    if (known) return known;
    const walk = { ordinals: this.ordinalsIn(order), from: 0 };
    this.orders.set(order, walk);
    return walk;
  }

  private ordinalsIn(order: Order): Int32Array {
    if (order === 'random') return sortedOrdinals(shuffleKeys(this.n));
    if (order === 'oldest' || !this.machine) return allOrdinals(this.n);
    const { byMargin } = this.machine;
    const ordinals = new Int32Array(this.n);
    ordinals.set(byMargin);
    let count = byMargin.length;
    for (let ordinal = 0; ordinal < this.n; ordinal++) if (!this.hasEstimate(ordinal)) ordinals[count++] = ordinal;
    return ordinals.subarray(0, count);
  }
}

interface Walk {
  readonly ordinals: Int32Array;
  /** No item before this place is open. */
  from: number;
}
