import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Json } from '@labelwright/core/model/json';
import type { Question } from '@labelwright/core/model/schema';
import { labelers as techniques } from '@labelwright/engine/labelers';
import type { Pool } from 'pg';
import type { Context } from '../context.ts';
import type { MachineVote } from '../stores/evidence.ts';
import type { Asked } from './explainer.ts';

/** The labeler behind a vote, in the version that cast it, with what it had learned. */
export function definitionOf({ db, pool }: Context, question: Question, vote: MachineVote): Asked {
  const { labeler, version, fingerprint, use, options } = vote;
  const learns = techniques.find(({ name }) => name === use)?.learn !== undefined;
  const loadModels = async (): Promise<Json[]> => {
    const rows = await db
      .selectFrom('labeler_models')
      .select(['model'])
      .where('labeler_id', '=', labeler)
      .where('version', '=', version)
      .orderBy('fold')
      .execute();
    return Promise.all(rows.map(async ({ model }) => JSON.parse((await unzip(model)).toString('utf8')) as Json));
  };
  return {
    key: `${numberOf(pool)} ${labeler} ${version} ${fingerprint}`,
    load: async () => ({ use, with: options, question, models: learns ? await loadModels() : [null], seed: 0 }),
  };
}

const unzip = promisify(gunzip);

/** Labelers of two databases may have one number. */
const numbers = new WeakMap<Pool, number>();
let count = 0;

function numberOf(pool: Pool): number {
  const known = numbers.get(pool) ?? ++count;
  numbers.set(pool, known);
  return known;
}
