// What core does with language models, measured without one: recorded answers of GPT-4o, counted tokens. Prints Markdown tables.
//   node benchmarks/llm.mjs [--part calibration|examples|requests|slices] [--seeds 20]          after `npm run build`; data: ../shared/data
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { sliceReport } from '@labelwright/core/audits/slice-report';
import { slicingsOf } from '@labelwright/core/features/slices';
import { createExamplePicker } from '@labelwright/core/labelers/few-shot';
import llmPrompt from '@labelwright/core/labelers/llm-prompt';
import { calibrated, calibrationMethods, fitCalibration } from '@labelwright/core/math/confidence-calibration';
import { createRandom } from '@labelwright/core/math/random';
import { reliabilityOf } from '@labelwright/core/math/reliability';
import { checkOptions } from '@labelwright/core/model/about';
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

const textItem = (id, content, fields = {}) => ({ id: String(id), parts: { text: { modality: 'text', content } }, fields });
const cpuMilliseconds = (job) => {
  const before = process.cpuUsage();
  job();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

function jsonLines(path) {
  const bytes = readFileSync(new URL(path, data));
  const text = path.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** How often examples carry the right label: what a model copies from them. */
function examples() {
  const rows = [
    [
      'set (pool, labels)',
      'examples',
      'right label among them: picked',
      'random',
      'most frequent label is right: picked',
      'random',
      'CPU ms a pick',
    ],
  ];
  for (const name of ['trec', 'banking77', 'sms_spam']) {
    const all = jsonLines(`al/${name}/data.jsonl`).map(({ text, label }, i) => ({ item: textItem(i, text), labels: [String(label)] }));
    const random = createRandom(1);
    const shuffled = random.shuffle(all);
    const [asked, pool] = [shuffled.slice(0, 300), shuffled.slice(300, 5300)];
    const picker = createExamplePicker(pool);
    for (const count of [4, 8, 16]) {
      let picked = [];
      const cpu = cpuMilliseconds(() => {
        picked = asked.map(({ item }) => picker.pick([item], count));
      });
      const drawn = asked.map(() => Array.from({ length: count }, () => pool[random.integer(pool.length)]));
      const share = (test) => `${((100 * asked.filter((_, i) => test(i)).length) / asked.length).toFixed(0)} %`;
      const among = (lists) => share((i) => lists[i].some(({ labels }) => labels[0] === asked[i].labels[0]));
      const most = (lists) => share((i) => mostFrequent(lists[i].map(({ labels }) => labels[0])) === asked[i].labels[0]);
      const k = new Set(all.map(({ labels }) => labels[0])).size;
      rows.push([
        `${name} (${pool.length}, ${k})`,
        count,
        among(picked),
        among(drawn),
        most(picked),
        most(drawn),
        (cpu / asked.length).toFixed(2),
      ]);
    }
  }
  table(rows);
}

function mostFrequent(labels) {
  const counts = new Map();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** What writing requests and reading replies costs. */
function requests() {
  const items = records('pac/stance.csv').map((row, i) => textItem(i, row.text));
  const labels = ['agrees', 'neutral', 'disagrees'];
  const question = { kind: 'choice', id: 'stance', title: 'Does the text agree?', labels: labels.map((id) => ({ id })), multiple: false };
  const rows = [['items a request', 'ask: CPU µs an item', 'read: CPU µs an item', 'characters sent an item']];
  for (const batchSize of [1, 10, 50]) {
    const options = checkOptions(llmPrompt, { connection: 'local', model: 'fake', batchSize });
    const askings = [];
    for (let at = 0; at < items.length; at += batchSize) askings.push({ items: items.slice(at, at + batchSize), question });
    let asked = [];
    const ask = cpuMilliseconds(() => {
      asked = askings.map((asking) => llmPrompt.ask(asking, options));
    });
    const replies = asked.map(({ messages }) => replyTo(messages[0].content[0].text));
    const read = cpuMilliseconds(() => askings.forEach((asking, i) => llmPrompt.read([replies[i]], asking, options)));
    const sent = mean(asked.map((request) => JSON.stringify(request).length)) / batchSize;
    rows.push([batchSize, ((1000 * ask) / items.length).toFixed(0), ((1000 * read) / items.length).toFixed(0), sent.toFixed(0)]);
  }
  table(rows);
}

function replyTo(text) {
  const ids = [...text.matchAll(/ id="(\w+)"/g)].map(([, id]) => id);
  const answer = { label: 'neutral', confidence: 0.7 };
  return { text: JSON.stringify(ids.length === 0 ? answer : { answers: ids.map((id) => ({ id, ...answer })) }), finish: 'stop' };
}

/** Where GPT-4o errs on stance. */
function slices() {
  const rows = records('pac/stance.csv');
  const items = rows.map((row, i) => textItem(i, row.text, { stated: Number(row.confidence) }));
  const said = rows.map((row) => row['Yhat (GPT4o)']);
  const report = sliceReport({ labels: [...new Set(said)], said, truth: rows.map((row) => row.Y), slicings: slicingsOf(items) });
  const percent = (value) => `${(100 * value).toFixed(1)} %`;
  table([
    ['slice', 'answers', 'wrong', 'more than elsewhere', 'p, corrected'],
    ...report.slices.map(({ slicing, slice, answers, errors, difference, pValue }) => [
      `${slicing}: ${slice}`,
      answers,
      `${percent(errors.estimate)} (${percent(errors.low)} to ${percent(errors.high)})`,
      `${percent(difference.estimate)} (${percent(difference.low)} to ${percent(difference.high)})`,
      pValue.toPrecision(2),
    ]),
  ]);
}

const parts = { calibration, examples, requests, slices };
for (const [name, run] of Object.entries(parts)) if (part === undefined || part === name) run();
