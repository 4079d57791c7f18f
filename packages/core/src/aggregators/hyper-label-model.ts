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

/** Votes that are read at once: what a vote carries takes a kilobyte. */
const mostVotes = 250_000;

/** Large tables are read in parts, every p-th item: enough of each labeler is seen in each. */
function readTable(votes: VoteTable, shares: Float64Array, gold: Gold | undefined): Float64Array {
  const n = votes.items.length;
  const k = votes.labels.length;
  const m = votes.labelers.length;
  const posterior = new Float64Array(n * k);
  const parts = Math.max(1, Math.ceil(votes.item.length / mostVotes));
  for (let part = 0; part < parts; part++) {
    const rows = parts === 1 ? undefined : rowsOf(votes, part, parts);
    const column = (all: Int32Array): Int32Array => (rows ? rows.map((r) => all[r]) : all);
    const item = column(votes.item).map((i) => (i - part) / parts);
    const size = Math.ceil((n - part) / parts);
    for (let c = 0; c < k; c++) {
      const view = viewOf(size, m, item, column(votes.labeler), column(votes.label), c, shares[c]);
      const { logits } = forward(hyperWeights, view);
      for (let i = 0; i < size; i++) {
        posterior[(i * parts + part) * k + c] = k > 1 && view.degree[i] > 0 ? 1 / (1 + Math.exp(-logits[i])) : shares[c];
      }
    }
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

function rowsOf({ item }: VoteTable, part: number, parts: number): Int32Array {
  let size = 0;
  for (const i of item) if (i % parts === part) size++;
  const rows = new Int32Array(size);
  let at = 0;
  for (let r = 0; r < item.length; r++) if (item[r] % parts === part) rows[at++] = r;
  return rows;
}
