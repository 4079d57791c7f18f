import { createRandom } from '@labelwright/core/math/random';
import { labelsOf } from '@labelwright/core/model/answer';
import { CoreError } from '@labelwright/core/model/errors';
import { answerKeys } from '@labelwright/engine/llm/answer-key';
import { askItems, type AskedItem, type AskSummary } from '@labelwright/engine/llm/ask-items';
import type { Json } from '@labelwright/core/model/json';
import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import type { Tables } from '../database/tables.ts';
import { type AskedAnswer, askingEvent, fixExamples, saveAnswers, setTotal } from '../stores/askings.ts';
import { findLabeler, versionsOf } from '../stores/labelers.ts';
import { type Refusal, StoredLedger } from '../stores/llm-ledger.ts';
import { findProject } from '../stores/projects.ts';
import { examplesFor } from './examples.ts';
import { itemsInOrder, pendingItems } from './pending.ts';
import { inquiryOf, openProviderOf, planOf } from './plan.ts';

type Asking = Selectable<Tables['askings']>;

export interface AskingOutcome {
  readonly summary: AskSummary;
  readonly refusal: Refusal | undefined;
}

/** Asks about what is not answered yet, and stores what comes. Killed at any moment it goes on by the same call: what was paid for is found again by
 *  its key, what was stored is not asked.  @throws LlmError, CoreError for what the user can mend */
export async function askAbout(context: Context, asking: Asking, signal: AbortSignal): Promise<AskingOutcome> {
  const { db } = context;
  const project = await findProject(db, asking.project_id);
  const labeler = await findLabeler(db, asking.project_id, asking.labeler_id);
  if (!project || !labeler) throw new CoreError('not-found', 'The labeler is gone');
  const options = (await versionsOf(db, labeler.id)).find(({ version }) => version === asking.version)?.options ?? labeler.options;
  const plan = await planOf(db, project, { use: labeler.use, with: options, question: labeler.question });
  const provider = await openProviderOf(context, plan.connection, plan.options.model);
  try {
    const examples = await examplesFor(context, plan);
    const version = examples ? await fixExamples(db, asking.id, examples.version) : '';
    const inquiry = inquiryOf(plan, labeler.id, version);
    const ordinals = await pendingItems(db, {
      project: project.id,
      question: plan.question.id,
      run: project.current_run,
      labeler: labeler.id,
      version: asking.version,
      asking: asking.id,
      limit: asking.item_limit === null ? undefined : Math.max(0, asking.item_limit - asking.done),
    });
    await setTotal(db, asking.id, asking.done + ordinals.length);
    const { depends, question, guidelines = '' } = inquiry;
    const keyOf = answerKeys({ depends, options: inquiry.options, question: question as unknown as Json, guidelines });
    const store = new AnswerStore(context, asking);
    const ledger = new StoredLedger(db, { project: project.id, labeler: labeler.id, asking: asking.id });
    const { concurrency, calls_per_minute: callsPerMinute } = plan.connection;
    try {
      const summary = await askItems(
        { ...inquiry, provider, ...(examples && { examples: (items) => examples.picker.pick(items, plan.options.fewShot) }) },
        itemsInOrder(context, plan, ordinals),
        {
          ledger,
          random: createRandom(asking.id),
          signal,
          concurrency,
          ...(callsPerMinute !== null && { callsPerMinute }),
          onAnswer: (asked) => store.take(answerOf(asked, ordinals[asked.ordinal], keyOf(asked.item))),
        },
      );
      return { summary, refusal: ledger.refusal };
    } finally {
      await store.end();
    }
  } finally {
    provider.close();
  }
}

function answerOf({ answer, cached }: AskedItem, ordinal: number, key: string): AskedAnswer {
  const said = { ordinal, labels: null, confidence: null, failure: null, key, cached };
  if (answer.kind === 'failed') return { ...said, failure: answer.reason.slice(0, 1000) };
  return answer.kind === 'abstain' ? said : { ...said, labels: labelsOf(answer), confidence: answer.confidence ?? null };
}

const saveMs = 500;
const mostWaiting = 500;

/** Stores answers twice a second, all that came since in one transaction. */
class AnswerStore {
  private readonly context: Context;
  private readonly asking: Asking;
  private waiting: AskedAnswer[] = [];
  private saving: Promise<void> = Promise.resolve();
  private fault: { readonly error: unknown } | undefined;
  private saved = 0;
  private readonly started = performance.now();
  private readonly timer = setInterval(() => void this.save(), saveMs);

  constructor(context: Context, asking: Asking) {
    this.context = context;
    this.asking = asking;
  }

  async take(answer: AskedAnswer): Promise<void> {
    if (this.fault) throw this.fault.error;
    this.waiting.push(answer);
    if (this.waiting.length >= mostWaiting) await this.save();
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.save();
    if (this.fault) throw this.fault.error;
  }

  private save(): Promise<void> {
    this.saving = this.saving.then(() => this.saveNow()).catch((error: unknown) => void (this.fault ??= { error }));
    return this.saving;
  }

  /** Also where nothing came: the asking says that it lives. */
  private async saveNow(): Promise<void> {
    const { db, events } = this.context;
    const answers = this.waiting;
    this.waiting = [];
    this.saved += answers.length;
    const perSecond = this.saved / Math.max(0.001, (performance.now() - this.started) / 1000);
    const row = await saveAnswers(db, this.asking, answers, perSecond);
    if (row?.state === 'running' && answers.length > 0) await events.publish(db, row.project_id, askingEvent(row));
  }
}
