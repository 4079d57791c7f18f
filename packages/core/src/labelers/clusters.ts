import { z } from 'zod';
import { wilson } from '../math/statistics.ts';
import { type Answer, abstain, answerOf, failed } from '../model/answer.ts';
import { type LabelId, labelId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import { type ClusterSummary, type ClustersModel, createClusters, fitClusters } from './clusters-model.ts';
import type { Answerer, ComputedLabeler, LabelerTask } from './labeler.ts';

const names = z.array(z.string().min(1)).min(1);

const options = z
  .strictObject({
    fields: names
      .optional()
      .describe('Fields of the items to compare: text, numbers, dates, categories. Without it all text and table parts'),
    part: z.string().min(1).optional().describe('The only part to look at, where `fields` names none'),
    exclude: names.optional().describe('Table fields never to look at'),
    clusters: z.int().min(1).max(5000).optional().describe('How many clusters. Without it ten per label'),
    dimensions: z.int().min(2).max(300).default(50).describe('Words are reduced to so many topics before items are compared'),
    minPurity: z
      .number()
      .min(0)
      .max(1)
      .default(0.75)
      .describe('Abstains in clusters where less than this share of the known items has one label; what is not known counts half against'),
  })
  .prefault({});

export type ClustersOptions = z.output<typeof options>;

/** Items alike get the label of the few among them that somebody spoke of: k-means over tf-idf, reduced by a singular value decomposition, and table
 *  fields. A cluster speaks only where those few agree; with n known it is as sure as (right + ½) / (n + 1). Label the medoids first
 *  (planner `medoids`): a handful of answers then covers everything. */
const clusters: ComputedLabeler<ClustersOptions, ClustersModel> = {
  kind: 'computed',
  name: 'clusters',
  title: 'Clusters',
  summary: 'Groups items that are alike and spreads the label that a group is known to have: for a first pass with very few answers.',
  options,
  paper: 'D. Arthur & S. Vassilvitskii (2007), k-means++: the advantages of careful seeding',
  silence: 'abstained',
  learn: fitClusters,
  prepare,
};
export default clusters;

interface Judgement {
  readonly cluster: number;
  readonly said: readonly number[];
  readonly confidence: number;
}

function prepare({ question, options, model }: LabelerTask<ClustersOptions, ClustersModel>): Answerer {
  if (model.kind === 'nothing') return { answer: () => abstain };
  const reader = createClusters(model);
  const labels = model.labels.map(labelId);
  const allowed = new Set<LabelId>(question.labels.map(({ id }) => id));

  const judge = (item: Item): Judgement | Answer => {
    const cluster = reader.clusterOf(item);
    if (cluster === 'nothing to look at') return failed('the item has no text and no fields to compare');
    if (cluster === 'nothing known') return abstain;
    const summary = model.clusters[cluster];
    if (summary.shares.length === 0) return abstain;
    const judgement = question.multiple ? everyUsual(summary) : mostUsual(summary);
    const isSayable = judgement.said.every((c) => allowed.has(labels[c]));
    return isSayable && judgement.confidence >= options.minPurity ? { cluster, ...judgement } : abstain;
  };

  return {
    answer: ({ item }) => {
      const judgement = judge(item);
      if ('kind' in judgement) return judgement;
      return answerOf(
        judgement.said.map((c) => labels[c]),
        Math.round(judgement.confidence * 1e4) / 1e4,
      );
    },
    explain: ({ item }) => {
      const judgement = judge(item);
      if ('kind' in judgement) return undefined;
      const { known, shares } = model.clusters[judgement.cluster];
      const parts = judgement.said.map((c) => {
        const { estimate, low, high } = wilson(shares[c] * known, known);
        return `${percent(estimate)} of it is ${labels[c]} (${percent(low)}–${percent(high)})`;
      });
      return {
        reason: `cluster ${judgement.cluster + 1}, ${Math.round(known)} items known: ${parts.join('; ') || 'none of the labels is usual'}`,
      };
    },
  };
}

function mostUsual({ known, shares }: ClusterSummary): Omit<Judgement, 'cluster'> {
  let best = 0;
  for (let c = 1; c < shares.length; c++) if (shares[c] > shares[best]) best = c;
  return { said: [best], confidence: careful(shares[best], known) };
}

/** Confidence is that of the whole answer. */
function everyUsual({ known, shares }: ClusterSummary): Omit<Judgement, 'cluster'> {
  const said = shares.flatMap((share, c) => (share > 0.5 ? [c] : []));
  return { said, confidence: shares.reduce((product, share) => product * careful(Math.max(share, 1 - share), known), 1) };
}

/** The mean under Jeffreys' prior: one item known is not certainty. */
function careful(share: number, known: number): number {
  return (share * known + 0.5) / (known + 1);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
