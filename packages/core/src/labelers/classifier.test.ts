import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import type { Json } from '../model/json.ts';
import type { Question } from '../model/schema.ts';
import classifier from './classifier.ts';
import type { ClassifierModel } from './classifier-model.ts';
import { type Answerer, Sample, type TrainingSet } from './labeler.ts';

function questionWith(labels: readonly string[], multiple = false): Question {
  return { kind: 'choice', id: questionId('q'), title: 'Q', labels: labels.map((id) => ({ id: labelId(id) })), multiple };
}

function textItem(id: string | number, text: string): Item {
  return { id: itemId(id), parts: { text: { modality: 'text', content: text } }, fields: { id, text } };
}

function tableItem(id: number, row: Readonly<Record<string, Json>>): Item {
  return { id: itemId(id), parts: { row: { modality: 'table', content: row } }, fields: row };
}

function trainingOf(items: readonly Item[], labels: readonly string[], rows: readonly (readonly number[])[]): TrainingSet {
  return { samples: items.map((item) => new Sample(item)), labels: labels.map(labelId), posterior: Float64Array.from(rows.flat()) };
}

function learn(training: TrainingSet, given: object = {}): ClassifierModel {
  const model = classifier.learn?.(training, checkOptions(classifier, given), createRandom(1));
  return JSON.parse(JSON.stringify(model)) as ClassifierModel;
}

async function trained(
  training: TrainingSet,
  given: object = {},
  question = questionWith(training.labels, training.multiple),
): Promise<Answerer> {
  return classifier.prepare({ question, options: checkOptions(classifier, given), model: learn(training, given) });
}

const answer = ({ answer: judge }: Answerer, item: Item) => judge(new Sample(item));

/** 60 messages: spam holds "prize" or "free money", ham "meeting" or "lunch", both hold filler. */
function messages(): { items: Item[]; training: TrainingSet } {
  const words = { spam: ['prize', 'free money', 'winner'], ham: ['meeting', 'lunch', 'report'] };
  const filler = ['today', 'please', 'you', 'the', 'call me', 'tomorrow'];
  const random = createRandom(3);
  const rows: number[][] = [];
  const items = Array.from({ length: 60 }, (_, at) => {
    const isSpam = at % 2 === 0;
    const pick = (list: readonly string[]) => list[random.integer(list.length)];
    rows.push(isSpam ? [0.9, 0.1] : [0.1, 0.9]);
    return textItem(`m${at}`, `${pick(filler)} ${pick(isSpam ? words.spam : words.ham)} ${pick(filler)}`);
  });
  return { items, training: trainingOf(items, ['spam', 'ham'], rows) };
}

