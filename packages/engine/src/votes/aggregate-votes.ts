import { decideSilence } from '@labelwright/core/aggregators/decide-silence';
import { aggregators } from '@labelwright/core/aggregators/index';
import { findCopies, findRedundancy } from '@labelwright/core/aggregators/redundancy';
import { fitItemFeatures, transformItemFeatures } from '@labelwright/core/features/item-features';
import { alignGold, readGold } from '@labelwright/core/formats/gold';
import { readVotes } from '@labelwright/core/formats/votes';
import type { Matrix } from '@labelwright/core/math/matrix';
import { createRandom } from '@labelwright/core/math/random';
import { type Reliability, reliabilityOf } from '@labelwright/core/math/reliability';
import { votePatterns } from '@labelwright/core/math/vote-patterns';
import { checkOptions } from '@labelwright/core/model/about';
import { CoreError } from '@labelwright/core/model/errors';
import type { Estimate } from '@labelwright/core/model/estimate';
import type { ItemId, LabelerId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import { nearestName } from '@labelwright/core/model/nearest-name';
import { type Problem, refuseFatal } from '@labelwright/core/model/problem';
import type { Silence } from '@labelwright/core/model/vote';
import { type Gold, noGold, type VoteTable } from '@labelwright/core/model/vote-table';
import { type LabelerReport, labelerReport } from '@labelwright/core/pipeline/labeler-report';
import { type LabelerValue, labelerValues } from '@labelwright/core/pipeline/labeler-value';
import { openSource } from '../files/source-file.ts';
import { openItems } from '../items/item-source.ts';

export interface AggregateRequest {
  readonly votes: string;
  readonly method: string;
  /** Items that labels are wanted for, voted on or not; their features may help. */
  readonly items?: string;
  readonly fields?: readonly string[];
  readonly gold?: string;
  readonly shares?: Readonly<Record<string, number>>;
  readonly silence: Silence | 'auto';
  readonly seed: number;
}

export interface Aggregation {
  readonly estimate: Estimate;
  readonly report: AggregateReport;
  readonly problems: readonly Problem[];
}

export interface AggregateReport {
  readonly method: string;
  readonly methods: Estimate['methods'] | null;
  readonly items: number;
  readonly labels: readonly string[];
  readonly votes: number;
  readonly gold: number;
  readonly shares: Readonly<Record<string, number>>;
  readonly labelers: readonly (LabelerReport & {
    readonly silence: Silence;
    readonly silenceReason: string;
    /** What is lost without it: `labelerValues`. */
    readonly marginalValue: Omit<LabelerValue, 'labeler'>;
  })[];
  /** Labelers that say the same beyond what the truth explains, most alike first; at most `mostPairs`. */
  readonly redundancy: readonly RedundantLabelers[];
  /** Whether the probabilities mean what they say: of gold items, by what was learned from the others. Null without enough gold. */
  readonly calibration: Reliability | null;
  /** The items that a labeler of average skill would most likely get wrong, from methods that tell; else null. */
  readonly hardestItems: readonly { readonly item: string; readonly difficulty: number }[] | null;
  readonly warnings: readonly string[];
  readonly problems: number;
  /** Reading, deciding, estimating; and in all, writing left out. */
  readonly readSeconds: number;
  readonly estimateSeconds: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

export interface RedundantLabelers {
  readonly labelers: readonly [LabelerId, LabelerId];
  /** Of nested ones, the second votes (nearly) only where the first does. */
  readonly kind: 'copy' | 'near-copy' | 'nested' | 'correlated';
  /** -1..1, of what is left of their votes when the truth's part is taken out. */
  readonly correlation: number;
}

const mostPairs = 200;
const mostHard = 50;

/** A file of votes to a posterior. @throws CoreError 'no-votes' where neither a vote nor gold names a label */
export async function aggregateVotes(request: AggregateRequest): Promise<Aggregation> {
  const aggregator = aggregators.find(({ name }) => name === request.method);
  if (!aggregator) {
    const names = aggregators.map(({ name }) => name);
    const near = nearestName(request.method, names);
    throw new CoreError(
      'unknown-aggregator',
      `there is no aggregator '${request.method}'${near ? `, did you mean '${near}'?` : ''}; there is ${names.join(', ')}`,
    );
  }
  const started = performance.now();
  const items = request.items === undefined ? undefined : await readItems(request.items, request.fields ?? []);
  const read = await readVotes(await openSource(request.votes), items ? { knownItems: items.ids } : {});
  const goldRead = request.gold === undefined ? undefined : await readGold(await openSource(request.gold));
  const problems = [...(items?.problems ?? []), ...read.problems, ...(goldRead?.problems ?? [])];
  refuseFatal(problems);
  const aligned = goldRead ? alignGold(read.votes, goldRead.rows) : { votes: read.votes, gold: noGold, unmatched: 0, contradicting: 0 };
  const { gold } = aligned;
  const { votes, shares } = withShares(aligned.votes, request.shares);
  if (votes.labels.length === 0)
    throw new CoreError(
      'no-votes',
      `${request.votes}: there is no vote that could be read${problems.length > 0 ? `; the first problem: ${problems[0].message}` : ''}`,
    );
  const readAt = performance.now();

  const silences = silenceOf(votes, request.silence);
  const table: VoteTable = { ...votes, silence: silences.silence };
  const estimate = aggregator.aggregate(table, checkOptions(aggregator, {}), {
    random: createRandom(request.seed),
    ...(gold.item.length > 0 && { gold }),
    ...(shares && { shares }),
    ...(items && { features: items.features() }),
  });
  const estimatedAt = performance.now();
  const labelers = labelerReport(table, estimate, gold);
  const values = labelerValues(table, estimate, gold);
  const seconds = (performance.now() - started) / 1000;
  const report: AggregateReport = {
    method: estimate.method ?? aggregator.name,
    methods: estimate.methods ?? null,
    items: votes.items.length,
    labels: votes.labels,
    votes: votes.item.length,
    gold: gold.item.length,
    shares: Object.fromEntries(votes.labels.map((label, c) => [label, estimate.shares[c]])),
    labelers: labelers.map((labeler, j) => {
      const { labeler: _, ...marginalValue } = values[j];
      return { ...labeler, silence: silences.silence[j], silenceReason: silences.reasons[j], marginalValue };
    }),
    redundancy: redundancyOf(table, estimate),
    calibration: calibrationOf(estimate, gold),
    hardestItems: hardestOf(estimate),
    warnings: [...estimate.warnings, ...read.notes, ...goldWarnings(aligned, request.gold)],
    problems: problems.length + (read.problemCount - read.problems.length),
    readSeconds: (readAt - started) / 1000,
    estimateSeconds: (estimatedAt - readAt) / 1000,
    seconds,
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  return { estimate, report, problems };
}

function silenceOf(votes: VoteTable, asked: Silence | 'auto'): { silence: readonly Silence[]; reasons: readonly string[] } {
  if (asked === 'auto') return decideSilence(votes);
  return { silence: votes.labelers.map(() => asked), reasons: votes.labelers.map(() => 'as told') };
}

function redundancyOf(votes: VoteTable, { posterior }: Estimate): RedundantLabelers[] {
  const patterns = votePatterns(votes);
  const { size, k, patternOf, count } = patterns;
  const believed = patternOf ? new Float64Array(size * k) : posterior;
  // The mean over the items of a pattern: gold ones among them stand out.
  patternOf?.forEach((p, i) => {
    for (let y = 0; y < k; y++) believed[p * k + y] += posterior[i * k + y] / (count ? count[p] : 1);
  });
  const silence = votes.silence ?? votes.labelers.map(() => 'unasked' as const);
  const { pairs } = findRedundancy(patterns, believed, silence, findCopies(patterns, silence));
  return [...pairs]
    .sort((one, other) => Math.abs(other.correlation) - Math.abs(one.correlation))
    .slice(0, mostPairs)
    .map(({ a, b, kind, correlation }) => ({ labelers: [votes.labelers[a], votes.labelers[b]], kind, correlation }));
}

function calibrationOf({ heldOut, labels }: Estimate, { label }: Gold): Reliability | null {
  if (!heldOut) return null;
  const k = labels.length;
  const tops = Array.from(label, (_, g) => {
    let top = 0;
    for (let y = 1; y < k; y++) if (heldOut[g * k + y] > heldOut[g * k + top]) top = y;
    return top;
  });
  return reliabilityOf(
    tops.map((top, g) => heldOut[g * k + top]),
    tops.map((top, g) => top === label[g]),
  );
}

function hardestOf({ difficulty, items }: Estimate): AggregateReport['hardestItems'] {
  if (!difficulty) return null;
  return Array.from(items.keys())
    .sort((a, b) => difficulty[b] - difficulty[a])
    .slice(0, mostHard)
    .map((i) => ({ item: items[i], difficulty: difficulty[i] }));
}

function goldWarnings({ unmatched, contradicting }: { unmatched: number; contradicting: number }, file = ''): string[] {
  return [
    ...(unmatched > 0 ? [`${file}: ${unmatched} gold labels are for items that are not there`] : []),
    ...(contradicting > 0 ? [`${file}: ${contradicting} gold labels contradict an earlier one of the same item; the first counts`] : []),
  ];
}

/** Shares name labels; a label that nobody cast joins the table. @throws CoreError 'wrong-use' where they do not sum to 1 or leave a label out */
function withShares(votes: VoteTable, shares: Readonly<Record<string, number>> | undefined): { votes: VoteTable; shares?: Float64Array } {
  if (!shares) return { votes };
  const labels = [
    ...votes.labels,
    ...(Object.keys(shares) as VoteTable['labels'][number][]).filter((label) => !votes.labels.includes(label)),
  ];
  const values = Float64Array.from(labels, (label) => shares[label] ?? Number.NaN);
  const missing = labels.find((_, c) => Number.isNaN(values[c]));
  if (missing !== undefined)
    throw new CoreError('wrong-use', `--shares: there is no share for '${missing}'; the labels are ${labels.join(', ')}`);
  const sum = values.reduce((total, value) => total + value, 0);
  if (Math.abs(sum - 1) > 0.01) throw new CoreError('wrong-use', `--shares: must sum to 1, got ${sum.toFixed(3)}`);
  return { votes: { ...votes, labels }, shares: values.map((value) => value / sum) };
}

async function readItems(path: string, fields: readonly string[]): Promise<{ ids: ItemId[]; problems: Problem[]; features: () => Matrix }> {
  const problems: Problem[] = [];
  const items: Item[] = [];
  const source = await openItems({ file: path, text: fields, hide: [] });
  for await (const { item } of source.read((problem) => problems.push(problem))) items.push(item);
  const features = (): Matrix => transformItemFeatures(fitItemFeatures(items), items);
  return { ids: items.map(({ id }) => id), problems, features };
}
