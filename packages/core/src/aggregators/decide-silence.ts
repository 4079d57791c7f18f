import { codeCounts, votePatterns, type VotePatterns } from '../math/vote-patterns.ts';
import type { Silence } from '../model/vote.ts';
import type { VoteTable } from '../model/vote-table.ts';

export interface SilenceDecision {
  /** Per labeler. */
  readonly silence: readonly Silence[];
  /** Per labeler, for people: 'only ever says spam' … */
  readonly reasons: readonly string[];
}

/** What it means that a labeler has no vote on an item, judged from the votes alone. It *abstained* – it is a rule that looked – where
 *  - it only ever says one label, on so many items that chance is out of the question; in a table where most labelers that can be judged are
 *    such, also those that voted too rarely to be judged but said one label;
 *  - or, in such a table, whether it votes hangs on the truth, as far as the others' votes show it.
 *  Otherwise it was *unasked*. O(votes · k). */
export function decideSilence(votes: VoteTable): SilenceDecision {
  const patterns = votePatterns(votes);
  const { m, k } = patterns;
  const said = codeCounts(patterns);
  const profiles = Array.from({ length: m }, (_, j) => profileOf(said, j, k));
  const commonest = shareOfLabels(said, k);
  const limit = Math.log(0.01 / Math.max(1, m));
  const isSure = ({ only, total }: Profile): boolean => only >= 0 && total * Math.log(commonest[only]) < limit;
  const couldBeSure = profiles.filter(({ total }) => total * Math.log(Math.max(...commonest)) < limit);
  const mostAreRules = couldBeSure.filter(isSure).length * 2 >= Math.max(1, couldBeSure.length);
  const dependence = dependenceOnOthers(patterns, said);
  const decisions = profiles.map((profile, j): readonly [Silence, string] => {
    if (profile.total === 0) return ['unasked', 'never votes'];
    if (profile.total === patterns.n) return ['unasked', 'votes on every item'];
    const label = profile.only >= 0 ? votes.labels[profile.only] : '';
    if (k > 1 && isSure(profile)) return ['abstained', `only ever says '${label}'`];
    if (k > 1 && profile.only >= 0 && mostAreRules)
      return ['abstained', `only ever says '${label}', as most labelers here keep to one label`];
    if (mostAreRules && dependence[j]) return ['abstained', 'whether it votes hangs on what the others say'];
    return ['unasked', profile.only >= 0 ? `says only '${label}', but on too few items to tell` : 'says several labels'];
  });
  return { silence: decisions.map(([silence]) => silence), reasons: decisions.map(([, reason]) => reason) };
}

interface Profile {
  readonly total: number;
  /** The only label that it says; -1 where there are several, or none. */
  readonly only: number;
}

function profileOf(said: Float64Array, j: number, k: number): Profile {
  let total = 0;
  let labels = 0;
  let only = -1;
  for (let c = 0; c < k; c++) {
    if (said[j * k + c] === 0) continue;
    total += said[j * k + c];
    labels++;
    only = c;
  }
  return { total, only: labels === 1 ? only : -1 };
}

/** k: shares of the votes, one more vote for each label. */
function shareOfLabels(said: Float64Array, k: number): number[] {
  const shares = Array.from({ length: k }, () => 1);
  for (let q = 0; q < said.length; q++) shares[q % k] += said[q];
  const total = shares.reduce((sum, value) => sum + value, 0);
  return shares.map((value) => value / total);
}

/** m: chi-square of voted or silent against the label that the others gave (split where they differ), over the items that others voted on.
 *  True where it is far beyond chance and strong. Of people it proves nothing: they work on batches of like items. */
function dependenceOnOthers({ m, k, n, size, offsets, codes, count }: VotePatterns, said: Float64Array): boolean[] {
  const where = new Float64Array(m * k);
  const everywhere = new Float64Array(k);
  const own = new Float64Array(m * k);
  const tally = new Float64Array(k);
  for (let p = 0; p < size; p++) {
    const times = count ? count[p] : 1;
    const votes = offsets[p + 1] - offsets[p];
    if (votes === 0) continue;
    tally.fill(0);
    for (let e = offsets[p]; e < offsets[p + 1]; e++) tally[codes[e] % k]++;
    for (let c = 0; c < k; c++) everywhere[c] += (times * tally[c]) / votes;
    for (let e = offsets[p]; e < offsets[p + 1]; e++) {
      const j = Math.floor(codes[e] / k);
      const label = codes[e] % k;
      for (let c = 0; c < k; c++) {
        own[j * k + c] += (times * tally[c]) / votes;
        if (votes > 1) where[j * k + c] += (times * (tally[c] - (c === label ? 1 : 0))) / (votes - 1);
      }
    }
  }
  return Array.from({ length: m }, (_, j) => {
    // Items where others voted: those without this labeler, as they are; those with it, by the others alone.
    let voted = 0;
    let silent = 0;
    for (let c = 0; c < k; c++) {
      voted += where[j * k + c];
      silent += everywhere[c] - own[j * k + c];
    }
    if (voted < 50 || silent < 50 || voted < 0.02 * n) return false;
    let chi = 0;
    for (let c = 0; c < k; c++) {
      const there = where[j * k + c];
      const all = there + everywhere[c] - own[j * k + c];
      if (all <= 0) continue;
      const expected = (all * voted) / (voted + silent);
      chi += (there - expected) ** 2 / (expected * (silent / (voted + silent)));
    }
    let total = 0;
    for (let c = 0; c < k; c++) total += said[j * k + c];
    return chi > 30 + 3 * k && Math.sqrt(chi / (voted + silent)) > 0.15 && total > 0;
  });
}
