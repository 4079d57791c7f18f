import { type Action, itemsOf, questionsOf } from './outbox-action.ts';

/** Something said of an item that stands. */
export interface Standing {
  readonly action: string;
  readonly questions: readonly string[];
}

/** Which actions stand behind what is on the screen: what is still on its way, and what an undo has to take back. */
export class AnswerTrail {
  /** Actions of this page; others are of other tabs. */
  readonly #own = new Set<string>();
  /** From before the page was opened: what was said before them is not known here. */
  readonly #recalled = new Set<string>();
  /** What was said of an item and stands, the last on top: an undo takes that away, and what was said before holds again. */
  readonly #standing = new Map<number, readonly Standing[]>();
  /** How many actions on an item the server has not confirmed. */
  readonly #unsent = new Map<number, number>();

  isOwn(action: Action): boolean {
    return this.#own.has(action.id);
  }

  isRecalled(id: string): boolean {
    return this.#recalled.has(id);
  }

  isUnsent(ordinal: number): boolean {
    return this.#unsent.has(ordinal);
  }

  unsent(): number[] {
    return [...this.#unsent.keys()];
  }

  last(ordinal: number): Standing | undefined {
    return this.#standing.get(ordinal)?.at(-1);
  }

  add(action: Action): void {
    this.#own.add(action.id);
    this.count(action, 1);
    if (action.kind === 'submit') {
      const standing = { action: action.id, questions: questionsOf(action) };
      this.#standing.set(action.ordinal, [...(this.#standing.get(action.ordinal) ?? []), standing]);
    }
    if (action.kind === 'undo' && action.of)
      this.#standing.set(action.of.ordinal, (this.#standing.get(action.of.ordinal) ?? []).slice(0, -1));
  }

  recall(ordinal: number, standing: Standing): void {
    this.#recalled.add(standing.action);
    this.#standing.set(ordinal, [standing]);
  }

  /** One more on its way, or one less. */
  count(action: Action, step: 1 | -1): void {
    const ordinal = action.kind === 'submit' ? action.ordinal : action.kind === 'undo' ? action.of?.ordinal : undefined;
    if (ordinal === undefined || itemsOf(action).length === 0) return;
    const count = (this.#unsent.get(ordinal) ?? 0) + step;
    if (count > 0) this.#unsent.set(ordinal, count);
    else this.#unsent.delete(ordinal);
  }
}
