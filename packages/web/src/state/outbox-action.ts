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
  /** What is said of it in answer to other questions, in the same breath: stored with it, taken back with it. */
  readonly also?: readonly FurtherAnswer[];
}
export interface FurtherAnswer {
  readonly question: string;
  readonly labels: readonly string[];
  readonly base: number;
}
export interface UndoAction extends OfProject {
  readonly kind: 'undo';
  /** The action that is taken back. */
  readonly undoes: string;
  /** Absent for a bulk action. */
  readonly of?: {
    readonly question: string;
    readonly ordinal: number;
    readonly base: number;
    /** Other questions that were answered in the same breath. */
    readonly also?: readonly string[];
  };
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

/** The items, each under one question, that an action changes the version of: its actions must keep their order even around one that was refused. The
 *  first is the one that `base` is about. */
export function itemsOf(action: Action): string[] {
  const { project } = action;
  if (action.kind === 'submit') {
    const { ordinal, question, also = [] } = action;
    return [question, ...also.map((other) => other.question)].map((each) => itemKey(project, each, ordinal));
  }
  if (action.kind !== 'undo' || !action.of) return [];
  const { ordinal, question, also = [] } = action.of;
  return [question, ...also].map((each) => itemKey(project, each, ordinal));
}

export function itemKey(project: number, question: string, ordinal: number): string {
  return `${project}/${ordinal}/${question}`;
}

/** The questions that an action on one item is about. */
export function questionsOf(action: Action): string[] {
  if (action.kind === 'submit') return [action.question, ...(action.also ?? []).map(({ question }) => question)];
  return action.kind === 'undo' && action.of ? [action.of.question, ...(action.of.also ?? [])] : [];
}

/** The version that the person had seen when acting. */
export function baseOf(action: Action): number {
  if (action.kind === 'submit') return action.base;
  return action.kind === 'undo' && action.of ? action.of.base : 0;
}
