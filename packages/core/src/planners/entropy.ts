import { z } from 'zod';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, entropyOf, scored, tornBetween } from './beliefs.ts';
import { askLimit, candidatesOf } from './candidates.ts';
import type { Planner } from './planner.ts';

const options = z.strictObject({ maxAsks: askLimit, duplicates: duplicateShare }).prefault({});

const entropy: Planner<z.output<typeof options>> = {
  name: 'entropy',
  title: 'Entropy',
  summary: 'Asks the items whose probabilities are most spread over all labels. With many labels it likes hopeless items: prefer margin.',
  paper: 'B. Settles & M. Craven (2008), EMNLP, aclanthology D08-1112',
  needs: [],
  options,
  plan(situation, { maxAsks, duplicates }, random) {
    const candidates = candidatesOf(situation, maxAsks, random);
    const k = situation.labels.length;
    const utilities = scored(candidates, (item) => entropyOf(beliefs(situation), item, k));
    const reasonOf = (place: number): string => tornBetween(situation, candidates.item[place]);
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates);
  },
};

export default entropy;
