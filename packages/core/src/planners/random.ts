import { z } from 'zod';
import { takeBatch } from './batch.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z.strictObject({ maxAsks: askLimit }).prefault({});

const random: Planner<z.output<typeof options>> = {
  name: 'random',
  title: 'Random',
  summary: 'Asks items drawn uniformly: an honest sample, which audits can use, and the baseline of all others.',
  needs: [],
  options,
  plan(situation, { maxAsks }, stream) {
    const candidates = candidatesOf(situation, maxAsks, stream);
    const places = candidates.item.map((_, place) => place);
    // Candidates come in an order of chance.
    return takeBatch(
      situation,
      { candidates, order: places, utilities: new Float64Array(places.length), reasonOf: () => 'drawn at random' },
      0,
    );
  },
};

export default random;
