import { z } from 'zod';

const id = z.string().min(1).max(200);
const path = z.string().min(1).describe('a path, relative to the project file');

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
