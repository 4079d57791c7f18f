import type { Vote } from '../model/vote.ts';
import type { Loss } from './format.ts';

/** Counts what a format cannot hold, by sentence. In it `#` stands for the number, `#(one|many)` for the number and the word that goes with it,
 *  `#l` for the number of labelers. */
export class Losses {
  private readonly counts = new Map<string, { count: number; labelers?: Set<string> }>();

  add(sentence: string, count = 1): void {
    const known = this.counts.get(sentence);
    if (known) known.count += count;
    else this.counts.set(sentence, { count });
  }

  addVotes(sentence: string, votes: readonly Vote[]): void {
    if (votes.length === 0) return;
    this.add(sentence, votes.length);
    const entry = this.counts.get(sentence);
    if (!entry) return;
    entry.labelers ??= new Set();
    for (const vote of votes) entry.labelers.add(vote.labeler);
  }

  list(): Loss[] {
    return Array.from(this.counts, ([sentence, { count, labelers }]) => ({
      what: worded(worded(sentence, '#l', labelers?.size ?? 0), '#', count),
      count,
    }));
  }
}

function worded(sentence: string, mark: '#' | '#l', count: number): string {
  const pattern = mark === '#' ? /#(\(([^|)]*)\|([^)]*)\))?/ : /#l(\(([^|)]*)\|([^)]*)\))?/;
  const number = count.toLocaleString('en-US');
  return sentence.replace(pattern, (_all, words: string | undefined, one: string, many: string) =>
    words ? `${number} ${count === 1 ? one : many}` : number,
  );
}
