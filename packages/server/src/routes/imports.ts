import type { Readable } from 'node:stream';
import type { ImportPreview } from '@labelwright/contract/imports';
import { CoreError } from '@labelwright/core/model/errors';
import { cancelImport } from '../actions/cancel-import.ts';
import { createImport } from '../actions/create-import.ts';
import { receiveBytes } from '../actions/receive-bytes.ts';
import { startImport } from '../actions/start-import.ts';
import { notFound } from '../errors.ts';
import type { Call, Handlers } from '../handlers.ts';
import { findImport, importsOf, optionsOf, presentImport } from '../stores/imports.ts';
import { findProject } from '../stores/projects.ts';
import type { PreviewRequest } from '../threads/preview-upload.ts';
import { runThread } from '../threads/thread.ts';
import { uploadPath } from '../uploads.ts';

export const importHandlers = {
  createImport: async ({ params, body, caller, context }) => presentImport(await createImport(context, caller, params.project, body)),

  uploadChunk: async ({ params, query, context, request }) => {
    if (!isStream(request.body)) throw new CoreError('unsupported-type', 'Send application/octet-stream');
    return presentImport(await receiveBytes(context, params.project, params.import, query.offset, request.body));
  },

  previewImport: async (call) => preview(call),

  startImport: async ({ params, body, caller, context }) =>
    presentImport(await startImport(context, caller, params.project, params.import, body)),

  getImport: async ({ params, context }) => {
    const row = await findImport(context.db, params.project, params.import);
    if (!row) throw notFound('import');
    return presentImport(row);
  },

  cancelImport: async ({ params, caller, context }) => presentImport(await cancelImport(context, caller, params.project, params.import)),

  listImports: async ({ params, context }) => (await importsOf(context.db, params.project)).map(presentImport),
} satisfies Partial<Handlers>;

const previewMs = 30_000;
const previewMemoryMb = 1536;

/** In a thread: a workbook is read whole. */
async function preview({ params, query, context }: Call<'previewImport'>): Promise<ImportPreview> {
  const row = await findImport(context.db, params.project, params.import);
  const project = await findProject(context.db, params.project);
  if (!row || !project) throw notFound('import');
  const { file, format, encoding } = optionsOf(row);
  if (file === undefined) throw new CoreError('conflict', 'This file was imported, or is gone');
  const request: PreviewRequest = {
    path: uploadPath(context.files.dataDirectory, file),
    fileName: row.file_name,
    format: query.format ?? format,
    encoding: query.encoding ?? encoding,
    isPartial: row.received_bytes < row.size_bytes,
    labels: project.schema.questions.flatMap(({ labels }) => labels.map(({ id }) => id)),
  };
  try {
    return await runThread('threads/preview-upload-thread', request, { timeoutMs: previewMs, memoryMb: previewMemoryMb });
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    const ours = ['conflict', 'bad-options'].includes(error.code);
    throw ours ? error : new CoreError('bad-file', error.message, error.details, { cause: error });
  }
}

function isStream(body: unknown): body is Readable {
  return typeof (body as Readable | undefined)?.pipe === 'function';
}
