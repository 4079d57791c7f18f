import type { PromptPreview } from '@labelwright/contract/llm';
import type { Asking } from '@labelwright/core/labelers/labeler';
import type { LlmRequest } from '@labelwright/core/labelers/llm-exchange';
import { createRandom } from '@labelwright/core/math/random';
import { type Answer, labelsOf } from '@labelwright/core/model/answer';
import { CoreError } from '@labelwright/core/model/errors';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import { askItems } from '@labelwright/engine/llm/ask-items';
import type { Context } from '../context.ts';
import { loadGold } from '../stores/gold.ts';
import { StoredLedger } from '../stores/llm-ledger.ts';
import { type ProjectRow, settingsOf } from '../stores/projects.ts';
import { randomOrdinals } from './estimate.ts';
import { type Examples, examplesFor } from './examples.ts';
import { itemsInOrder } from './pending.ts';
import { type AskedDefinition, inquiryOf, openProviderOf, type Plan, planOf } from './plan.ts';

export interface TryRequest extends AskedDefinition {
  readonly items: number;
  readonly seed: number;
  readonly ask: boolean;
}

/** Items that nothing can be shown of are passed over, up to so many. */
const mostDrawn = 500;
const askMs = 90_000;

/** The prompt as it is sent, for a few items drawn by the seed; and what the model says to it, where it is asked. */
export async function tryPrompt(
  context: Context,
  project: ProjectRow,
  { items: wanted, seed, ask, ...given }: TryRequest,
): Promise<PromptPreview> {
  const started = performance.now();
  const plan = await planOf(context.db, project, given);
  const examples = await examplesFor(context, plan);
  const drawn = await drawItems(context, plan, wanted, seed);
  const requests: PromptPreview['requests'] = [];
  for (let first = 0; first < drawn.length; first += plan.options.batchSize)
    requests.push(shown(plan, examples, drawn.slice(first, first + plan.options.batchSize)));
  const answered = ask
    ? await askAtOnce(
        context,
        plan,
        drawn.map(({ item }) => item),
        examples,
      )
    : { answers: [], usd: 0 };
  const isFirst = project.schema.questions[0]?.id === plan.question.id;
  const ordinals = Int32Array.from(drawn, ({ ordinal }) => ordinal);
  const gold = ask
    ? await loadGold(context.pool, project.id, isFirst ? settingsOf(project) : {}, plan.question, ordinals)
    : new Map<number, readonly LabelId[]>();
  return {
    requests,
    answers: answered.answers.map((answer, i) => ({
      ordinal: drawn[i].ordinal,
      id: drawn[i].item.id,
      ...presentTried(answer),
      gold: [...(gold.get(drawn[i].ordinal) ?? [])].length > 0 ? [...(gold.get(drawn[i].ordinal) ?? [])] : null,
    })),
    usd: answered.usd,
    milliseconds: performance.now() - started,
  };
}

interface Drawn {
  readonly ordinal: number;
  readonly item: Item;
}

async function drawItems(context: Context, plan: Plan, wanted: number, seed: number): Promise<Drawn[]> {
  const ordinals = randomOrdinals(plan.project.items, mostDrawn, seed);
  const drawn: Drawn[] = [];
  let at = 0;
  for await (const item of itemsInOrder(context, plan, ordinals)) {
    const ordinal = ordinals[at++];
    if (plan.technique.obstacle(item, plan.question, plan.options) === undefined) drawn.push({ ordinal, item });
    if (drawn.length === wanted) break;
  }
  return drawn;
}

function shown(
  { technique, options, question, guidelines }: Plan,
  examples: Examples | undefined,
  group: readonly Drawn[],
): PromptPreview['requests'][number] {
  const items = group.map(({ item }) => item);
  const asking: Asking = {
    items,
    question,
    ...(guidelines !== undefined && { guidelines }),
    ...(examples && { examples: examples.picker.pick(items, options.fewShot) }),
  };
  const { system, messages } = technique.ask(asking, options) as LlmRequest;
  return {
    items: group.map(({ ordinal, item }) => ({ ordinal, id: item.id })),
    system,
    messages: messages.map(({ role, content }) => ({
      role,
      text: content.map((piece) => (piece.type === 'text' ? piece.text : '')).join(''),
      images: content.filter(({ type }) => type === 'image').length,
    })),
  };
}

function presentTried(answer: Answer | undefined): Pick<PromptPreview['answers'][number], 'labels' | 'confidence' | 'failure'> {
  if (!answer || answer.kind === 'abstain') return { labels: null, confidence: null, failure: null };
  if (answer.kind === 'failed') return { labels: null, confidence: null, failure: answer.reason };
  return { labels: [...labelsOf(answer)], confidence: answer.confidence ?? null, failure: null };
}

export interface AskedAtOnce {
  /** By item; undefined where time or the budget did not reach. */
  readonly answers: (Answer | undefined)[];
  readonly usd: number;
}

/** While somebody waits for it, on the account of trials.
 *  @throws LlmError, CoreError 'over-budget' where not one call had room */
export async function askAtOnce(
  context: Context,
  plan: Plan,
  items: readonly Item[],
  examples: Examples | undefined,
  { ledger = new StoredLedger(context.db, { project: plan.project.id, labeler: 0 }) }: { readonly ledger?: StoredLedger } = {},
): Promise<AskedAtOnce> {
  const inquiry = inquiryOf(plan, 0, examples?.version);
  const provider = await openProviderOf(context, plan.connection, plan.options.model);
  const before = ledger.settledUsd;
  const answers = Array.from<Answer | undefined>({ length: items.length });
  const { concurrency, calls_per_minute: callsPerMinute } = plan.connection;
  try {
    const { stopped, answered } = await askItems(
      { ...inquiry, provider, ...(examples && { examples: (few) => examples.picker.pick(few, plan.options.fewShot) }) },
      streamOf(items),
      {
        ledger,
        random: createRandom(0),
        signal: AbortSignal.timeout(askMs),
        drainMs: 1000,
        concurrency,
        ...(callsPerMinute !== null && { callsPerMinute }),
        onAnswer: ({ ordinal, answer }) => void (answers[ordinal] = answer),
      },
    );
    if (stopped && answered === 0) {
      if (stopped.kind === 'cancelled') throw new CoreError('llm-timeout', 'The model did not answer in time');
      throw new CoreError(
        'over-budget',
        `The budget of the project is spent: $ ${stopped.spentUsd.toFixed(2)} of $ ${stopped.limitUsd.toFixed(2)}`,
      );
    }
  } finally {
    provider.close();
  }
  return { answers, usd: ledger.settledUsd - before };
}

async function* streamOf(items: readonly Item[]): AsyncGenerator<Item> {
  await Promise.resolve();
  yield* items;
}
