import { z } from 'zod';
import { providerKinds } from '../providers/provider.ts';

const id = z.string().min(1).max(200);
const path = z.string().min(1).describe('a path, relative to the project file');

const prices = z
  .strictObject({
    inputUsd: z.number().min(0),
    cachedInputUsd: z.number().min(0).optional().describe('default: as input'),
    outputUsd: z.number().min(0),
  })
  .transform(({ inputUsd, cachedInputUsd = inputUsd, outputUsd }) => ({ inputUsd, cachedInputUsd, outputUsd }))
  .describe('USD per million tokens');

const connection = z.strictObject({
  provider: z.enum(providerKinds),
  baseUrl: z.url({ protocol: /^https?$/, error: 'must be an address that starts with http:// or https://' }).optional(),
  keyFrom: z
    .string()
    .regex(/^env [A-Za-z_]\w*$/, 'must be `env NAME`, the variable that holds the key: keys have no place in files')
    .transform((text) => text.slice(4))
    .optional(),
  allowPrivate: z.boolean().default(false).describe('the server is on this machine or in its network'),
  prices: z.record(z.string(), prices).default({}).describe('by model; "*": any other'),
  timeoutSeconds: z.number().min(1).max(3600).default(60).describe('of one call'),
  concurrency: z.int().min(1).max(256).default(32).describe('calls at once'),
  callsPerMinute: z.number().gt(0).optional(),
  batchApi: z.boolean().default(false).describe('of openai: answers within a day for half the price'),
});

const label = z.union([
  id,
  z.strictObject({
    id,
    title: z.string().optional(),
    description: z.string().optional().describe('what it means, for people and for prompts'),
    parent: id.optional().describe('the label above it, in a tree'),
    color: z.string().optional().describe('CSS colour'),
    hotkey: z.string().length(1).optional(),
  }),
]);

const question = z.strictObject({
  id: id.default('label'),
  title: z.string().optional(),
  labels: z.array(label).min(1).describe('names, or objects with id, title, description, parent, color, hotkey'),
  multiple: z.boolean().default(false).describe('several labels may hold at once'),
});

const labeler = z.strictObject({
  id,
  use: id.describe('the technique: see `labelwright labelers`'),
  with: z.record(z.string(), z.unknown()).default({}).describe('its options; {file: PATH} stands for the text of that file'),
  question: id.optional().describe('which question it answers; default the first'),
  silence: z.enum(['abstained', 'unasked']).optional().describe('what no vote means; default what the technique says'),
  costUsd: z.number().min(0).default(0).describe('price of one vote in USD'),
  budgetUsd: z.number().min(0).optional().describe('of a language model: what it may cost in all'),
  enabled: z.boolean().default(true),
});

const items = z.strictObject({
  file: path,
  format: z.string().optional().describe('default: by extension and content'),
  encoding: z.string().optional().describe('default utf-8'),
  id: z.string().optional().describe('the field that holds the id; default `id`, else the position'),
  text: z
    .union([z.string().transform((field) => [field]), z.array(z.string()).min(1)])
    .default([])
    .describe('fields that are read as text'),
  hide: z.array(z.string()).default([]).describe('fields that no labeler may see'),
});

const gold = z
  .strictObject({
    field: z.string().optional(),
    file: path.optional(),
    question: id.optional(),
    labels: z.record(z.string(), id).optional().describe('value → label, where the values are not the labels'),
  })
  .refine((given) => (given.field === undefined) !== (given.file === undefined), 'give either field or file');

/** What a project file may say. Unknown keys are errors: a typo must not be silently ignored. */
export const projectFile = z
  .strictObject({
    name: z.string().min(1).default('Untitled project'),
    items,
    question: question.optional().describe('short for one question'),
    questions: z.array(question).min(1).optional(),
    guidelines: z.string().optional().describe('Markdown'),
    labelers: z.array(labeler).default([]),
    connections: z.record(id, connection).default({}).describe('where language models are asked'),
    budgetUsd: z.number().min(0).optional().describe('what all language models may cost together'),
    gold: gold.optional().describe('trusted labels, used only to score'),
    aggregator: z
      .union([
        id.transform((use) => ({ use, with: {} as Record<string, unknown> })),
        z.strictObject({ use: id, with: z.record(z.string(), z.unknown()).default({}) }),
      ])
      .default({ use: 'auto', with: {} }),
    shares: z
      .record(id, z.number().min(0).max(1))
      .optional()
      .describe('share of the items that each label holds for, where it is known; of one label they sum to 1'),
    targetError: z.number().gt(0).lt(1).default(0.05),
    confidence: z.number().gt(0).lt(1).default(0.95),
    seed: z.int().default(0),
    output: path.default('labelwright-out'),
  })
  .refine((given) => (given.question === undefined) !== (given.questions === undefined), {
    message: 'give either question or questions',
    path: ['question'],
  });

export type ProjectFile = z.infer<typeof projectFile>;
