import { sql } from 'kysely';
import type { Db } from '../context.ts';

/** What stands in the way of taking a label out of a question. */
export interface LabelUse {
  readonly label: string;
  readonly answers: number;
  /** Names of labelers that vote for it, or whose definition names it. */
  readonly labelers: readonly string[];
}

/** Of the given labels of a question, those that are in use. */
export async function usesOfLabels(db: Db, projectId: number, question: string, labels: readonly string[]): Promise<LabelUse[]> {
  const { rows } = await sql<{ label: string; answers: number; labelers: string[] }>`
    select wanted.label,
      (select count(*) from current_answers a where a.project_id = ${projectId} and a.question = ${question} and a.labels ? wanted.label)::int as answers,
      (select coalesce(array_agg(l.name order by l.name), '{}') from labelers l
        where l.project_id = ${projectId} and l.question = ${question} and l.deleted_at is null
          and (jsonb_path_exists(l.options, '$.** ? (@ == $label)', jsonb_build_object('label', wanted.label))
            or exists (select from answer_chunks c where c.labeler_id = l.id and c.version = l.version
              and jsonb_path_exists(c.answers, '$[*][*] ? (@ == $label)', jsonb_build_object('label', wanted.label))))) as labelers
    from unnest(${labels}::text[]) as wanted (label)`.execute(db);
  return rows.filter(({ answers, labelers }) => answers > 0 || labelers.length > 0);
}

/** How many people's answers give several labels at once. */
export async function countSeveral(db: Db, projectId: number, question: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from current_answers
    where project_id = ${projectId} and question = ${question} and jsonb_array_length(labels) > 1`.execute(db);
  return rows[0].count;
}

/** What stands on a question. */
export interface QuestionUse {
  readonly answers: number;
  readonly people: number;
  /** Labels that a person set to be trusted. */
  readonly gold: number;
  /** Names. */
  readonly labelers: readonly string[];
}

export async function usesOfQuestion(db: Db, projectId: number, question: string): Promise<QuestionUse> {
  const { rows } = await sql<{ answers: number; people: number; gold: number; labelers: string[] }>`
    select count(*)::int as answers, count(distinct a.person_id)::int as people,
      (select count(*) from gold_answers g where g.project_id = ${projectId} and g.question = ${question})::int as gold,
      (select coalesce(array_agg(l.name order by l.name), '{}') from labelers l
        where l.project_id = ${projectId} and l.question = ${question} and l.deleted_at is null) as labelers
    from current_answers a where a.project_id = ${projectId} and a.question = ${question} and a.kind = 'answer'`.execute(db);
  return rows[0];
}
