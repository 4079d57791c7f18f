import { z } from 'zod';
import { codePointsBefore } from '../matching/places.ts';
import { type Answer, abstain, answerOf, failed } from '../model/answer.ts';
import { type LabelId, labelId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import type { Explanation } from '../model/vote.ts';
import { type ClassifierModel, type ClassifierReader, createClassifier, fitClassifier } from './classifier-model.ts';
import type { Answerer, ComputedLabeler, LabelerTask } from './labeler.ts';

const names = z.array(z.string().min(1)).min(1);

const options = z
  .strictObject({
    fields: names
      .optional()
      .describe('Fields of the items to look at: text, numbers, dates, categories. Without it all text and table parts'),
    part: z.string().min(1).optional().describe('The only part to look at, where `fields` names none'),
    exclude: names
      .optional()
      .describe('Table fields never to look at: what was copied from the answer makes a model that knows nothing else'),
    ngrams: z.int().min(1).max(5).default(2).describe('Sequences of up to so many words are terms'),
    characters: z
      .strictObject({ min: z.int().min(1).max(10).default(3), max: z.int().min(1).max(10).default(5) })
      .refine(({ min, max }) => min <= max, { message: 'min must not be above max' })
      .optional()
      .describe('Also sequences of characters inside words, for misspellings and rich inflection; several times slower'),
    maxFeatures: z.int().min(1).max(1_000_000).default(50_000).describe('Terms kept, those of most texts first'),
    c: z
      .number()
      .min(1e-6)
      .max(1e6)
      .optional()
      .describe('Inverse regularisation: 10 for clean labels, 1 for noisy ones. Without it chosen on held-out items'),
    minConfidence: z.number().min(0).max(1).default(0.5).describe('Abstains where the most probable answer is less probable than this'),
    maxTrainingItems: z.int().min(1).max(1_000_000).default(20_000).describe('Learns from a random sample where there are more'),
  })
  .prefault({});

export type ClassifierOptions = z.output<typeof options>;

/** Multinomial logistic regression on tf-idf of words and on table fields, learned from the posterior as soft labels; regularisation and
 *  temperature are chosen on held-out items, so that its confidence is a probability (that the *posterior* is right, which is all it was told).
 *  Of several labels it makes one regression each. Abstains below `minConfidence`, on items without any known term, and where there was
 *  nothing to learn (fewer than two labels seen). Do not let it judge the items that it learned from: see `pipeline/cross-fit`. */
const classifier: ComputedLabeler<ClassifierOptions, ClassifierModel> = {
  kind: 'computed',
  name: 'classifier',
  title: 'Text and table classifier',
  summary: 'Learns from what the other labelers agree on and answers everywhere: for texts and tables of some hundred items or more.',
  options,
  paper: 'C. Guo, G. Pleiss, Y. Sun & K. Q. Weinberger (2017), On Calibration of Modern Neural Networks',
  silence: 'abstained',
  learn: fitClassifier,
  prepare,
};
export default classifier;

interface Judgement {
  /** Indices of the labels that hold. */
  readonly said: readonly number[];
  readonly confidence: number;
}

function prepare({ question, options, model }: LabelerTask<ClassifierOptions, ClassifierModel>): Answerer {
  if (model.kind === 'nothing') return { answer: () => abstain };
  const reader = createClassifier(model);
  const labels = model.labels.map(labelId);
  // Labels that the question lost since it learned: it may not say them.
  const allowed = new Set<LabelId>(question.labels.map(({ id }) => id));

  const judge = (item: Item): Judgement | Answer => {
    const probabilities = reader.judge(item);
    if (probabilities === 'nothing to look at') return failed('the item has no text and no fields that the classifier looks at');
    if (probabilities === 'nothing known') return abstain;
    const judgement = model.kind === 'several' ? everyLikely(probabilities) : mostLikely(probabilities);
    const sayable = judgement.said.every((c) => allowed.has(labels[c]));
    return sayable && judgement.confidence >= options.minConfidence ? judgement : abstain;
  };

  return {
    answer: ({ item }) => {
      const judgement = judge(item);
      if ('kind' in judgement) return judgement;
      return answerOf(
        judgement.said.map((c) => labels[c]),
        Math.round(judgement.confidence * 1e4) / 1e4,
      );
    },
    explain: ({ item }) => {
      const judgement = judge(item);
      return 'kind' in judgement ? undefined : explain(reader, item, labels, judgement);
    },
  };
}

function mostLikely(probabilities: Float64Array): Judgement {
  let best = 0;
  for (let c = 1; c < probabilities.length; c++) if (probabilities[c] > probabilities[best]) best = c;
  return { said: [best], confidence: probabilities[best] };
}

/** Confidence is that of the whole answer: every label said, and none left out, is right. */
function everyLikely(probabilities: Float64Array): Judgement {
  const said: number[] = [];
  let confidence = 1;
  for (let c = 0; c < probabilities.length; c++) {
    if (probabilities[c] > 0.5) said.push(c);
    confidence *= Math.max(probabilities[c], 1 - probabilities[c]);
  }
  return { said, confidence };
}

const mostTerms = 5;
const mostPlaces = 100;

function explain(reader: ClassifierReader, item: Item, labels: readonly LabelId[], { said, confidence }: Judgement): Explanation {
  const sure = confidence.toFixed(2);
  if (said.length === 0) return { reason: `no label is likely (${sure})` };
  const found = said.map((c) => ({ label: labels[c], terms: reader.pushes(item, c, mostTerms) }));
  const reasons = found.map(({ label, terms }) => {
    const list = terms.map(({ name, push }) => `${name} +${push.toFixed(2)}`).join(', ');
    return `${label}: ${list || 'nothing in particular, it is the usual label'}`;
  });
  const matches = found.flatMap(({ label, terms }) => {
    const places = reader.places(item, new Set(terms.map(({ feature }) => feature)));
    return places.map(({ part, start, end }) => ({ part, start, end, label }));
  });
  return { reason: `${reasons.join('; ')} (${sure})`, matches: inCodePoints(item, matches.slice(0, mostPlaces)) };
}

function inCodePoints(item: Item, matches: NonNullable<Explanation['matches']>): NonNullable<Explanation['matches']> {
  const points = new Map(
    [...new Set(matches.map(({ part }) => part))].map((part) => {
      const offsets = matches.flatMap((match) => (match.part === part ? [match.start, match.end] : []));
      return [part, codePointsBefore(item.parts[part].content as string, offsets)];
    }),
  );
  return matches.map((match) => {
    const before = points.get(match.part) as (offset: number) => number;
    return { ...match, start: before(match.start), end: before(match.end) };
  });
}
