import { z } from 'zod';
import { digamma } from '../math/special-functions.ts';
import { spreadOverItems, votePatterns } from '../math/vote-patterns.ts';
import type { Aggregator } from './aggregator.ts';
import { type Counts, runEm } from './em.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';

const options = z
  .strictObject({
    competence: z
      .number()
      .gt(0)
      .max(1000)
      .default(0.5)
      .describe('Both parameters of the Beta prior on the share of items that a labeler knows'),
    spam: z.number().gt(0).max(1000).default(10).describe('Dirichlet prior on what a labeler says where it does not know'),
    maxRounds: z.int().min(1).max(10_000).default(50).describe('Variational rounds at most'),
  })
  .prefault({});

export type MaceOptions = z.output<typeof options>;

/** MACE: a labeler knows an item's label with probability θ_j and says it; else it says what it likes, from a taste ξ_j of its own:
 *  P(l | y) = θ_j [l = y] + (1 − θ_j) ξ_j[l]. k numbers per labeler where Dawid–Skene has k². Finds spammers; good with many labels and thin
 *  data, poor on skewed binary truth: class shares are held (uniform unless told). Silence says nothing here. Variational Bayes from
 *  the majority vote, so no restarts. O(rounds · patterns · votes per pattern · k).
 *  D. Hovy, T. Berg-Kirkpatrick, A. Vaswani & E. Hovy (2013), NAACL, aclanthology.org/N13-1132. */
const mace: Aggregator<MaceOptions> = {
  name: 'mace',
  title: 'MACE',
  summary: 'Labelers know or guess; finds spammers, good with many labels and few votes each.',
  paper: 'D. Hovy, T. Berg-Kirkpatrick, A. Vaswani & E. Hovy (2013), NAACL, aclanthology.org/N13-1132',
  options,
  aggregate(votes, given, { gold, shares = uniformShares(votes.labels.length) }) {
    const patterns = votePatterns(votes, gold);
    const { m, k } = patterns;
    const { posterior, evidence } = runEm(patterns, shares, {
      dependence: { correlation: 0 },
      maxRounds: given.maxRounds,
      createMStep: () => {
        const habits = Array.from({ length: m }, (): Habit => ({ knows: 0.5, guesses: 0.5, taste: new Float64Array(k).fill(1 / k) }));
        return (counts) => {
          const log = new Float64Array(m * k * k);
          habits.forEach((habit, j) => {
            updateHabit(counts, j, given, k, habit);
            for (let l = 0; l < k; l++) {
              for (let y = 0; y < k; y++) log[(j * k + l) * k + y] = Math.log((l === y ? habit.knows : 0) + habit.guesses * habit.taste[l]);
            }
          });
          return { shares, silent: new Float64Array(k), votes: log };
        };
      },
    });
    return estimateOf(votes, spreadOverItems(patterns, posterior), shares, evidence.votes);
  },
};

export default mace;

/** exp E[log] of θ, 1 − θ and ξ. */
interface Habit {
  knows: number;
  guesses: number;
  taste: Float64Array;
}

/** Of its votes for l where l is true, the share θ / (θ + (1 − θ) ξ_l) was known; all others were guessed. */
function updateHabit(counts: Counts, j: number, { competence, spam }: MaceOptions, k: number, habit: Habit): void {
  let known = competence;
  let guessed = competence;
  const said = new Float64Array(k).fill(spam);
  for (let l = 0; l < k; l++) {
    for (let y = 0; y < k; y++) {
      const votes = counts.votes[(j * k + l) * k + y];
      const guess = habit.guesses * habit.taste[l];
      const share = l === y ? habit.knows / (habit.knows + guess) : 0;
      known += votes * share;
      guessed += votes * (1 - share);
      said[l] += votes * (1 - share);
    }
  }
  const all = digamma(known + guessed);
  habit.knows = Math.exp(digamma(known) - all);
  habit.guesses = Math.exp(digamma(guessed) - all);
  const total = digamma(said.reduce((sum, value) => sum + value, 0));
  habit.taste = said.map((value) => Math.exp(digamma(value) - total));
}
