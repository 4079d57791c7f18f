import type { Pool } from 'pg';

export interface PlannedField {
  readonly kind: 'search' | 'compare';
  readonly field: string;
}

const mostFields = 8;
/** Longer ones are texts: parts of words are looked for in them. Shorter ones are compared. */
const fewCharacters = 40;

/** What people will ask about, judging by the first items: short values by comparing, the longest text by parts of words. */
export async function plannedFields(pool: Pool, project: number): Promise<PlannedField[]> {
  const { rows } = await pool.query<{ name: string; characters: number }>(
    `select f.key as name, avg(length(f.value))::float8 as characters
     from (select fields from items where project_id = $1 order by ordinal limit 300) i, jsonb_each_text(i.fields) f
     where f.value is not null group by 1 order by count(*) desc, 1 limit 30`,
    [project],
  );
  const short = rows.filter(({ characters }) => characters <= fewCharacters).slice(0, mostFields);
  const longest = rows.filter(({ characters }) => characters > fewCharacters).sort((a, b) => b.characters - a.characters);
  return [
    ...short.map(({ name }) => ({ kind: 'compare', field: name }) as const),
    ...longest.slice(0, 1).map(({ name }) => ({ kind: 'search', field: name }) as const),
  ];
}
