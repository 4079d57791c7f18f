// Do the promises hold, what do they cost, and are the estimates as wide as they should be? Prints Markdown tables.
//   node benchmarks/audits.mjs [--repetitions 400] [--seed 1]          after `npm run build`; data: ../shared/data
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { agreementReport } from '@labelwright/core/agreement/agreement-report';
import { acceptedCount } from '@labelwright/core/audits/accepted-count';
import { acceptedShare } from '@labelwright/core/audits/accepted-share';
import { bestAudit } from '@labelwright/core/audits/audit-plan';
import { drawAudit } from '@labelwright/core/audits/audit-sample';
import { auditChances, drawByChance, importanceAccuracy } from '@labelwright/core/audits/importance-accuracy';
import { labelErrors } from '@labelwright/core/audits/label-errors';
import { lookRisk } from '@labelwright/core/audits/look-risk';
import { predictionPoweredAccuracy } from '@labelwright/core/audits/prediction-powered-accuracy';
import { sampleAccuracy } from '@labelwright/core/audits/sample-accuracy';
import { stratifiedAccuracy } from '@labelwright/core/audits/stratified-accuracy';
import { fitTfIdf, transformTfIdf } from '@labelwright/core/features/tf-idf';
import { createRandom } from '@labelwright/core/math/random';
import { fitSoftmax, predictSoftmax } from '@labelwright/core/math/softmax-regression';
import { binomialCdf } from '@labelwright/core/math/special-functions';
import { clopperPearson } from '@labelwright/core/math/statistics';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const repetitions = option('repetitions', 400);
const seed = option('seed', 1);
const data = new URL('../../shared/data/', import.meta.url);
const read = (path) => readFileSync(new URL(path, data));
const table = (rows) => {
  console.log(`\n| ${rows[0].join(' | ')} |\n|${rows[0].map(() => '---|').join('')}`);
  for (const row of rows.slice(1)) console.log(`| ${row.join(' | ')} |`);
};
const percent = (value, digits = 1) => `${(100 * value).toFixed(digits)} %`;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Probabilities n×k and true labels → top probability as score, and whether it is right. */
function judged(name, probabilities, truth, k) {
  const score = new Float64Array(truth.length);
  const right = new Uint8Array(truth.length);
  truth.forEach((label, item) => {
    const row = probabilities.subarray(item * k, item * k + k);
    const top = row.indexOf(Math.max(...row));
    score[item] = row[top];
    right[item] = Number(top === label);
  });
  return { name, score, right };
}

function probabilitiesFile(name, path, column) {
  const [header, ...lines] = gunzipSync(read(path)).toString().trim().split('\n');
  const names = header.split(',');
  const first = names.indexOf('p0');
  const k = names.length - first;
  const rows = lines.map((line) => line.split(',').map(Number));
  const probabilities = Float64Array.from(rows.flatMap((row) => row.slice(first)));
  const columnOf = (one) => Int32Array.from(rows, (row) => row[names.indexOf(one)]);
  return { ...judged(name, probabilities, columnOf(column), k), probabilities, k, column: columnOf };
}

/** Last columns: human label, machine label, stated confidence. */
function statedConfidence(name, path) {
  const rows = read(path)
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').slice(-3));
  return { name, score: Float64Array.from(rows, (row) => Number(row[2])), right: Uint8Array.from(rows, ([y, said]) => Number(y === said)) };
}

/** Softmax regression on `labels` random items; the pool is the rest. */
function trained(name, features, truth, k, labels, l2) {
  const chosen = new Set(drawAudit(truth.length, labels, createRandom(seed).fork(name)));
  const target = new Float64Array(truth.length * k);
  truth.forEach((label, item) => {
    target[item * k + label] = 1;
  });
  const model = fitSoftmax(features, target, k, { l2, sampleWeights: truth.map((_, item) => Number(chosen.has(item))) });
  const all = judged(name, predictSoftmax(model, features), truth, k);
  const rest = (_, item) => !chosen.has(item);
  return { name, score: all.score.filter(rest), right: all.right.filter(rest) };
}

