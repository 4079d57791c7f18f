import { z } from 'zod';
import type { Random } from '../math/random.ts';
import { fitSoftmax, predictSoftmax } from '../math/softmax-regression.ts';
import { pickRows } from '../math/sparse.ts';
import { duplicateShare, takeLargest } from './batch.ts';
import { beliefs, entropyOf, scored, tornBetween } from './beliefs.ts';
import { answeredItems, askLimit, type Candidates, candidatesOf } from './candidates.ts';
import type { Planner, Situation } from './planner.ts';

const options = z
  .strictObject({
    members: z.int().min(2).max(50).default(5).describe('Classifiers that vote'),
    measure: z
      .enum(['vote-entropy', 'kl'])
      .default('vote-entropy')
      .describe('Disagreement: entropy of their votes (ties by the entropy of their mean), or mean divergence from their mean'),
    l2: z.number().positive().max(1000).default(0.1).describe('Strength of the L2 penalty of members that it trains itself'),
    maxAsks: askLimit,
    duplicates: duplicateShare,
  })
  .prefault({});

export type CommitteeOptions = z.output<typeof options>;

/** Query by committee: members learn from stratified bootstraps of what is answered (every label keeps at least one example), and the items are asked
 *  on which they disagree. With fewer than two labels answered there is no committee, and the entropy of the beliefs decides. O(members · fit). */
const committee: Planner<CommitteeOptions> = {
  name: 'committee',
  title: 'Committee',
  summary: 'Asks the items on which classifiers trained on resampled labels disagree. Dearer than margin and seldom better.',
  paper:
    'H. S. Seung, M. Opper & H. Sompolinsky (1992), COLT, doi:10.1145/130385.130417; S. Argamon-Engelson & I. Dagan (1999), JAIR 11, doi:10.1613/jair.612',
  needs: [],
  options,
  plan(situation, { members, measure, l2, maxAsks, duplicates }, random) {
    const candidates = candidatesOf(situation, maxAsks, random);
    const k = situation.labels.length;
    const said = membersOn(situation, candidates, members, l2, random);
    const utilities =
      said.length > 0
        ? disagreements(said, candidates.item.length, k, measure)
        : scored(candidates, (item) => entropyOf(beliefs(situation), item, k));
    const reasonOf = (place: number): string =>
      said.length > 0 ? `the committee is split: ${votesOn(situation, said, place)}` : tornBetween(situation, candidates.item[place]);
    return takeLargest(situation, { candidates, utilities, reasonOf }, duplicates);
  },
};

export default committee;

/** Per member: probabilities of the candidates, one row each. None where no committee can be had. */
function membersOn(situation: Situation, candidates: Candidates, size: number, l2: number, random: Random): Float64Array[] {
  const { features, labels, answered } = situation;
  const k = labels.length;
  if (situation.committee) return situation.committee(size, random.fork('committee')).map((rows) => rowsAt(rows, candidates.item, k));
  const byLabel = groupsOf(answeredItems(situation, random), answered, k);
  if (!features || byLabel.length < 2 || candidates.item.length === 0) return [];
  const asked = pickRows(features, candidates.item);
  return Array.from({ length: size }, () => {
    const drawn = byLabel.flatMap((rows) => rows.map(() => rows[random.integer(rows.length)]));
    const target = new Float64Array(drawn.length * k);
    drawn.forEach((row, at) => {
      target[at * k + answered[row]] = 1;
    });
    return predictSoftmax(fitSoftmax(pickRows(features, drawn), target, k, { l2, tolerance: 1e-3 }), asked);
  });
}

/** The answered items of each label that has any. */
function groupsOf(items: Int32Array, answered: Int32Array, k: number): number[][] {
  const groups: number[][] = Array.from({ length: k }, () => []);
  for (const item of items) groups[answered[item]].push(item);
  return groups.filter((group) => group.length > 0);
}

function rowsAt(probabilities: Float64Array, items: Int32Array, k: number): Float64Array {
  const rows = new Float64Array(items.length * k);
  items.forEach((item, at) => rows.set(probabilities.subarray(item * k, (item + 1) * k), at * k));
  return rows;
}

/** Votes of five members take few values: the entropy of their mean tells items of one value apart, without ever outweighing a vote. */
const tieBreak = 0.01;

/** Of each row: the entropy of the votes, or the mean Kullback–Leibler divergence of the members from their mean (the entropy of the mean less the mean
 *  entropy; A. K. McCallum & K. Nigam, 1998, ICML). */
function disagreements(said: readonly Float64Array[], rows: number, k: number, measure: CommitteeOptions['measure']): Float64Array {
  const found = new Float64Array(rows);
  const mean = new Float64Array(k);
  const votes = new Float64Array(k);
  for (let row = 0; row < rows; row++) {
    mean.fill(0);
    votes.fill(0);
    let own = 0;
    for (const member of said) {
      for (let c = 0; c < k; c++) mean[c] += member[row * k + c] / said.length;
      if (measure === 'kl') own += entropyOf(member, row, k) / said.length;
      else votes[bestOf(member, row, k)] += 1 / said.length;
    }
    const ofMean = entropyOf(mean, 0, k);
    found[row] = measure === 'kl' ? Math.max(0, ofMean - own) : entropyOf(votes, 0, k) + (tieBreak * ofMean) / Math.log(Math.max(2, k));
  }
  return found;
}

function bestOf(rows: Float64Array, row: number, k: number): number {
  let best = 0;
  for (let c = 1; c < k; c++) if (rows[row * k + c] > rows[row * k + best]) best = c;
  return best;
}

/** `3 say 'spam', 2 'ham'` */
function votesOn({ labels }: Situation, said: readonly Float64Array[], row: number): string {
  const votes = new Int32Array(labels.length);
  for (const rows of said) votes[bestOf(rows, row, labels.length)] += 1;
  const told = labels.map((label, c) => ({ label, count: votes[c] })).filter(({ count }) => count > 0);
  return told
    .sort((a, b) => b.count - a.count)
    .map(({ label, count }, at) => `${count} ${at === 0 ? 'say ' : ''}'${label}'`)
    .join(', ');
}
