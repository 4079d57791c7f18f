import { type CostEstimate, estimateCost, type ForeseenRequest } from '@labelwright/core/labelers/llm-cost';
import { expectedOutputTokens, type LlmPromptOptions } from '@labelwright/core/labelers/llm-prompt';
import { createRandom } from '@labelwright/core/math/random';
import type { Asking } from '@labelwright/core/labelers/labeler';
import type { LlmPrices, LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import type { LabelerId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import type { Json } from '@labelwright/core/model/json';
import { openItems } from '../items/item-source.ts';
import { answerKeys } from '../llm/answer-key.ts';
import type { Inquiry } from '../llm/ask-items.ts';
import type { LlmLedger } from '../llm/ledger.ts';
import { askedTechnique } from '../project/asked.ts';
import type { Project } from '../project/project.ts';
import { inquiryOf, openLedger } from './ask-labelers.ts';
import { itemsOnly } from './label-project.ts';

export interface AskingEstimate {
  readonly labeler: LabelerId;
  readonly model: string;
  readonly prices: LlmPrices;
  readonly items: number;
  /** Of them already answered by an earlier run: for nothing. */
  readonly kept: number;
  /** Of them not to be asked about: nothing of them can be shown. */
  readonly unshowable: number;
  /** Spent by earlier runs into the same folder. */
  readonly spentUsd: number;
  /** Absent where nothing is left to ask. */
  readonly cost?: CostEstimate;
  readonly budgetUsd?: number;
}

const sampleSize = 200;

/** What the language models of a project will cost, before any of them is asked: requests of a random sample of the items that have no answer yet,
 *  their tokens counted without the model's tokenizer. Needs no key and makes no call. */
export async function estimateAsking(project: Project): Promise<AskingEstimate[]> {
  const specs = project.labelers.filter(({ use }) => askedTechnique(use) !== undefined);
  if (specs.length === 0) return [];
  const source = await openItems(project.items, project.gold);
  const ledger = await openLedger(project);
  try {
    const spending = await ledger.spending();
    const estimates: AskingEstimate[] = [];
    for (const spec of specs) {
      const { inquiry, options, connection } = inquiryOf(project, spec);
      const counted = await sampleOf(inquiry, itemsOnly(source.read(() => undefined)), ledger, project.seed);
      const { sample, ...counts } = counted;
      const requests = Math.ceil((counts.items - counts.kept - counts.unshowable) / options.batchSize);
      const foreseen = foreseenOf(inquiry, sample);
      estimates.push({
        labeler: spec.id,
        model: options.model,
        prices: inquiry.prices,
        ...counts,
        spentUsd: spending.find(({ labeler }) => labeler === spec.id)?.usd ?? 0,
        ...(foreseen.length > 0 && {
          cost: estimateCost({ sample: foreseen, requests, prices: inquiry.prices, batchApi: connection.batchApi }),
        }),
        ...(spec.budgetUsd !== undefined && { budgetUsd: spec.budgetUsd }),
      });
    }
    return estimates;
  } finally {
    await ledger.close();
  }
}

/** A uniform sample of the items to ask about, in one pass. J. S. Vitter (1985), ACM TOMS 11(1), doi:10.1145/3147.3165, algorithm R. */
async function sampleOf(
  { technique, question, options, guidelines = '', depends }: Omit<Inquiry, 'provider'>,
  items: AsyncIterable<Item>,
  ledger: LlmLedger,
  seed: number,
): Promise<{ sample: Item[]; items: number; kept: number; unshowable: number }> {
  const keyOf = answerKeys({ depends, options, question: question as unknown as Json, guidelines });
  const random = createRandom(seed);
  const sample: Item[] = [];
  const counts = { items: 0, kept: 0, unshowable: 0 };
  for await (const item of items) {
    counts.items += 1;
    const key = keyOf(item);
    if (technique.obstacle(item, question, options) !== undefined) counts.unshowable += 1;
    else if ((await ledger.recall([key])).size > 0) counts.kept += 1;
    else {
      const seen = counts.items - counts.kept - counts.unshowable;
      const place = seen <= sampleSize ? sample.length : random.integer(seen);
      if (place < sampleSize) sample[place] = item;
    }
  }
  return { sample, ...counts };
}

function foreseenOf({ technique, options, question, guidelines }: Omit<Inquiry, 'provider'>, sample: readonly Item[]): ForeseenRequest[] {
  const requests: ForeseenRequest[] = [];
  for (let first = 0; first < sample.length; first += options.batchSize) {
    const items = sample.slice(first, first + options.batchSize);
    const asking: Asking = { items, question, ...(guidelines !== undefined && { guidelines }) };
    const outputTokens = expectedOutputTokens(question, items.length, options as LlmPromptOptions);
    requests.push({ request: technique.ask(asking, options) as LlmRequest, outputTokens });
  }
  return requests;
}