function trec(count) {
  const rows = read('al/trec/data.jsonl')
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((row) => row.split === 'train');
  const labels = [...new Set(rows.map((row) => row.label))];
  const texts = rows.map((row) => row.text);
  const features = transformTfIdf(fitTfIdf(texts), texts);
  return trained(
    `trec, ${count} labels`,
    features,
    rows.map((row) => labels.indexOf(row.label)),
    labels.length,
    count,
    0.1,
  );
}

function mnist() {
  const pixels = gunzipSync(read('al/mnist10k/t10k-images-idx3-ubyte.gz')).subarray(16);
  const rows = read('al/mnist10k/labels.csv')
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .filter((row) => row[1] === 'train');
  const values = new Float32Array(rows.length * 784);
  rows.forEach(([id], at) => {
    for (let pixel = 0; pixel < 784; pixel++) values[at * 784 + pixel] = pixels[Number(id) * 784 + pixel] / 255;
  });
  return trained(
    'mnist10k, 500 labels',
    { kind: 'dense', rows: rows.length, columns: 784, values },
    rows.map((row) => Number(row[2])),
    10,
    500,
    1,
  );
}

const wrongShare = (right, items) => items.reduce((sum, item) => sum + 1 - right[item], 0) / Math.max(1, items.length);
const audited = (pool, size, random) => {
  const item = drawAudit(pool.right.length, size, random);
  return { item, right: Uint8Array.from(item, (at) => pool.right[at]) };
};

const cifar = probabilitiesFile('cifar10, noisy training', 'al/cl_noise/cifar10_noise0.2_sparsity0.0/data.csv.gz', 'true');
const news = probabilitiesFile('20news', 'al/label_errors/20news/pred_probs.csv.gz', 'given_label');
const stance = statedConfidence('stance, GPT-4o', 'pac/stance.csv');
const imagenet = statedConfidence('imagenetv2', 'pac/imagenetv2.csv');
const pools = [trec(400), mnist(), stance, imagenet, news, cifar, trec(800)];

console.log(`Seed ${seed}, ${repetitions} repetitions.`);
table([['set', 'labels', 'right'], ...pools.map((pool) => [pool.name, pool.right.length, percent(mean([...pool.right]))])]);

// 1. Auto-accept: at most 5 % of the accepted labels wrong, with 90 % confidence, 1,000 audits.
{
  const target = 0.05;
  const risk = 0.1;
  const rules = {
    'by the look of it': ({ steps }) => steps.findLast((step) => step.audited > 0 && step.wrong <= target * step.audited),
    'LTT, binomial': ({ steps }, pool, size) => {
      const fewest = (1.5 * Math.log(risk)) / Math.log(1 - target);
      let last;
      for (const step of steps) {
        if ((size * step.accepted) / pool.right.length < fewest) continue;
        if (binomialCdf(step.wrong, step.audited, target) > risk) break;
        last = step;
      }
      return last;
    },
    Labelwright: ({ proven }) => proven,
  };
  const rows = [['set', 'rule', 'broken', '95 % interval', 'accepted']];
  for (const pool of pools) {
    const size = Math.min(1000, Math.floor(pool.right.length / 2));
    const counts = Object.fromEntries(Object.keys(rules).map((name) => [name, { broken: 0, accepted: 0 }]));
    const random = createRandom(seed).fork(`accept ${pool.name}`);
    for (let run = 0; run < repetitions; run++) {
      const share = acceptedShare(pool.score, audited(pool, size, random), { targetError: target, risk });
      for (const [name, rule] of Object.entries(rules)) {
        const step = rule(share, pool, size);
        if (!step) continue;
        const inside = [...pool.score.keys()].filter((item) => pool.score[item] >= step.threshold);
        counts[name].broken += Number(wrongShare(pool.right, inside) > target);
        counts[name].accepted += inside.length / pool.right.length / repetitions;
      }
    }
    for (const [name, { broken, accepted }] of Object.entries(counts)) {
      const { low, high } = clopperPearson(broken, repetitions);
      rows.push([pool.name, name, `${broken} of ${repetitions}`, `${percent(low)} – ${percent(high)}`, accepted.toFixed(3)]);
    }
  }
  console.log('\n### Accepted labels: at most 5 % wrong, 90 % confidence, 1,000 audits (δ = 10 %)');
  table(rows);
}

