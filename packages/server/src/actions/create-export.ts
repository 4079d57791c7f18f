import type { Context, Member } from '../context.ts';
import { notFound } from '../errors.ts';
import { writableFormat } from '../exporting/make-export.ts';
import { addJob } from '../jobs/add-job.ts';
import { questionIn } from '../project-question.ts';
import { audit } from '../stores/audit.ts';
import { addExport, type ExportOptions, type ExportRow } from '../stores/exports.ts';
import { lockProject } from '../stores/projects.ts';

export interface CreateExport extends Omit<ExportOptions, 'question'> {
  readonly format: string;
  readonly question?: string | undefined;
}

/** The next version of a project's labels, made in the background. @throws CoreError 'bad-options' */
export function createExport(
  { db, events }: Pick<Context, 'db' | 'events'>,
  { person }: { readonly person: Pick<Member['person'], 'id'> },
  project: number,
  { format, question, ...rest }: CreateExport,
): Promise<ExportRow> {
  writableFormat(format);
  return db.transaction().execute(async (transaction) => {
    const row = await lockProject(transaction, project);
    if (!row) throw notFound('project');
    const options: ExportOptions = { ...rest, question: questionIn(row, question).id };
    const made = await addExport(transaction, { project, person: person.id, format, options });
    await addJob(transaction, 'export', { export: made.id }, `export:${made.id}`);
    await events.publish(transaction, project, { kind: 'export', export: made.id, state: made.state });
    await audit(transaction, {
      action: 'export.create',
      person: person.id,
      project,
      details: { export: made.id, number: made.number, format },
    });
    return made;
  });
}
