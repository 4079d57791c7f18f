import type { Question } from '@labelwright/core/model/schema';
import { labelers as techniques } from '@labelwright/engine/labelers';
import type { Pool } from 'pg';
import type { Context } from '../context.ts';
import type { MachineVote } from '../stores/evidence.ts';
import { loadModels } from '../stores/labeler-models.ts';
import type { Asked } from './explainer.ts';

/** The labeler behind a vote, in the version that cast it, with what it had learned. */
export function definitionOf({ db, pool }: Context, question: Question, vote: MachineVote): Asked {
  const { labeler, version, fingerprint, use, options } = vote;
  const learns = techniques.find(({ name }) => name === use)?.learn !== undefined;
  return {
    key: `${numberOf(pool)} ${labeler} ${version} ${fingerprint}`,
    load: async () => ({
      use,
      with: options,
      question,
      models: learns ? await loadModels(db, { labeler, version }) : [null],
      seed: foldSeed,
    }),
  };
}

/** Of the folds of runs: `runSeed` of threads/run-columns.ts. */
const foldSeed = 0;

/** Labelers of two databases may have one number. */
const numbers = new WeakMap<Pool, number>();
let count = 0;

function numberOf(pool: Pool): number {
  const known = numbers.get(pool) ?? ++count;
  numbers.set(pool, known);
  return known;
}