// 2. Error over all final labels at most 5 %, with 95 % confidence: people label the audit and what is not accepted.
{
  const risk = 0.05;
  const runs = 5 * repetitions;
  const rows = [['set', 'audit', 'broken', '95 % interval', 'saved', '95 % quantile of the error over all']];
  for (const pool of [stance, imagenet, pools[0], pools[1]]) {
    const n = pool.right.length;
    const order = [...pool.score.keys()].sort((a, b) => pool.score[b] - pool.score[a]);
    // What a careful user knows beforehand: nothing. So the whole pool, and a tenth of it; or planned from the stated probabilities.
    const plan = bestAudit(
      Float64Array.from(order, (item) => 1 - pool.score[item]),
      Math.floor(0.05 * n),
      risk,
    );
    for (const [name, size, audit] of [
      ['a tenth', n, Math.round(n / 10)],
      [`planned: ${plan.audit} of the best ${plan.pool}`, plan.pool, plan.audit],
    ]) {
      const frozen = order.slice(0, size);
      const part = {
        score: Float64Array.from(frozen, (item) => pool.score[item]),
        right: Uint8Array.from(frozen, (item) => pool.right[item]),
      };
      const random = createRandom(seed).fork(`count ${pool.name} ${name}`);
      let broken = 0;
      let saved = 0;
      const errors = [];
      for (let run = 0; run < runs; run++) {
        const { accepted } = acceptedCount(part.score, audited(part, audit, random), Math.floor(0.05 * n), risk);
        const error = (wrongShare(part.right, [...accepted]) * accepted.length) / n;
        errors.push(error);
        broken += Number(error > 0.05);
        saved += accepted.length / n / runs;
      }
      const { low, high } = clopperPearson(broken, runs);
      errors.sort((a, b) => a - b);
      const quantile = errors[Math.floor(0.95 * runs)].toFixed(4);
      rows.push([pool.name, name, `${broken} of ${runs}`, `${percent(low)} – ${percent(high)}`, percent(saved), quantile]);
    }
  }
  console.log('\n### All final labels: at most 5 % wrong, 95 % confidence (δ = 5 %)');
  table(rows);
}

// 3. Ten looks, stopping at the best: at least one broken promise.
{
  const rows = [['set', 'risk', 'any of ten looks broken', '95 % interval']];
  for (const pool of [stance, pools[0]]) {
    for (const [name, riskAt] of Object.entries({
      '5 % at every look': () => 0.05,
      'spent: 6 δ / (π² t²)': (look) => lookRisk(0.05, look),
      'spent: δ / 10': (look) => lookRisk(0.05, look, 10),
    })) {
      const random = createRandom(seed).fork(`looks ${pool.name} ${name}`);
      let broken = 0;
      for (let run = 0; run < repetitions; run++) {
        let any = false;
        for (let look = 1; look <= 10; look++) {
          const allowed = Math.floor(0.05 * pool.right.length);
          const { accepted } = acceptedCount(pool.score, audited(pool, 400, random), allowed, riskAt(look));
          any ||= wrongShare(pool.right, [...accepted]) * accepted.length > allowed;
        }
        broken += Number(any);
      }
      const { low, high } = clopperPearson(broken, repetitions);
      rows.push([pool.name, name, `${broken} of ${repetitions}`, `${percent(low)} – ${percent(high)}`]);
    }
  }
  console.log('\n### Repeated looks, 400 fresh audits each');
  table(rows);
}

