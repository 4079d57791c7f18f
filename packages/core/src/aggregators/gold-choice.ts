import type { Matrix } from '../math/matrix.ts';
import { hashText } from '../math/random.ts';
import { spreadOverItems, votePatterns } from '../math/vote-patterns.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';
import { applyExpertStack, type ExpertStack, fitExpertStack } from './expert-stack.ts';
import { featureOpinion, type Lesson } from './feature-opinion.ts';
import { silenceOf } from './silence.ts';
import type { VoteFit, VoteModel, VoteProblem } from './vote-models.ts';

export interface Choice {
  readonly model: VoteModel;
  readonly stack: ExpertStack;
  /** n×k, where the features take part. */
  readonly opinion?: Float64Array;
  readonly name: string;
  readonly methods: readonly { readonly name: string; readonly logLoss: number }[];
}

export const foldCount = 5;
/** Methods are compared on the gold items and so many others. */
const studiedItems = 30_000;
/** What a gold row weighs in teaching the classifier, in items. */
const goldWeight = 10;
/** Penalties of the classifier that are tried: for clean votes and for noisy ones. */
const penalties = [0.3, 3];

/** Chooses among vote-only models, and each of the best with the items' features beside it, by cross-validated log loss on gold: the model is
 *  fitted with the gold of four folds clamped, calibrated there (`ExpertStack`), and judged on the fifth. Folds go by item id, so that the
 *  order of the items does not matter. O(models · folds · fit). */
export function chooseByGold(
  votes: VoteTable,
  gold: Gold,
  told: Float64Array | undefined,
  features: Matrix | undefined,
  models: readonly VoteModel[],
): Choice {
  const study = studyOf(votes, gold);
  const k = votes.labels.length;
  const tried = models.map((model) => {
    const fits = Array.from({ length: foldCount }, (_, fold) => outOfFold(study, model, fold, told));
    return { model, fits, ...judge(study, [assemble(study, fits, k)], k) };
  });
  const best = tried.reduce((one, other) => (other.logLoss < one.logLoss ? other : one));
  const methods = tried.map(({ model, logLoss }) => ({ name: model.name, logLoss }));
  const voteOnly = { model: best.model, stack: best.stack, name: best.model.name };
  if (!features) return { ...voteOnly, methods };
  const foldOf = Int32Array.from(votes.items, foldOfItem);
  const lessons = Array.from({ length: foldCount }, (_, fold) => lessonOf(study, best.fits[fold], fold, k));
  let choice: Choice = { ...voteOnly, methods };
  let least = best.logLoss;
  const voted = assemble(study, best.fits, k);
  for (const l2 of penalties) {
    const opinion = featureOpinion(features, foldOf, lessons, k, l2);
    const ofStudy = new Float64Array(study.rows.length * k);
    study.rows.forEach((i, row) => ofStudy.set(opinion.subarray(i * k, i * k + k), row * k));
    const { stack, logLoss } = judge(study, [voted, ofStudy], k);
    const name = `${best.model.name} + features (l2 ${l2})`;
    methods.push({ name, logLoss });
    if (logLoss < least) {
      least = logLoss;
      choice = { model: best.model, stack, opinion, name, methods };
    }
  }
  return choice;
}

export function foldOfItem(id: string): number {
  return (hashText(id) >>> 0) % foldCount;
}

/** k: Laplace's rule. */
export function goldShares(labels: ArrayLike<number>, k: number): Float64Array {
  const shares = new Float64Array(k).fill(1 / (labels.length + k));
  for (let g = 0; g < labels.length; g++) shares[labels[g]] += 1 / (labels.length + k);
  return shares;
}

interface Study {
  /** The studied items, as indices into the whole table, and their table. */
  readonly rows: readonly number[];
  readonly votes: VoteTable;
  readonly gold: Gold;
  readonly foldOf: Int32Array;
}

