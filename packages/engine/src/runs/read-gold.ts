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

  /** Undefined where there is no gold for the item (absent, null, empty). A list in several-label questions: JSON array or `a|b`. */
  private labelsIn(value: unknown, place: Omit<Problem, 'message'>, report: (problem: Problem) => void): readonly LabelId[] | undefined {
    if (value === undefined || value === null || value === '') return undefined;
    const texts = Array.isArray(value) ? value.map(String) : this.known.has(String(value)) ? [String(value)] : String(value).split('|');
    const labels = texts.map((text) => this.spec.labels?.[text] ?? text);
    const unknown = labels.find((label) => !this.known.has(label));
    if (unknown === undefined) return labels as LabelId[];
    report({ ...place, key: 'gold', message: `'${unknown}' is not a label; the labels are ${[...this.known].join(', ')}` });
    return undefined;
  }
}

/** @throws CoreError 'no-gold' where a project has gold but none of it fits an item */
export function checkGoldFits(gold: ReadonlyMap<number, unknown>, n: number, spec: GoldSpec): void {
  if (gold.size > 0 || n === 0) return;
  const source = 'file' in spec ? spec.file : `field '${spec.field}'`;
  throw new CoreError('no-gold', `gold: no item has a gold label from ${source}; do the ids and labels match?`);
}
