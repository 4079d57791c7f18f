import { CallError } from '@labelwright/contract/client';
import type { BrowserDatabase, Entry, Refusal } from './browser-database.ts';
import type { Action } from './outbox-action.ts';
import { itemsOf } from './outbox-action.ts';
import type { OutboxState } from './outbox-state.ts';
import {
  addEntry,
  dropEntry,
  entriesOf,
  findEntry,
  itemVersions,
  noteFailure,
  type QuestionVersions,
  refuseEntry,
  retryEntry,
  settleEntry,
  toSend,
} from './outbox-store.ts';

/** What the server made of an action. */
export interface Confirmation {
  /** Of the item, after the action; null where it is not known. */
  readonly version: number | null;
  /** Under each question, where the action was about several. */
  readonly versions?: readonly { readonly question: string; readonly version: number }[];
  /** Items that a bulk action answered, or that its undo gave back. */
  readonly items?: number;
}

/** What all tabs hear about. */
export type OutboxNews =
  | { readonly kind: 'added'; readonly action: Action }
  | { readonly kind: 'confirmed'; readonly action: Action; readonly confirmation: Confirmation }
  | { readonly kind: 'refused'; readonly action: Action; readonly refusal: Refusal }
  | { readonly kind: 'dropped'; readonly action: Action };

export interface OutboxParts {
  readonly database: BrowserDatabase;
  /** @throws CallError */
  readonly send: (action: Action, base: number) => Promise<Confirmation>;
  /** Reads the session anew, for a token against forged requests that was replaced. @returns whose session it is now */
  readonly renewSession: () => Promise<number | undefined>;
  /** Runs one at a time over all tabs. */
  readonly exclusively: (work: () => Promise<void>) => Promise<void>;
  readonly channel: { post(news: OutboxNews): void; listen(listener: (news: OutboxNews) => void): () => void };
  readonly publish: (state: OutboxState) => void;
  readonly now: () => number;
  /** @returns what calls it off */
  readonly later: (milliseconds: number, work: () => void) => () => void;
}

type Verdict = 'wait' | 'sign-in' | 'renew' | Refusal;
type Trouble = 'none' | 'offline' | 'signed-out';

const longestPauseMs = 30_000;
/** A server that fails this often on one action is not just busy. */
const mostFailures = 5;

