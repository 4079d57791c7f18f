import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Json } from '@labelwright/core/model/json';
import type { Db } from '../context.ts';
import type { ColumnKey } from './answer-chunks.ts';

const packed = promisify(gzip);
const unpacked = promisify(gunzip);

/** What a labeler learned, a model per fold; they replace those before. */
export async function saveModels(db: Db, { labeler, version, fingerprint }: ColumnKey, models: readonly Json[]): Promise<void> {
  const rows = await Promise.all(
    models.map(async (model, fold) => ({ labeler_id: labeler, version, fold, fingerprint, model: await packed(JSON.stringify(model)) })),
  );
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('labeler_models').where('labeler_id', '=', labeler).where('version', '=', version).execute();
    if (rows.length > 0) await transaction.insertInto('labeler_models').values(rows).execute();
  });
}

/** One per fold, in order; none where it learned nothing, or where what it learned belongs to another fingerprint. */
export async function loadModels(
  db: Db,
  { labeler, version, fingerprint }: Pick<ColumnKey, 'labeler' | 'version'> & { readonly fingerprint?: string },
): Promise<Json[]> {
  let query = db
    .selectFrom('labeler_models')
    .select('model')
    .where('labeler_id', '=', labeler)
    .where('version', '=', version)
    .orderBy('fold');
  if (fingerprint !== undefined) query = query.where('fingerprint', '=', fingerprint);
  const rows = await query.execute();
  return Promise.all(rows.map(async ({ model }) => JSON.parse((await unpacked(model)).toString()) as Json));
}