function studyOf(votes: VoteTable, gold: Gold): Study {
  const n = votes.items.length;
  const chosen = new Uint8Array(n);
  if (n <= studiedItems) chosen.fill(1);
  else for (let i = 0; i < n; i++) if ((hashText(`study ${votes.items[i]}`) >>> 0) / 2 ** 32 < studiedItems / n) chosen[i] = 1;
  for (let g = 0; g < gold.item.length; g++) chosen[gold.item[g]] = 1;
  const rows: number[] = [];
  const placeOf = new Int32Array(n).fill(-1);
  for (let i = 0; i < n; i++) if (chosen[i]) placeOf[i] = rows.push(i) - 1;
  const kept: number[] = [];
  for (let r = 0; r < votes.item.length; r++) if (placeOf[votes.item[r]] >= 0) kept.push(r);
  const items = rows.map((i) => votes.items[i]);
  return {
    rows,
    votes: {
      items,
      labelers: votes.labelers,
      labels: votes.labels,
      item: Int32Array.from(kept, (r) => placeOf[votes.item[r]]),
      labeler: Int32Array.from(kept, (r) => votes.labeler[r]),
      label: Int32Array.from(kept, (r) => votes.label[r]),
      silence: silenceOf(votes),
    },
    gold: { item: gold.item.map((i) => placeOf[i]), label: gold.label },
    foldOf: Int32Array.from(items, foldOfItem),
  };
}

function goldOutside({ gold, foldOf }: Study, fold: number): Gold {
  const kept = Array.from(gold.item.keys()).filter((g) => foldOf[gold.item[g]] !== fold);
  return { item: Int32Array.from(kept, (g) => gold.item[g]), label: Int32Array.from(kept, (g) => gold.label[g]) };
}

/** n×k over the studied items, fitted without the gold of one fold. */
function outOfFold(study: Study, model: VoteModel, fold: number, told: Float64Array | undefined): Float64Array {
  const gold = goldOutside(study, fold);
  const k = study.votes.labels.length;
  return fitVotes(study.votes, gold, told ?? goldShares(gold.label, k), model).posterior;
}

/** A vote-only fit with gold clamped, over the items. */
export function fitVotes(votes: VoteTable, gold: Gold | undefined, shares: Float64Array | undefined, model: VoteModel): VoteFit {
  const patterns = votePatterns(votes, gold);
  const problem: VoteProblem = { patterns, silence: silenceOf(votes), labelers: votes.labelers, ...(shares ? { shares } : {}) };
  const fit = model.fit(problem);
  return { ...fit, posterior: spreadOverItems(patterns, fit.posterior) };
}

/** Of every item what the fit without its fold says. */
function assemble({ foldOf }: Study, fits: readonly Float64Array[], k: number): Float64Array {
  const out = new Float64Array(foldOf.length * k);
  for (let i = 0; i < foldOf.length; i++) out.set(fits[foldOf[i]].subarray(i * k, i * k + k), i * k);
  return out;
}

/** Calibrated on the other folds, judged on each; and the calibration on all of them. */
function judge(study: Study, opinions: readonly Float64Array[], k: number): { logLoss: number; stack: ExpertStack } {
  const { gold, foldOf } = study;
  let loss = 0;
  for (let fold = 0; fold < foldCount; fold++) {
    const outside = goldOutside(study, fold);
    const stack = fitExpertStack(opinions, outside.item, outside.label, k);
    const inside = Array.from(gold.item.keys()).filter((g) => foldOf[gold.item[g]] === fold);
    const rows = opinions.map((opinion) => {
      const picked = new Float64Array(inside.length * k);
      inside.forEach((g, row) => picked.set(opinion.subarray(gold.item[g] * k, gold.item[g] * k + k), row * k));
      return picked;
    });
    const p = applyExpertStack(stack, rows, k);
    inside.forEach((g, row) => {
      loss -= Math.log(Math.max(1e-12, p[row * k + gold.label[g]]));
    });
  }
  return { logLoss: loss / gold.item.length, stack: fitExpertStack(opinions, gold.item, gold.label, k) };
}

/** Items outside the fold that somebody voted on, or gold. */
function lessonOf(study: Study, posterior: Float64Array, fold: number, k: number): Lesson {
  const { votes, foldOf, rows } = study;
  const known = new Float64Array(foldOf.length);
  for (const i of votes.item) known[i] = 1;
  const gold = goldOutside(study, fold);
  for (const i of gold.item) known[i] = goldWeight;
  const taught: number[] = [];
  for (let i = 0; i < foldOf.length; i++) if (known[i] > 0 && foldOf[i] !== fold) taught.push(i);
  const target = new Float64Array(taught.length * k);
  taught.forEach((i, row) => target.set(posterior.subarray(i * k, i * k + k), row * k));
  return { rows: taught.map((i) => rows[i]), target, weights: Float64Array.from(taught, (i) => known[i]) };
}
