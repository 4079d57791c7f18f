// What core does with language models, measured without one: recorded answers of GPT-4o, counted tokens. Prints Markdown tables.
//   node benchmarks/llm.mjs [--part calibration|tokens|prompts] [--seeds 20]          after `npm run build`; data: ../shared/data
import { readFileSync } from 'node:fs';
import { calibrated, calibrationMethods, fitCalibration } from '@labelwright/core/math/confidence-calibration';
import { createRandom } from '@labelwright/core/math/random';
import { reliabilityOf } from '@labelwright/core/math/reliability';
import Papa from 'papaparse';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const part = option('part');
const seeds = Number(option('seeds', 20));
const data = new URL('../../shared/data/', import.meta.url);
const read = (path) => readFileSync(new URL(path, data), 'utf8');
const table = (rows) => {
  console.log(`\n| ${rows[0].join(' | ')} |\n|${rows[0].map(() => '---|').join('')}`);
  for (const row of rows.slice(1)) console.log(`| ${row.join(' | ')} |`);
};
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const deviation = (values) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const records = (path) => Papa.parse(read(path), { header: true, skipEmptyLines: true }).data;

/** Stated confidence and whether the label was right, of recorded model answers with human gold. */
function recorded(path, said) {
  const rows = records(path);
  return {
    stated: rows.map((row) => Number(row.confidence)),
    right: rows.map((row) => Number(row.Y) === Number(row[said]) || row.Y === row[said]),
  };
}

function calibration() {
  const sets = [
    { name: 'stance, GPT-4o', ...recorded('pac/stance.csv', 'Yhat (GPT4o)') },
    { name: 'ImageNet v2, a classifier', ...recorded('pac/imagenetv2.csv', 'Yhat') },
  ];
  const rows = [
    [
      'set (answers, right)',
      'gold',
      ...['stated', ...calibrationMethods].map((name) => `${name}: ECE`),
      'auto / stated',
      'Brier stated → auto',
    ],
  ];
  for (const { name, stated, right } of sets) {
    for (const golds of [50, 100, 200, 500]) {
      const runs = Array.from({ length: seeds }, (_, seed) => calibrationRun(stated, right, golds, createRandom(seed)));
      const ece = (method) => runs.map((run) => run[method].expectedCalibrationError);
      const cell = (method) => `${mean(ece(method)).toFixed(3)} ± ${deviation(ece(method)).toFixed(3)}`;
      const ratio = mean(runs.map((run) => run.auto.expectedCalibrationError / run.stated.expectedCalibrationError));
      const brier = (method) => mean(runs.map((run) => run[method].brier)).toFixed(3);
      const accuracy = ((100 * right.filter(Boolean).length) / right.length).toFixed(1);
      rows.push([
        `${name} (${stated.length}, ${accuracy} %)`,
        golds,
        ...['stated', ...calibrationMethods].map(cell),
        ratio.toFixed(2),
        `${brier('stated')} → ${brier('auto')}`,
      ]);
    }
  }
  console.log(`\nMean ± standard deviation of ${seeds} seeds; ten bins, on the answers that were not gold.`);
  table(rows);
}

function calibrationRun(stated, right, golds, random) {
  const order = random.shuffle(stated.map((_, i) => i));
  const [gold, rest] = [order.slice(0, golds), order.slice(golds)];
  const pick = (values, rows) => rows.map((row) => values[row]);
  const judge = (probability) =>
    reliabilityOf(
      rest.map((i) => probability(stated[i])),
      pick(right, rest),
    );
  const results = { stated: judge((value) => value) };
  for (const method of calibrationMethods) {
    const { calibration: fit } = fitCalibration(pick(stated, gold), pick(right, gold), method);
    results[method] = judge((value) => calibrated(fit, value));
  }
  return results;
}

const parts = { calibration };
for (const [name, run] of Object.entries(parts)) if (part === undefined || part === name) run();
