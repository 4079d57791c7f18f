import type { Settings } from '@labelwright/contract/projects';
import type { LabelId } from '@labelwright/core/model/ids';
import type { Question } from '@labelwright/core/model/schema';
import { goldLabels } from '@labelwright/engine/runs/read-gold';
import type { Pool } from 'pg';

const pageItems = 20_000;

/** Trusted answers by ordinal, from the gold field; they belong to the project's first question, and only score. Values that are no label are
 *  left out. */
export async function loadGold(
  pool: Pool,
  project: number,
  { goldField, goldLabels: mapping }: Pick<Settings, 'goldField' | 'goldLabels'>,
  question: Question,
  ordinals: { readonly below: number } | Int32Array,
): Promise<Map<number, readonly LabelId[]>> {
  const gold = new Map<number, readonly LabelId[]>();
  if (goldField === undefined) return gold;
  const known = new Set<string>(question.labels.map(({ id }) => id));
  const take = (rows: readonly { ordinal: number; value: unknown }[]) => {
    for (const { ordinal, value } of rows) {
      const read = goldLabels(value, known, mapping);
      if (read && 'labels' in read && (question.multiple || read.labels.length === 1)) gold.set(ordinal, read.labels);
    }
  };
  const select = 'select ordinal, fields -> $2 as value from items where project_id = $1 and fields ? $2';
  if (ordinals instanceof Int32Array) {
    take(
      (await pool.query<{ ordinal: number; value: unknown }>(`${select} and ordinal = any($3)`, [project, goldField, [...ordinals]])).rows,
    );
    return gold;
  }
  for (let first = 0; first < ordinals.below; first += pageItems) {
    const until = Math.min(ordinals.below, first + pageItems);
    const { rows } = await pool.query<{ ordinal: number; value: unknown }>(`${select} and ordinal >= $3 and ordinal < $4`, [
      project,
      goldField,
      first,
      until,
    ]);
    take(rows);
  }
  return gold;
}
