import { z } from 'zod';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, marginOf, scored, tornBetween } from './beliefs.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z.strictObject({ maxAsks: askLimit, duplicates: duplicateShare }).prefault({});

const margin: Planner<z.output<typeof options>> = {
  name: 'margin',
  title: 'Margin',
  summary: 'Asks the items whose two most probable labels are nearest to each other: the best simple choice, but a batch of them is alike.',
  paper: 'T. Scheffer, C. Decomain & S. Wrobel (2001), IDA, doi:10.1007/3-540-44816-0_31',
  needs: [],
  options,
  plan(situation, { maxAsks, duplicates }, random) {
    const candidates = candidatesOf(situation, maxAsks, random);
    const k = situation.labels.length;
    const utilities = scored(candidates, (item) => 1 - marginOf(beliefs(situation), item, k));
    const reasonOf = (place: number): string => tornBetween(situation, candidates.item[place]);
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates);
  },
};

export default margin;
