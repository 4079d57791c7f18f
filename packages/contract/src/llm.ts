import { z } from 'zod';
import { done, id, interval, json, name, projectParams, time, version } from './common.ts';
import { routes } from './route.ts';

const connectionParams = projectParams.extend({ connection: id });
const labelerParams = projectParams.extend({ labeler: id });
const asking = z.object({ question: z.string().optional() });

export const llmProviders = ['openai', 'anthropic', 'google', 'openai-compatible'] as const;

export const modelPrices = z
  .object({ model: z.string().min(1), inputUsd: z.number().min(0), cachedInputUsd: z.number().min(0), outputUsd: z.number().min(0) })
  .describe('USD per million tokens');
export type ModelPrices = z.infer<typeof modelPrices>;

/** What a connection can be set to, without defaults: a change names only what it changes. */
const connectionFields = {
  name: name.describe('by which labelers name it'),
  provider: z.enum(llmProviders),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullable()
    .describe("null: the provider's own; openai-compatible needs one"),
  allowPrivate: z.boolean().describe('the address may be this machine or the local network; only administrators may say so'),
  prices: z.array(modelPrices).max(200).describe("in place of, or beside, the prices that come with Labelwright; model '*': any other"),
  concurrency: z.int().min(1).max(256),
  callsPerMinute: z.int().min(1).max(1_000_000).nullable(),
};
const connectionBody = z.object({
  ...connectionFields,
  baseUrl: connectionFields.baseUrl.default(null),
  allowPrivate: connectionFields.allowPrivate.default(false),
  prices: connectionFields.prices.default([]),
  concurrency: connectionFields.concurrency.default(32),
  callsPerMinute: connectionFields.callsPerMinute.default(null),
});
const key = z.string().trim().min(1).max(10_000);

/** Where language models are reached. The key is written, never read: only its last four characters come back. */
export const connection = z.object({
  ...connectionFields,
  id: z.int(),
  keyLastFour: z.string().nullable().describe('null: without a key; empty: too short to show any of it'),
  usedBy: z.array(z.string()).describe('labelers that ask through it'),
  version,
  createdAt: time,
  updatedAt: time,
});
export type Connection = z.infer<typeof connection>;

const definition = z.object({ with: z.record(z.string(), json), question: z.string().optional() });

