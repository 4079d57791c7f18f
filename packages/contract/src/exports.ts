import { z } from 'zod';
import { id, projectParams, time } from './common.ts';
import { routes } from './route.ts';

const exportParams = projectParams.extend({ export: id });
const choice = z.object({
  format: z.string(),
  question: z.string().optional(),
  include: z.enum(['all', 'accepted', 'answered']).default('all'),
  votes: z.boolean().default(false).describe('the votes behind each label'),
  reasons: z.boolean().default(false).describe('why each labeler voted as it did; for JSON Lines, with the votes'),
  fields: z.boolean().default(true).describe("the items' own fields"),
  made: z.boolean().default(true).describe('items that a model or a program made from others as well'),
});

export const exported = z.object({
  id: z.int(),
  number: z.int().describe('immutable version 1, 2, 3 …'),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  format: z.string(),
  fileName: z.string().nullable(),
  items: z.int(),
  sizeBytes: z.int().nullable(),
  sha256: z.string().nullable(),
  losses: z.array(z.object({ what: z.string(), count: z.int() })),
  card: z.string().nullable().describe('data set card, Markdown'),
  error: z.string().nullable(),
  person: z.string(),
  createdAt: time,
});
export type Exported = z.infer<typeof exported>;

export const exportRoutes = routes({
  previewExport: {
    method: 'POST',
    path: '/api/projects/:project/exports/preview',
    summary: 'What would be lost, before anything is made',
    params: projectParams,
    body: choice,
    reply: z.object({ items: z.int(), losses: z.array(z.object({ what: z.string(), count: z.int() })), sample: z.string() }),
  },
  createExport: {
    method: 'POST',
    path: '/api/projects/:project/exports',
    summary: 'Makes an immutable, numbered version, in the background',
    params: projectParams,
    body: choice,
    reply: exported,
  },
  listExports: {
    method: 'GET',
    path: '/api/projects/:project/exports',
    summary: 'Versions, newest first',
    params: projectParams,
    reply: z.array(exported),
  },
  downloadExport: { method: 'GET', path: '/api/projects/:project/exports/:export/file', summary: 'The file itself', params: exportParams },
});
