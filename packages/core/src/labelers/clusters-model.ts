import { createItemFeatures, fitItemFeatures, type ItemFeaturesModel, transformItemFeatures } from '../features/item-features.ts';
import { createSvd, fitSvd, type SvdModel, transformSvd } from '../features/svd.ts';
import { kMeans } from '../math/k-means.ts';
import type { DenseMatrix, Matrix } from '../math/matrix.ts';
import { type PackedNumbers, packNumbers, unpackNumbers } from '../math/packed-numbers.ts';
import type { Random } from '../math/random.ts';
import { createSparseBuilder } from '../math/sparse.ts';
import type { Item } from '../model/item.ts';
import type { ClustersOptions } from './clusters.ts';
import type { TrainingSet } from './labeler.ts';

/** Plain JSON. */
export type ClustersModel =
  | { readonly kind: 'nothing'; readonly reason: string }
  | {
      readonly kind: 'clusters';
      readonly labels: readonly string[];
      readonly features: ItemFeaturesModel;
      readonly svd: SvdModel;
      /** One column per dimension, one row per cluster. */
      readonly centres: PackedNumbers;
      readonly clusters: readonly ClusterSummary[];
    };

/** What is known of a cluster. */
export type ClusterSummary = {
  /** Items that something is known of, weighed by how much. */
  readonly known: number;
  /** k: the share of them that has each label; empty where nothing is known. */
  readonly shares: readonly number[];
};

/** Clusters of all the items, and what is known of each from those that somebody spoke of. */
export function fitClusters(training: TrainingSet, options: ClustersOptions, random: Random): ClustersModel {
  const { samples, labels } = training;
  const k = labels.length;
  const items = samples.map(({ item }) => item);
  if (items.length === 0 || k === 0) return { kind: 'nothing', reason: 'there are no items' };
  const features = fitItemFeatures(items, options);
  const matrix = transformItemFeatures(features, items);
  if (matrix.indices.length === 0) return { kind: 'nothing', reason: 'the items have no text or fields to compare' };
  const svd = fitSvd(matrix, { components: options.dimensions }, random.fork('svd'));
  const points = transformSvd(svd, matrix);
  // Five items to a cluster at the least: a cluster of one says nothing of its neighbours.
  const wanted = Math.min(options.clusters ?? clustersPerLabel * k, Math.max(1, Math.floor(items.length / 5)));
  const { clusterOf, centres } = kMeans(points, wanted, {}, random.fork('k-means'));
  return {
    kind: 'clusters',
    labels,
    features,
    svd,
    centres: packNumbers(centres.values, centres.columns),
    clusters: summarise(training, clusterOf, centres.rows),
  };
}

const clustersPerLabel = 10;

function summarise({ labels, posterior, weights, multiple }: TrainingSet, clusterOf: Int32Array, count: number): ClusterSummary[] {
  const k = labels.length;
  const flat = multiple ? 0.5 : 1 / k;
  const mass = new Float64Array(count * k);
  const known = new Float64Array(count);
  clusterOf.forEach((cluster, row) => {
    // A row that leaves every label as likely as not knows nothing.
    const said = k > 1 && isFlat(posterior.subarray(row * k, (row + 1) * k), flat) ? 0 : (weights?.[row] ?? 1);
    known[cluster] += said;
    for (let c = 0; c < k; c++) mass[cluster * k + c] += said * posterior[row * k + c];
  });
  return Array.from({ length: count }, (_, cluster) => {
    const n = known[cluster];
    const shares = n > 0 ? Array.from(mass.subarray(cluster * k, (cluster + 1) * k), (value) => Math.min(1, value / n)) : [];
    return { known: n, shares };
  });
}

function isFlat(row: Float64Array, flat: number): boolean {
  return row.every((probability) => Math.abs(probability - flat) < 1e-9);
}

/** A model made ready to place item after item. */
export interface ClustersReader {
  /** The nearest centre; or that the item has nothing of what is looked at, or only what was never seen. */
  readonly clusterOf: (item: Item) => number | 'nothing to look at' | 'nothing known';
}

export function createClusters(model: Extract<ClustersModel, { kind: 'clusters' }>): ClustersReader {
  const reader = createItemFeatures(model.features);
  const place = createSvd(model.svd);
  const centres: DenseMatrix = {
    kind: 'dense',
    rows: model.clusters.length,
    columns: model.centres.columns,
    values: unpackNumbers(model.centres),
  };
  return {
    clusterOf(item) {
      const { looked, indices, values } = reader.read(item);
      if (!looked) return 'nothing to look at';
      if (indices.length === 0) return 'nothing known';
      const builder = createSparseBuilder();
      builder.addRow(indices, values);
      const row: Matrix = builder.build(reader.columns);
      return nearest(centres, place(row).values);
    },
  };
}

function nearest({ rows, columns, values }: DenseMatrix, point: Float32Array): number {
  let best = 0;
  let shortest = Number.POSITIVE_INFINITY;
  for (let cluster = 0; cluster < rows; cluster++) {
    let distance = 0;
    for (let c = 0, at = cluster * columns; c < columns; c++, at++) distance += (point[c] - values[at]) ** 2;
    if (distance < shortest) [best, shortest] = [cluster, distance];
  }
  return best;
}
