import type { Matrix } from '../math/matrix.ts';
import { hashText } from '../math/random.ts';
import { meanOf } from '../math/statistics.ts';
import { spreadOverItems, votePatterns } from '../math/vote-patterns.ts';
import type { Gold, VoteTable } from '../model/vote-table.ts';
import { applyExpertStack, type ExpertStack, fitExpertStack } from './expert-stack.ts';
import { featureOpinion, type Lesson } from './feature-opinion.ts';
import { mergeParts, splitByConfidence } from './confidence-bins.ts';
import { silenceOf } from './silence.ts';
import { applyTopCalibration, fewestForIsotonic, fitTopCalibration, type TopCalibration } from './top-calibration.ts';
import type { VoteFit, VoteModel, VoteProblem } from './vote-models.ts';

export interface Choice {
  readonly model: VoteModel;
  readonly stack: ExpertStack;
  /** On top of the stack, where there is the gold for it and it is better. */
  readonly isotonic?: TopCalibration;
  /** Gold rows × k: what is believed of them without their own gold. */
  readonly heldOut: Float64Array;
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

/** Chooses among vote-only models, and the items' features beside them, by cross-validated log loss on gold: a model is fitted with the gold of
 *  four folds clamped, calibrated there (`ExpertStack`), and judged on the fifth. `usual` is left only for what is better by more than the standard error of the difference: a hundred gold rows
 *  tell models apart that differ much, and no others. The features speak through a classifier that `usual` teaches. Folds go by item id, so that the order of the items does not matter. O(models · folds · fit). */
export function chooseByGold(
  votes: VoteTable,
  gold: Gold,
  told: Float64Array | undefined,
  features: Matrix | undefined,
  models: readonly VoteModel[],
  usual: VoteModel,
): Choice {
  const study = studyOf(votes, gold);
  const k = votes.labels.length;
  const tried = models.map((model) => {
    const fits = Array.from({ length: foldCount }, (_, fold) => outOfFold(study, model, fold, told));
    const opinion = assemble(study, fits, k);
    return { model, fits, opinion, ...judge(study, [opinion], k) };
  });
  const methods = tried.map(({ model, losses }) => ({ name: model.name, logLoss: meanOf(losses).mean }));
  const home = tried.find(({ model }) => model === usual) ?? tried[0];
  const voting = better(home, tried);
  if (!features) return calibrated(study, { ...voting, name: voting.model.name, methods });

  const foldOf = Int32Array.from(votes.items, foldOfItem);
  const lessons = Array.from({ length: foldCount }, (_, fold) => lessonOf(study, home.fits[fold], fold, k));
  const withFeatures = penalties.flatMap((l2) => {
    const said = featureOpinion(features, foldOf, lessons, k, l2);
    const ofStudy = new Float64Array(study.rows.length * k);
    study.rows.forEach((i, row) => ofStudy.set(said.subarray(i * k, i * k + k), row * k));
    return [...new Set([home, voting])].map(({ model, opinion }) => {
      const judged = judge(study, [opinion, ofStudy], k);
      return { name: `${model.name} + features (l2 ${l2})`, model, opinion: said, ...judged };
    });
  });
  methods.push(...withFeatures.map(({ name, losses }) => ({ name, logLoss: meanOf(losses).mean })));
  const best = withFeatures.reduce((one, other) => (meanOf(other.losses).mean < meanOf(one.losses).mean ? other : one));
  if (!isBetter(best, voting)) return calibrated(study, { ...voting, name: voting.model.name, methods });
  return calibrated(study, { ...best, features: best.opinion, methods });
}

interface Judged {
  /** Log loss per gold row. */
  readonly losses: Float64Array;
  readonly stack: ExpertStack;
  /** Gold rows × k. */
  readonly heldOut: Float64Array;
}

interface Chosen extends Judged, Pick<Choice, 'model' | 'name' | 'methods'> {
  readonly features?: Float64Array;
}

/** Adds an isotonic map of the label's probability where, with every fold judged by the map of the others, it is clearly better than the stack
 *  alone. */
function calibrated(study: Study, { model, name, methods, stack, heldOut, losses, features }: Chosen): Choice {
  const { gold, foldOf, votes } = study;
  const k = votes.labels.length;
  const choice: Choice = { model, name, methods, stack, heldOut, ...(features && { opinion: features }) };
  if (gold.item.length < fewestForIsotonic) return choice;
  const mapped = heldOut.slice();
  for (let fold = 0; fold < foldCount; fold++) {
    const inside = Array.from(gold.item.keys()).filter((g) => foldOf[gold.item[g]] === fold);
    const outside = Array.from(gold.item.keys()).filter((g) => foldOf[gold.item[g]] !== fold);
    const rowsOf = (rows: readonly number[]): Float64Array =>
      Float64Array.from(rows.flatMap((g) => [...heldOut.subarray(g * k, g * k + k)]));
    const map = fitTopCalibration(
      rowsOf(outside),
      outside.map((g) => gold.label[g]),
      k,
    );
    const p = applyTopCalibration(map, rowsOf(inside), k);
    inside.forEach((g, row) => mapped.set(p.subarray(row * k, row * k + k), g * k));
  }
  const after = losses.map((_, g) => -Math.log(Math.max(1e-12, mapped[g * k + gold.label[g]])));
  if (!isBetter({ losses: after }, { losses })) return choice;
  return { ...choice, heldOut: mapped, isotonic: fitTopCalibration(heldOut, gold.label, k), name: `${name}, isotonic` };
}

function better<Candidate extends Judged>(home: Candidate, candidates: readonly Candidate[]): Candidate {
  const best = candidates.reduce((one, other) => (meanOf(other.losses).mean < meanOf(one.losses).mean ? other : one));
  return isBetter(best, home) ? best : home;
}

/** By more than a standard error of the paired difference. */
function isBetter(one: Pick<Judged, 'losses'>, other: Pick<Judged, 'losses'>): boolean {
  const { mean, standardError } = meanOf(other.losses.map((loss, g) => loss - one.losses[g]));
  return mean > standardError;
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
  const { confidence } = votes;
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
      ...(confidence && { confidence: Float64Array.from(kept, (r) => confidence[r]) }),
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
  const split = model.byConfidence ? splitByConfidence(votes, model.byConfidence === 'where proven') : undefined;
  if (split) {
    const { byConfidence: _, ...whole } = model;
    const fit = fitVotes(split.votes, gold, shares, whole);
    const copyWeights = new Float64Array(votes.labelers.length).fill(1);
    split.origin.forEach((j, part) => (copyWeights[j] = Math.min(copyWeights[j], fit.copyWeights[part])));
    return { ...fit, copyWeights, evidence: mergeParts(split, votes.labelers.length, fit.evidence) };
  }
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
function judge(study: Study, opinions: readonly Float64Array[], k: number): Judged {
  const { gold, foldOf } = study;
  const losses = new Float64Array(gold.item.length);
  const heldOut = new Float64Array(gold.item.length * k);
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
      heldOut.set(p.subarray(row * k, row * k + k), g * k);
      losses[g] = -Math.log(Math.max(1e-12, p[row * k + gold.label[g]]));
    });
  }
  return { losses, heldOut, stack: fitExpertStack(opinions, gold.item, gold.label, k) };
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
