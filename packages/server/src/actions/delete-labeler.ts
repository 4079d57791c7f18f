import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { audit } from '../stores/audit.ts';
import { changeLabeler, isNameTaken, type LabelerRow, lockLabeler } from '../stores/labelers.ts';
import { nameTaken } from './create-labeler.ts';

/** What it said stays, out of sight, until it is brought back. @throws CoreError 'name-taken' where its name has gone to another one meanwhile */
export function deleteLabeler(
  { db, events }: Context,
  { person }: Member,
  project: number,
  id: number,
  isDeleted: boolean,
): Promise<LabelerRow> {
  return db.transaction().execute(async (transaction) => {
    const before = await lockLabeler(transaction, project, id);
    if (!before) throw notFound('labeler');
    if ((before.deleted_at !== null) === isDeleted) return before;
    if (!isDeleted && (await isNameTaken(transaction, project, before.name, id))) throw nameTaken(before.name);
    const row = await changeLabeler(transaction, id, { deleted: isDeleted });
    await events.publish(transaction, project, { kind: 'labelers' });
    const action = isDeleted ? 'labeler.delete' : 'labeler.restore';
    await audit(transaction, { action, person: person.id, project, details: { labeler: id, name: before.name } });
    return row;
  });
}
