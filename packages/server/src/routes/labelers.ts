import type { Labeler } from '@labelwright/contract/labelers';
import { labelers as techniques } from '@labelwright/engine/labelers';
import { createLabeler } from '../actions/create-labeler.ts';
import { deleteLabeler } from '../actions/delete-labeler.ts';
import { updateLabeler } from '../actions/update-labeler.ts';
import { notFound } from '../errors.ts';
import type { Call, Handlers } from '../handlers.ts';
import { preview, suggestions, warmUp } from '../previews.ts';
import { questionIn } from '../project-question.ts';
import { findLabeler, labelersOf, presentLabeler, versionsOf } from '../stores/labelers.ts';
import { peopleAsLabelers } from '../stores/people-as-labelers.ts';
import { findProject, settingsOf } from '../stores/projects.ts';
import { detailsOf, type QuestionDetails } from '../stores/runs.ts';
import { spentBy } from '../stores/spending.ts';
import { allTechniques } from '../techniques.ts';

export const labelerHandlers = {
  listTechniques: () => allTechniques(),

  listLabelers: async (call) => list(call),

  createLabeler: async ({ params, body, caller, context }) => presentLabeler(await createLabeler(context, caller, params.project, body)),

  updateLabeler: async ({ params, body, caller, context }) =>
    presentLabeler(await updateLabeler(context, caller, params.project, params.labeler, body)),

  deleteLabeler: async ({ params, caller, context }) => {
    await deleteLabeler(context, caller, params.project, params.labeler, true);
    return { ok: true };
  },

  restoreLabeler: async ({ params, caller, context }) =>
    presentLabeler(await deleteLabeler(context, caller, params.project, params.labeler, false)),

  listVersions: async ({ params, context }) => {
    const labeler = await findLabeler(context.db, params.project, params.labeler);
    if (!labeler) throw notFound('labeler');
    const versions = await versionsOf(context.db, labeler.id);
    return versions.map(({ version, options, created_at, person }) => ({
      version,
      with: options,
      createdAt: created_at.toISOString(),
      person,
    }));
  },

  previewLabeler: async ({ params, body, caller, context }) => {
    const { use, with: given, question, replaces } = body;
    const learns = techniques.find(({ name }) => name === use)?.learn !== undefined;
    const definition = { use, with: given, question };
    return preview(context, { project: params.project, person: caller.person.id, definition, replaces, learns });
  },

  suggestRules: async ({ params, query, context }) => suggestions(context, params.project, query.question),
} satisfies Partial<Handlers>;

async function list({ params, query, caller, context }: Call<'listLabelers'>) {
  const { db } = context;
  const project = await findProject(db, params.project);
  if (!project) throw notFound('project');
  const question: string = questionIn(project, query.question).id;
  const rows = await labelersOf(db, project.id, query.question);
  const details = project.current_run === null ? undefined : await detailsOf(db, project.current_run);
  const ofPerson = (asked: string, person: number) => details?.questions[asked]?.people.find(({ id }) => id === person)?.statistics ?? null;
  const people = await peopleAsLabelers(db, project.id, query.question, settingsOf(project).wageUsdPerHour, ofPerson);
  // Whoever may change labelers will soon want to try one.
  if (caller.role === 'owner' || caller.role === 'manager') warmUp(context, project.id, question);
  const spent = await spentBy(db, project.id);
  const labelers = [...rows.map((row) => withSpending(presentLabeler(row), spent)), ...people];
  return { labelers, ...matrixOf(labelers, details?.questions[question]) };
}

/** A language model costs what it came to so far, by the vote. */
function withSpending(labeler: Labeler, spent: ReadonlyMap<number, number>): Labeler {
  const votes = labeler.statistics?.voted ?? 0;
  return labeler.kind === 'asked' ? { ...labeler, costUsd: votes > 0 ? (spent.get(labeler.id) ?? 0) / votes : 0 } : labeler;
}

/** By the names that the labelers have now. */
function matrixOf(labelers: readonly Labeler[], details: QuestionDetails | undefined) {
  if (!details) return { matrix: [], overlaps: [], conflicts: [] };
  const names = new Map(labelers.map(({ id, kind, name }) => [kind === 'person' ? `person:${-id}` : String(id), name]));
  return {
    matrix: details.matrix.map((id) => names.get(id) ?? id),
    overlaps: [...details.overlaps],
    conflicts: [...details.conflicts],
  };
}
