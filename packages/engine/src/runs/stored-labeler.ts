import { aggregators } from '@labelwright/core/aggregators/index';
import type { AnyComputedLabeler } from '@labelwright/core/labelers/labeler';
import { createRandom } from '@labelwright/core/math/random';
import { checkOptions } from '@labelwright/core/model/about';
import type { AnswerColumn } from '@labelwright/core/model/answer-column';
import { CoreError } from '@labelwright/core/model/errors';
import type { ItemId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import { nearestName } from '@labelwright/core/model/nearest-name';
import type { Question } from '@labelwright/core/model/schema';
import { estimateQuestion, type QuestionEstimate } from '@labelwright/core/pipeline/question-estimate';
import { labelers as techniques } from '../labelers.ts';
import type { LabelerSpec } from '../project/project.ts';
import type { StoredLabeler } from './column-store.ts';

/** @throws CoreError 'unknown-technique' */
export function techniqueNamed(name: string): AnyComputedLabeler {
  const technique = techniques.find((each) => each.name === name);
  if (technique) return technique;
  const names = techniques.map((each) => each.name);
  const near = nearestName(name, names);
  const text = `there is no technique '${name}'${near ? `, did you mean '${near}'?` : ''}; there is ${names.join(', ')}`;
  throw new CoreError('unknown-technique', text);
}

export function learns(spec: Pick<LabelerSpec, 'use'>): boolean {
  return techniques.find(({ name }) => name === spec.use)?.learn !== undefined;
}

/** A labeler as worker threads and columns know it. @param models what it learned, one per fold; [null] for rules */
export function storedLabeler(
  spec: Pick<LabelerSpec, 'id' | 'use' | 'with' | 'silence'>,
  question: Question,
  models: readonly Json[],
  seed: number,
): StoredLabeler {
  const technique = techniqueNamed(spec.use);
  return {
    id: spec.id,
    use: spec.use,
    with: spec.with,
    question,
    models,
    seed,
    silence: spec.silence ?? technique.silence,
    complete: technique.learn !== undefined,
  };
}

export interface Aggregation {
  readonly use: string;
  readonly with: unknown;
  readonly seed: number;
  /** Share of each label, where the user knows them; for flat single-choice questions. */
  readonly shares?: Readonly<Record<string, number>>;
}

/** @throws CoreError 'unknown-aggregator', 'bad-options' */
export function estimateBy(
  { use, with: given, seed, shares }: Aggregation,
  question: Question,
  items: readonly ItemId[],
  columns: readonly AnswerColumn[],
): QuestionEstimate {
  const aggregator = aggregators.find(({ name }) => name === use);
  if (!aggregator) throw new CoreError('unknown-aggregator', `there is no aggregator '${use}'`);
  const options: unknown = checkOptions(aggregator, given);
  return estimateQuestion(
    question,
    items,
    columns,
    { aggregator, options },
    {
      random: createRandom(seed).fork(question.id),
      ...(shares && { shares: Float64Array.from(question.labels, (label) => shares[label.id]) }),
    },
  );
}
