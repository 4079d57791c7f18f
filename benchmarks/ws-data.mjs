// The public weak-supervision and crowd sets of ../shared/data/ws as vote tables, with what is needed to score them.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const wsFolder = join(dirname(fileURLToPath(import.meta.url)), '../../shared/data/ws');

export const functionSets = ['youtube', 'sms', 'trec', 'chemprot', 'agnews', 'imdb', 'hausa', 'tennis', 'spambase-auto'];
export const crowdSets = [
  'music',
  'sp',
  'sp-amt',
  'product',
  'sentiment-1k',
  'adult-content',
  'bluebird',
  'dog',
  'rte',
  'trec-rel',
  'relevance',
].map((name) => `crowd-${name}`);

export const hasData = () => existsSync(wsFolder);

/** { name, metric, votes (VoteTable with silence), truth (label per item, -1 unknown), split (per item), texts?, features? } */
export function readSet(name) {
  return name.startsWith('crowd-') ? readCrowd(name) : readFunctions(name);
}

function readFunctions(name) {
  const meta = JSON.parse(readFileSync(join(wsFolder, name, 'meta.json'), 'utf8'));
  const rows = readFileSync(join(wsFolder, name, 'items.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const m = rows[0].votes.length;
  const item = [];
  const labeler = [];
  const label = [];
  rows.forEach((row, i) => {
    row.votes.forEach((vote, j) => {
      if (vote < 0) return;
      item.push(i);
      labeler.push(j);
      label.push(vote);
    });
  });
  return {
    name,
    metric: meta.metric,
    votes: {
      items: rows.map((row) => row.id),
      labelers: Array.from({ length: m }, (_, j) => meta.lf_names?.[j] ?? `lf${j}`),
      labels: meta.classes,
      item: Int32Array.from(item),
      labeler: Int32Array.from(labeler),
      label: Int32Array.from(label),
      silence: new Array(m).fill('abstained'),
    },
    truth: Int32Array.from(rows, (row) => row.gold ?? -1),
    split: rows.map((row) => row.split),
    scored: rows.map((row) => row.split === 'test' && row.gold !== null),
    texts: rows[0].text === undefined ? undefined : rows.map((row) => row.text),
    features: rows[0].features === undefined ? undefined : rows.map((row) => row.features),
  };
}

function readCrowd(name) {
  const meta = JSON.parse(readFileSync(join(wsFolder, name, 'meta.json'), 'utf8'));
  const lines = (file) =>
    readFileSync(join(wsFolder, name, file), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(','));
  const items = new Map();
  const labelers = new Map();
  const indexIn = (map, key) => {
    if (!map.has(key)) map.set(key, map.size);
    return map.get(key);
  };
  const seen = new Set();
  const item = [];
  const labeler = [];
  const label = [];
  for (const [i, j, l] of lines('labels.csv')) {
    if (seen.has(`${i},${j}`)) continue;
    seen.add(`${i},${j}`);
    item.push(indexIn(items, i));
    labeler.push(indexIn(labelers, j));
    label.push(Number(l));
  }
  const truthRows = lines('truth.csv');
  for (const [i] of truthRows) indexIn(items, i);
  const truth = new Int32Array(items.size).fill(-1);
  for (const [i, l] of truthRows) truth[items.get(i)] = Number(l);
  return {
    name,
    metric: 'accuracy',
    votes: {
      items: [...items.keys()],
      labelers: [...labelers.keys()],
      labels: Array.from({ length: meta.n_class }, (_, c) => `c${c}`),
      item: Int32Array.from(item),
      labeler: Int32Array.from(labeler),
      label: Int32Array.from(label),
      silence: new Array(labelers.size).fill('unasked'),
    },
    truth,
    split: new Array(items.size).fill('all'),
    scored: Array.from(truth, (l) => l >= 0),
  };
}

/** Score ×100 by the set's metric, ties by their expected value, with its standard error (jackknife over 20 folds for F1), the mean log loss
 *  (probabilities floored at 1e-6) and n. `rows` limits what is scored. */
export function score(set, estimate, rows = set.scored) {
  const k = set.votes.labels.length;
  const picked = [];
  for (let i = 0; i < rows.length; i++) if (rows[i]) picked.push(i);
  let loss = 0;
  for (const i of picked) loss -= Math.log(Math.max(1e-6, estimate.posterior[i * k + set.truth[i]]));
  const value = metricOf(set, estimate, picked);
  return { value: 100 * value, error: 100 * standardError(set, estimate, picked, value), logLoss: loss / picked.length, n: picked.length };
}

function shareOfTop(posterior, k, i) {
  let best = 0;
  for (let c = 0; c < k; c++) best = Math.max(best, posterior[i * k + c]);
  const tied = [];
  for (let c = 0; c < k; c++) if (posterior[i * k + c] >= best - 1e-9) tied.push(c);
  return tied;
}

function metricOf(set, { posterior }, picked) {
  const k = set.votes.labels.length;
  const said = new Float64Array(k);
  const right = new Float64Array(k);
  const there = new Float64Array(k);
  for (const i of picked) {
    const tied = shareOfTop(posterior, k, i);
    there[set.truth[i]]++;
    for (const c of tied) said[c] += 1 / tied.length;
    if (tied.includes(set.truth[i])) right[set.truth[i]] += 1 / tied.length;
  }
  const f1 = (c) => (said[c] + there[c] === 0 ? 0 : (2 * right[c]) / (said[c] + there[c]));
  if (set.metric === 'f1_class1') return f1(1);
  if (set.metric === 'macro_f1') {
    let sum = 0;
    let classes = 0;
    for (let c = 0; c < k; c++) {
      if (said[c] + there[c] === 0) continue;
      sum += f1(c);
      classes++;
    }
    return sum / classes;
  }
  return right.reduce((a, b) => a + b, 0) / picked.length;
}

function standardError(set, estimate, picked, value) {
  if (set.metric === 'accuracy') return Math.sqrt((value * (1 - value)) / picked.length);
  const folds = 20;
  let sum = 0;
  for (let fold = 0; fold < folds; fold++) {
    const left = picked.filter((_, at) => at % folds !== fold);
    sum += (metricOf(set, estimate, left) - value) ** 2;
  }
  return Math.sqrt(((folds - 1) / folds) * sum);
}
