// Time and accuracy of the classifier with all labels, beside scikit-learn's LogisticRegression on TfidfVectorizer, as Markdown.
//   npx tsc -b packages/core && node benchmarks/classifier.mjs [--python /path/to/python-with-scikit-learn] [--sets trec,sms_spam,20news]
// Data: ../shared/data/al. Same session, one thread each; CPU seconds of the process,
// which for Node include compiling and collecting garbage on other threads.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { aggregators } from '@labelwright/core/aggregators/index';
import { fitTfIdf, transformTfIdf } from '@labelwright/core/features/tf-idf';
import classifier from '@labelwright/core/labelers/classifier';
import { Sample } from '@labelwright/core/labelers/labeler';
import { createRandom } from '@labelwright/core/math/random';
import { fitSoftmax, predictSoftmax } from '@labelwright/core/math/softmax-regression';
import { checkOptions } from '@labelwright/core/model/about';
import { hasData, readSet as readVotes } from './ws-data.mjs';

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const folder = join(dirname(fileURLToPath(import.meta.url)), '../../shared/data/al');
const python = argument('python', '');

function readSet(name) {
  const plain = join(folder, name, 'data.jsonl');
  const bytes = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  const rows = bytes.toString().trim().split('\n').map(JSON.parse);
  const train = rows.filter(({ split }) => split === 'train');
  const test = rows.filter(({ split }) => split !== 'train');
  const labels = [...new Set(train.map(({ label }) => label))].sort((a, b) => (a < b ? -1 : 1));
  const posterior = new Float64Array(train.length * labels.length);
  train.forEach(({ label }, row) => (posterior[row * labels.length + labels.indexOf(label)] = 1));
  return { name, train, test, labels, posterior };
}

function timed(run) {
  const started = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(started);
  return [result, (user + system) / 1e6];
}

const itemOf = ({ id, text }) => ({ id, parts: { text: { modality: 'text', content: text } }, fields: {} });

/** The pieces, with scikit-learn's C = 10. */
function pieces({ train, test, labels, posterior }) {
  const k = labels.length;
  const texts = train.map(({ text }) => text);
  const [model, fitting] = timed(() => fitTfIdf(texts));
  const [features, transforming] = timed(() => transformTfIdf(model, texts));
  const [softmax, training] = timed(() => fitSoftmax(features, posterior, k, { l2: 0.1 }));
  const [predicted, predicting] = timed(() =>
    predictSoftmax(
      softmax,
      transformTfIdf(
        model,
        test.map(({ text }) => text),
      ),
    ),
  );
  let right = 0;
  let loss = 0;
  test.forEach(({ label }, row) => {
    const own = predicted.subarray(row * k, (row + 1) * k);
    right += labels[own.indexOf(Math.max(...own))] === label ? 1 : 0;
    loss -= Math.log(Math.max(own[labels.indexOf(label)], 1e-15));
  });
  const count = test.length;
  return {
    terms: model.terms.length,
    features: fitting + transforming,
    training,
    predicting,
    accuracy: right / count,
    logLoss: loss / count,
  };
}

/** The labeler as it ships: regularisation and temperature chosen on held-out items. */
async function shipped({ train, test, labels, posterior }) {
  const options = checkOptions(classifier, { minConfidence: 0 });
  const samples = train.map((row) => new Sample(itemOf(row)));
  const [model, training] = timed(() => classifier.learn({ samples, labels, posterior }, options, createRandom(0)));
  const question = { kind: 'choice', id: 'q', title: 'Q', labels: labels.map((id) => ({ id })), multiple: false };
  const { answer } = await classifier.prepare({ question, options, model });
  const asked = test.map((row) => new Sample(itemOf(row)));
  const [answers, answering] = timed(() => asked.map((sample) => answer(sample)));
  const [bins, right] = [Array.from({ length: 10 }, () => [0, 0, 0]), { all: 0, said: 0 }];
  answers.forEach((each, row) => {
    if (each.kind !== 'labels') return;
    const isRight = each.annotations[0].label === test[row].label ? 1 : 0;
    right.all += 1;
    right.said += isRight;
    const bin = bins[Math.min(9, Math.floor(each.confidence * 10))];
    bin[0] += 1;
    bin[1] += each.confidence;
    bin[2] += isRight;
  });
  const calibrationError = bins.reduce((sum, [, sure, correct]) => sum + Math.abs(sure - correct) / right.all, 0);
  const { c, temperature } = model.tuning[0];
  const megabytes = JSON.stringify(model).length / 1e6;
  return { training, perSecond: test.length / answering, accuracy: right.said / test.length, calibrationError, c, temperature, megabytes };
}

const script = `
import gzip, json, sys, time
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
path, limited = sys.argv[1], sys.argv[2] == 'limited'
rows = [json.loads(line) for line in (gzip.open(path, 'rt') if path.endswith('.gz') else open(path))]
train = [r for r in rows if r['split'] == 'train']; test = [r for r in rows if r['split'] != 'train']
started = time.process_time()
vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **(dict(min_df=2, max_features=50000) if limited else {}))
features = vectorizer.fit_transform([r['text'] for r in train]); vectorizing = time.process_time() - started
started = time.process_time(); model = LogisticRegression(C=10, max_iter=1000).fit(features, [r['label'] for r in train]); training = time.process_time() - started
started = time.process_time(); predicted = model.predict_proba(vectorizer.transform([r['text'] for r in test])); predicting = time.process_time() - started
truth = np.array([list(model.classes_).index(r['label']) for r in test])
print(json.dumps(dict(terms=features.shape[1], features=vectorizing, training=training, predicting=predicting,
  accuracy=float((predicted.argmax(1) == truth).mean()), logLoss=float(-np.log(np.clip(predicted[np.arange(len(truth)), truth], 1e-15, 1)).mean()))))
`;

