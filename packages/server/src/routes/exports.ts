import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CoreError } from '@labelwright/core/model/errors';
import { createExport } from '../actions/create-export.ts';
import { notFound } from '../errors.ts';
import { exportPath } from '../exporting/make-export.ts';
import { previewExport } from '../exporting/preview-export.ts';
import type { Handlers } from '../handlers.ts';
import { audit } from '../stores/audit.ts';
import { exportsOf, findExport, presentExport } from '../stores/exports.ts';

export const exportHandlers = {
  previewExport: ({ params, body, context }) => previewExport(context, params.project, body),

  createExport: async ({ params, body, caller, context }) => presentExport(await createExport(context, caller, params.project, body)),

  listExports: async ({ params, context }) => (await exportsOf(context.db, params.project)).map(presentExport),

  downloadExport: async ({ params, caller, context, reply }) => {
    const row = await findExport(context.db, params.project, params.export);
    if (!row) throw notFound('export');
    const path = exportPath(context.files.dataDirectory, row.id);
    const file = row.state === 'done' ? await stat(path).catch(() => undefined) : undefined;
    if (!file || !row.file_name)
      throw new CoreError('conflict', row.state === 'done' ? 'The file of this export is gone' : 'This export is not done');
    await audit(context.db, { action: 'export.download', person: caller.person.id, project: params.project, details: { export: row.id } });
    const plain = row.file_name.replace(/[^\w.-]/g, '_');
    reply.header('content-type', 'application/octet-stream');
    reply.header('content-length', file.size);
    reply.header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(row.file_name)}`);
    reply.header('content-security-policy', "default-src 'none'; sandbox");
    return createReadStream(path);
  },
} satisfies Partial<Handlers>;
