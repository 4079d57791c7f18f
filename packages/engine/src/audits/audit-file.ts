import { type LabelsRead, readLabels } from '@labelwright/core/formats/labels';
import { createRandom } from '@labelwright/core/math/random';
import { CoreError } from '@labelwright/core/model/errors';
import type { ItemId, LabelId } from '@labelwright/core/model/ids';
import type { Item } from '@labelwright/core/model/item';
import { type Problem, refuseFatal } from '@labelwright/core/model/problem';
import { auditLabels, type LabelAudit } from '@labelwright/core/pipeline/audit-labels';
import { openSource } from '../files/source-file.ts';
import { openItems } from '../items/item-source.ts';

export interface AuditRequest {
  readonly labels: string;
  /** What was labeled. Without it only `p:` columns of the labels can be held against them. */
  readonly items?: string;
  readonly fields?: readonly string[];
  readonly seed: number;
}

/** What is doubtful, by the names of items and labels. */
export interface AuditReport {
  readonly items: number;
  readonly labels: readonly LabelId[];
  /** Null where there is nothing to hold the labels against. */
  readonly labelErrors: {
    readonly source: 'probabilities of the file' | 'classifier of the items';
    /** Share of all labels that are wrong, by confident learning. */
    readonly estimatedErrorRate: number;
    /** k×k counts, rows = given label, columns = estimated true label. */
    readonly joint: readonly (readonly number[])[];
    /** The most suspicious first. `probability` is that of the given label. */
    readonly flagged: readonly Suspect[];
  } | null;
  readonly duplicates:
    | readonly {
        readonly items: readonly ItemId[];
        readonly labels: readonly LabelId[];
        readonly similarity: number;
        readonly contradicting: boolean;
      }[]
    | null;
  readonly outliers: readonly { readonly item: ItemId; readonly score: number; readonly distance: number }[] | null;
  /** Of the second half of the file against the first. */
  readonly drift: {
    readonly totalVariation: number;
    readonly drifted: readonly LabelId[];
    readonly shares: readonly {
      readonly label: LabelId;
      readonly before: number;
      readonly after: number;
      readonly low: number;
      readonly high: number;
      readonly pValue: number;
    }[];
  } | null;
  readonly notes: readonly string[];
  readonly problems: number;
}

export interface Suspect {
  readonly item: ItemId;
  readonly label: LabelId;
  readonly suggested: LabelId;
  readonly probability: number;
  readonly suggestedProbability: number;
}

/** @throws CoreError 'no-labels' for a file without labels, 'nothing-to-compare' where neither items nor probabilities are there */
export async function auditFile({
  labels: path,
  items: itemsPath,
  fields = [],
  seed,
}: AuditRequest): Promise<{ report: AuditReport; problems: readonly Problem[] }> {
  const read = await readLabels(await openSource(path));
  refuseFatal(read.problems);
  if (read.items.length === 0) throw new CoreError('no-labels', `${path}: there is no label to audit`);
  if (itemsPath === undefined && !read.posterior)
    throw new CoreError('nothing-to-compare', `${path}: has no columns p:<label> of a model, and no --items to learn one from`);
  const problems: Problem[] = [...read.problems];
  const notes: string[] = [];
  const { kept, contents } =
    itemsPath === undefined ? { kept: read, contents: undefined } : await withItems(read, itemsPath, fields, problems, notes);
  const probabilities = contents ? undefined : kept.posterior;
  if (probabilities && isArgmax(kept.label, probabilities, kept.labels.length))
    notes.push(`${path}: every label is the most probable by its own columns, so nothing contradicts it; --items holds a model against it`);
  const audit = auditLabels(
    { items: kept.items, labels: kept.labels, given: kept.label, ...(probabilities && { probabilities }), ...(contents && { contents }) },
    createRandom(seed),
  );
  return { report: { ...named(kept, audit, probabilities !== undefined), notes, problems: read.problemCount }, problems };
}

