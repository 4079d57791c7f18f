import { z } from 'zod';
import { id, json, problem, projectParams, time } from './common.ts';
import { routes } from './route.ts';

const importParams = projectParams.extend({ import: id });

export const importState = z.object({
  id: z.int(),
  fileName: z.string(),
  state: z.enum(['uploading', 'uploaded', 'queued', 'running', 'done', 'failed', 'cancelled']),
  sizeBytes: z.int(),
  receivedBytes: z.int(),
  items: z.int().describe('new items stored so far'),
  duplicates: z.int().describe('items that were there already; left untouched'),
  problems: z.int(),
  firstProblems: z.array(problem),
  share: z.number().describe('0..1 of the file that is read'),
  error: z.string().nullable(),
  createdAt: time,
});
export type ImportState = z.infer<typeof importState>;

export const preview = z.object({
  format: z.string(),
  fields: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['text', 'number', 'boolean', 'category', 'other']),
      example: z.string(),
      filled: z.number(),
      distinct: z.int(),
    }),
  ),
  rows: z.array(z.object({ id: z.string(), fields: z.record(z.string(), json) })),
  problems: z.array(problem),
  suggestion: z.object({
    idField: z.string().nullable(),
    textFields: z.array(z.string()),
    metadataFields: z.array(z.string()),
    goldField: z.string().nullable(),
  }),
});
export type ImportPreview = z.infer<typeof preview>;

export const importRoutes = routes({
  createImport: {
    method: 'POST',
    path: '/api/projects/:project/imports',
    summary: 'Announces a file; then send its bytes',
    params: projectParams,
    body: z.object({ fileName: z.string().min(1).max(500), sizeBytes: z.int().min(0) }),
    reply: importState,
  },
  /** Raw bytes (application/octet-stream) to be put at `offset`, which must be what was received so far: an interrupted upload goes on. */
  uploadChunk: {
    method: 'PUT',
    path: '/api/projects/:project/imports/:import/content',
    summary: 'Sends bytes of the file, from `offset` on',
    params: importParams,
    query: z.object({ offset: z.coerce.number().int().min(0) }),
    reply: importState,
  },
  previewImport: {
    method: 'GET',
    path: '/api/projects/:project/imports/:import/preview',
    summary: 'The first rows and what the fields look like',
    params: importParams,
    query: z.object({ encoding: z.string().optional(), format: z.string().optional() }),
    reply: preview,
  },
  startImport: {
    method: 'POST',
    path: '/api/projects/:project/imports/:import/start',
    summary: 'Reads the file into the project, in the background',
    params: importParams,
    body: z.object({
      format: z.string().optional(),
      encoding: z.string().optional(),
      idField: z.string().optional(),
      onProblem: z.enum(['skip', 'all-or-nothing']).default('skip'),
    }),
    reply: importState,
  },
  getImport: {
    method: 'GET',
    path: '/api/projects/:project/imports/:import',
    summary: 'How far an import is',
    params: importParams,
    reply: importState,
  },
  cancelImport: {
    method: 'POST',
    path: '/api/projects/:project/imports/:import/cancel',
    summary: 'Stops an import; items stored so far stay',
    params: importParams,
    reply: importState,
  },
  listImports: {
    method: 'GET',
    path: '/api/projects/:project/imports',
    summary: 'Imports, newest first',
    params: projectParams,
    reply: z.array(importState),
  },
});
