import { z } from 'zod';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, topTwo, scored, tornBetween } from './beliefs.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z.strictObject({ maxAsks: askLimit, duplicates: duplicateShare }).prefault({});

const leastConfidence: Planner<z.output<typeof options>> = {
  name: 'least-confidence',
  title: 'Least confidence',
  summary: 'Asks the items whose most probable label is least probable. Below random on many skewed sets: prefer margin.',
  paper: 'D. D. Lewis & W. A. Gale (1994), SIGIR, doi:10.1007/978-1-4471-2099-5_1',
  needs: [],
  options,
  plan(situation, { maxAsks, duplicates }, random) {
    const candidates = candidatesOf(situation, maxAsks, random);
    const k = situation.labels.length;
    const utilities = scored(candidates, (item) => 1 - topTwo(beliefs(situation), item, k).p1);
    const reasonOf = (place: number): string => tornBetween(situation, candidates.item[place]);
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates);
  },
};

export default leastConfidence;
