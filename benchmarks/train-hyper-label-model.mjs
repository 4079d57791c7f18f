// Trains the net of packages/core/src/aggregators/hyper-label-model.ts on votes that are made up, and writes its weights. Deterministic by seed.
// `npx tsc -b packages/core && node benchmarks/train-hyper-label-model.mjs --steps 40000 --seed 1 --out FILE`
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { backward, createNet, forward, inputWidth, layerCount, viewOf, width } from '../packages/core/dist/aggregators/hyper-net.js';
import { createRandom } from '../packages/core/dist/math/random.js';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const steps = argument('steps', 40000);
const random = createRandom(argument('seed', 1));
const uniform = (low, high) => low + (high - low) * random.next();

/** Votes with their truth: rules that speak for one label, or people; better than chance; some that copy another. */
function madeUp() {
  const k = 2 + random.integer(4);
  const n = 60 + random.integer(100);
  const m = 3 + random.integer(12);
  const weights = Array.from({ length: k }, () => 0.3 - Math.log(1 - random.next()));
  const total = weights.reduce((sum, value) => sum + value, 0);
  const shares = weights.map((value) => value / total);
  const draw = () => {
    let left = random.next();
    for (let y = 0; y < k - 1; y++) if ((left -= shares[y]) < 0) return y;
    return k - 1;
  };
  const truth = Int32Array.from({ length: n }, draw);
  const rules = random.next() < 0.6;
  const said = [];
  for (let j = 0; j < m; j++) {
    const twin = j > 0 && random.next() < 0.25 ? said[random.integer(j)] : undefined;
    const loyalty = uniform(0.5, 0.95);
    const own = random.integer(k);
    const recall = uniform(0.05, 0.7);
    const falseAlarm = recall * uniform(0.02, 0.6);
    const skill = uniform(0.35, 0.95);
    const coverage = uniform(0.2, 1);
    said.push(
      Int32Array.from(truth, (y, i) => {
        if (twin && random.next() < loyalty) return twin[i];
        if (rules) return random.next() < (y === own ? recall : falseAlarm) ? own : -1;
        if (random.next() > coverage) return -1;
        return random.next() < skill ? y : random.integer(k);
      }),
    );
  }
  const item = [];
  const labeler = [];
  const label = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      if (said[j][i] < 0) continue;
      item.push(i);
      labeler.push(j);
      label.push(said[j][i]);
    }
  }
  return { n, m, k, truth, shares, item: Int32Array.from(item), labeler: Int32Array.from(labeler), label: Int32Array.from(label) };
}

const outAt = process.argv.indexOf('--out');
const out =
  outAt < 0
    ? fileURLToPath(new URL('../packages/core/src/aggregators/hyper-label-model-weights.ts', import.meta.url))
    : process.argv[outAt + 1];

const net = createNet(random);
const size = net.length;
const first = new Float64Array(size);
const second = new Float64Array(size);
let loss = 0;
let majorityLoss = 0;
let judged = 0;
for (let step = 1; step <= steps; step++) {
  const set = madeUp();
  if (set.item.length === 0) continue;
  const c = random.integer(set.k);
  const told = random.next() < 0.5 ? set.shares[c] : 1 / set.k;
  const view = viewOf(set.n, set.m, set.item, set.labeler, set.label, c, told);
  const state = forward(net, view);
  const slopes = new Float64Array(set.n);
  let covered = 0;
  for (let i = 0; i < set.n; i++) if (view.degree[i] > 0) covered++;
  for (let i = 0; i < set.n; i++) {
    if (view.degree[i] === 0) continue;
    const p = 1 / (1 + Math.exp(-state.logits[i]));
    const holds = set.truth[i] === c ? 1 : 0;
    slopes[i] = (p - holds) / covered;
    loss -= Math.log(Math.max(1e-9, holds ? p : 1 - p)) / covered;
    let votes = 0;
    for (let e = 0; e < set.item.length; e++) if (set.item[e] === i && set.label[e] === c) votes++;
    const q = (votes + told) / (view.degree[i] + 1);
    majorityLoss -= Math.log(holds ? q : 1 - q) / covered;
  }
  judged++;
  const gradient = backward(net, view, state, slopes);
  const rate = 0.004 * (0.5 + 0.5 * Math.cos((Math.PI * step) / steps)) + 1e-5;
  let norm = 0;
  for (const value of gradient) norm += value * value;
  const clip = Math.min(1, 1 / Math.sqrt(norm + 1e-12));
  for (let p = 0; p < size; p++) {
    const g = gradient[p] * clip;
    first[p] = 0.9 * first[p] + 0.1 * g;
    second[p] = 0.999 * second[p] + 0.001 * g * g;
    net[p] -= (rate * (first[p] / (1 - 0.9 ** step))) / (Math.sqrt(second[p] / (1 - 0.999 ** step)) + 1e-8);
  }
  if (step % 2000 === 0 || step === steps) {
    console.log(
      `${step}\t${(loss / judged).toFixed(4)}\tmajority ${(majorityLoss / judged).toFixed(4)}\t${(process.cpuUsage().user / 1e6).toFixed(0)} CPU s`,
    );
    loss = 0;
    majorityLoss = 0;
    judged = 0;
    const rounded = Array.from(net, (value) => Number(value.toFixed(5)));
    writeFileSync(
      out,
      `/** Made by benchmarks/train-hyper-label-model.mjs (${step} steps); ${layerCount} layers of ${width}, ${inputWidth} inputs: \`hyper-net.ts\`. */\nexport const hyperWeights: readonly number[] = ${JSON.stringify(rounded)};\n`,
    );
  }
}
