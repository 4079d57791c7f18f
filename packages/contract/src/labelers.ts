import { z } from 'zod';
import { done, id, interval, json, name, projectParams, time, version } from './common.ts';
import { routes } from './route.ts';

const labelerParams = projectParams.extend({ labeler: id });
const definition = z.object({ use: z.string().describe('technique'), with: z.record(z.string(), json), question: z.string().optional() });

export const labeler = z.object({
  id: z.int(),
  name,
  use: z.string(),
  kind: z
    .enum(['computed', 'person', 'imported', 'asked'])
    .describe('asked: a language model, which answers when it is asked and not in a run'),
  question: z.string(),
  with: z.record(z.string(), json),
  version,
  enabled: z.boolean(),
  costUsd: z.number().describe('of a vote; of language models what theirs came to so far'),
  updatedAt: time,
  /** Absent until it ran. Shares of all items. */
  statistics: z
    .object({
      run: z.int(),
      voted: z.int(),
      coverage: z.number(),
      overlapping: z.number(),
      conflicting: z.number(),
      votes: z.array(z.object({ label: z.string(), count: z.int() })),
      estimatedAccuracy: z.number(),
      goldAccuracy: interval.nullable(),
      peopleAccuracy: interval.nullable().describe('where people answered the same items'),
      failures: z.int(),
      firstFailure: z.string().nullable(),
      seconds: z.number(),
      worth: z
        .object({
          judge: z.enum(['gold', 'posterior']).describe('who says what is right: gold items, or where there are few the posterior itself'),
          items: z.int(),
          accuracy: z.number().describe('share of items that would no longer be right without it'),
          error: z.number().describe('standard error of that'),
          changed: z.int().describe('items that would have another label'),
          alone: z.int().describe('items that nobody else votes on'),
        })
        .nullable()
        .optional()
        .describe('what it adds to all others; absent for runs from before it was measured'),
    })
    .nullable(),
});
export type Labeler = z.infer<typeof labeler>;

export const labelerPreview = z.object({
  sampled: z.int().describe('items that it was tried on'),
  voted: z.int(),
  votes: z.array(z.object({ label: z.string(), count: z.int() })),
  goldAccuracy: interval.nullable(),
  peopleAccuracy: interval.nullable(),
  failures: z.int(),
  firstFailure: z.string().nullable(),
  conflicts: z.array(z.object({ labeler: z.string(), both: z.int(), differ: z.int() })).describe('with each other labeler, worst first'),
  /** "would flip 41: 33 spam → ham": the present answers that this labeler votes against. */
  against: z.array(z.object({ from: z.string(), to: z.string(), count: z.int() })),
  examples: z
    .array(
      z.object({
        ordinal: z.int(),
        id: z.string(),
        labels: z.array(z.string()),
        answer: z.array(z.string()).nullable(),
        reason: z.string().optional(),
        parts: z.array(z.object({ name: z.string(), content: z.string() })),
        matches: z.array(z.object({ part: z.string(), start: z.int(), end: z.int(), label: z.string().optional() })),
        conflicting: z.boolean(),
      }),
    )
    .describe('conflicting ones first'),
  milliseconds: z.number(),
});
export type LabelerPreview = z.infer<typeof labelerPreview>;

export const labelerRoutes = routes({
  listTechniques: {
    method: 'GET',
    path: '/api/techniques',
    summary: 'What labelers can be made of, with the JSON schema of their options',
    reply: z.object({
      labelers: z.array(
        z.object({
          name: z.string(),
          title: z.string(),
          summary: z.string(),
          paper: z.string().nullable(),
          learns: z.boolean(),
          options: json,
        }),
      ),
      asked: z
        .array(z.object({ name: z.string(), title: z.string(), summary: z.string(), paper: z.string().nullable(), options: json }))
        .describe('what asks a language model through a connection'),
      aggregators: z.array(z.object({ name: z.string(), title: z.string(), summary: z.string(), paper: z.string().nullable() })),
    }),
  },
  listLabelers: {
    method: 'GET',
    path: '/api/projects/:project/labelers',
    summary: 'All labelers of a project, people included, with how they do',
    params: projectParams,
    query: z.object({ question: z.string().optional() }),
    reply: z.object({
      labelers: z.array(labeler),
      overlaps: z.array(z.int()).describe('m×m over the labelers that ran, in the order of `matrix`'),
      conflicts: z.array(z.int()),
      matrix: z.array(z.string()),
    }),
  },
  createLabeler: {
    method: 'POST',
    path: '/api/projects/:project/labelers',
    summary: 'Adds a labeler',
    params: projectParams,
    body: definition.extend({ name, costUsd: z.number().min(0).default(0) }),
    reply: labeler,
  },
  updateLabeler: {
    method: 'PATCH',
    path: '/api/projects/:project/labelers/:labeler',
    summary: 'A new version of a labeler, or on and off',
    params: labelerParams,
    body: z.object({
      version,
      name: name.optional(),
      with: z.record(z.string(), json).optional(),
      enabled: z.boolean().optional(),
      costUsd: z.number().min(0).optional(),
    }),
    reply: labeler,
  },
  deleteLabeler: {
    method: 'DELETE',
    path: '/api/projects/:project/labelers/:labeler',
    summary: 'Takes a labeler away; undone by restore',
    params: labelerParams,
    reply: done,
  },
  restoreLabeler: {
    method: 'POST',
    path: '/api/projects/:project/labelers/:labeler/restore',
    summary: 'Brings a deleted labeler back',
    params: labelerParams,
    reply: labeler,
  },
  listVersions: {
    method: 'GET',
    path: '/api/projects/:project/labelers/:labeler/versions',
    summary: 'What a labeler was before',
    params: labelerParams,
    reply: z.array(z.object({ version, with: z.record(z.string(), json), createdAt: time, person: z.string() })),
  },
  previewLabeler: {
    method: 'POST',
    path: '/api/projects/:project/labelers/preview',
    summary: 'Tries a definition on a sample of 10,000 items, storing nothing',
    params: projectParams,
    body: definition.extend({ replaces: z.int().optional().describe('the labeler that it is a new version of') }),
    reply: labelerPreview,
  },
  suggestRules: {
    method: 'GET',
    path: '/api/projects/:project/labelers/suggestions',
    summary: 'Terms that best separate the present posterior, each ready to be a rule',
    params: projectParams,
    query: z.object({ question: z.string().optional() }),
    reply: z.array(z.object({ term: z.string(), label: z.string(), coverage: z.number(), precision: z.number(), n: z.int() })),
  },
});
