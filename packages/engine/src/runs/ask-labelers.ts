import { join } from 'node:path';
import { createRandom } from '@labelwright/core/math/random';
import type { LlmUsage } from '@labelwright/core/labelers/llm-exchange';
import { abstained, type AnswerColumn, failure, firstAnswer } from '@labelwright/core/model/answer-column';
import { type Answer, labelsOf } from '@labelwright/core/model/answer';
import { CoreError } from '@labelwright/core/model/errors';
import type { Item } from '@labelwright/core/model/item';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import { questionOf } from '@labelwright/core/model/schema';
import type { Silence } from '@labelwright/core/model/vote';
import { allowedHostsOf } from '../egress/egress.ts';
import { askInBatches } from '../llm/ask-in-batches.ts';
import { type AskOptions, type AskSummary, askItems, type Inquiry } from '../llm/ask-items.ts';
import { FileLedger } from '../llm/file-ledger.ts';
import { askedOptions, type AskedOptions, askedTechnique, connectionWithKey, pricesAt } from '../project/asked.ts';
import type { ConnectionSpec, LabelerSpec, Project } from '../project/project.ts';
import type { Failures } from './column-store.ts';

/** What a language model did and cost. */
export interface Asked {
  readonly model: string;
  /** Over all runs into the same output folder; `openUsd` of it for calls whose bill never came. */
  readonly usd: number;
  readonly openUsd: number;
  readonly calls: number;
  readonly usage: LlmUsage;
  readonly summary: AskSummary;
}

export interface AskedColumn {
  readonly column: AnswerColumn;
  readonly seconds: number;
  readonly failures: Failures;
  readonly asked: Asked;
}

export interface AskingOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (spec: LabelerSpec, done: number) => void;
}

/** Prices and answers of the language models of a project, kept over all runs into its output folder. */
export function ledgerPath(project: Pick<Project, 'output'>): string {
  return join(project.output, '.llm', 'ledger');
}

export function openLedger(project: Project): Promise<FileLedger> {
  const labelerUsd = new Map(project.labelers.flatMap(({ id, budgetUsd }) => (budgetUsd === undefined ? [] : [[id, budgetUsd] as const])));
  return FileLedger.open(ledgerPath(project), { labelerUsd, ...(project.budgetUsd !== undefined && { projectUsd: project.budgetUsd }) });
}

/** Asks language models about the same n items, one model after another: their answers as columns.
 *  @throws CoreError 'stopped' where the signal aborts; what was answered is kept  @throws LlmError where a model cannot be asked at all */
export async function askLabelers(
  project: Project,
  specs: readonly LabelerSpec[],
  n: number,
  items: () => AsyncIterable<Item>,
  options: AskingOptions,
): Promise<AskedColumn[]> {
  if (specs.length === 0) return [];
  const ledger = await openLedger(project);
  try {
    const columns: AskedColumn[] = [];
    for (const spec of specs) columns.push(await askLabeler(project, spec, n, items(), ledger, options));
    return columns;
  } finally {
    await ledger.close();
  }
}

async function askLabeler(
  project: Project,
  spec: LabelerSpec,
  n: number,
  items: AsyncIterable<Item>,
  ledger: FileLedger,
  { environment, signal, onProgress }: AskingOptions,
): Promise<AskedColumn> {
  const target = inquiryOf(project, spec);
  const { question, technique } = target.inquiry;
  const labels = question.labels.map(({ id }) => [id]);
  const writer = new ColumnWriter(n, labels);
  const started = performance.now();
  let done = 0;
  const summary = await ask(target, items, environment, {
    ledger,
    random: createRandom(project.seed).fork(spec.id),
    ...(signal && { signal }),
    onAnswer: ({ ordinal, item, answer }) => {
      writer.write(ordinal, item, answer);
      done += 1;
      onProgress?.(spec, done);
    },
  });
  if (summary.stopped?.kind === 'cancelled') {
    const count = summary.answered.toLocaleString('en');
    const message = `stopped after ${count} answers of ${spec.id}; they are kept, and are not paid again: go on with --resume`;
    throw new CoreError('stopped', message);
  }
  const spent = (await ledger.spending()).find(({ labeler }) => labeler === spec.id);
  const { usd = 0, openUsd = 0, calls = 0, usage = { input: 0, cachedInput: 0, output: 0 } } = spent ?? {};
  return {
    column: writer.column(spec, spec.silence ?? technique.silence),
    seconds: (performance.now() - started) / 1000,
    failures: writer.failures,
    asked: { model: target.options.model, usd, openUsd, calls, usage, summary },
  };
}

