import { AnswerTrail } from './answer-trail.ts';
import type { Said } from './bench.ts';
import { changedAnswers } from './further-answers.ts';
import type { ItemStock } from './item-stock.ts';
import type { Action } from './outbox-action.ts';
import type { WorkbenchParts } from './workbench-state.ts';

type PostParts = Pick<WorkbenchParts, 'project' | 'question' | 'audit' | 'outbox' | 'newId' | 'report'>;

/** Turns what the person says and takes back into actions for the outbox, and remembers which of them stand. */
export class AnswerPost {
  readonly trail = new AnswerTrail();
  /** Items that came as part of the audit: others, from before, are not answers to it. */
  readonly sampled = new Set<number>();
  readonly #parts: PostParts;
  readonly #stock: ItemStock;

  constructor(parts: PostParts, stock: ItemStock) {
    this.#parts = parts;
    this.#stock = stock;
  }

  say(ordinal: number, from: Said | null, to: Said): void {
    const { project, question, audit, newId } = this.#parts;
    const changed = changedAnswers(from, to, question.id, (of) => this.#stock.versionOf(ordinal, of));
    const ofAudit = audit !== undefined && this.sampled.has(ordinal) ? { audit } : {};
    this.#post({ kind: 'submit', id: newId(), project, ordinal, ...ofAudit, ...changed, seconds: to.seconds });
    this.#stock.dropDraft(ordinal);
  }

  takeBack(ordinal: number): void {
    const { project, newId } = this.#parts;
    const standing = this.trail.last(ordinal);
    if (standing === undefined) return;
    const [question, ...also] = standing.questions;
    const of = { question, ordinal, base: this.#stock.versionOf(ordinal, question), ...(also.length > 0 && { also }) };
    this.#post({ kind: 'undo', id: newId(), project, undoes: standing.action, of });
  }

  comment(ordinal: number, text: string): string {
    const { project, newId } = this.#parts;
    const id = newId();
    this.#post({ kind: 'comment', id, project, ordinal, text });
    return id;
  }

  #post(action: Action): void {
    this.trail.add(action);
    this.#parts.outbox.add(action).catch((problem: unknown) => {
      this.#parts.report(new Error(`This browser could not keep what you did. Undo it and try again. (${String(problem)})`));
    });
  }
}
