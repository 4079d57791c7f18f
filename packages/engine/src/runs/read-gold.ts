import { readGold } from '@labelwright/core/formats/votes';
import { CoreError } from '@labelwright/core/model/errors';
import type { ItemId, LabelId } from '@labelwright/core/model/ids';
import { type Problem, refuseFatal } from '@labelwright/core/model/problem';
import type { Question } from '@labelwright/core/model/schema';
import { openSource } from '../files/source-file.ts';
import type { GoldSpec } from '../project/project.ts';

/** Gold answers as they are found: from a file before the run, or item by item from the hidden field. */
export class GoldCollector {
  readonly answers = new Map<number, readonly LabelId[]>();
  private readonly spec: GoldSpec;
  private readonly known: ReadonlySet<string>;
  private readonly fromFile: ReadonlyMap<ItemId, readonly LabelId[]>;

  private constructor(spec: GoldSpec, question: Question, fromFile: ReadonlyMap<ItemId, readonly LabelId[]>) {
    this.spec = spec;
    this.known = new Set(question.labels.map((label) => label.id));
    this.fromFile = fromFile;
  }

  static async open(spec: GoldSpec, question: Question, report: (problem: Problem) => void): Promise<GoldCollector> {
    const fromFile = new Map<ItemId, readonly LabelId[]>();
    const collector = new GoldCollector(spec, question, fromFile);
    if (!('file' in spec)) return collector;
    const gold = await readGold(await openSource(spec.file), {});
    refuseFatal(gold.problems);
    gold.problems.forEach(report);
    for (const { item, label, line } of gold.rows) {
      const labels = collector.labelsIn(label, { file: spec.file, ...(line !== undefined && { line }) }, report);
      if (labels) fromFile.set(item, [...(question.multiple ? (fromFile.get(item) ?? []) : []), ...labels]);
    }
    return collector;
  }

  /** Item `ordinal` goes by, with the hidden field's value where gold is a field. */
  see(ordinal: number, id: ItemId, value: unknown, place: Omit<Problem, 'message'>, report: (problem: Problem) => void): void {
    const labels = 'file' in this.spec ? this.fromFile.get(id) : this.labelsIn(value, place, report);
    if (labels) this.answers.set(ordinal, labels);
  }

  private labelsIn(value: unknown, place: Omit<Problem, 'message'>, report: (problem: Problem) => void): readonly LabelId[] | undefined {
    const read = goldLabels(value, this.known, this.spec.labels);
    if (read === undefined || 'labels' in read) return read?.labels;
    report({ ...place, key: 'gold', message: `'${read.unknown}' is not a label; the labels are ${[...this.known].join(', ')}` });
    return undefined;
  }
}

/** What a value of the gold field says. A list in several-label questions: JSON array or `a|b`.
 *  @param mapping value → label, where the values are not the labels  @returns undefined where there is none (absent, null, empty) */
export function goldLabels(
  value: unknown,
  known: ReadonlySet<string>,
  mapping: Readonly<Record<string, string>> = {},
): { readonly labels: readonly LabelId[] } | { readonly unknown: string } | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = textOf(value);
  const texts = Array.isArray(value) ? value.map(textOf) : known.has(text) ? [text] : text.split('|');
  const labels = texts.map((each) => (Object.hasOwn(mapping, each) ? mapping[each] : each));
  const unknown = labels.find((label) => !known.has(label));
  return unknown === undefined ? { labels: labels as LabelId[] } : { unknown };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** @throws CoreError 'no-gold' where a project has gold but none of it fits an item */
export function checkGoldFits(gold: ReadonlyMap<number, unknown>, n: number, spec: GoldSpec): void {
  if (gold.size > 0 || n === 0) return;
  const source = 'file' in spec ? spec.file : `field '${spec.field}'`;
  throw new CoreError('no-gold', `gold: no item has a gold label from ${source}; do the ids and labels match?`);
}
