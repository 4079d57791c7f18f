import type { CostEstimate } from '@labelwright/contract/llm';
import type { Asking } from '@labelwright/core/labelers/labeler';
import { estimateCost, type ForeseenRequest } from '@labelwright/core/labelers/llm-cost';
import type { LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import { expectedOutputTokens } from '@labelwright/core/labelers/llm-prompt';
import { createRandom } from '@labelwright/core/math/random';
import type { Item } from '@labelwright/core/model/item';
import type { Context } from '../context.ts';
import { findLabeler } from '../stores/labelers.ts';
import type { ProjectRow } from '../stores/projects.ts';
import { examplesFor } from './examples.ts';
import { countAnswered, itemsInOrder } from './pending.ts';
import { type AskedDefinition, type Plan, planOf, pricesAt } from './plan.ts';

const sampleSize = 200;

export interface EstimateRequest extends AskedDefinition {
  /** Whose answers are there already, where its options are these. */
  readonly labeler?: number | undefined;
  readonly limit?: number | undefined;
}

/** What an asking would cost: the requests of a random sample, their tokens counted without the model's tokenizer. Makes no call. */
export async function estimateAsking(
  context: Context,
  project: ProjectRow,
  { labeler, limit, ...given }: EstimateRequest,
): Promise<CostEstimate> {
  const plan = await planOf(context.db, project, given);
  const prices = pricesAt(plan.connection, plan.options.model);
  const answered = await answeredAlready(context, plan, given, labeler);
  const sample: Item[] = [];
  let seen = 0;
  for await (const item of itemsInOrder(context, plan, randomOrdinals(project.items, sampleSize, 0))) {
    seen += 1;
    if (plan.technique.obstacle(item, plan.question, plan.options) === undefined) sample.push(item);
  }
  const unshowable = seen === 0 ? 0 : Math.round(((seen - sample.length) / seen) * project.items);
  const items = Math.max(0, Math.min(limit ?? project.items, project.items - answered - unshowable));
  const nothing = { requests: 0, inputTokens: 0, outputTokens: 0, usd: 0, lowUsd: 0, highUsd: 0, maximumUsd: 0 };
  const counts = { items, answered, unshowable, prices: { model: plan.options.model, ...prices } };
  if (items === 0 || sample.length === 0) return { ...nothing, ...counts };
  const examples = await examplesFor(context, plan);
  const pick = examples && ((few: readonly Item[]) => examples.picker.pick(few, plan.options.fewShot));
  const requests = Math.ceil(items / plan.options.batchSize);
  const { inputTokens, outputTokens, usd, lowUsd, highUsd, maximumUsd } = estimateCost({
    sample: foreseen(plan, sample, pick),
    requests,
    prices,
  });
  return { requests, inputTokens, outputTokens, usd, lowUsd, highUsd, maximumUsd, ...counts };
}

async function answeredAlready({ db }: Context, plan: Plan, given: AskedDefinition, labeler: number | undefined): Promise<number> {
  const row = labeler === undefined ? undefined : await findLabeler(db, plan.project.id, labeler);
  if (!row || row.use !== given.use) return 0;
  const before = await planOf(db, plan.project, { use: row.use, with: row.options, question: row.question }).catch(() => undefined);
  return before && JSON.stringify(before.options) === JSON.stringify(plan.options) ? countAnswered(db, row.id, row.version) : 0;
}

function foreseen(
  { technique, options, question, guidelines }: Plan,
  sample: readonly Item[],
  examples: ((items: readonly Item[]) => NonNullable<Asking['examples']>) | undefined,
): ForeseenRequest[] {
  const requests: ForeseenRequest[] = [];
  for (let first = 0; first < sample.length; first += options.batchSize) {
    const items = sample.slice(first, first + options.batchSize);
    const asking: Asking = {
      items,
      question,
      ...(guidelines !== undefined && { guidelines }),
      ...(examples && { examples: examples(items) }),
    };
    requests.push({
      request: technique.ask(asking, options) as LlmRequest,
      outputTokens: expectedOutputTokens(question, items.length, options),
    });
  }
  return requests;
}

/** Up to `count` of n, in random order, the same for the same seed. */
export function randomOrdinals(n: number, count: number, seed: number): Int32Array {
  const random = createRandom(seed);
  const drawn = new Set<number>();
  while (drawn.size < Math.min(n, count)) drawn.add(random.integer(n));
  return Int32Array.from(drawn);
}