/** Everything that a person does goes through here: stored first, then sent in order, one at a time, until the server has confirmed or refused it.
 *  Sending stops where the server cannot be reached or the session has ended, and goes on by itself. What was refused is kept for the person to decide. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #listeners = new Set<(news: OutboxNews) => void>();
  #person: number | undefined;
  #trouble: Trouble = 'none';
  #pauses = 0;
  #draining: Promise<void> | undefined;
  #again = false;
  #callOffRetry: (() => void) | undefined;
  readonly #stopListening: () => void;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#stopListening = parts.channel.listen((news) => {
      this.#tell(news);
      if (news.kind === 'confirmed') this.#trouble = 'none';
      // The tab that added it may be closed before it could send.
      if (news.kind === 'added') this.#goOn();
      else void this.#publish();
    });
  }

  /** The person whose session this is: only their actions are sent. Also after a login: what waited goes on. */
  begin(person: number): void {
    this.#person = person;
    this.wake();
  }

  /** Resolves once the action is stored: from then on it cannot be lost. */
  async add(action: Action): Promise<void> {
    if (this.#person === undefined) throw new Error('outbox: begin() comes before add()');
    await addEntry(this.#parts.database, this.#person, action, this.#parts.now());
    this.#announce({ kind: 'added', action });
    this.#goOn();
  }

  /** What has not been confirmed, oldest first. */
  async entries(): Promise<Entry[]> {
    return this.#person === undefined ? [] : entriesOf(this.#parts.database, this.#person);
  }

  /** Sends what was refused after all; `versions` are those that the person has now seen. */
  async retry(seq: number, versions?: QuestionVersions): Promise<void> {
    await retryEntry(this.#parts.database, seq, versions, this.#parts.now());
    this.wake();
  }

  /** Lets go of what was refused. */
  async drop(entry: Entry): Promise<void> {
    await dropEntry(this.#parts.database, entry.seq);
    this.#announce({ kind: 'dropped', action: entry.action });
    this.#goOn();
  }

  listen(listener: (news: OutboxNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something may have changed for the better: the network, the session, the person's mind. */
  wake(): void {
    this.#pauses = 0;
    void this.#drain();
  }

  /** When there is nothing more that can be sent now. */
  idle(): Promise<void> {
    return this.#draining ?? Promise.resolve();
  }

  stop(): void {
    this.#callOffRetry?.();
    this.#stopListening();
    this.#person = undefined;
  }

  /** Without a session each try would only be refused: then the next login goes on. */
  #goOn(): void {
    if (this.#trouble === 'signed-out') void this.#publish();
    else void this.#drain();
  }

  /** Sends until nothing is left that can be sent now. Calls that come meanwhile share one more round. */
  #drain(): Promise<void> {
    this.#again = true;
    this.#draining ??= this.#rounds().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #rounds(): Promise<void> {
    while (this.#again && this.#person !== undefined) {
      this.#again = false;
      this.#callOffRetry?.();
      await this.#publish();
      await this.#parts.exclusively(() => this.#round());
    }
    await this.#publish();
  }

  async #round(): Promise<void> {
    const person = this.#person;
    const held = new Set<string>();
    for (const { seq } of await this.entries()) {
      // As it is now: another tab, or an undo, may have dealt with it since.
      const entry = await findEntry(this.#parts.database, seq);
      if (!entry || this.#person !== person) continue;
      const items = itemsOf(entry.action);
      if (items.length > 0 && (entry.refusal || items.some((item) => held.has(item)))) for (const item of items) held.add(item);
      else if (!entry.refusal && !(await this.#sendOne(entry, held))) return;
    }
  }

  /** @returns whether to go on with the next */
  async #sendOne(entry: Entry, held: Set<string>): Promise<boolean> {
    const { database, send, renewSession } = this.#parts;
    const { action, base } = await toSend(database, entry.action);
    try {
      const confirmation = await send(action, base).catch(async (error: unknown) => {
        // Somebody else may have signed in, in another tab: never send in their name.
        if (verdictOn(error, entry) !== 'renew' || (await renewSession()) !== entry.person) throw error;
        return send(action, base);
      });
      await this.#confirm(entry, confirmation);
      return true;
    } catch (error) {
      const verdict = verdictOn(error, entry);
      if (verdict === 'sign-in' || verdict === 'renew') this.#trouble = 'signed-out';
      else if (verdict === 'wait') await this.#pause(entry, error);
      else {
        await this.#setAside(entry, verdict, held);
        return true;
      }
      return false;
    }
  }

  async #confirm(entry: Entry, confirmation: Confirmation): Promise<void> {
    const { version, versions } = confirmation;
    const moved = versions ?? version;
    await settleEntry(this.#parts.database, entry, moved === null ? [] : itemVersions(entry.action, moved), this.#parts.now());
    this.#trouble = 'none';
    this.#pauses = 0;
    this.#announce({ kind: 'confirmed', action: entry.action, confirmation });
  }

  async #setAside(entry: Entry, refusal: Refusal, held: Set<string>): Promise<void> {
    const isKept = await refuseEntry(this.#parts.database, entry, refusal);
    if (isKept) for (const item of itemsOf(entry.action)) held.add(item);
    this.#trouble = 'none';
    this.#announce(isKept ? { kind: 'refused', action: entry.action, refusal } : { kind: 'dropped', action: entry.action });
  }

  async #pause(entry: Entry, error: unknown): Promise<void> {
    this.#trouble = 'offline';
    // Only faults of the server itself count: being offline for a day must not turn into a refusal.
    if (isServerFault(error)) await noteFailure(this.#parts.database, entry);
    const milliseconds = Math.min(longestPauseMs, 1_000 * 2 ** this.#pauses++);
    this.#callOffRetry = this.#parts.later(milliseconds, () => void this.#drain());
  }

  async #publish(): Promise<void> {
    const entries = await this.entries();
    const refused = entries.filter(({ refusal }) => refusal).length;
    const waiting = entries.length - refused;
    const trouble = waiting > 0 ? this.#trouble : 'none';
    this.#parts.publish({
      kind: trouble === 'none' ? (refused > 0 ? 'refused' : waiting > 0 ? 'saving' : 'saved') : trouble,
      waiting,
      refused,
    });
  }

  #announce(news: OutboxNews): void {
    this.#tell(news);
    this.#parts.channel.post(news);
    void this.#publish();
  }

  #tell(news: OutboxNews): void {
    for (const listener of this.#listeners) listener(news);
  }
}

/** What to do about a failure: only what the server said about the action itself is a refusal. */
export function verdictOn(error: unknown, { failures }: Pick<Entry, 'failures'>): Verdict {
  if (!(error instanceof CallError)) return failures < mostFailures ? 'wait' : { status: 0, code: 'unexpected', message: String(error) };
  const { status, fault } = error;
  if (status === 401) return 'sign-in';
  if (status === 403 && fault.code === 'csrf') return 'renew';
  if (status === 0 || [408, 425, 429, 502, 503, 504, 507].includes(status)) return 'wait';
  if (status >= 500 && failures < mostFailures) return 'wait';
  return { status, code: fault.code, message: fault.message };
}

/** Also an answer that cannot be read (a hotel's login page, say) is no word about the action. */
function isServerFault(error: unknown): boolean {
  return !(error instanceof CallError) || error.status === 500;
}
