import type { Silence } from '../model/vote.ts';
import type { VoteTable } from '../model/vote-table.ts';

/** Not said: unasked. */
export function silenceOf({ silence, labelers }: VoteTable): readonly Silence[] {
  return silence ?? labelers.map(() => 'unasked');
}

export function labelersWith(meaning: Silence, silence: readonly Silence[]): number[] {
  return silence.flatMap((its, j) => (its === meaning ? [j] : []));
}
