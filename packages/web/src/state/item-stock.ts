import type { Client } from '@labelwright/contract/client';
import type { ItemDetail } from '@labelwright/contract/items';
import type { Draft } from './browser-database.ts';
import { itemKey } from './outbox-action.ts';

/** An item that the browser has, and why it was given. */
export interface Known {
  readonly item: ItemDetail;
  readonly reason: string | null;
}

export interface ItemStockParts {
  readonly project: number;
  readonly question: { readonly id: string };
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

  versionOf(ordinal: number): number {
    return this.#known.get(ordinal)?.item.version ?? 0;
  }

  name(items: readonly { readonly ordinal: number; readonly id: string }[]): void {
    this.#ids = new Map([...this.#ids, ...items.map(({ ordinal, id }) => [ordinal, id] as const)]);
  }

  /** Takes in items with the drafts on them, before anybody sees them. @param kept the item that is looked at: it does not change under the eyes */
  async learn(items: readonly Known[], kept: number | null): Promise<Unfinished[]> {
    const drafts = await Promise.all(items.map(({ item }) => this.#findDraft(item)));
    const known = new Map(this.#known);
    const unfinished: Unfinished[] = [];
    for (const [index, { item, reason }] of items.entries()) {
      const before = known.get(item.ordinal);
      known.set(item.ordinal, {
        item: before && item.ordinal === kept ? before.item : this.#seen(item),
        reason: reason ?? before?.reason ?? null,
      });
      const draft = before ? undefined : drafts[index];
      if (!draft) continue;
      this.#writing.set(item.ordinal, draft.comment);
      unfinished.push({ ordinal: item.ordinal, labels: draft.labels });
    }
    this.#known = known;
    this.name(items.map(({ item }) => item));
    return unfinished;
  }

  /** @throws CallError */
  async fetch(ordinal: number): Promise<Known> {
    const { calls, project, question } = this.#parts;
    return { item: await calls.getItem({ params: { project, ordinal }, query: { question: question.id } }), reason: null };
  }

  moveVersion(ordinal: number, version: number | null): boolean {
    const found = this.#known.get(ordinal);
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
        this.#addReasons(ordinal, (await this.fetch(ordinal)).item.evidence);
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

  dropDraft(ordinal: number): void {
    void this.#parts.drafts.drop(this.#draftKey(ordinal)).catch(() => undefined);
  }

  #lacksReasons(ordinal: number): boolean {
    const evidence = this.#known.get(ordinal)?.item.evidence;
    return evidence?.some(({ kind, reason }) => kind !== 'person' && reason === undefined) ?? false;
  }

  #addReasons(ordinal: number, told: ItemDetail['evidence']): void {
    const found = this.#known.get(ordinal);
    if (!found?.item.evidence || !told) return;
    const reasons = new Map(told.map((vote) => [vote.labeler, vote]));
    const evidence = found.item.evidence.map((vote) => ({ ...reasons.get(vote.labeler), ...vote }));
    this.#put(ordinal, { ...found, item: { ...found.item, evidence } });
  }

  #put(ordinal: number, known: Known): void {
    this.#known = new Map(this.#known).set(ordinal, known);
    this.#changed();
  }

  #seen(item: ItemDetail): ItemDetail {
    return this.#parts.isBlind ? { ...item, evidence: null, posterior: null } : item;
  }

  #findDraft({ ordinal, version }: ItemDetail): Promise<Draft | undefined> {
    return this.#parts.drafts.find(this.#draftKey(ordinal), version).catch(() => undefined);
  }

  #draftKey(ordinal: number): string {
    return itemKey(this.#parts.project, this.#parts.question.id, ordinal);
  }
}
