import { CoreError } from '@labelwright/core/model/errors';
import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { checkDefinition } from '../previews.ts';
import { questionIn } from '../project-question.ts';
import { audit } from '../stores/audit.ts';
import { addLabeler, isNameTaken, type LabelerRow } from '../stores/labelers.ts';
import { findProject, lockProject } from '../stores/projects.ts';

export interface CreateLabeler {
  readonly name: string;
  readonly use: string;
  readonly with: Readonly<Record<string, unknown>>;
  readonly question?: string | undefined;
  readonly costUsd: number;
}

/** @throws CoreError 'bad-options' with the key, 'unknown-question', 'name-taken' */
export async function createLabeler(
  context: Context,
  { person }: Pick<Member, 'person'>,
  project: number,
  given: CreateLabeler,
): Promise<LabelerRow> {
  const { db, events } = context;
  const found = await findProject(db, project);
  if (!found) throw notFound('project');
  const question: string = questionIn(found, given.question).id;
  await checkDefinition(context, project, { use: given.use, with: given.with, question });
  return db.transaction().execute(async (transaction) => {
    await lockProject(transaction, project);
    if (await isNameTaken(transaction, project, given.name)) throw nameTaken(given.name);
    const { name, use, costUsd, with: options } = given;
    const row = await addLabeler(transaction, { project, name, use, question, options, costUsd, person: person.id });
    await events.publish(transaction, project, { kind: 'labelers' });
    await audit(transaction, { action: 'labeler.create', person: person.id, project, details: { labeler: row.id, name, use } });
    return row;
  });
}

export function nameTaken(name: string): CoreError {
  return new CoreError('name-taken', `There is a labeler called '${name}' already: choose another name`, { path: 'name' });
}