export const costEstimate = z.object({
  items: z.int().describe('that would be asked; of none of them where everything is answered: then all else is 0'),
  answered: z.int().describe('that have an answer already, for nothing'),
  requests: z.int(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  usd: z.number(),
  lowUsd: z.number(),
  highUsd: z.number(),
  maximumUsd: z.number().describe('every reply as long as allowed: what a budget must cover to be safe'),
  unshowable: z.int().describe('that have nothing that can be shown to it'),
  prices: modelPrices.extend({
    source: z.enum(['connection', 'table', 'own-machine']).describe('own-machine: costs nothing'),
    tableDate: z.string().nullable(),
  }),
});
export type CostEstimate = z.infer<typeof costEstimate>;

/** One reply to one item, when a prompt is tried. */
const tried = z.object({
  ordinal: z.int(),
  id: z.string(),
  labels: z.array(z.string()).nullable().describe('null: abstained, or failed'),
  confidence: z.number().nullable(),
  failure: z.string().nullable(),
  gold: z.array(z.string()).nullable(),
});

export const promptPreview = z.object({
  requests: z.array(
    z.object({
      items: z.array(z.object({ ordinal: z.int(), id: z.string() })),
      system: z.string(),
      messages: z.array(z.object({ role: z.enum(['user', 'assistant']), text: z.string(), images: z.int() })),
    }),
  ),
  answers: z.array(tried).describe('empty where the model was not asked'),
  usd: z.number().describe('what asking cost just now'),
  milliseconds: z.number(),
});
export type PromptPreview = z.infer<typeof promptPreview>;

export const askingStates = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;

/** A model being asked about the items of a project. */
export const askingRun = z.object({
  id: z.int(),
  labeler: z.object({ id: z.int(), name: z.string(), version }),
  state: z.enum(askingStates),
  reason: z.string().nullable().describe('why it is paused or failed: "budget of $ 2.00 spent"'),
  done: z.int(),
  total: z.int(),
  cached: z.int(),
  failures: z
    .array(z.object({ reason: z.string(), count: z.int() }))
    .describe('most frequent first: refused, malformed, cut off, timeout …'),
  usd: z.number().describe('spent in this asking; calls under way count at their highest price'),
  budgetUsd: z.number().nullable(),
  itemsPerSecond: z.number(),
  person: z.string(),
  createdAt: time,
  finishedAt: time.nullable(),
});
export type AskingRun = z.infer<typeof askingRun>;

export const spending = z.object({
  labeler: z.object({ id: z.int(), name: z.string() }).nullable().describe('null: trials, tests of connections, proposals'),
  usd: z.number(),
  openUsd: z.number().describe('of it for calls whose bill has not come'),
  budgetUsd: z.number().nullable(),
  calls: z.int(),
  answers: z.int(),
  inputTokens: z.int(),
  cachedInputTokens: z.int(),
  outputTokens: z.int(),
});
export type Spending = z.infer<typeof spending>;

const bins = z.array(
  z.object({ from: z.number(), to: z.number(), count: z.int(), meanProbability: z.number(), accuracy: z.number(), interval }),
);
export const confidenceReport = z.object({
  judge: z.enum(['gold', 'people', 'none']),
  n: z.int(),
  stated: z.object({ bins, expectedCalibrationError: z.number() }).nullable(),
  calibrated: z
    .object({ method: z.string(), bins, expectedCalibrationError: z.number() })
    .nullable()
    .describe('as the aggregator counts it; each item judged by a map that did not see it'),
});
export type ConfidenceReport = z.infer<typeof confidenceReport>;

const judged = z.object({ name: z.string(), version, answered: z.int(), accuracy: interval.nullable(), usd: z.number() });
export const labelerComparison = z.object({
  a: judged,
  b: judged,
  both: z.int().describe('items that both answered'),
  differ: z.int(),
  labels: z.array(z.string()),
  /** k×k row-major: rows = what a said, columns = what b said. */
  matrix: z.array(z.int()),
  mcnemar: z
    .object({ judge: z.enum(['gold', 'people']), n: z.int(), onlyA: z.int(), onlyB: z.int(), pValue: z.number() })
    .nullable()
    .describe('of the items with a judge: right by a alone, by b alone; exact two-sided'),
  examples: z.array(
    z.object({ ordinal: z.int(), id: z.string(), a: z.array(z.string()), b: z.array(z.string()), judge: z.array(z.string()).nullable() }),
  ),
});
export type LabelerComparison = z.infer<typeof labelerComparison>;

export const promptProposal = z.object({
  template: z.string(),
  changes: z.string().describe('what was changed and why, in the words of the model'),
  heldOut: z.object({ n: z.int(), before: interval, after: interval, onlyBefore: z.int(), onlyAfter: z.int(), pValue: z.number() }),
  better: z.boolean().describe('on items that the proposal was not made from; where not, it is not offered'),
  usd: z.number(),
});
export type PromptProposal = z.infer<typeof promptProposal>;

export const sliceReport = z.object({
  labeler: z.string(),
  judge: z.enum(['gold', 'people', 'none']),
  overall: z.object({ n: z.int(), error: interval.nullable() }),
  slices: z.array(
    z.object({
      field: z.string(),
      value: z.string(),
      items: z.int(),
      error: interval.nullable(),
      labels: z.array(z.object({ label: z.string(), share: z.number() })),
      pValue: z.number().nullable().describe('error rate against all other items, corrected for the number of slices'),
      concentrated: z.boolean(),
    }),
  ),
  warnings: z.array(z.string()),
});
export type SliceReport = z.infer<typeof sliceReport>;

/** What a model thinks of answers of people. Its words are untrusted text. */
export const secondOpinions = z.object({
  looked: z.int().describe('items on which it has an opinion'),
  doubts: z
    .array(
      z.object({
        ordinal: z.int(),
        id: z.string(),
        given: z.array(z.string()),
        proposed: z.array(z.string()),
        reason: z.string(),
        probability: z.number().describe('that the given answer is wrong, as the model states it: good for the order only'),
      }),
    )
    .describe('most sure first'),
  failed: z.array(z.object({ ordinal: z.int(), id: z.string(), reason: z.string() })),
  stopped: z.string().nullable().describe('why not all were looked at'),
  usd: z.number(),
});
export type SecondOpinions = z.infer<typeof secondOpinions>;

export const guidelineDraft = z.object({
  disputed: z.int().describe('items that people answered differently'),
  definitions: z.array(z.object({ label: z.string(), definition: z.string() })),
  edgeCases: z.array(z.object({ rule: z.string(), label: z.string(), why: z.string() })),
  openQuestions: z.array(z.string()).describe('what only the owner can settle'),
  leftOut: z.int().describe('entries that did not fit the question, or repeated an item'),
  usd: z.number(),
});
export type GuidelineDraft = z.infer<typeof guidelineDraft>;

const madeKind = z.enum(['paraphrase', 'variant', 'counterfactual', 'new']);
const making = { kind: madeKind, part: z.string().min(1), parents: z.array(z.string()).min(1).max(20), prompt: z.string(), by: z.string() };
export const madeItems = z.object({
  ...making,
  made: z.array(z.object({ text: z.string(), intended: z.array(z.string()).describe('a wish, not a vote') })),
  dropped: z.array(z.object({ text: z.string(), reason: z.string() })).describe('near-duplicates, blanks …'),
  usd: z.number(),
});
export type MadeItems = z.infer<typeof madeItems>;

export const llmRoutes = routes({
  listConnections: {
    method: 'GET',
    path: '/api/projects/:project/connections',
    summary: 'Where language models are reached; keys never come back',
    params: projectParams,
    reply: z.array(connection),
  },
  createConnection: {
    method: 'POST',
    path: '/api/projects/:project/connections',
    summary: 'Connects a provider by key and address',
    params: projectParams,
    body: connectionBody.extend({ key: key.optional() }),
    reply: connection,
  },
  updateConnection: {
    method: 'PATCH',
    path: '/api/projects/:project/connections/:connection',
    summary: 'Changes a connection; without a key the present one stays. Another address asks for the key anew',
    params: connectionParams,
    body: z
      .object(connectionFields)
      .partial()
      .extend({ version, key: key.nullable().optional().describe('null: takes it away') }),
    reply: connection,
  },
  deleteConnection: {
    method: 'DELETE',
    path: '/api/projects/:project/connections/:connection',
    summary: 'Forgets a connection and its key; labelers that use it can no longer ask',
    params: connectionParams,
    reply: done,
  },
  testConnection: {
    method: 'POST',
    path: '/api/projects/:project/connections/:connection/test',
    summary: 'Asks a model one short question',
    params: connectionParams,
    body: z.object({ model: z.string().min(1) }),
    reply: z.object({ ok: z.boolean(), message: z.string(), milliseconds: z.number(), usd: z.number() }),
  },
  previewPrompt: {
    method: 'POST',
    path: '/api/projects/:project/labelers/prompt-preview',
    summary: 'The prompt as it is sent, for a few real items; with `ask` the answers too (that costs)',
    params: projectParams,
    body: definition.extend({
      items: z.int().min(1).max(10).default(3),
      seed: z.int().min(0).default(0).describe('another one draws other items'),
      ask: z.boolean().default(false),
    }),
    reply: promptPreview,
  },
  estimateAsking: {
    method: 'POST',
    path: '/api/projects/:project/labelers/estimate',
    summary: 'What it will cost to ask about all items, before it runs: tokens counted on a sample',
    params: projectParams,
    body: definition.extend({ labeler: z.int().optional().describe('whose answers are there already'), limit: z.int().min(1).optional() }),
    reply: costEstimate,
  },
  startAsking: {
    method: 'POST',
    path: '/api/projects/:project/labelers/:labeler/askings',
    summary: 'Asks a model about the items that it has not answered in its present version, the least sure first',
    params: labelerParams,
    body: z.object({
      limit: z.int().min(1).optional().describe('at most so many items'),
      budgetUsd: z.number().gt(0).nullable().default(null).describe('in this asking'),
      thenRun: z.boolean().default(true).describe('starts a run when it is done'),
    }),
    reply: askingRun,
  },
  listAskings: {
    method: 'GET',
    path: '/api/projects/:project/askings',
    summary: 'Askings, the newest first',
    params: projectParams,
    reply: z.array(askingRun),
  },
  pauseAsking: {
    method: 'POST',
    path: '/api/projects/:project/askings/:asking/pause',
    summary: 'Finishes the calls under way and asks nothing new',
    params: projectParams.extend({ asking: id }),
    reply: askingRun,
  },
  resumeAsking: {
    method: 'POST',
    path: '/api/projects/:project/askings/:asking/resume',
    summary: 'Goes on, with another budget where one is given',
    params: projectParams.extend({ asking: id }),
    body: z.object({ budgetUsd: z.number().gt(0).nullable().optional() }),
    reply: askingRun,
  },
  cancelAsking: {
    method: 'POST',
    path: '/api/projects/:project/askings/:asking/cancel',
    summary: 'Ends it; answers that came stay',
    params: projectParams.extend({ asking: id }),
    reply: askingRun,
  },
  getSpending: {
    method: 'GET',
    path: '/api/projects/:project/spending',
    summary: 'The ledger of language models',
    params: projectParams,
    reply: z.object({ budgetUsd: z.number().nullable(), usd: z.number(), labelers: z.array(spending) }),
  },
  setSpendingLimits: {
    method: 'PUT',
    path: '/api/projects/:project/spending',
    summary: 'Budgets: of the project, and of labelers (null: none)',
    params: projectParams,
    body: z.object({
      budgetUsd: z.number().gt(0).nullable().optional(),
      labelers: z.array(z.object({ id: z.int(), budgetUsd: z.number().gt(0).nullable() })).default([]),
    }),
    reply: done,
  },
  getConfidence: {
    method: 'GET',
    path: '/api/projects/:project/labelers/:labeler/confidence',
    summary: 'How far a labeler is right when it says how sure it is, as said and as calibrated',
    params: labelerParams,
    query: asking,
    reply: confidenceReport,
  },
  compareLabelers: {
    method: 'GET',
    path: '/api/projects/:project/labelers/compare',
    summary: 'Two labelers, or two versions of one, on the same items',
    params: projectParams,
    query: z.object({
      a: id,
      b: id,
      aVersion: z.coerce.number().int().min(1).optional(),
      bVersion: z.coerce.number().int().min(1).optional(),
    }),
    reply: labelerComparison,
  },
  improvePrompt: {
    method: 'POST',
    path: '/api/projects/:project/labelers/:labeler/improve',
    summary: 'A better prompt from its confusions, tested on items that it was not made from',
    params: labelerParams,
    body: z.object({ budgetUsd: z.number().gt(0).default(1) }),
    reply: promptProposal,
  },
  secondOpinions: {
    method: 'POST',
    path: '/api/projects/:project/labelers/:labeler/second-opinions',
    summary: "What a model thinks of people's answers, the least believed first; a list for review, nothing is changed",
    params: labelerParams,
    body: z.object({ items: z.int().min(1).max(200).default(40), budgetUsd: z.number().gt(0).default(1) }),
    reply: secondOpinions,
  },
  draftGuidelines: {
    method: 'POST',
    path: '/api/projects/:project/labelers/:labeler/guideline-draft',
    summary: 'Definitions and edge cases drafted from what people answered differently; nothing is changed',
    params: labelerParams,
    body: z.object({ budgetUsd: z.number().gt(0).default(1) }),
    reply: guidelineDraft,
  },
  makeItems: {
    method: 'POST',
    path: '/api/projects/:project/labelers/:labeler/made-items',
    summary: 'Texts made from items: paraphrases, variants, counterfactuals, new ones of a rare label; to be looked at, nothing is stored',
    params: labelerParams,
    body: z.object({
      kind: madeKind,
      ordinals: z.array(z.int().min(0)).min(1).max(20).describe('one parent; of `new` examples with the label'),
      label: z.string().optional().describe('of counterfactual and new'),
      style: z.string().max(500).optional().describe('of variant'),
      part: z.string().min(1).optional(),
      count: z.int().min(1).max(20).default(5),
      budgetUsd: z.number().gt(0).default(1),
    }),
    reply: madeItems,
  },
  keepMadeItems: {
    method: 'POST',
    path: '/api/projects/:project/made-items',
    summary: 'Puts made texts among the items, marked for ever: no audit, certificate or judge of prompts sees them',
    params: projectParams,
    body: z.object({
      ...making,
      prompt: making.prompt.max(200),
      by: making.by.max(200),
      texts: z.array(z.string().min(1).max(100_000)).min(1).max(20),
    }),
    reply: z.object({ added: z.int() }),
  },
  getSlices: {
    method: 'GET',
    path: '/api/projects/:project/labelers/:labeler/slices',
    summary: 'Where its errors are concentrated: rates by field, language and length, with intervals',
    params: labelerParams,
    query: z.object({ field: z.string().optional() }),
    reply: sliceReport,
  },
});