type Kept = Pick<LabelsRead, 'items' | 'labels' | 'label' | 'posterior'>;

/** Labels whose items are there, with them; fields that repeat the label are not looked at. */
async function withItems(
  read: LabelsRead,
  path: string,
  fields: readonly string[],
  problems: Problem[],
  notes: string[],
): Promise<{ kept: Kept; contents: Item[] }> {
  const rowOf = new Map(read.items.map((item, row) => [item, row]));
  const labelOf = (item: ItemId): LabelId => read.labels[read.label[rowOf.get(item) as number]];
  const copies = new Map<string, number>();
  let seen = 0;
  for await (const { item } of (await openItems({ file: path, text: [], hide: [] })).read(() => undefined)) {
    if (!rowOf.has(item.id)) continue;
    seen += 1;
    for (const [name, value] of Object.entries(item.fields))
      if (typeof value !== 'object' && `${value}` === labelOf(item.id)) copies.set(name, (copies.get(name) ?? 0) + 1);
  }
  const hide = [...copies].flatMap(([name, count]) => (count > seen / 2 && !fields.includes(name) ? [name] : []));
  if (hide.length > 0) notes.push(`${path}: ${hide.join(', ')} repeats the label and is not looked at`);
  const found = new Map<ItemId, Item>();
  for await (const { item } of (await openItems({ file: path, text: fields, hide })).read((problem) => problems.push(problem)))
    if (rowOf.has(item.id)) found.set(item.id, item);
  const rows = [...read.items.keys()].filter((row) => found.has(read.items[row]));
  if (rows.length === 0) throw new CoreError('nothing-to-compare', `${path}: has none of the labeled items; are the ids the same?`);
  if (rows.length < read.items.length) notes.push(`${read.items.length - rows.length} labels are left out: ${path} has no such items`);
  const kept = { items: rows.map((row) => read.items[row]), labels: read.labels, label: Int32Array.from(rows, (row) => read.label[row]) };
  return { kept, contents: kept.items.map((item) => found.get(item) as Item) };
}

function isArgmax(given: Int32Array, probabilities: Float64Array, k: number): boolean {
  return given.every((label, row) => {
    for (let c = 0; c < k; c++) if (probabilities[row * k + c] > probabilities[row * k + label]) return false;
    return true;
  });
}

function named({ items, labels, label: given }: Kept, audit: LabelAudit, isOfFile: boolean): Omit<AuditReport, 'notes' | 'problems'> {
  const k = labels.length;
  const { errors, duplicates, outliers, drift } = audit;
  return {
    items: items.length,
    labels,
    labelErrors: errors
      ? {
          source: isOfFile ? 'probabilities of the file' : 'classifier of the items',
          estimatedErrorRate: errors.noiseShare,
          joint: labels.map((_, label) => Array.from(errors.joint.subarray(label * k, (label + 1) * k))),
          flagged: Array.from(errors.flagged, (row): Suspect => {
            const probabilities = errors.probabilities.subarray(row * k, (row + 1) * k);
            const suggested = probabilities.reduce((best, value, c) => (value > probabilities[best] ? c : best), 0);
            return {
              item: items[row],
              label: labels[given[row]],
              suggested: labels[suggested],
              probability: probabilities[given[row]],
              suggestedProbability: probabilities[suggested],
            };
          }),
        }
      : null,
    duplicates:
      duplicates?.map(({ rows, similarity, isContradicting }) => ({
        items: rows.map((row) => items[row]),
        labels: rows.map((row) => labels[given[row]]),
        similarity,
        contradicting: isContradicting,
      })) ?? null,
    outliers: outliers
      ? Array.from(outliers.flagged, (row) => ({ item: items[row], score: outliers.score[row], distance: outliers.distance[row] }))
      : null,
    drift: drift
      ? {
          totalVariation: drift.totalVariation,
          drifted: drift.drifted.map((label) => labels[label]),
          shares: drift.labels.map((row, label) => ({ label: labels[label], ...row })),
        }
      : null,
  };
}
