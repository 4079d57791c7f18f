import { describe, expect, it } from 'vitest';
import { createRandom } from '../math/random.ts';
import { checkOptions } from '../model/about.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import type { Question } from '../model/schema.ts';
import clusters from './clusters.ts';
import type { ClustersModel } from './clusters-model.ts';
import { type Answerer, Sample, type TrainingSet } from './labeler.ts';

const question = (labels: readonly string[], multiple = false): Question => ({
  kind: 'choice',
  id: questionId('q'),
  title: 'Q',
  labels: labels.map((id) => ({ id: labelId(id) })),
  multiple,
});
const textItem = (id: string, text: string): Item => ({
  id: itemId(id),
  parts: { text: { modality: 'text', content: text } },
  fields: {},
});

const words = {
  sport: ['goal', 'match', 'team', 'league', 'coach', 'player'],
  food: ['soup', 'bread', 'cook', 'oven', 'taste', 'recipe'],
};
/** 60 texts of two topics; only `known` of each have a label. */
function texts(known: number): { items: Item[]; truth: number[]; training: TrainingSet } {
  const random = createRandom(7);
  const truth = Array.from({ length: 60 }, (_, at) => at % 2);
  const items = truth.map((label, at) => {
    const list = label === 0 ? words.sport : words.food;
    return textItem(`t${at}`, Array.from({ length: 8 }, () => list[random.integer(list.length)]).join(' '));
  });
  const posterior = Float64Array.from(truth.flatMap((label, at) => (at < 2 * known ? [1 - label, label] : [0.5, 0.5])));
  return { items, truth, training: { samples: items.map((item) => new Sample(item)), labels: ['sport', 'food'].map(labelId), posterior } };
}

async function trained(training: TrainingSet, given: object, multiple = false): Promise<Answerer> {
  const options = checkOptions(clusters, given);
  const model = JSON.parse(JSON.stringify(clusters.learn?.(training, options, createRandom(1)))) as ClustersModel;
  return clusters.prepare({ question: question(training.labels, multiple), options, model });
}

describe('clusters', () => {
  it('spreads a few labels over all that is alike', async () => {
    const { items, truth, training } = texts(5);
    const answerer = await trained(training, { clusters: 2 });
    items.forEach((item, at) =>
      expect(answerer.answer(new Sample(item))).toMatchObject({ kind: 'labels', annotations: [{ label: ['sport', 'food'][truth[at]] }] }),
    );
    const unseen = new Sample(textItem('new', 'a recipe for bread'));
    // Five known, all of them food: (5 + ½) / 6.
    expect(answerer.answer(unseen)).toMatchObject({ annotations: [{ label: 'food' }], confidence: 0.9167 });
    expect(answerer.explain?.(unseen)?.reason).toMatch(/^cluster \d, 5 items known: 100 % of it is food \(57 %–100 %\)$/);
  });

  it('abstains where nothing is known, and where the known disagree', async () => {
    const silent = await trained(texts(0).training, { clusters: 2 });
    expect(silent.answer(new Sample(textItem('a', 'soup'))).kind).toBe('abstain');
    const { training, items } = texts(10);
    const torn = await trained(training, { clusters: 1 });
    expect(torn.answer(new Sample(items[0])).kind).toBe('abstain');
  });

  it('fails on items without anything to compare, and abstains on words never seen', async () => {
    const answerer = await trained(texts(5).training, { clusters: 2 });
    expect(answerer.answer(new Sample({ id: itemId('x'), parts: {}, fields: {} })).kind).toBe('failed');
    expect(answerer.answer(new Sample(textItem('x', 'zzz qqq'))).kind).toBe('abstain');
  });

  it('says several labels where several hold', async () => {
    const { items, training } = texts(30);
    const both = Float64Array.from(training.posterior, (_, at) => (at % 2 === 0 ? 1 : training.posterior[at]));
    const answerer = await trained({ ...training, posterior: both, multiple: true }, { clusters: 2 }, true);
    expect(answerer.answer(new Sample(items[1]))).toMatchObject({ annotations: [{ label: 'sport' }, { label: 'food' }] });
    expect(answerer.answer(new Sample(items[0]))).toMatchObject({ annotations: [{ label: 'sport' }] });
  });

  it('has nothing to say of nothing', async () => {
    const answerer = await trained({ samples: [], labels: [labelId('a')], posterior: new Float64Array(0) }, {});
    expect(answerer.answer(new Sample(textItem('a', 'b'))).kind).toBe('abstain');
  });

  it('refuses options that it does not know', () => {
    expect(() => checkOptions(clusters, { cluster: 3 })).toThrow('cluster');
  });
});
