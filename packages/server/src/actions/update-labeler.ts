import { isDeepStrictEqual } from 'node:util';
import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { checkDefinition } from '../previews.ts';
import { audit } from '../stores/audit.ts';
import { imported } from '../stores/imported-votes.ts';
import { addVersion, changeLabeler, findLabeler, isNameTaken, type LabelerRow, lockLabeler } from '../stores/labelers.ts';
import { nameTaken } from './create-labeler.ts';

export interface UpdateLabeler {
  readonly version: number;
  readonly name?: string | undefined;
  readonly with?: Readonly<Record<string, unknown>> | undefined;
  readonly enabled?: boolean | undefined;
  readonly costUsd?: number | undefined;
}

/** Other options are a new version; a name, a price, on and off are not.
 *  @throws CoreError 'stale-version', 'bad-options' with the key, 'name-taken' */
export async function updateLabeler(
  context: Context,
  { person }: Member,
  project: number,
  id: number,
  { version, name, with: given, enabled, costUsd }: UpdateLabeler,
): Promise<LabelerRow> {
  const { db, events } = context;
  const seen = await findLabeler(db, project, id);
  if (!seen || seen.deleted_at) throw notFound('labeler');
  const options = given && !isDeepStrictEqual(given, seen.options) ? given : undefined;
  if (options) {
    if (seen.use === imported) throw new CoreError('conflict', 'The votes of this labeler came with a file: it has no options');
    checkVersion(seen, version);
    await checkDefinition(context, project, { use: seen.use, with: options, question: seen.question });
  }
  return db.transaction().execute(async (transaction) => {
    const before = await lockLabeler(transaction, project, id);
    if (!before || before.deleted_at) throw notFound('labeler');
    checkVersion(before, version);
    if (name !== undefined && (await isNameTaken(transaction, project, name, id))) throw nameTaken(name);
    const row = await changeLabeler(transaction, id, { name, options, enabled, costUsd });
    if (options) await addVersion(transaction, row, person.id);
    await events.publish(transaction, project, { kind: 'labelers' });
    const details = { labeler: id, name: row.name, version: row.version, enabled: row.enabled };
    await audit(transaction, { action: 'labeler.update', person: person.id, project, details });
    return row;
  });
}

/** @throws CoreError 'stale-version' */
function checkVersion({ version, name }: LabelerRow, seen: number): void {
  if (version === seen) return;
  throw new CoreError('stale-version', `Somebody else changed ${name} meanwhile: look at what it is now, then change it again`, {
    version,
  });
}
