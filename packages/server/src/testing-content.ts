import { randomUUID } from 'node:crypto';
import type { SettingsChange } from '@labelwright/contract/projects';
import type { Submit } from '@labelwright/contract/queue';
import { sql } from 'kysely';
import type { Db } from './context.ts';
import { decisions, type MachineDecision } from './stores/estimate-codes.ts';

/** Items as an import would leave them. @returns their ordinals */
export async function addItems(db: Db, project: number, fields: readonly Readonly<Record<string, unknown>>[]): Promise<number[]> {
  const { items: first } = await db.selectFrom('projects').select('items').where('id', '=', project).executeTakeFirstOrThrow();
  const ordinals = fields.map((_, place) => first + place);
  await sql`insert into items (project_id, ordinal, id, fields)
    select ${project}, ordinal, 'item-' || ordinal, fields
    from unnest(${ordinals}::int[], ${fields.map((each) => JSON.stringify(each))}::jsonb[]) as i (ordinal, fields)`.execute(db);
  await db
    .updateTable('projects')
    .set({ items: first + fields.length })
    .where('id', '=', project)
    .execute();
  return ordinals;
}

export const texts = (count: number) => Array.from({ length: count }, (_, n) => ({ text: `Mail number ${n}` }));

export interface TestEstimate {
  readonly answer: string;
  /** Of that answer; the rest goes to the other label. */
  readonly probability: number;
  readonly decision?: MachineDecision;
  readonly disagreement?: boolean;
}

/** A run that is done, as the present one of its project. `estimates[i]` is about ordinal i, question `kind` of `spamSchema`. */
export async function addRun(db: Db, project: number, person: number, estimates: readonly TestEstimate[]): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into runs (project_id, number, person_id, state, finished_at)
    select ${project}, coalesce(max(number), 0) + 1, ${person}, 'done', now() from runs where project_id = ${project} returning id`.execute(
    db,
  );
  const run = rows[0].id;
  await sql`create table ${sql.table(`estimates_${run}`)} partition of estimates for values in (${sql.lit(run)})`.execute(db);
  for (const [ordinal, { answer, probability, decision = 'uncertain', disagreement = false }] of estimates.entries()) {
    const posterior = answer === 'spam' ? [probability, 1 - probability] : [1 - probability, probability];
    await db
      .insertInto('estimates')
      .values({
        run_id: run,
        question: 'kind',
        ordinal,
        answer: [answer],
        probability,
        margin: Math.abs(2 * probability - 1),
        posterior,
        decision: decisions.indexOf(decision),
        votes: decision === 'no-votes' ? 0 : 2,
        disagreement,
      })
      .execute();
  }
  await db.updateTable('projects').set({ current_run: run }).where('id', '=', project).execute();
  return run;
}

export async function setSettings(db: Db, project: number, change: SettingsChange): Promise<void> {
  await sql`update projects set settings = settings || ${JSON.stringify(change)}::jsonb, version = version + 1 where id = ${project}`.execute(
    db,
  );
}

/** The body of a submit: a first answer, unless said otherwise. */
export function submitOf(ordinal: number, labels: string[] | 'skip' | 'flag', more: Partial<Submit> = {}): Submit {
  const said = Array.isArray(labels) ? { kind: 'answer' as const, labels } : { kind: labels };
  return { action: randomUUID(), ordinal, base: 0, seconds: 2, ...said, ...more };
}

export interface TestColumn {
  readonly name: string;
  readonly use: string;
  readonly options: object;
  /** By ordinal; null abstains. */
  readonly votes: readonly (string | null)[];
  readonly confidences?: readonly number[];
}

/** A labeler with what it said in a run of `addRun`. */
export async function addColumn(db: Db, project: number, person: number, run: number, column: TestColumn): Promise<number> {
  const { name, use, options, votes, confidences } = column;
  const { id } = await db
    .insertInto('labelers')
    .values({
      project_id: project,
      name,
      use,
      question: 'kind',
      options: JSON.stringify(options),
      statistics: JSON.stringify({ estimatedAccuracy: 0.8 }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('labeler_versions')
    .values({ labeler_id: id, version: 1, options: JSON.stringify(options), person_id: person })
    .execute();
  const labels = ['spam', 'ham'];
  const codes = Uint16Array.from(votes, (label) => (label === null ? 0 : 2 + labels.indexOf(label)));
  await db
    .insertInto('answer_chunks')
    .values({
      labeler_id: id,
      version: 1,
      chunk: 0,
      items: codes.length,
      codes: Buffer.from(codes.buffer),
      confidences: confidences ? Buffer.from(Float32Array.from(confidences).buffer) : null,
      answers: JSON.stringify(labels.map((label) => [label])),
    })
    .execute();
  await sql`update runs set labelers = labelers || ${JSON.stringify([{ id, name, version: 1 }])}::jsonb where id = ${run}`.execute(db);
  return id;
}