// 4. Estimates of the accuracy from 200 audits, nominal 95 %.
{
  const rows = [['set', 'estimate', 'coverage', 'width']];
  for (const pool of pools.slice(0, 2)) {
    const n = pool.right.length;
    const truth = mean([...pool.right]);
    const order = [...pool.score.keys()].sort((a, b) => pool.score[a] - pool.score[b]);
    const strata = [0, 1, 2, 3, 4].map((part) => order.slice((part * n) / 5, ((part + 1) * n) / 5));
    const chances = auditChances(pool.score);
    const estimates = {
      Wilson: (random) => sampleAccuracy(mean([...audited(pool, 200, random).right]) * 200, 200, n, { method: 'wilson' }),
      'Clopper–Pearson': (random) =>
        sampleAccuracy(mean([...audited(pool, 200, random).right]) * 200, 200, n, { method: 'clopper-pearson' }),
      hypergeometric: (random) => sampleAccuracy(Math.round(mean([...audited(pool, 200, random).right]) * 200), 200, n),
      'five strata': (random) =>
        stratifiedAccuracy(
          strata.map((items) => {
            const drawn = drawAudit(items.length, 40, random);
            return { population: items.length, audited: 40, right: drawn.reduce((sum, at) => sum + pool.right[items[at]], 0) };
          }),
        ),
      'PPI++': (random) => {
        const { item, right } = audited(pool, 200, random);
        const seen = new Set(item);
        return predictionPoweredAccuracy(
          pool.score.filter((_, at) => !seen.has(at)),
          Float64Array.from(item, (at) => pool.score[at]),
          right,
        );
      },
      'importance + difference': (random) => {
        const drawn = drawByChance(chances, 200, random);
        return importanceAccuracy(
          pool.score,
          chances,
          drawn,
          Uint8Array.from(drawn, (at) => pool.right[at]),
        );
      },
    };
    for (const [name, estimate] of Object.entries(estimates)) {
      const random = createRandom(seed).fork(`estimate ${pool.name} ${name}`);
      let covered = 0;
      let width = 0;
      const runs = 5 * repetitions;
      for (let run = 0; run < runs; run++) {
        const { low, high } = estimate(random);
        covered += Number(low <= truth + 1e-12 && truth <= high + 1e-12) / runs;
        width += (high - low) / runs;
      }
      rows.push([pool.name, name, covered.toFixed(3), width.toFixed(3)]);
    }
  }
  console.log(`\n### Accuracy from 200 audits, nominal 95 %, ${5 * repetitions} repetitions`);
  table(rows);
}

// 5. Label errors, and agreement: time.
{
  const rows = [['what', 'size', 'result', 'ms']];
  const timed = (what, size, run) => {
    const start = performance.now();
    const result = run();
    rows.push([what, size, result, (performance.now() - start).toFixed(0)]);
  };
  const given = cifar.column('given');
  const truth = cifar.column('true');
  timed('confident learning', '50,000 × 10', () => {
    const { flagged } = labelErrors(given, cifar.probabilities, 10);
    const hits = flagged.reduce((sum, item) => sum + Number(given[item] !== truth[item]), 0);
    const errors = given.reduce((sum, label, item) => sum + Number(label !== truth[item]), 0);
    const precision = hits / flagged.length;
    const recall = hits / errors;
    return `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, F1 ${((2 * precision * recall) / (precision + recall)).toFixed(3)}`;
  });
  const twice = {
    given: Int32Array.from([...given, ...given]),
    probabilities: Float64Array.from([...cifar.probabilities, ...cifar.probabilities]),
  };
  timed('confident learning', '100,000 × 10', () => `${labelErrors(twice.given, twice.probabilities, 10).flagged.length} flagged`);
  const random = createRandom(seed);
  const n = 1_000_000;
  const m = 5;
  const votes = {
    items: Array.from({ length: n }, (_, at) => `item ${at}`),
    labelers: Array.from({ length: m }, (_, at) => `labeler ${at}`),
    labels: ['a', 'b', 'c', 'd'],
    item: Int32Array.from({ length: n * m }, (_, row) => Math.floor(row / m)),
    labeler: Int32Array.from({ length: n * m }, (_, row) => row % m),
    label: new Int32Array(n * m),
  };
  for (let item = 0; item < n; item++) {
    const label = random.integer(4);
    for (let labeler = 0; labeler < m; labeler++) votes.label[item * m + labeler] = random.next() < 0.8 ? label : random.integer(4);
  }
  timed('agreement, all measures, pairs and rest, 1,000 replicates each', '1,000,000 × 5', () => {
    const { value, low, high } = agreementReport(votes, random).overall['krippendorff-alpha'];
    return `alpha ${value.toFixed(4)}, ${low.toFixed(4)} – ${high.toFixed(4)}`;
  });
  console.log('\n### Label errors and agreement');
  table(rows);
}
