import { type RawBuilder, sql } from 'kysely';
import type { Pool } from 'pg';
import type { Context, Db } from '../context.ts';
import { notFound } from '../errors.ts';
import { questionIn } from '../project-question.ts';
import { posteriorsOf } from '../stores/item-records.ts';
import { findProject, type ProjectRow, settingsOf } from '../stores/projects.ts';
import { loadMachineColumns } from './machine-columns.ts';
import type { TouchedItem } from './people-columns.ts';
import { QuestionView } from './question-view.ts';

export interface Viewed {
  readonly project: ProjectRow;
  readonly view: QuestionView;
}

/** A question of a project as it is now: what was committed before this call is in it. The first call after a run reads all items (about a second
 *  per million), later ones only what has changed since. @throws CoreError 'not-found', 'unknown-question' */
export async function viewOf(context: Context, project: number, question?: string): Promise<Viewed> {
  const id = question ?? (await firstQuestion(context.db, project));
  const viewers = viewersOf(context);
  const key = `${project} ${id}`;
  const viewer = viewers.get(key) ?? new Viewer(context, project, id);
  const viewed = await viewer.now();
  viewers.delete(key);
  viewers.set(key, viewer);
  forgetSome(viewers, viewer);
  return viewed;
}

const perPool = new WeakMap<Pool, Map<string, Viewer>>();
const mostItems = 8_000_000;
const idleMs = 15 * 60_000;

function viewersOf({ pool }: Context): Map<string, Viewer> {
  let viewers = perPool.get(pool);
  if (!viewers) perPool.set(pool, (viewers = new Map()));
  return viewers;
}

/** Those that were not asked for the longest: beyond what memory is given, or for long. */
function forgetSome(viewers: Map<string, Viewer>, own: Viewer): void {
  let items = 0;
  for (const { n } of viewers.values()) items += n;
  for (const [key, viewer] of viewers) {
    if (viewer === own || (items <= mostItems && performance.now() - viewer.usedAt < idleMs)) return;
    items -= viewer.n;
    viewers.delete(key);
  }
}

/** Keeps one view up to date. */
class Viewer {
  usedAt = performance.now();
  private readonly context: Context;
  private readonly project: number;
  private readonly asked: string;
  private state: ViewerState | undefined;
  private running: Promise<Viewed> | undefined;
  private next: Promise<Viewed> | undefined;

  constructor(context: Context, project: number, asked: string) {
    this.context = context;
    this.project = project;
    this.asked = asked;
  }

  get n(): number {
    return this.state?.view.n ?? 0;
  }

  /** Calls that come while one is under way share the next: it begins after them, so it sees what they may have seen. */
  now(): Promise<Viewed> {
    this.usedAt = performance.now();
    if (!this.running) return this.start();
    this.next ??= this.running.then(
      () => this.start(),
      () => this.start(),
    );
    return this.next;
  }

  private start(): Promise<Viewed> {
    this.next = undefined;
    const running = this.refresh().finally(() => {
      if (this.running === running) this.running = undefined;
    });
    this.running = running;
    return running;
  }

  private async refresh(): Promise<Viewed> {
    const { db, pool } = this.context;
    const { project, snapshot } = await readProject(db, this.project);
    const question = questionIn(project, this.asked);
    const { overlap } = settingsOf(project);
    const fingerprint = JSON.stringify([question, overlap]);
    const state: ViewerState =
      this.state?.fingerprint === fingerprint
        ? this.state
        : { fingerprint, view: new QuestionView(question, overlap), snapshot: undefined };
    const { view } = state;
    view.grow(project.items);
    const run = project.current_run;
    const isNewRun = (view.machine?.run ?? null) !== run;
    if (isNewRun)
      view.setMachine(run === null ? null : await loadMachineColumns(pool, { run, question: question.id, n: view.n, sets: view.sets }));
    const fresh: number[] = [];
    for await (const item of touchedItems(db, project.id, state)) {
      view.accept(item);
      if (view.people.tied.has(item.ordinal)) fresh.push(item.ordinal);
    }
    await settleTies(db, view, isNewRun ? [...view.people.tied.keys()] : fresh);
    state.snapshot = snapshot;
    this.state = state;
    return { project, view };
  }
}

interface ViewerState {
  /** Of what the view depends on beside the items. */
  readonly fingerprint: string;
  readonly view: QuestionView;
  /** What it sees is in the view. */
  snapshot: string | undefined;
}

async function firstQuestion(db: Db, id: number): Promise<string> {
  const project = await findProject(db, id);
  if (!project) throw notFound('project');
  return questionIn(project).id;
}

async function readProject(db: Db, id: number): Promise<{ project: ProjectRow; snapshot: string }> {
  const found = await db
    .selectFrom('projects')
    .selectAll()
    .select(sql<string>`pg_current_snapshot()::text`.as('snapshot'))
    .where('id', '=', id)
    .executeTakeFirst();
  if (!found) throw notFound('project');
  const { snapshot, ...project } = found;
  return { project, snapshot };
}

const sliceLength = 65_536;

/** Items that were touched since the last look: all of them at the first. */
async function* touchedItems(db: Db, project: number, { snapshot, view }: ViewerState): AsyncGenerator<TouchedItem> {
  const ofQuestion = sql`select * from item_states where project_id = ${project} and question = ${view.question.id}`;
  if (snapshot !== undefined) {
    // All before the oldest transaction that was running then is seen by the snapshot.
    const [oldest] = snapshot.split(':');
    yield* await withAnswers(
      db,
      sql`${ofQuestion} and changed >= ${oldest}::xid8 and not pg_visible_in_snapshot(changed, ${snapshot}::pg_snapshot)`,
    );
    return;
  }
  for (let from = 0; from < view.n; from += sliceLength)
    yield* await withAnswers(db, sql`${ofQuestion} and ordinal >= ${from} and ordinal < ${from + sliceLength}`);
}

async function withAnswers(db: Db, states: RawBuilder<unknown>): Promise<TouchedItem[]> {
  const { rows } = await sql<TouchedItem>`
    select s.ordinal, s.answered, s.flagged, coalesce(a.said, '[]') as said
    from (${states}) s left join lateral (
      select jsonb_agg(jsonb_build_object('person', c.person_id, 'kind', c.kind, 'labels', c.labels) order by c.person_id) as said
      from current_answers c where c.project_id = s.project_id and c.question = s.question and c.ordinal = s.ordinal) a on true`.execute(
    db,
  );
  return rows;
}

async function settleTies(db: Db, { machine, question, people }: QuestionView, ordinals: readonly number[]): Promise<void> {
  const posteriors =
    machine && ordinals.length > 0 ? await posteriorsOf(db, machine.run, question.id, ordinals) : new Map<number, number[]>();
  for (const ordinal of ordinals) people.settleTie(ordinal, posteriors.get(ordinal) ?? null);
}
