import type { Question } from '@labelwright/core/model/schema';
import { peoplesAnswer } from '../present-answer.ts';
import { type MachineDecision, decisions } from '../stores/estimate-codes.ts';

export interface EstimateRow {
  readonly ordinal: number;
  readonly answer: readonly string[];
  readonly probability: number;
  readonly posterior: readonly number[];
  readonly decision: number;
}

export interface SaidRow {
  readonly ordinal: number;
  readonly person: string;
  readonly labels: readonly string[];
  readonly seconds: number;
  readonly time: string;
}

/** What an item's label is, who decided it and how sure that is. */
export interface Decided {
  readonly labels: readonly string[] | null;
  /** By the machine's own account; null where people decided. */
  readonly probability: number | null;
  readonly decision: MachineDecision | 'answered';
  readonly by: 'person' | 'machine' | null;
}

/** People outrank the machine: the answer of most; where they are of two minds, the posterior decides among what they said. */
export function decide(question: Question, estimate: EstimateRow | undefined, said: readonly SaidRow[]): Decided {
  if (said.length > 0) {
    const { labels } = peoplesAnswer(
      question,
      said.map((each) => each.labels),
      estimate?.posterior ?? null,
    );
    return { labels, probability: null, decision: 'answered', by: 'person' };
  }
  // Where nobody voted, the posterior is what is usual in the project: a guess about the item, and no label of it.
  if (!estimate || decisions[estimate.decision] === 'no-votes') return { labels: null, probability: null, decision: 'no-votes', by: null };
  return { labels: estimate.answer, probability: estimate.probability, decision: decisions[estimate.decision], by: 'machine' };
}

export function isIncluded({ decision }: Decided, include: 'all' | 'accepted' | 'answered'): boolean {
  if (include === 'all') return true;
  return decision === 'answered' || (include === 'accepted' && decision === 'accepted');
}
