import { z } from 'zod';
import { spreadOverItems, votePatterns } from '../math/vote-patterns.ts';
import type { Aggregator } from './aggregator.ts';
import { fitDawidSkene } from './dawid-skene.ts';
import { estimateOf } from './estimate-of.ts';
import { silenceOf } from './silence.ts';

const options = z
  .strictObject({
    prior: z
      .number()
      .min(0.01)
      .max(10_000)
      .default(4)
      .describe('Votes that the pooled accuracy of all labelers counts for in each labeler’s own'),
    poolCap: z
      .number()
      .min(1)
      .default(50)
      .describe('Votes per true label beyond which a labeler’s say in the pooled accuracy grows no more'),
    correlation: z.number().min(0).max(1).default(0.02).describe('Assumed correlation of the errors of any two labelers on an item'),
    maxRounds: z.int().min(1).max(10_000).default(100).describe('EM rounds at most'),
  })
  .prefault({});

export type OneCoinOptions = z.output<typeof options>;

/** Dawid–Skene with one number per labeler: right with probability p_j, else any other label alike. Takes over from `dawid-skene` where
 *  votes per labeler are few or labels many; wrong where labelers mistake one label for another more than the reverse, however many
 *  votes there are. Silence that is evidence keeps its own answers. O(rounds · patterns · votes per pattern · k).
 *  Y. Zhang, X. Chen, D. Zhou & M. I. Jordan (2016), JMLR 17(102) (the model, and EM for it). */
const oneCoin: Aggregator<OneCoinOptions> = {
  name: 'one-coin',
  title: 'One-coin Dawid–Skene',
  summary: 'One accuracy per labeler; for few votes per labeler or many labels.',
  paper: 'Y. Zhang, X. Chen, D. Zhou & M. I. Jordan (2016), JMLR 17(102)',
  options,
  aggregate(votes, given, { gold, shares }) {
    const patterns = votePatterns(votes, gold);
    const { posterior, evidence } = fitDawidSkene(patterns, silenceOf(votes), { ...given, anchor: 0, oneCoin: true }, shares);
    return estimateOf(votes, spreadOverItems(patterns, posterior), evidence.shares, evidence.votes);
  },
};

export default oneCoin;
