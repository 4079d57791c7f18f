import type { Client } from '@labelwright/contract/client';
import type { ItemDetail } from '@labelwright/contract/items';
import type { Draft } from './browser-database.ts';
import { furtherOf } from './further-answers.ts';
import { itemKey } from './outbox-action.ts';

/** An item that the browser has, and why it was given. */
export interface Known {
  readonly item: ItemDetail;
  readonly reason: string | null;
}

export interface ItemStockParts {
  readonly project: number;
  readonly question: { readonly id: string };
  /** The other questions, which are answered at the same look. */
  readonly further?: readonly { readonly id: string; readonly multiple: boolean }[];
  /** The machine's opinion stays hidden, even from those who could look it up. */
  readonly isBlind: boolean;
  readonly calls: Pick<Client, 'getItem'>;
  readonly drafts: {
    save(key: string, draft: Draft): Promise<void>;
    find(key: string, version: number): Promise<Draft | undefined>;
    drop(key: string): Promise<void>;
  };
  readonly now: () => number;
}

/** What is left unfinished of an item that has just come in. */
export interface Unfinished {
  readonly ordinal: number;
  /** Absent for the question of the queue. */
  readonly question?: string;
  readonly labels: readonly string[];
}

/** The items that are here, with what was being written about them. */
export class ItemStock {
  readonly #parts: ItemStockParts;
  readonly #changed: () => void;
  readonly #writing = new Map<number, string>();
  readonly #completed = new Set<number>();
  #isCompleting = false;
  #known: ReadonlyMap<number, Known> = new Map();
  #ids: ReadonlyMap<number, string> = new Map();

  constructor(parts: ItemStockParts, changed: () => void) {
    this.#parts = parts;
    this.#changed = changed;
  }

  get known(): ReadonlyMap<number, Known> {
    return this.#known;
  }

  /** What people call the items: also of those that are not here. */
  get ids(): ReadonlyMap<number, string> {
    return this.#ids;
  }

