import type { Action, Given } from './outbox-action.ts';

/** What a person said last of an item, before the page was opened. */
export interface RecalledAnswer {
  readonly ordinal: number;
  readonly action: string;
  readonly questions: readonly string[];
  readonly given: Given;
  /** To other questions, in the same breath. */
  readonly also?: Readonly<Record<string, readonly string[]>>;
}

interface MyAnswer {
  readonly action: string;
  readonly ordinal: number;
  readonly question?: string | undefined;
  /** The action that it was a part of. */
  readonly set?: string | null | undefined;
  readonly kind: Given['kind'];
  readonly labels: readonly string[] | null;
}

/** What was said of one item in one breath, question by question. */
interface Said {
  readonly ordinal: number;
  readonly action: string;
  readonly parts: readonly { readonly question: string | undefined; readonly given: Given }[];
}

/** Oldest first, one per item.
 *  @param mine what the server has, newest first   @param unsent what it does not have yet, oldest first
 *  @param question whose queue it is: an item that only other questions were answered of is not done */
export function recalledAnswers(mine: readonly MyAnswer[], unsent: readonly Action[], question?: string): RecalledAnswer[] {
  const undone = new Set(unsent.flatMap((action) => (action.kind === 'undo' ? [action.undoes] : [])));
  const waiting = unsent.flatMap((action): Said[] => {
    if (action.kind !== 'submit') return [];
    const { ordinal, id, given, also = [] } = action;
    const further = also.map((other) => ({ question: other.question, given: { kind: 'answer' as const, labels: other.labels } }));
    return [{ ordinal, action: id, parts: [{ question: action.question, given }, ...further] }];
  });
  const byItem = new Map<number, RecalledAnswer>();
  for (const said of [...inBreaths(mine).toReversed(), ...waiting]) {
    const answer = undone.has(said.action) ? undefined : recalled(said, question);
    if (!answer) continue;
    // What was said last comes last.
    byItem.delete(answer.ordinal);
    byItem.set(answer.ordinal, answer);
  }
  return [...byItem.values()];
}

function recalled({ ordinal, action, parts }: Said, question: string | undefined): RecalledAnswer | undefined {
  const main = parts.find((part) => question === undefined || part.question === undefined || part.question === question);
  if (!main) return undefined;
  const further = parts.filter((part) => part !== main);
  const also = further.map(({ question: of = '', given }) => [of, given.kind === 'answer' ? given.labels : []] as const);
  const questions = parts.map((part) => part.question ?? question ?? '');
  return { ordinal, action, questions, given: main.given, ...(also.length > 0 && { also: Object.fromEntries(also) }) };
}

/** Answers that were given together are one: the first of them has the id of all. */
function inBreaths(mine: readonly MyAnswer[]): Said[] {
  const firsts = new Set(mine.map(({ action }) => action));
  const isPart = ({ set }: MyAnswer) => set !== null && set !== undefined && firsts.has(set);
  return mine
    .filter((answer) => !isPart(answer))
    .map(({ action, ordinal, ...first }) => {
      const rest = mine.filter((other) => other.set === action && isPart(other));
      return { action, ordinal, parts: [first, ...rest].map(({ question, kind, labels }) => ({ question, given: givenOf(kind, labels) })) };
    });
}

function givenOf(kind: Given['kind'], labels: readonly string[] | null): Given {
  return kind === 'answer' ? { kind, labels: labels ?? [] } : { kind };
}
