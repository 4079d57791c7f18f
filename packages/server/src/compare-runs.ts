import type { RunComparison } from '@labelwright/contract/runs';
import { CoreError } from '@labelwright/core/model/errors';
import type { Db } from './context.ts';
import { notFound } from './errors.ts';
import { questionIn } from './project-question.ts';
import { findProject } from './stores/projects.ts';
import { changedItems, countChanges, flipsBetween, hasEstimates } from './stores/run-changes.ts';
import { findRun, type RanLabeler, type RunRow, runsOf } from './stores/runs.ts';

const shownItems = 50;

/** @throws CoreError 'not-found', 'conflict' where one of the two is not done, or its estimates are not kept any more */
export async function compareRuns(
  db: Db,
  { project, run }: { readonly project: number; readonly run: number },
  { before: given, question: asked }: { readonly before?: number | undefined; readonly question?: string | undefined },
): Promise<RunComparison> {
  const row = await findProject(db, project);
  const after = await findRun(db, project, run);
  if (!row || !after) throw notFound('run');
  const question = questionIn(row, asked).id;
  const before = given === undefined ? await doneBefore(db, after) : await findRun(db, project, given);
  if (!before) throw notFound('run');
  for (const each of [before, after])
    if (!(await hasEstimates(db, each.id)))
      throw new CoreError(
        'conflict',
        `Run ${each.number} cannot be compared: ${each.state === 'done' ? 'only the last three are kept' : `it is ${each.state}`}`,
      );
  const compared = { before: before.id, after: after.id, question };
  const [counts, flips, examples] = await Promise.all([
    countChanges(db, compared),
    flipsBetween(db, compared),
    changedItems(db, project, compared, shownItems),
  ]);
  return {
    ...compared,
    labelersChanged: changesOf(before.labelers as RanLabeler[], after.labelers as RanLabeler[]),
    ...counts,
    flips,
    examples,
  };
}

async function doneBefore(db: Db, { project_id, number }: RunRow): Promise<RunRow> {
  const before = (await runsOf(db, project_id)).find((run) => run.number < number && run.state === 'done');
  if (!before) throw new CoreError('conflict', `There is no run before run ${number} to compare it with`);
  return before;
}

function changesOf(before: readonly RanLabeler[], after: readonly RanLabeler[]): RunComparison['labelersChanged'] {
  const known = new Map(before.map((labeler) => [labeler.id, labeler]));
  const still = new Set(after.map(({ id }) => id));
  return [
    ...after.filter(({ id }) => !known.has(id)).map(({ name }) => ({ name, change: 'added' as const })),
    ...after
      .filter(({ id, version }) => known.has(id) && known.get(id)?.version !== version)
      .map(({ name }) => ({ name, change: 'changed' as const })),
    ...before.filter(({ id }) => !still.has(id)).map(({ name }) => ({ name, change: 'removed' as const })),
  ];
}
