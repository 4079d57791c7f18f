import { fitItemFeatures, transformItemFeatures } from '@labelwright/core/features/item-features';
import { readVotes } from '@labelwright/core/formats/votes';
import { createRandom } from '@labelwright/core/math/random';
import { CoreError } from '@labelwright/core/model/errors';
import { type LabelId, labelId, questionId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import { nearestName } from '@labelwright/core/model/nearest-name';
import { type Problem, refuseFatal } from '@labelwright/core/model/problem';
import type { VoteTable } from '@labelwright/core/model/vote-table';
import { type SimulationReport, simulate } from '@labelwright/core/pipeline/simulate';
import { planners } from '@labelwright/core/planners/index';
import { openSource } from '../files/source-file.ts';
import { openItems } from '../items/item-source.ts';

export interface SimulationRequest {
  readonly items: string;
  /** The field that plays the people; hidden from everything else. */
  readonly gold: string;
  readonly fields?: readonly string[];
  readonly votes?: string;
  readonly planner: string;
  readonly budget?: number;
  readonly targetError: number;
  readonly confidence: number;
  readonly seed: number;
}

export interface SimulatedLoop {
  readonly report: SimulationReport & { readonly seed: number; readonly seconds: number; readonly peakMegabytes: number };
  readonly problems: readonly Problem[];
}

/** Plays the whole labeling job on items whose labels are known. @throws CoreError 'no-field', 'no-items', 'unknown-technique',
 *  'nothing-to-learn-from' */
export async function simulateLoop(request: SimulationRequest): Promise<SimulatedLoop> {
  const started = performance.now();
  const planner = planners.find(({ name }) => name === request.planner);
  if (!planner) {
    const names = planners.map(({ name }) => name);
    const near = nearestName(request.planner, names);
    throw new CoreError(
      'unknown-technique',
      `there is no planner '${request.planner}'${near ? `, did you mean '${near}'?` : ''}; there is ${names.join(', ')}`,
    );
  }
  const { items, truth, problems } = await readItems(request);
  const read = request.votes === undefined ? undefined : await readMachineVotes(request.votes, items);
  const labels = labelsOf(truth, read?.votes);
  const codes = new Map<string, number>(labels.map((label, c) => [label, c]));
  const model = fitItemFeatures(items, { fields: request.fields?.length ? request.fields : undefined });
  const features = transformItemFeatures(model, items);
  const { report } = simulate({
    items: items.map(({ id }) => id),
    labels,
    gold: Int32Array.from(truth, (label) => codes.get(label) as number),
    features: features.columns > 0 ? features : undefined,
    votes: read && read.votes.item.length > 0 ? relabeled(read.votes, labels, codes) : undefined,
    planner,
    budget: request.budget,
    targetError: request.targetError,
    confidence: request.confidence,
    random: createRandom(request.seed),
  });
  const seconds = (performance.now() - started) / 1000;
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  return { report: { ...report, seed: request.seed, seconds, peakMegabytes }, problems: [...problems, ...(read?.problems ?? [])] };
}

/** Items with their true labels; one without gold is a problem and left out, for nobody could play its people. */
async function readItems(request: SimulationRequest): Promise<{ items: Item[]; truth: string[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const items: Item[] = [];
  const truth: string[] = [];
  try {
    const source = await openItems({ file: request.items, text: [], hide: [] }, { question: questionId('gold'), field: request.gold });
    for await (const { item, gold, line } of source.read((problem) => problems.push(problem))) {
      if (gold === '' || !isScalar(gold)) {
        const at = line === undefined ? {} : { line };
        problems.push({ file: request.items, ...at, key: request.gold, message: `item '${item.id}' has no gold label; left out` });
        continue;
      }
      if (items.length === 0) checkFields(request, item);
      items.push(item);
      truth.push(String(gold));
    }
  } catch (error) {
    if (!(error instanceof CoreError && error.code === 'no-field')) throw error;
    const known = (/it has (.*)$/.exec(error.message)?.[1] ?? '').split(', ');
    const near = nearestName(request.gold, known);
    throw new CoreError('no-field', `${error.message}${near ? `; did you mean '${near}'?` : ''}`);
  }
  if (items.length === 0) {
    const first = problems[0] ? `; the first problem: ${problems[0].message}` : '';
    throw new CoreError('no-items', `${request.items}: there is no item with a gold label${first}`);
  }
  return { items, truth, problems };
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function checkFields({ items, fields = [] }: SimulationRequest, first: Item): void {
  const known = Object.keys(first.fields);
  for (const field of fields) {
    if (known.some((name) => name === field || name.startsWith(`${field}.`))) continue;
    const near = nearestName(field, known);
    const guess = near ? `; did you mean '${near}'?` : '';
    throw new CoreError('no-field', `${items}: the first item has no field '${field}'; it has ${known.join(', ') || 'none'}${guess}`);
  }
}

async function readMachineVotes(path: string, items: readonly Item[]): Promise<{ votes: VoteTable; problems: readonly Problem[] }> {
  const ids = items.map(({ id }) => id);
  const read = await readVotes(await openSource(path), { knownItems: ids });
  refuseFatal([...read.problems]);
  if (read.votes.item.length === 0) {
    const first = read.problems[0] ? `; the first problem: ${read.problems[0].message}` : '';
    throw new CoreError('no-votes', `${path}: there is no vote on these items${first}`);
  }
  return read;
}

/** Labels of gold and votes, in the order of code units: the order of the lines says nothing. */
function labelsOf(truth: readonly string[], votes: VoteTable | undefined): LabelId[] {
  return [...new Set([...truth, ...(votes?.labels ?? [])])].sort().map((label) => labelId(label));
}

function relabeled(votes: VoteTable, labels: readonly LabelId[], codes: ReadonlyMap<string, number>): VoteTable {
  const codeOf = Int32Array.from(votes.labels, (label) => codes.get(label) as number);
  return { ...votes, labels, label: votes.label.map((c) => codeOf[c]) };
}
