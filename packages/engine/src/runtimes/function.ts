import type { Answerer, ComputedLabeler, LabelerTask, Sample } from '@labelwright/core/labelers/labeler';
import { abstain, type Answer, answerOf, failed } from '@labelwright/core/model/answer';
import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import type { LabelId } from '@labelwright/core/model/ids';
import { nearestName } from '@labelwright/core/model/nearest-name';
import { labelIds, type Question } from '@labelwright/core/model/schema';
import { z } from 'zod';
import { Sandbox } from './sandbox.ts';
import { stripTypes } from './strip-types.ts';

const options = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(1_000_000)
    .describe('A TypeScript or JavaScript file; in a project file { file: rules.ts }. Its default export answers'),
  fileName: z
    .string()
    .regex(/^[\w.@-]+$/, 'a file name of letters, digits, . - _ @')
    .default('function.ts')
    .describe('What messages call the file; one that ends in .js is taken as JavaScript'),
  timeoutMs: z.int().min(1).max(60_000).default(100).describe('How long it may take over one item'),
  memoryMb: z.int().min(4).max(1_024).default(64).describe('How much memory it may need, in MiB'),
  outputKb: z.int().min(1).max(10_240).default(256).describe('How long its answer to one item may be, as JSON, in KiB'),
});

export type FunctionOptions = z.infer<typeof options>;

/** A user's own function, `(item) => label | labels | null | { label, labels, confidence, reason }`, null being "no opinion". It runs apart from
 *  Node and all its data, without files, network, chance or clock; it is only ever run because a user named its file. What throws, takes too
 *  long, needs too much or answers nonsense is a failed item, never an abstention, and the next item is asked as if nothing had happened.
 *  The file is run once and its function called for many items, in no certain order: what it remembers between them it must not answer by. */
const functionLabeler: ComputedLabeler<FunctionOptions> = {
  kind: 'computed',
  name: 'function',
  title: 'TypeScript function',
  summary: 'Labels by a function of your own, run in a sandbox: for what rules cannot say.',
  options,
  silence: 'abstained',
  prepare,
};
export default functionLabeler;

async function prepare({ question, options }: LabelerTask<FunctionOptions>): Promise<Answerer> {
  const { fileName } = options;
  const limits = { timeoutMs: options.timeoutMs, memoryBytes: options.memoryMb << 20, outputCharacters: options.outputKb << 10 };
  const sandbox = new Sandbox(stripTypes(options.source, fileName), fileName, limits);
  try {
    await sandbox.start();
  } catch (error) {
    throw new CoreError('bad-options', `function: source: ${reasonOf(error)}`, { path: 'source' });
  }
  const answers = new Map(labelIds(question).map((label) => [label, Object.freeze(answerOf([label]))]));
  const ask = (sample: Sample): { answer: Answer; reason?: string } => {
    const reply = sandbox.call(inputOf(sample, question));
    if (reply.kind === 'fault') return { answer: failed(reply.reason) };
    try {
      const { labels, confidence, reason } = readReply(JSON.parse(reply.json), question);
      const shared = labels?.length === 1 && confidence === undefined ? answers.get(labels[0]) : undefined;
      const answer = labels ? (shared ?? answerOf(labels, confidence)) : abstain;
      return reason === undefined ? { answer } : { answer, reason };
    } catch (error) {
      return { answer: failed(`${fileName}: ${reasonOf(error)}`) };
    }
  };
  return {
    answer: (sample) => ask(sample).answer,
    explain: (sample) => {
      const { answer, reason } = ask(sample);
      if (answer.kind !== 'labels') return undefined;
      const said = answer.annotations.map(({ label }) => label).join(', ') || 'none of the labels';
      return { reason: reason ?? `${fileName} returned ${said}` };
    },
    dispose: () => sandbox.dispose(),
  };
}

/** What the function gets: data, made anew for each call. */
function inputOf(sample: Sample, question: Question): string {
  const { id, fields, parts } = sample.item;
  return JSON.stringify({ id, text: sample.text(question.part), fields, parts });
}

/** The labels, none for "no opinion", and what came with them. */
interface Reply {
  readonly labels?: readonly LabelId[];
  readonly confidence?: number;
  readonly reason?: string;
}

const longestReason = 500;

/** @throws Error that says what is wrong with what it returned */
function readReply(value: unknown, question: Question): Reply {
  if (value === null) return {};
  if (typeof value === 'string' || Array.isArray(value)) return { labels: labelsIn(value, question) };
  if (typeof value !== 'object')
    throw new Error(`it returned ${JSON.stringify(value)}; a label, a list of labels, null or { label } is expected`);
  const { label = null, labels = label, confidence, reason, ...rest } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`it returned an unknown key '${unknown}'; label, labels, confidence and reason are known`);
  if ('label' in value && 'labels' in value) throw new Error('it returned both label and labels');
  if (reason !== undefined && typeof reason !== 'string') throw new Error('it returned a reason that is no text');
  if (confidence !== undefined && !(typeof confidence === 'number' && confidence >= 0 && confidence <= 1)) {
    throw new Error(`it returned the confidence ${JSON.stringify(confidence)}; it must be 0..1`);
  }
  return {
    ...(labels !== null && { labels: labelsIn(labels, question) }),
    ...(typeof confidence === 'number' && { confidence }),
    ...(reason !== undefined && { reason: reason.slice(0, longestReason) }),
  };
}

function labelsIn(value: unknown, question: Question): LabelId[] {
  const given: unknown[] = Array.isArray(value) ? value : [value];
  if (!question.multiple && given.length !== 1) {
    throw new Error(`it returned ${given.length} labels; the question '${question.id}' takes one, null says "no opinion"`);
  }
  return [...new Set(given.map((each) => labelOf(each, question)))];
}

function labelOf(given: unknown, question: Question): LabelId {
  const known = labelIds(question);
  const label = known.find((each) => each === given);
  if (label !== undefined) return label;
  const near = typeof given === 'string' ? nearestName(given, known) : undefined;
  const shown = (JSON.stringify(given) ?? 'nothing').slice(0, 80);
  throw new Error(
    `it returned ${shown}, which is no label${near === undefined ? `; the labels are ${known.join(', ')}` : `; did you mean '${near}'?`}`,
  );
}
