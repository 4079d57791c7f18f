import { formatNamed } from '@labelwright/core/formats/detect';
import { formats } from '@labelwright/core/formats/index';
import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { addJob } from '../jobs/add-job.ts';
import { audit } from '../stores/audit.ts';
import { changeImport, type ImportOptions, type ImportRow, lockImport, optionsOf } from '../stores/imports.ts';

export interface StartImport {
  readonly format?: string | undefined;
  readonly encoding?: string | undefined;
  readonly idField?: string | undefined;
  readonly onProblem: 'skip' | 'all-or-nothing';
}

/** Also once more what failed or was cancelled: with the same options it goes on where it stopped.
 *  @throws CoreError 'conflict', 'bad-options' */
export function startImport(
  { db, events }: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  id: number,
  given: StartImport,
): Promise<ImportRow> {
  checkGiven(given);
  return db.transaction().execute(async (transaction) => {
    const row = await lockImport(transaction, project, id);
    if (!row) throw notFound('import');
    const before = optionsOf(row);
    if (row.state === 'queued' || row.state === 'running') return row;
    if (row.state === 'uploading')
      throw new CoreError('conflict', 'Not all bytes of this file are here yet', { receivedBytes: row.received_bytes });
    if (row.state === 'done' || before.file === undefined)
      throw new CoreError('conflict', 'This file was imported, or is gone: send it again as a new import');
    const { format, encoding, idField, onProblem } = given;
    const options: ImportOptions = {
      file: before.file,
      ...(format !== undefined && { format }),
      ...(encoding !== undefined && { encoding }),
      ...(idField !== undefined && { idField }),
      onProblem,
      ...(before.sha256 !== undefined && { sha256: before.sha256 }),
      ...(before.positionPrefix !== undefined && { positionPrefix: before.positionPrefix }),
    };
    const isSame = (['format', 'encoding', 'idField', 'onProblem'] as const).every((key) => options[key] === before[key]);
    const anew = { records: 0, items: 0, duplicates: 0, problems: 0, first_problems: [], share: 0 };
    const started = await changeImport(transaction, id, { state: 'queued', error: null, options, ...(!isSame && anew) });
    await addJob(transaction, 'import', { import: id }, `import:${id}`);
    await events.publish(transaction, project, { kind: 'import', import: id, share: started?.share ?? 0, state: 'queued' });
    await audit(transaction, { action: 'import.start', person: person.id, project, details: { import: id, fileName: row.file_name } });
    return started as ImportRow;
  });
}

/** @throws CoreError 'bad-options' */
function checkGiven({ format, encoding }: StartImport): void {
  try {
    if (format !== undefined) formatNamed(formats, format);
    if (encoding !== undefined) return void new TextDecoder(encoding).encoding;
  } catch (error) {
    if (error instanceof CoreError) throw new CoreError('bad-options', error.message, { path: 'format' });
    throw new CoreError('bad-options', `encoding: '${encoding}' is not known`, { path: 'encoding' });
  }
}
