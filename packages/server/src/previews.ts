import type { LabelerPreview } from '@labelwright/contract/labelers';
import { CoreError } from '@labelwright/core/model/errors';
import { askedTechnique } from '@labelwright/engine/project/asked';
import { planOf } from './asking/plan.ts';
import type { Context } from './context.ts';
import { findProject } from './stores/projects.ts';
import { LiveThread } from './threads/live-thread.ts';
import type { Definition } from './threads/preview-labeler.ts';
import type { Suggestions } from './threads/suggest-rules.ts';
import { whereaboutsOf } from './threads/thread-database.ts';

/** One thread per server process: it holds samples of the projects that people work on. */
const threads = new WeakMap<Context['pool'], LiveThread>();

function threadOf({ pool, connection }: Context): LiveThread {
  let thread = threads.get(pool);
  if (!thread) {
    thread = new LiveThread('threads/preview-thread', { where: whereaboutsOf(connection) });
    threads.set(pool, thread);
  }
  return thread;
}

const loadMs = 60_000;
/** Beyond what a preview takes of its own will: a rule that hangs on one item. */
const previewMs = 6_000;
/** Classifiers learn first. */
const learnMs = 30_000;
const checkMs = 30_000;

export function stopPreviews({ pool }: Context): void {
  threads.get(pool)?.stop();
}

/** Somebody may want a preview soon. */
export function warmUp(context: Context, project: number, question: string | undefined): void {
  threadOf(context)
    .ask('load', { project, question }, { timeoutMs: loadMs, supersedes: `load ${project}` })
    .catch((error: unknown) => context.log.debug({ err: error }, 'a sample was not loaded'));
}

/** @throws CoreError 'bad-options' with the key, 'unknown-question' */
export async function checkDefinition(context: Context, project: number, definition: Definition): Promise<void> {
  if (askedTechnique(definition.use)) {
    const row = await findProject(context.db, project);
    if (row) await planOf(context.db, row, definition);
    return;
  }
  await named(definition.use, threadOf(context).ask('check', { project, definition }, { timeoutMs: checkMs }));
}

export interface PreviewRequest {
  readonly project: number;
  readonly person: number;
  readonly definition: Definition;
  readonly replaces: number | undefined;
  readonly learns: boolean;
}

/** @throws CoreError 'bad-options' with the key, 'conflict' where the same person asked for another one meanwhile */
export async function preview(
  context: Context,
  { project, person, definition, replaces, learns }: PreviewRequest,
): Promise<LabelerPreview> {
  if (askedTechnique(definition.use))
    throw new CoreError('bad-options', `${definition.use}: it asks a language model: try its prompt instead`, { path: 'use' });
  const thread = threadOf(context);
  const supersedes = `preview ${project} ${person}`;
  await thread.ask('load', { project, question: definition.question }, { timeoutMs: loadMs });
  const asked = thread.ask<LabelerPreview>(
    'preview',
    { project, definition, replaces },
    { timeoutMs: learns ? learnMs : previewMs, supersedes },
  );
  return named(definition.use, asked);
}

export async function suggestions(context: Context, project: number, question: string | undefined): Promise<Suggestions> {
  return threadOf(context).ask('suggest', { project, question }, { timeoutMs: loadMs, supersedes: `suggest ${project}` });
}

/** What a definition does to its thread is told to whoever wrote it. */
async function named<Result>(use: string, asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof CoreError)) throw error;
    if (error.code === 'too-slow') throw new CoreError('bad-options', `${use}: it takes too long on one of the items: it was stopped`);
    if (error.code === 'out-of-memory') throw new CoreError('bad-options', `${use}: it needs more memory than a labeler may have`);
    if (error.code === 'unknown-technique') throw new CoreError('bad-options', error.message, { path: 'use' });
    throw error;
  }
}
