import { decideSilence } from '@labelwright/core/aggregators/decide-silence';
import { aggregators } from '@labelwright/core/aggregators/index';
import { fitItemFeatures, transformItemFeatures } from '@labelwright/core/features/item-features';
import { alignGold, readGold } from '@labelwright/core/formats/gold';
import { readVotes } from '@labelwright/core/formats/votes';
import type { Matrix } from '@labelwright/core/math/matrix';
import { createRandom } from '@labelwright/core/math/random';
import { checkOptions } from '@labelwright/core/model/about';
import { CoreError } from '@labelwright/core/model/errors';
import type { Estimate } from '@labelwright/core/model/estimate';
import type { ItemId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import { nearestName } from '@labelwright/core/model/nearest-name';
import { type Problem, refuseFatal } from '@labelwright/core/model/problem';
import type { Silence } from '@labelwright/core/model/vote';
import { noGold, type VoteTable } from '@labelwright/core/model/vote-table';
import { type LabelerReport, labelerReport } from '@labelwright/core/pipeline/labeler-report';
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
  readonly labelers: readonly (LabelerReport & { readonly silence: Silence; readonly silenceReason: string })[];
  readonly warnings: readonly string[];
  readonly problems: number;
  /** Reading, deciding, estimating; and in all, writing left out. */
  readonly readSeconds: number;
  readonly estimateSeconds: number;
  readonly seconds: number;
  readonly peakMegabytes: number;
}

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
  const seconds = (performance.now() - started) / 1000;
  const report: AggregateReport = {
    method: estimate.method ?? aggregator.name,
    methods: estimate.methods ?? null,
    items: votes.items.length,
    labels: votes.labels,
    votes: votes.item.length,
    gold: gold.item.length,
    shares: Object.fromEntries(votes.labels.map((label, c) => [label, estimate.shares[c]])),
    labelers: labelers.map((labeler, j) => ({ ...labeler, silence: silences.silence[j], silenceReason: silences.reasons[j] })),
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