function scikit(name, how) {
  const plain = join(folder, name, 'data.jsonl');
  const { stdout, stderr, status } = spawnSync(python, ['-c', script, existsSync(plain) ? plain : `${plain}.gz`, how], {
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

if (!existsSync(folder)) {
  console.error(`classifier benchmark: skipped, there is no ${folder}`);
  process.exit(0);
}
const sets = argument('sets', 'trec,sms_spam,20news').split(',').map(readSet);

console.log('| set (train / labels) | C = 10, by | terms | features s | train s | test s | accuracy | log loss |');
console.log('|---|---|---|---|---|---|---|---|');
for (const set of sets) {
  const row = (who, { terms, features, training, predicting, accuracy, logLoss }) =>
    console.log(
      `| ${set.name} (${set.train.length} / ${set.labels.length}) | ${who} | ${terms} | ${features.toFixed(2)} | ${training.toFixed(2)} | ${predicting.toFixed(2)} | ${accuracy.toFixed(4)} | ${logLoss.toFixed(4)} |`,
    );
  row('Labelwright', pieces(set));
  if (!python) continue;
  row('scikit-learn, min_df 2, 50,000 terms', scikit(set.name, 'limited'));
  row('scikit-learn, all terms', scikit(set.name, 'all'));
}

console.log('\n| set | the labeler: learn s | items/s | accuracy | calibration error (10 bins) | C | temperature | model MB |');
console.log('|---|---|---|---|---|---|---|---|');
for (const set of sets) {
  const { training, perSecond, accuracy, calibrationError, c, temperature, megabytes } = await shipped(set);
  console.log(
    `| ${set.name} | ${training.toFixed(2)} | ${Math.round(perSecond)} | ${accuracy.toFixed(4)} | ${calibrationError.toFixed(3)} | ${c} | ${temperature.toFixed(2)} | ${megabytes.toFixed(2)} |`,
  );
}

/** Learned from the votes of labeling functions alone, as a project does: scored on test items, voted on or not. */
async function fromVotes(name) {
  const { votes, texts, truth, split, scored, metric } = readVotes(name);
  const k = votes.labels.length;
  const aggregator = aggregators.find((each) => each.name === 'labeling-functions');
  const { posterior } = aggregator.aggregate(votes, checkOptions(aggregator, {}), { random: createRandom(0) });
  const voted = new Set(votes.item);
  const rows = split.flatMap((part, row) => (part !== 'test' && voted.has(row) ? [row] : []));
  const sampleOf = (row) => new Sample(itemOf({ id: votes.items[row], text: texts[row] }));
  const options = checkOptions(classifier, { minConfidence: 0 });
  const soft = Float64Array.from(rows.flatMap((row) => [...posterior.subarray(row * k, (row + 1) * k)]));
  const training = { samples: rows.map(sampleOf), labels: votes.labels, posterior: soft };
  const [model, seconds] = timed(() => classifier.learn(training, options, createRandom(0)));
  const question = { kind: 'choice', id: 'q', title: 'Q', labels: votes.labels.map((id) => ({ id })), multiple: false };
  const { answer } = await classifier.prepare({ question, options, model });
  const byVotes = (row) => posterior.subarray(row * k, (row + 1) * k).reduce((best, p, c, own) => (p > own[best] ? c : best), 0);
  const byModel = (row) => {
    const said = answer(sampleOf(row));
    return said.kind === 'labels' ? votes.labels.indexOf(said.annotations[0].label) : byVotes(row);
  };
  const test = split.flatMap((_, row) => (scored[row] ? [row] : []));
  const scoreOf = (say) => {
    const [hit, wrong, missed] = [new Float64Array(k), new Float64Array(k), new Float64Array(k)];
    for (const row of test) {
      const said = say(row);
      if (said === truth[row]) hit[said] += 1;
      else {
        wrong[said] += 1;
        missed[truth[row]] += 1;
      }
    }
    const f1 = Array.from(hit, (right, c) => (2 * right) / Math.max(1, 2 * right + wrong[c] + missed[c]));
    if (metric === 'accuracy') return hit.reduce((sum, right) => sum + right, 0) / test.length;
    return metric === 'f1_class1' ? f1[1] : f1.reduce((sum, each) => sum + each, 0) / k;
  };
  return { metric, test: test.length, votes: scoreOf(byVotes), model: scoreOf(byModel), seconds, tuning: model.tuning[0] };
}

if (hasData()) {
  console.log('\n| votes only (test items) | metric | votes | classifier | learn s | C | held-out log loss, of the shares |');
  console.log('|---|---|---|---|---|---|---|');
  for (const name of ['youtube', 'sms', 'trec', 'agnews', 'imdb', 'hausa']) {
    const { metric, test, votes, model, seconds, tuning } = await fromVotes(name);
    const percent = (value) => (100 * value).toFixed(1);
    console.log(
      `| ${name} (${test}) | ${metric} | ${percent(votes)} | ${percent(model)} | ${seconds.toFixed(2)} | ${tuning.c} | ${tuning.logLoss.toFixed(3)}, ${tuning.sharesLogLoss.toFixed(3)} |`,
    );
  }
}
