import { open } from 'node:fs/promises';
import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Member } from '../context.ts';
import { audit } from '../stores/audit.ts';
import { addImport, forgetStaleUploads, type ImportRow } from '../stores/imports.ts';
import { checkRoom, makeUploadFolder, maxUploadBytes, newUploadName, removeUpload, uploadPath } from '../uploads.ts';

/** Days after which an upload that nobody went on with is deleted. */
const staleDays = 7;

/** @throws CoreError 'too-large', 'disk-full' */
export async function createImport(
  { db, files }: Context,
  { person }: Member,
  project: number,
  { fileName, sizeBytes }: { readonly fileName: string; readonly sizeBytes: number },
): Promise<ImportRow> {
  if (sizeBytes > maxUploadBytes)
    throw new CoreError(
      'too-large',
      `A file may have 2 GiB, '${fileName}' has ${(sizeBytes / 2 ** 30).toFixed(1)} GiB: split it, or compress it with gzip`,
    );
  for (const name of await forgetStaleUploads(db, staleDays)) await removeUpload(files.dataDirectory, name);
  await makeUploadFolder(files.dataDirectory);
  await checkRoom(files.dataDirectory, sizeBytes);
  const file = newUploadName();
  await (await open(uploadPath(files.dataDirectory, file), 'wx', 0o600)).close();
  return db.transaction().execute(async (transaction) => {
    const row = await addImport(transaction, { project, person: person.id, fileName: shown(fileName), sizeBytes, options: { file } });
    await audit(transaction, {
      action: 'import.create',
      person: person.id,
      project,
      details: { import: row.id, fileName: row.file_name, sizeBytes },
    });
    return row;
  });
}

/** Control characters out, and whatever folder the browser named. */
function shown(fileName: string): string {
  const clean = fileName.replace(/\p{Cc}/gu, '').split(/[\\/]/);
  return clean.at(-1) || 'file';
}
