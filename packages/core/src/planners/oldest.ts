import { z } from 'zod';
import { takeBatch } from './batch.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z.strictObject({ maxAsks: askLimit }).prefault({});

/** The order of the items is what it goes by: the one planner for which permuting them changes the plan. */
const oldest: Planner<z.output<typeof options>> = {
  name: 'oldest',
  title: 'Oldest first',
  summary: 'Asks in the order in which the items came: a plain queue, for work that must be done in full anyway.',
  needs: [],
  options,
  plan(situation, { maxAsks }, random) {
    const candidates = candidatesOf(situation, maxAsks, random);
    const { item } = candidates;
    const order = item.map((_, place) => place).sort((a, b) => item[a] - item[b]);
    const n = situation.items.length;
    const utilities = Float64Array.from(item, (i) => 1 - i / n);
    return takeBatch(situation, { candidates, order, utilities, reasonOf: (place) => `number ${item[place] + 1} of the queue` }, 0);
  },
};

export default oldest;
