import type { Answer } from './answer.ts';
import type { ItemId, LabelerId, LabelId, QuestionId } from './ids.ts';
import type { TextRange } from './item.ts';

/** What a labeler saw that made it vote: shown beside the vote, in words and as places in the item. */
export interface Explanation {
  /** One line, for people: "matched 'free money'", "rule 12: amount > 100 and country = 'NG'". */
  readonly reason: string;
  readonly matches?: readonly (TextRange & { readonly part: string; readonly label?: LabelId })[];
}

/** One labeler's answer to one question on one item, as a row: what people, LLMs and other dear labelers leave behind, append-only. */
export interface Vote {
  readonly item: ItemId;
  readonly labeler: LabelerId;
  readonly question: QuestionId;
  readonly answer: Answer;
  readonly explanation?: Explanation;
  readonly costUsd?: number;
  readonly seconds?: number;
  /** ISO 8601, UTC. */
  readonly time?: string;
}

/** What it means that a labeler has no row on an item: a rule looked and *abstained* (evidence); a person was never asked (none). */
export type Silence = 'abstained' | 'unasked';
