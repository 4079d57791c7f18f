import { z } from 'zod';
import { done, interval, name, projectParams, time, version } from './common.ts';
import { certificate } from './quality.ts';
import { routes } from './route.ts';
import { schema } from './schema.ts';

/** What a project can be set to, without defaults: a change names only what it changes. */
const choices = {
  targetError: z.number().gt(0).lt(1).describe('share of wrong labels that is tolerable among the accepted'),
  confidence: z.number().gt(0.5).lt(1).describe('probability that the promise of a certificate holds'),
  textFields: z.array(z.string()).describe('fields that are read as text, in the order of showing; none: `text`, else every text field'),
  metadataFields: z.array(z.string()).describe('fields shown beside the item'),
  hiddenFields: z.array(z.string()).describe('fields that no labeler and no annotator sees'),
  goldField: z.string().optional().describe('field with trusted labels, used only to score; hidden as well'),
  goldLabels: z.record(z.string(), z.string()).optional().describe('value of the gold field → label'),
  aggregator: z.string(),
  planner: z.enum(['uncertainty', 'random', 'oldest']),
  overlap: z.int().min(1).max(20).describe('how many people label each item'),
  blind: z.boolean().describe("hide the machine's opinion from annotators"),
  leaseSeconds: z.int().min(30).max(86_400).describe('how long an item stays reserved for the one who opened it'),
  wageUsdPerHour: z.number().min(0),
};
export const settings = z.object({
  ...choices,
  targetError: choices.targetError.default(0.05),
  confidence: choices.confidence.default(0.95),
  textFields: choices.textFields.default([]),
  metadataFields: choices.metadataFields.default([]),
  hiddenFields: choices.hiddenFields.default([]),
  aggregator: choices.aggregator.default('auto'),
  planner: choices.planner.default('uncertainty'),
  overlap: choices.overlap.default(1),
  blind: choices.blind.default(false),
  leaseSeconds: choices.leaseSeconds.default(900),
  wageUsdPerHour: choices.wageUsdPerHour.default(20),
});
export type Settings = z.infer<typeof settings>;
/** Null takes a setting away. Not `settings.partial()`: zod fills the defaults of what is absent, and a change of one setting would reset the others. */
export const settingsChange = z
  .object({ ...choices, goldField: z.string().nullable(), goldLabels: choices.goldLabels.nullable() })
  .partial();
export type SettingsChange = z.infer<typeof settingsChange>;

export const project = z.object({
  id: z.int(),
  name,
  schema,
  settings,
  version,
  items: z.int(),
  createdAt: time,
  archivedAt: time.nullable(),
  role: z.enum(['owner', 'manager', 'reviewer', 'annotator', 'viewer']),
});
export type Project = z.infer<typeof project>;

/** The funnel and the next best thing, for a glance of ten seconds. */
export const overview = z.object({
  question: z.string(),
  items: z.int(),
  covered: z.int(),
  conflicting: z.int(),
  accepted: z.int(),
  waiting: z.int(),
  reviewed: z.int().describe('items that a person answered'),
  flagged: z.int(),
  expectedError: z.number(),
  certified: z.boolean(),
  certificate: certificate.nullable().describe('the one that holds, of the present labels'),
  audit: z
    .object({ id: z.int(), number: z.int(), state: z.string(), answered: z.int(), drawn: z.int(), reason: z.string().nullable() })
    .nullable()
    .describe('the last audit'),
  secondsPerItem: z.number().nullable().describe('median time of people per item; null where nobody labeled yet'),
  spend: z.object({ personSeconds: z.number(), personUsd: z.number(), machineUsd: z.number() }),
  /** Of the items that people answered, how often the machine had said the same before. */
  peopleAgreeWithMachine: interval.nullable(),
  gold: interval.nullable(),
  confidence: z.object({ accepted: z.array(z.int()), waiting: z.array(z.int()) }),
  labels: z.array(z.object({ label: z.string(), answered: z.int(), share: z.number() })),
  next: z.object({
    action: z.enum(['import', 'add-labelers', 'run', 'label', 'review-flagged', 'audit', 'continue-audit', 'export']),
    title: z.string(),
    reason: z.string(),
  }),
  warnings: z.array(z.string()),
  run: z.object({ id: z.int(), number: z.int(), finishedAt: time.nullable(), stale: z.boolean() }).nullable(),
});
export type Overview = z.infer<typeof overview>;

export const projectRoutes = routes({
  listProjects: {
    method: 'GET',
    path: '/api/projects',
    summary: 'Projects that the caller may see, newest first',
    query: z.object({ archived: z.stringbool().optional() }),
    reply: z.array(project.extend({ accepted: z.int(), waiting: z.int() })),
  },
  createProject: {
    method: 'POST',
    path: '/api/projects',
    summary: 'A new project, empty, owned by the caller',
    body: z.object({ name, schema, settings: settingsChange.optional() }),
    reply: project,
  },
  getProject: { method: 'GET', path: '/api/projects/:project', summary: 'One project', params: projectParams, reply: project },
  updateProject: {
    method: 'PATCH',
    path: '/api/projects/:project',
    summary: 'Changes name, schema or settings; labels in use cannot be removed, questions in use only knowingly',
    params: projectParams,
    body: z.object({
      version,
      name: name.optional(),
      schema: schema.optional(),
      settings: settingsChange.optional(),
      without: z
        .array(z.string())
        .max(20)
        .default([])
        .describe(
          'questions that go although people have answered them; the answers stay in the history, and are back when the question is',
        ),
    }),
    reply: project,
  },
  archiveProject: {
    method: 'POST',
    path: '/api/projects/:project/archive',
    summary: 'Takes a project out of sight; undone by restore',
    params: projectParams,
    reply: done,
  },
  restoreProject: {
    method: 'POST',
    path: '/api/projects/:project/restore',
    summary: 'Brings an archived project back',
    params: projectParams,
    reply: done,
  },
  getOverview: {
    method: 'GET',
    path: '/api/projects/:project/overview',
    summary: 'The funnel, the spend and the next best thing to do',
    params: projectParams,
    query: z.object({ question: z.string().optional() }),
    reply: overview,
  },
});
