import type { Action, Given } from './outbox-action.ts';

/** What a person said last of an item, before the page was opened. */
export interface RecalledAnswer {
  readonly ordinal: number;
  readonly action: string;
  readonly given: Given;
}

interface MyAnswer {
  readonly action: string;
  readonly ordinal: number;
  readonly kind: Given['kind'];
  readonly labels: readonly string[] | null;
}

/** Oldest first, one per item.
 *  @param mine what the server has, newest first   @param unsent what it does not have yet, oldest first */
export function recalledAnswers(mine: readonly MyAnswer[], unsent: readonly Action[]): RecalledAnswer[] {
  const undone = new Set(unsent.flatMap((action) => (action.kind === 'undo' ? [action.undoes] : [])));
  const waiting = unsent.flatMap((action) =>
    action.kind === 'submit' ? [{ ordinal: action.ordinal, action: action.id, given: action.given }] : [],
  );
  const stored = mine.map(({ ordinal, action, kind, labels }) => ({ ordinal, action, given: givenOf(kind, labels) }));
  const byItem = new Map<number, RecalledAnswer>();
  for (const answer of [...stored.toReversed(), ...waiting]) {
    if (undone.has(answer.action)) continue;
    // What was said last comes last.
    byItem.delete(answer.ordinal);
    byItem.set(answer.ordinal, answer);
  }
  return [...byItem.values()];
}

function givenOf(kind: Given['kind'], labels: readonly string[] | null): Given {
  return kind === 'answer' ? { kind, labels: labels ?? [] } : { kind };
}
