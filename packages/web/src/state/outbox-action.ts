import type { ItemFilter } from '@labelwright/contract/items';

/** What a person says about one item. Skip and flag are answers too: they say why there is no label. */
export type Given =
  | { readonly kind: 'answer'; readonly labels: readonly string[] }
  | { readonly kind: 'skip' }
  | { readonly kind: 'flag'; readonly note?: string };

/** One change by a person, made once: `id` is its idempotency key, made by the browser. */
export type Action = SubmitAction | UndoAction | BulkAction | CommentAction;

interface OfProject {
  readonly id: string;
  readonly project: number;
}
export interface SubmitAction extends OfProject {
  readonly kind: 'submit';
  readonly question: string;
  readonly ordinal: number;
  /** The audit that it answers. */
  readonly audit?: number;
  readonly given: Given;
  /** The version of the item that the person saw. */
  readonly base: number;
  readonly seconds: number;
}
export interface UndoAction extends OfProject {
  readonly kind: 'undo';
  /** The action that is taken back. */
  readonly undoes: string;
  /** Absent for a bulk action. */
  readonly of?: { readonly question: string; readonly ordinal: number; readonly base: number };
}
export interface BulkAction extends OfProject {
  readonly kind: 'bulk';
  readonly question: string;
  readonly filter: ItemFilter;
  readonly labels: readonly string[];
}
export interface CommentAction extends OfProject {
  readonly kind: 'comment';
  readonly ordinal: number;
  readonly text: string;
}

/** The item that an action changes the version of: its actions must keep their order even around one that was refused. */
export function itemOf(action: Action): string | undefined {
  if (action.kind === 'submit') return itemKey(action.project, action.question, action.ordinal);
  if (action.kind === 'undo' && action.of) return itemKey(action.project, action.of.question, action.of.ordinal);
  return undefined;
}

export function itemKey(project: number, question: string, ordinal: number): string {
  return `${project}/${ordinal}/${question}`;
}

/** The version that the person had seen when acting. */
export function baseOf(action: Action): number {
  if (action.kind === 'submit') return action.base;
  return action.kind === 'undo' && action.of ? action.of.base : 0;
}
