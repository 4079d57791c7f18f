import { createLearner } from './classifier-ways.ts';
import type { FewLabels, Way } from './few-labels.ts';

const rounds = 10;

/** Softmax regression that takes its own surest answers for true, round after round: of each label as many as its share of the answers, so that a
 *  frequent label cannot crowd out the others. Wrong ones stay wrong: it is tried only when asked for, and taken only where the answers left out
 *  say so. D. Yarowsky (1995), ACL, doi:10.3115/981658.981684. */
export function selfTrainingWays(given: FewLabels): Way[] {
  const { answered, labels: k } = given;
  const learn = createLearner(given, Array.from(answered.keys()), 10);
  return [
    {
      method: 'self-training',
      setting: rounds,
      tell(learned, wanted) {
        const label = new Map(learned.map((row) => [row, answered[row]]));
        let model = learn(learned, (row) => answered[row]);
        for (let round = 0; round < rounds; round++) {
          const open = Array.from(answered.keys()).filter((row) => !label.has(row));
          if (open.length === 0) break;
          for (const [row, said] of surest(model(open), open, learned, answered, k)) label.set(row, said);
          model = learn([...label.keys()], (row) => label.get(row) as number);
        }
        return model(wanted);
      },
    },
  ];
}

/** Of each label as many rows as were answered with it, those of the highest log probability; of equal ones the first. */
function surest(
  said: Float64Array,
  rows: readonly number[],
  learned: readonly number[],
  answered: Int32Array,
  k: number,
): [number, number][] {
  const quota = new Int32Array(k);
  for (const row of learned) quota[answered[row]] += 1;
  const top = rows.map((_, at) => {
    let best = 0;
    for (let c = 1; c < k; c++) if (said[at * k + c] > said[at * k + best]) best = c;
    return best;
  });
  const order = rows.map((_, at) => at).sort((a, b) => said[b * k + top[b]] - said[a * k + top[a]] || a - b);
  return order.filter((at) => quota[top[at]]-- > 0).map((at) => [rows[at], top[at]]);
}
