import type { Labeler } from '@labelwright/contract/labelers';
import { sql } from 'kysely';
import type { Db } from '../context.ts';
import type { LabelerStatistics } from './labelers.ts';

/** Everybody who answered, as a labeler: its id is that of the person, negative. Their statistics are those of the last run; who answered for the first time
 *  since has none yet. */
export async function peopleAsLabelers(
  db: Db,
  project: number,
  question: string | undefined,
  wageUsdPerHour: number,
  statisticsOf: (question: string, person: number) => LabelerStatistics | null,
): Promise<Labeler[]> {
  const { rows } = await sql<{ person: number; name: string; question: string; last: Date; seconds: number }>`
    select c.person_id as person, p.name, c.question, max(c.created_at) as last, avg(a.seconds)::float8 as seconds
    from current_answers c join people p on p.id = c.person_id join answers a on a.action = c.action
    where c.project_id = ${project} and c.kind = 'answer' ${question === undefined ? sql`` : sql`and c.question = ${question}`}
    group by c.person_id, p.name, c.question order by p.name, c.person_id`.execute(db);
  return rows.map((row) => ({
    id: -row.person,
    name: row.name,
    use: 'person',
    kind: 'person',
    question: row.question,
    with: {},
    version: 1,
    enabled: true,
    costUsd: (row.seconds * wageUsdPerHour) / 3600,
    updatedAt: row.last.toISOString(),
    statistics: statisticsOf(row.question, row.person),
  }));
}