  /** @param question another one than that of the queue */
  versionOf(ordinal: number, question: string = this.#parts.question.id): number {
    const item = this.#known.get(ordinal)?.item;
    return (question === this.#parts.question.id ? item?.version : furtherOf(item, question)?.version) ?? 0;
  }

  name(items: readonly { readonly ordinal: number; readonly id: string }[]): void {
    this.#ids = new Map([...this.#ids, ...items.map(({ ordinal, id }) => [ordinal, id] as const)]);
  }

  /** Takes in items with the drafts on them, before anybody sees them. @param kept the item that is looked at: it does not change under the eyes */
  async learn(items: readonly Known[], kept: number | null): Promise<Unfinished[]> {
    const drafts = await Promise.all(items.map(({ item }) => this.#findDraft(item)));
    const before = this.#known;
    const known = new Map(before);
    const unfinished: Unfinished[] = [];
    for (const [index, { item, reason }] of items.entries()) {
      const had = known.get(item.ordinal);
      known.set(item.ordinal, {
        item: had && item.ordinal === kept ? had.item : this.#seen(item),
        reason: reason ?? had?.reason ?? null,
      });
      const draft = had ? undefined : drafts[index];
      if (!draft) continue;
      this.#writing.set(item.ordinal, draft.comment);
      unfinished.push({ ordinal: item.ordinal, labels: draft.labels });
    }
    for (const { item } of items) if (!before.has(item.ordinal)) unfinished.push(...(await this.#furtherDrafts(item)));
    this.#known = known;
    this.name(items.map(({ item }) => item));
    return unfinished;
  }

  /** @throws CallError */
  async fetch(ordinal: number): Promise<Known> {
    const { calls, project, question, further = [] } = this.#parts;
    const query = { question: question.id, ...(further.length > 0 && { further: 'true' }) };
    return { item: await calls.getItem({ params: { project, ordinal }, query }), reason: null };
  }

  moveVersion(ordinal: number, version: number | null, question: string = this.#parts.question.id): boolean {
    const found = this.#known.get(ordinal);
    if (question !== this.#parts.question.id) return this.#moveFurther(ordinal, version, question);
    if (!found || version === null || version <= found.item.version) return false;
    this.#put(ordinal, { ...found, item: { ...found.item, version } });
    return true;
  }

  /** The queue does not wait for labelers that are slow to say why they voted so: what is missing is fetched, one after the other.
   *  @param near the items that are next, as things stand */
  async completeReasons(near: () => readonly number[]): Promise<void> {
    if (this.#isCompleting) return;
    this.#isCompleting = true;
    const next = () => near().find((ordinal) => !this.#completed.has(ordinal) && this.#lacksReasons(ordinal));
    try {
      for (let ordinal = next(); ordinal !== undefined; ordinal = next()) {
        this.#completed.add(ordinal);
        this.#addReasons(ordinal, (await this.fetch(ordinal)).item);
      }
    } catch {
      // Votes without words are votes all the same.
    } finally {
      this.#isCompleting = false;
    }
  }

  written(ordinal: number): string {
    return this.#writing.get(ordinal) ?? '';
  }

  /** What is being written about an item, and chosen for it, is kept on the version that was seen. */
  keepDraft(ordinal: number, labels: readonly string[], text: string = this.written(ordinal)): void {
    if (text === '') this.#writing.delete(ordinal);
    else this.#writing.set(ordinal, text);
    if (!this.#known.has(ordinal)) return;
    const draft = { base: this.versionOf(ordinal), labels, comment: text, at: this.#parts.now() };
    void this.#parts.drafts.save(this.#draftKey(ordinal), draft).catch(() => undefined);
  }

  /** The same for another question; words belong to the item, not to the question. */
  keepFurtherDraft(ordinal: number, question: string, labels: readonly string[]): void {
    if (!furtherOf(this.#known.get(ordinal)?.item, question)) return;
    const draft = { base: this.versionOf(ordinal, question), labels, comment: '', at: this.#parts.now() };
    void this.#parts.drafts.save(this.#draftKey(ordinal, question), draft).catch(() => undefined);
  }

  dropDraft(ordinal: number): void {
    const { question, further = [] } = this.#parts;
    for (const { id } of [question, ...further]) void this.#parts.drafts.drop(this.#draftKey(ordinal, id)).catch(() => undefined);
  }

  async #furtherDrafts({ ordinal, further = [] }: ItemDetail): Promise<Unfinished[]> {
    const found: Unfinished[] = [];
    for (const { question, version, isOpen } of further) {
      const draft = isOpen && (await this.#parts.drafts.find(this.#draftKey(ordinal, question), version).catch(() => undefined));
      if (draft) found.push({ ordinal, question, labels: draft.labels });
    }
    return found;
  }

  #moveFurther(ordinal: number, version: number | null, question: string): boolean {
    const found = this.#known.get(ordinal);
    const known = furtherOf(found?.item, question);
    if (!found || !known || version === null || version <= known.version) return false;
    const further = found.item.further?.map((other) => (other === known ? { ...other, version } : other));
    this.#put(ordinal, { ...found, item: { ...found.item, ...(further && { further }) } });
    return true;
  }

  #lacksReasons(ordinal: number): boolean {
    const item = this.#known.get(ordinal)?.item;
    const all = [item?.evidence, ...(item?.further ?? []).map(({ evidence }) => evidence)];
    return all.some((evidence) => evidence?.some(({ kind, reason }) => kind !== 'person' && reason === undefined));
  }

  #addReasons(ordinal: number, told: ItemDetail): void {
    const found = this.#known.get(ordinal);
    if (!found) return;
    const { item } = found;
    const evidence = withReasons(item.evidence, told.evidence);
    const further = item.further?.map((other) => ({
      ...other,
      evidence: withReasons(other.evidence, furtherOf(told, other.question)?.evidence ?? null),
    }));
    this.#put(ordinal, { ...found, item: { ...item, evidence, ...(further && { further }) } });
  }

  #put(ordinal: number, known: Known): void {
    this.#known = new Map(this.#known).set(ordinal, known);
    this.#changed();
  }

  #seen(item: ItemDetail): ItemDetail {
    if (!this.#parts.isBlind) return item;
    const further = item.further?.map((other) => ({ ...other, evidence: null, posterior: null }));
    return { ...item, evidence: null, posterior: null, ...(further && { further }) };
  }

  #findDraft({ ordinal, version }: ItemDetail): Promise<Draft | undefined> {
    return this.#parts.drafts.find(this.#draftKey(ordinal), version).catch(() => undefined);
  }

  #draftKey(ordinal: number, question: string = this.#parts.question.id): string {
    return itemKey(this.#parts.project, question, ordinal);
  }
}

function withReasons(evidence: ItemDetail['evidence'], told: ItemDetail['evidence']): ItemDetail['evidence'] {
  if (!evidence || !told) return evidence;
  const reasons = new Map(told.map((vote) => [vote.labeler, vote]));
  return evidence.map((vote) => ({ ...reasons.get(vote.labeler), ...vote }));
}
