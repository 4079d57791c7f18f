import { z } from 'zod';
import type { Gold, VoteTable } from '../model/vote-table.ts';
import { votePatterns } from '../math/vote-patterns.ts';
import { agreementEvidence } from './agreement-evidence.ts';
import type { Aggregator } from './aggregator.ts';
import { estimateOf, uniformShares } from './estimate-of.ts';
import { hyperWeights } from './hyper-label-model-weights.ts';
import { forward, viewOf } from './hyper-net.ts';

const options = z.strictObject({}).prefault({});

export type HyperLabelModelOptions = z.output<typeof options>;

/** A label model that was learned: a small net that reads the whole vote matrix and answers in one pass, without fitting anything to it. It has
 *  seen made-up votes of rules and people, independent ones and copies, with their truth (benchmarks/train-hyper-label-model.mjs); what it
 *  knows of labelers is what was put in there: better than chance. One label against the rest each; class shares are an input (uniform unless
 *  told), silence is known by how often a labeler votes. Gold sets its items only. O(k · votes · width²).
 *  R. Wu, S. Chen, J. Zhang & X. Chu (2023), ICLR, arXiv:2207.13545 (the idea; net, votes and weights are our own). */
const hyperLabelModel: Aggregator<HyperLabelModelOptions> = {
  name: 'hyper-label-model',
  title: 'Hyper label model',
  summary: 'A net trained on made-up votes reads the whole table at once; nothing to fit, for rules and people alike.',
  paper: 'R. Wu, S. Chen, J. Zhang & X. Chu (2023), ICLR, arXiv:2207.13545',
  options,
  aggregate(votes, _given, { gold, shares = uniformShares(votes.labels.length) }) {
    const posterior = readTable(votes, shares, gold);
    // Per item, as the posterior is: grouped items share theirs.
    const patterns = votePatterns(votes);
    const { patternOf, size, k } = patterns;
    const grouped = patternOf ? new Float64Array(size * k) : posterior;
    patternOf?.forEach((p, i) => {
      for (let y = 0; y < k; y++) grouped[p * k + y] += posterior[i * k + y] / (patterns.count?.[p] ?? 1);
    });
    return estimateOf(votes, posterior, shares, agreementEvidence(patterns, grouped));
  },
};

export default hyperLabelModel;

function readTable(votes: VoteTable, shares: Float64Array, gold: Gold | undefined): Float64Array {
  const n = votes.items.length;
  const k = votes.labels.length;
  const posterior = new Float64Array(n * k);
  for (let c = 0; c < k; c++) {
    const view = viewOf(n, votes.labelers.length, votes.item, votes.labeler, votes.label, c, shares[c]);
    const { logits } = forward(hyperWeights, view);
    for (let i = 0; i < n; i++) posterior[i * k + c] = k > 1 && view.degree[i] > 0 ? 1 / (1 + Math.exp(-logits[i])) : shares[c];
  }
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let c = 0; c < k; c++) sum += posterior[i * k + c];
    for (let c = 0; c < k; c++) posterior[i * k + c] = sum > 0 ? posterior[i * k + c] / sum : shares[c];
  }
  if (gold) {
    for (let g = 0; g < gold.item.length; g++) {
      const from = gold.item[g] * k;
      posterior.fill(0, from, from + k)[from + gold.label[g]] = 1;
    }
  }
  return posterior;
}
