// The sets of ../shared/data/al as features and labels.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fitSvd, transformSvd } from '@labelwright/core/features/svd';
import { fitTfIdf, transformTfIdf } from '@labelwright/core/features/tf-idf';
import { createRandom } from '@labelwright/core/math/random';
import { pickRows } from '@labelwright/core/math/sparse';

const folder = new URL('../../shared/data/al/', import.meta.url);
const read = (path) => readFileSync(new URL(path, folder));

/** Whether the data are here at all. */
export const isThere = existsSync(folder);

/** Name → `{ features, truth, names, isTrain, texts? }`: features n×d, truth n labels 0..k−1. */
export const sets = {
  digits: () => {
    const rows = csv('digits/data.csv');
    return labeled(
      rows.map((row) => row[2]),
      rows.map((row) => row[1] === 'train'),
      dense(rows.map((row) => row.slice(3).map((value) => value / 16))),
    );
  },
  /** Pixels on the first 50 principal components of the training images. */
  mnist10k: () => {
    const rows = csv('mnist10k/labels.csv');
    const bytes = gunzipSync(read('mnist10k/t10k-images-idx3-ubyte.gz')).subarray(16);
    const isTrain = rows.map((row) => row[1] === 'train');
    const d = 784;
    const mean = new Float64Array(d);
    const train = rows.flatMap((_, at) => (isTrain[at] ? [at] : []));
    for (const at of train) for (let f = 0; f < d; f++) mean[f] += bytes[rows[at][0] * d + f] / train.length;
    const pixels = dense(rows.map(([id]) => Array.from({ length: d }, (_, f) => (bytes[id * d + f] - mean[f]) / 255)));
    const model = fitSvd(pickRows(pixels, train), { components: 50 }, createRandom(0));
    return labeled(
      rows.map((row) => row[2]),
      isTrain,
      transformSvd(model, pixels, false),
    );
  },
  trec: () => texts('trec/data.jsonl'),
  sms_spam: () => texts('sms_spam/data.jsonl'),
  '20news': () => texts('20news/data.jsonl.gz'),
};

function csv(path) {
  const [, ...lines] = read(path).toString().trim().split('\n');
  return lines.map((line) => line.split(','));
}

/** TF-IDF of words and pairs of words. */
function texts(path) {
  const bytes = read(path);
  const rows = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const contents = rows.map(({ subject, text }) => (subject ? `${subject}\n${text}` : text));
  const isTrain = rows.map(({ split }) => split === 'train');
  const model = fitTfIdf(
    contents.filter((_, at) => isTrain[at]),
    {},
  );
  return {
    ...labeled(
      rows.map(({ label }) => String(label)),
      isTrain,
      transformTfIdf(model, contents),
    ),
    texts: contents,
  };
}

function labeled(labels, isTrain, features) {
  const names = [...new Set(labels)].sort((a, b) => (a < b ? -1 : 1));
  return { features, truth: Int32Array.from(labels, (label) => names.indexOf(label)), names, isTrain };
}

export function dense(rows) {
  return { kind: 'dense', rows: rows.length, columns: rows[0].length, values: Float32Array.from(rows.flat()) };
}

/** The training rows alone. */
export function trainingPool({ features, truth, names, isTrain, texts: contents }) {
  const rows = [...isTrain.keys()].filter((at) => isTrain[at]);
  return {
    features: pickRows(features, rows),
    truth: Int32Array.from(rows, (row) => truth[row]),
    names,
    ...(contents && { texts: rows.map((row) => contents[row]) }),
  };
}