/** The providers' packages are loaded when a model is asked, not before. */
async function ask(
  { inquiry, connection, options }: ReturnType<typeof inquiryOf>,
  items: AsyncIterable<Item>,
  environment: AskingOptions['environment'],
  how: AskOptions & { readonly ledger: FileLedger },
): Promise<AskSummary> {
  const allowedHosts = allowedHostsOf(environment);
  const door = allowedHosts ? { allowedHosts } : {};
  const withKey = connectionWithKey(options.connection, connection, environment);
  if (connection.batchApi) {
    const { openAiBatches } = await import('../providers/openai-batches.ts');
    return askInBatches(inquiry, items, { ...how, batches: openAiBatches(withKey, options.model, door) });
  }
  const { openProvider } = await import('../providers/open-provider.ts');
  const provider = await openProvider(withKey, options.model, door);
  const { concurrency, callsPerMinute } = connection;
  const traffic = { concurrency, ...(callsPerMinute !== undefined && { callsPerMinute }) };
  return askItems({ ...inquiry, provider }, items, { ...how, ...traffic }).finally(() => provider.close());
}

/** All but the provider: enough for an estimate. */
export function inquiryOf(
  project: Project,
  spec: LabelerSpec,
): { inquiry: Omit<Inquiry, 'provider'>; connection: ConnectionSpec; options: AskedOptions } {
  const technique = askedTechnique(spec.use);
  if (!technique) throw new CoreError('unknown-technique', `there is no technique '${spec.use}' that asks a language model`);
  const options = askedOptions(technique, spec.with);
  const connection = project.connections.get(options.connection);
  if (!connection) throw new CoreError('no-connection', `${spec.id}: there is no connection '${options.connection}'`);
  const { provider, baseUrl = '' } = connection;
  const { guidelines } = project.schema;
  const depends: Json = { provider, baseUrl, model: options.model, use: spec.use };
  const inquiry = {
    labeler: spec.id,
    technique,
    options,
    question: questionOf(project.schema, spec.question),
    prices: pricesAt(options.connection, connection, options.model),
    depends,
    ...(guidelines !== undefined && { guidelines }),
  };
  return { inquiry, connection, options };
}

/** Answers by ordinal, in any order, into one column. */
class ColumnWriter {
  failures: Failures = { count: 0, first: '', item: '' };
  private readonly codes: Uint16Array;
  private readonly confidences: Float32Array;
  private hasConfidence = false;
  private readonly answers: (readonly LabelId[])[];
  private readonly indexes: Map<string, number>;

  constructor(n: number, answers: readonly (readonly LabelId[])[]) {
    this.codes = new Uint16Array(n).fill(abstained);
    this.confidences = new Float32Array(n).fill(Number.NaN);
    this.answers = [...answers];
    this.indexes = new Map(answers.map((answer, index) => [answer.join('\n'), index]));
  }

  write(ordinal: number, item: Item, answer: Answer): void {
    if (answer.kind === 'abstain') return;
    if (answer.kind === 'failed') {
      this.codes[ordinal] = failure;
      const { count, first, item: before } = this.failures;
      this.failures = { count: count + 1, first: first || answer.reason, item: before || item.id };
      return;
    }
    const labels = labelsOf(answer);
    const key = [...labels].sort().join('\n');
    let index = this.indexes.get(key);
    if (index === undefined) this.indexes.set(key, (index = this.answers.push(labels) - 1));
    this.codes[ordinal] = firstAnswer + index;
    if (answer.confidence === undefined) return;
    this.confidences[ordinal] = answer.confidence;
    this.hasConfidence = true;
  }

  column({ id }: LabelerSpec, silence: Silence): AnswerColumn {
    const { codes, answers } = this;
    return { labeler: id, silence, complete: true, codes, answers, ...(this.hasConfidence && { confidences: this.confidences }) };
  }
}
