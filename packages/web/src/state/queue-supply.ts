import type { Client } from '@labelwright/contract/client';
import type { Api } from '@labelwright/contract/api';
import type { ReplyOf } from '@labelwright/contract/route';
import type { Assignment } from '@labelwright/contract/queue';

export type AuditProgress = NonNullable<ReplyOf<Api['nextItems']>['audit']>;
export type Order = 'uncertainty' | 'random' | 'oldest';

export interface QueueSupplyParts {
  readonly project: number;
  readonly question: { readonly id: string };
  /** The other questions, which are answered at the same look. */
  readonly further?: readonly { readonly id: string }[];
  readonly order: Order | undefined;
  /** Its items are asked for, instead of those of the planner. */
  readonly audit?: number | undefined;
  /** How long the server keeps items for this person. */
  readonly leaseSeconds: number;
  readonly calls: Pick<Client, 'nextItems' | 'release'>;
  readonly now: () => number;
  /** @returns what calls it off */
  readonly later: (milliseconds: number, work: () => void) => () => void;
}

/** Whom the items are for. */
export interface Supplied {
  /** How many wait here. */
  here(): number;
  /** Items whose answers the server may not have yet. */
  unsent(): readonly number[];
  /** Called before asking: what is answered from now on crosses the reply. @returns what takes the reply */
  ask(): (assignments: readonly Assignment[], waiting: number, audit: AuditProgress | null) => Promise<void>;
  fail(problem: unknown): void;
}

/** How many items are here before the person reaches them, and when to ask for more. */
const askedFor = 10;
export const enough = 6;
const shortPauseMs = 2_000;
const longPauseMs = 20_000;
/** The share of a lease after which whoever is still at work asks for it anew. */
const renewAt = 0.6;

/** Keeps enough items at hand: asks in time, again after a failure, and now and then where nothing was left. */
export class QueueSupply {
  readonly #parts: QueueSupplyParts;
  readonly #to: Supplied;
  #order: Order | undefined;
  #isAsking = false;
  #isStopped = false;
  #isDry = false;
  #hasFailed = false;
  #failures = 0;
  #leasedAtMs = Number.POSITIVE_INFINITY;
  #callOff: (() => void) | undefined;

  constructor(parts: QueueSupplyParts, to: Supplied) {
    this.#parts = parts;
    this.#to = to;
    this.#order = parts.order;
  }

  /** The server had fewer than were asked for: there are no more, for now. */
  get isDry(): boolean {
    return this.#isDry;
  }

  async refill(isRenewal = false): Promise<void> {
    const here = this.#to.here();
    const isFull = (here >= enough && !this.#hasFailed) || (this.#isDry && here > 0);
    if (this.#isStopped || this.#isAsking || (isFull && !isRenewal)) return;
    this.#isAsking = true;
    this.#callOff?.();
    const order = this.#order;
    try {
      await this.#ask(order);
    } catch (problem) {
      this.#failures++;
      this.#hasFailed = true;
      if (!this.#isStopped) this.#to.fail(problem);
    } finally {
      this.#isAsking = false;
      if (!this.#isStopped) this.#planNext(order);
    }
  }

  /** The network, or the session, is back. */
  wake(): void {
    this.#failures = 0;
    this.#isDry = false;
    void this.refill();
  }

  /** Somebody is at work: what is reserved stays so. */
  renew(): void {
    if (this.#parts.now() - this.#leasedAtMs > renewAt * 1_000 * this.#parts.leaseSeconds) void this.refill(true);
  }

  /** @param given what is given back for it */
  async setOrder(order: Order | undefined, given: () => readonly number[]): Promise<void> {
    if (order === this.#order) return;
    this.#order = order;
    this.#isDry = false;
    await this.#release(given());
    await this.refill();
  }

  /** Gives back what was not looked at, so that others need not wait for it. */
  stop(ordinals: readonly number[]): void {
    this.#isStopped = true;
    this.#callOff?.();
    void this.#release(ordinals);
  }

  async #ask(order: Order | undefined): Promise<void> {
    const { calls, project, question, further = [], audit: asked, now } = this.#parts;
    const take = this.#to.ask();
    this.#leasedAtMs = now();
    const except = this.#to.unsent().slice(-50);
    const body = {
      question: question.id,
      count: askedFor,
      ...(order && { order }),
      ...(asked !== undefined && { audit: asked }),
      ...(further.length > 0 && { further: true }),
      except,
    };
    const { assignments, waiting, audit } = await calls.nextItems({ params: { project }, body });
    if (this.#isStopped || order !== this.#order) return;
    this.#failures = 0;
    this.#hasFailed = false;
    this.#isDry = assignments.length < askedFor;
    await take(assignments, waiting, audit ?? null);
  }

  #planNext(order: Order | undefined): void {
    if (order !== this.#order) void this.refill();
    else if (this.#hasFailed) this.#askIn(Math.min(longPauseMs, shortPauseMs * 2 ** this.#failures));
    else if (this.#isDry && this.#to.here() === 0) this.#askIn(longPauseMs);
  }

  #askIn(milliseconds: number): void {
    this.#callOff = this.#parts.later(milliseconds, () => void this.refill());
  }

  async #release(ordinals: readonly number[]): Promise<void> {
    if (ordinals.length === 0) return;
    const { calls, project } = this.#parts;
    // A lease that is not given back ends by itself.
    await calls.release({ params: { project }, body: { ordinals: ordinals.slice(0, 50) } }).catch(() => undefined);
  }
}