describe('classifier', () => {
  test('learns from soft labels and is about as sure as they are', async () => {
    const { training } = messages();
    const answerer = await trained(training);
    const said = answer(answerer, textItem('new', 'You! A PRIZE please'));
    expect(said).toMatchObject({ kind: 'labels', annotations: [{ label: 'spam' }] });
    const { confidence = 0 } = said as { confidence?: number };
    expect(confidence).toBeGreaterThan(0.75);
    expect(confidence).toBeLessThan(0.97);
    expect(answer(answerer, textItem('new', 'lunch meeting'))).toMatchObject({ annotations: [{ label: 'ham' }] });
  });

  test('abstains below minConfidence and where it knows no word; fails where there is nothing to look at', async () => {
    const { training } = messages();
    const answerer = await trained(training, { minConfidence: 0.7 });
    expect(answer(answerer, textItem('new', 'today please'))).toEqual({ kind: 'abstain' });
    expect(answer(answerer, textItem('new', 'zzz'))).toEqual({ kind: 'abstain' });
    expect(answer(answerer, textItem('new', ''))).toEqual({ kind: 'abstain' });
    const image: Item = { id: itemId('i'), parts: { image: { modality: 'image', content: 'a.png' } }, fields: {} };
    expect(answer(answerer, image).kind).toBe('failed');
  });

  test('explains by the terms that pushed, at code points of the text', async () => {
    const { training } = messages();
    const answerer = await trained(training);
    const item = textItem('new', '🎉🎉 Free  MONEY, winner!');
    const explanation = answerer.explain?.(new Sample(item));
    expect(explanation?.reason).toMatch(/^spam: '.*' \+\d\.\d\d.* \(0\.\d\d\)$/);
    expect(explanation?.reason).toContain("'winner'");
    expect(explanation?.matches).toContainEqual({ part: 'text', start: 16, end: 22, label: 'spam' });
    expect(explanation?.matches).toContainEqual({ part: 'text', start: 3, end: 14, label: 'spam' });
    expect(answerer.explain?.(new Sample(textItem('new', 'zzz')))).toBeUndefined();
  });

  test('the order of the samples changes no prediction, above the sample size too', () => {
    const { items, training } = messages();
    const order = createRandom(9).shuffle(items.map((_, at) => at));
    const turned = trainingOf(
      order.map((at) => items[at]),
      training.labels,
      order.map((at) => [...training.posterior.subarray(at * 2, at * 2 + 2)]),
    );
    for (const given of [{}, { maxTrainingItems: 30 }]) {
      const [one, two] = [training, turned].map((set) => learn(set, given) as Exclude<ClassifierModel, { kind: 'nothing' }>);
      expect(two.features).toEqual(one.features);
      one.intercepts.forEach((value, at) => expect(two.intercepts[at]).toBeCloseTo(value, 2));
      one.weights.scales.forEach((value, at) => expect(two.weights.scales[at]).toBeCloseTo(value, 2));
    }
  });

  test('rows without weight, and rows that say nothing, teach nothing', () => {
    const { items, training } = messages();
    const more = [...items, textItem('x', 'prize prize'), textItem('y', 'unvoted words')];
    const rows = [...training.posterior, 0, 1, 0.5, 0.5];
    const weighted = { ...trainingOf(more, training.labels, [rows]), weights: Float64Array.from(more, (_, at) => (at === 60 ? 0 : 1)) };
    expect(learn(weighted)).toEqual(learn({ ...training, weights: new Float64Array(60).fill(1) }));
  });

  test('nothing to learn: a model that says why, and abstains', async () => {
    const { items, training } = messages();
    const always = trainingOf(
      items,
      ['spam', 'ham'],
      items.map(() => [1, 0]),
    );
    for (const [set, reason] of [
      [always, 'only spam was seen: there must be at least two labels to tell apart'],
      [trainingOf([], ['spam', 'ham'], []), 'no item has a label to learn from'],
      [
        trainingOf(
          items,
          ['spam', 'ham'],
          items.map(() => [0.5, 0.5]),
        ),
        'no item has a label to learn from',
      ],
      [
        trainingOf(
          items.map(({ id }) => textItem(id, '…')),
          ['spam', 'ham'],
          [[...training.posterior]],
        ),
        'the items have no text or fields to learn from',
      ],
    ] as const) {
      expect(learn(set)).toEqual({ kind: 'nothing', reason });
      expect(answer(await trained(set), items[0])).toEqual({ kind: 'abstain' });
    }
  });

  test('one label: always that one; all texts the same: the shares, no NaN', async () => {
    const items = Array.from({ length: 30 }, (_, at) => textItem(at, 'the same text'));
    const one = await trained(
      trainingOf(
        items,
        ['only'],
        items.map(() => [1]),
      ),
    );
    expect(answer(one, items[0])).toEqual({ kind: 'labels', annotations: [{ label: 'only' }], confidence: 1 });
    const same = await trained(
      trainingOf(
        items,
        ['a', 'b'],
        items.map((_, at) => (at % 3 === 0 ? [0, 1] : [1, 0])),
      ),
    );
    const { confidence = 0 } = answer(same, items[0]) as { confidence?: number };
    expect(confidence).toBeGreaterThan(0.6);
    expect(confidence).toBeLessThan(0.75);
  });

  test('several labels at once: each by itself, none where none is likely', async () => {
    const texts = ['good food', 'good service', 'good food good service', 'long walk'];
    const holds = [
      [1, 0],
      [0, 1],
      [1, 1],
      [0, 0],
    ];
    const items = Array.from({ length: 80 }, (_, at) => textItem(at, texts[at % 4]));
    const training = trainingOf(
      items,
      ['food', 'service'],
      items.map((_, at) => holds[at % 4]),
    );
    const answerer = await trained(training, {}, questionWith(['food', 'service'], true));
    const said = texts.map((text) => answer(answerer, textItem('new', text)));
    expect(said.map((each) => (each.kind === 'labels' ? each.annotations.map(({ label }) => label) : each.kind))).toEqual([
      ['food'],
      ['service'],
      ['food', 'service'],
      [],
    ]);
    expect(answerer.explain?.(new Sample(textItem('new', 'food')))?.reason).toContain("food: 'food'");
    expect(answerer.explain?.(new Sample(textItem('new', 'long walk')))?.reason).toContain('no label is likely');
  });

  test('tables: numbers, categories and missing values; ids are not looked at', async () => {
    const random = createRandom(2);
    const rows = Array.from({ length: 200 }, (_, at) => {
      const amount = random.next() < 0.1 ? null : random.normal() * 100;
      return { id: at, user_id: `u${at % 2}`, amount, country: random.next() < 0.5 ? 'NG' : 'CH', code: `k${at}x` };
    });
    const items = rows.map((row, at) => tableItem(at, row));
    const isBad = ({ amount, country }: (typeof rows)[number]) => (amount ?? 0) > 50 || country === 'NG';
    const training = trainingOf(
      items,
      ['bad', 'good'],
      rows.map((row) => (isBad(row) ? [1, 0] : [0, 1])),
    );
    const model = learn(training) as Exclude<ClassifierModel, { kind: 'nothing' }>;
    expect(model.features.table.columns.map(({ name }) => name)).toEqual(['amount', 'country']);
    const answerer = await trained(training);
    const said = (amount: number, country: string) => answer(answerer, tableItem(999, { amount, country }));
    expect(said(-20, 'CH')).toMatchObject({ annotations: [{ label: 'good' }] });
    expect(said(-20, 'NG')).toMatchObject({ annotations: [{ label: 'bad' }] });
    expect(answerer.explain?.(new Sample(tableItem(999, { amount: -20, country: 'NG' })))?.reason).toContain('country = NG');
    expect(answerer.explain?.(new Sample(tableItem(999, { amount: -20, country: 'NG' })))?.matches).toEqual([]);
  });

  test('a label that the question lost is not said', async () => {
    const { training } = messages();
    const answerer = await trained(training, {}, questionWith(['ham', 'other']));
    expect(answer(answerer, textItem('new', 'prize winner'))).toEqual({ kind: 'abstain' });
    expect(answer(answerer, textItem('new', 'meeting'))).toMatchObject({ annotations: [{ label: 'ham' }] });
  });

  test('options that do not exist or fit are errors', () => {
    expect(() => checkOptions(classifier, { ngram: 2 })).toThrow(/ngram/);
    expect(() => checkOptions(classifier, { characters: { min: 6, max: 3 } })).toThrow('min must not be above max');
  });

  test('any texts and any soft labels: a label with a probability, or an abstention', async () => {
    const text = fc.oneof(
      fc.constantFrom('', 'a b', '👍🏽 ok', '我喜欢', 'שלום', 'cafe\u0301', '\ud800'),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    );
    const row = fc.record({ text, y: fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), fc.integer({ min: 1, max: 3 }), async (rows, k) => {
        const items = rows.map((each, at) => textItem(at, each.text));
        const labels = ['x', 'y', 'z'].slice(0, k);
        const soft = rows.map(({ y }) => {
          const sum = y.slice(0, k).reduce((a, b) => a + b, 0);
          return y.slice(0, k).map((value) => (sum === 0 ? 1 / k : value / sum));
        });
        const answerer = await trained(trainingOf(items, labels, soft), {}, questionWith(labels));
        for (const item of [...items, textItem('new', 'a 👍 b')]) {
          const said = answer(answerer, item);
          expect(['abstain', 'labels']).toContain(said.kind);
          const confidence = said.kind === 'labels' ? (said.confidence ?? Number.NaN) : 1;
          expect(confidence).toBeGreaterThanOrEqual(0.5);
          expect(confidence).toBeLessThanOrEqual(1);
          expect(answer(answerer, item)).toEqual(said);
        }
      }),
      { numRuns: 40 },
    );
  });
});
