import { z } from 'zod';
import { digamma } from '../math/special-functions.ts';
import { spreadOverItems, votePatterns } from '../math/vote-patterns.ts';
import type { Aggregator } from './aggregator.ts';
import { type Counts, runEm } from './em.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';
import { silenceOf } from './silence.ts';

const options = z
  .strictObject({
    right: z.number().gt(0).max(10_000).default(4).describe('Prior votes on the true label, per labeler and true label'),
    wrong: z.number().gt(0).max(10_000).default(1).describe('Prior votes on each other label (and on silence, where that is evidence)'),
    maxRounds: z.int().min(1).max(10_000).default(100).describe('Variational rounds at most'),
  })
  .prefault({});

export type IbccOptions = z.output<typeof options>;

/** Independent Bayesian classifier combination: Dawid–Skene with Dirichlet priors on confusion rows and class shares, all of them integrated
 *  over by variational Bayes: E[log C] = ψ(counts) − ψ(their sum) in place of log C, which trusts thin rows less. The same prior for
 *  everybody, where `dawid-skene` learns it from all. Assumes that labelers err independently given the truth, and is too sure where they do
 *  not. O(rounds · patterns · votes per pattern · k).
 *  H.-C. Kim & Z. Ghahramani (2012), AISTATS, PMLR 22; E. Simpson et al. (2013), doi:10.1007/978-3-642-36406-8_1 (variational). */
const ibcc: Aggregator<IbccOptions> = {
  name: 'ibcc',
  title: 'Bayesian classifier combination',
  summary: 'Dawid–Skene with its confusion matrices integrated over; for people, where thin rows should be trusted less.',
  paper: 'H.-C. Kim & Z. Ghahramani (2012), AISTATS, PMLR 22',
  options,
  aggregate(votes, given, { gold, shares }) {
    const patterns = votePatterns(votes, gold);
    const { m, k } = patterns;
    const silence = silenceOf(votes);
    const { posterior, evidence } = runEm(patterns, shares ?? uniformShares(k), {
      dependence: { correlation: 0 },
      maxRounds: given.maxRounds,
      createMStep: () => (counts) => {
        const log = new Float64Array(m * k * k);
        const silent = new Float64Array(k);
        for (let j = 0; j < m; j++) expectedLogs(counts, j, silence[j] === 'abstained', given, k, log, silent);
        return { shares: shares ?? expectedShares(silence.includes('abstained') ? counts.all : counts.voted), silent, votes: log };
      },
    });
    return estimateOf(votes, spreadOverItems(patterns, posterior), evidence.shares, evidence.votes);
  },
};

export default ibcc;

/** E[log P(answer | y)]; where silence is an answer, its part goes to `silent` and is taken off the votes. */
function expectedLogs(
  counts: Counts,
  j: number,
  silenceAnswers: boolean,
  { right, wrong }: IbccOptions,
  k: number,
  log: Float64Array,
  silent: Float64Array,
): void {
  for (let y = 0; y < k; y++) {
    let spoken = 0;
    for (let l = 0; l < k; l++) spoken += counts.votes[(j * k + l) * k + y];
    const prior = right + (k - 1) * wrong;
    const total = silenceAnswers ? counts.all[y] + prior + wrong : spoken + prior;
    const quiet = silenceAnswers ? digamma(Math.max(counts.all[y] - spoken, 0) + wrong) : digamma(total);
    if (silenceAnswers) silent[y] += quiet - digamma(total);
    for (let l = 0; l < k; l++) {
      const at = (j * k + l) * k + y;
      log[at] = digamma(counts.votes[at] + (l === y ? right : wrong)) - quiet;
    }
  }
}

/** exp E[log share] under a flat Dirichlet prior, scaled to sum to 1: a common factor says nothing. */
function expectedShares(mass: Float64Array): Float64Array {
  const logs = mass.map((value) => Math.exp(digamma(value + 1)));
  const sum = logs.reduce((total, value) => total + value, 0);
  return logs.map((value) => value / sum);
}
