// Clusters: how far a few labels reach when they are spread over clusters, and how long clustering takes. As Markdown.
//   npx tsc -b packages/core && node benchmarks/clusters.mjs [--seeds 5] [--no-times]
import { cpus, loadavg } from 'node:os';
import { nearDuplicates } from '@labelwright/core/audits/near-duplicates';
import { fitSvd, transformSvd } from '@labelwright/core/features/svd';
import { agglomerate, cutDendrogram } from '@labelwright/core/math/agglomerative';
import { gaussianMixture } from '@labelwright/core/math/gaussian-mixture';
import { hdbscan } from '@labelwright/core/math/hdbscan';
import { kMeans, medoids, miniBatchKMeans } from '@labelwright/core/math/k-means';
import { createRandom } from '@labelwright/core/math/random';
import { isThere, sets, trainingPool } from './al-data.mjs';

const at = process.argv.indexOf('--seeds');
const seeds = at < 0 ? 5 : Number(process.argv[at + 1]);
const cpuSeconds = (work) => {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
};
console.log(`Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}; ${seeds} seeds.`);

/** Each cluster gets the label of its medoid: share of the pool that is right then. */
function spread({ clusterOf, ...rest }, truth) {
  const middles = medoids({ clusterOf, ...rest });
  let right = 0;
  for (let row = 0; row < truth.length; row++) right += truth[row] === truth[middles[clusterOf[row]]] ? 1 : 0;
  return right / truth.length;
}

if (isThere) {
  console.log('\n### Cluster labels: the medoid of each of 5 K clusters is labeled, all of its cluster gets that label\n');
  console.log('| set | items | labels | share right, mean (standard error) | mini-batch |\n|---|---|---|---|---|');
  for (const name of ['digits', 'mnist10k', 'trec', '20news']) {
    const { features, truth, names } = trainingPool(sets[name]());
    // Words are reduced to topics: in the space of all words every text is far from every other.
    const points = features.kind === 'sparse' ? transformSvd(fitSvd(features, { components: 100 }, createRandom(0)), features) : features;
    const results = [kMeans, miniBatchKMeans].map((cluster) => {
      const shares = Array.from({ length: seeds }, (_, seed) => spread(cluster(points, 5 * names.length, {}, createRandom(seed)), truth));
      const mean = shares.reduce((sum, share) => sum + share, 0) / seeds;
      const deviation = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / Math.max(1, seeds - 1));
      return `${mean.toFixed(3)} (${(deviation / Math.sqrt(seeds)).toFixed(3)})`;
    });
    console.log(`| ${name} | ${truth.length.toLocaleString('en')} | ${5 * names.length} | ${results.join(' | ')} |`);
  }
}

if (!process.argv.includes('--no-times')) {
  /** Blobs: n points about `centres` random places. */
  const blobs = (n, d, centres, seed = 1) => {
    const random = createRandom(seed);
    const places = Array.from({ length: centres * d }, () => 3 * random.normal());
    const values = new Float32Array(n * d);
    for (let row = 0; row < n; row++) {
      const first = random.integer(centres) * d;
      for (let f = 0; f < d; f++) values[row * d + f] = places[first + f] + random.normal();
    }
    return { kind: 'dense', rows: n, columns: d, values };
  };
  const words = Array.from({ length: 20_000 }, (_, word) => `w${word}`);
  const random = createRandom(3);
  const texts = Array.from({ length: 100_000 }, () => Array.from({ length: 20 }, () => words[random.integer(words.length)]).join(' '));
  const big = blobs(50_000, 100, 20);
  const small = blobs(10_000, 10, 12);
  const rows = [
    ['k-means, 50,000 × 100, k = 20', () => kMeans(big, 20, {}, createRandom(1)), 'bar 2 s, scikit-learn 0.3 s'],
    ['mini-batch k-means, 50,000 × 100, k = 20', () => miniBatchKMeans(big, 20, {}, createRandom(1)), ''],
    ['HDBSCAN, 10,000 × 10', () => hdbscan(small), 'bar 5 s, R 3.1 s'],
    ['Ward, 5,000 × 10', () => cutDendrogram(agglomerate(blobs(5000, 10, 12)), 12), ''],
    ['Gaussian mixture, 10,000 × 10, k = 12', () => gaussianMixture(small, 12, {}, createRandom(1)), ''],
    ['near-duplicates, 100,000 texts of 20 words', () => nearDuplicates(texts), ''],
  ];
  console.log('\n### Times\n\n| | CPU-s | |\n|---|---|---|');
  for (const [name, work, note] of rows) console.log(`| ${String(name)} | ${cpuSeconds(work).seconds.toFixed(2)} | ${String(note)} |`);
}
