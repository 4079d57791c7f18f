import { reasonOf } from '../model/errors.ts';
import { type Estimate, topLabel } from '../model/estimate.ts';
import { type ItemId, itemId, type LabelId, labelId } from '../model/ids.ts';
import type { Problem } from '../model/problem.ts';
import { csvLine } from './csv-line.ts';
import { readHeader } from './delimited-records.ts';
import type { ReadOptions, SourceFile } from './format.ts';
import { unguard } from './formula-guard.ts';
import { columnRoles } from './named-columns.ts';
import { ProblemLog } from './problem-log.ts';
import { Unreadable } from './unreadable.ts';
import { confidenceOfText } from './vote-lines.ts';
import { nameCell } from './votes-writing.ts';

const chunkLength = 65_536;

/** Labels as CSV: `item,label,probability`, then a column `p:<label>` per label. Every item once, in the order of the estimate. */
export function* writeLabels(estimate: Pick<Estimate, 'items' | 'labels' | 'posterior'>): Generator<string> {
  const { items, labels, posterior } = estimate;
  const k = labels.length;
  const cells = labels.map(nameCell);
  let chunk = csvLine(['item', 'label', 'probability', ...labels.map((label) => `p:${label}`)]);
  for (let row = 0; row < items.length; row++) {
    const top = topLabel(estimate, row);
    chunk += k === 0 ? `${nameCell(items[row])},,` : `${nameCell(items[row])},${cells[top.label]},${probabilityText(top.probability)}`;
    for (let label = 0; label < k; label++) chunk += `,${probabilityText(posterior[row * k + label])}`;
    chunk += '\n';
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  yield chunk;
}

const threeDigits = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'));

/** Six decimals, so that a row still sums to 1 within k millionths; below a thousandth four significant digits, so that a logarithm can be taken. */
export function probabilityText(probability: number): string {
  if (probability === 0) return '0';
  if (probability < 1e-3) return probability.toExponential(3);
  const millionths = Math.round(probability * 1e6);
  if (millionths >= 1_000_000) return '1';
  return `0.${threeDigits[Math.floor(millionths / 1000)]}${threeDigits[millionths % 1000]}`;
}

export interface LabelsRead {
  readonly items: readonly ItemId[];
  readonly labels: readonly LabelId[];
  /** Per item, index into `labels`. */
  readonly label: Int32Array;
  /** Of that label; NaN where the file does not say. */
  readonly probability: Float64Array;
  /** n×k row-major, where the file has a column `p:<label>` for every label. */
  readonly posterior?: Float64Array;
  readonly problems: readonly Problem[];
  readonly problemCount: number;
}

/** Reads what `writeLabels` writes, and tables that have `item,label` at least. The labels are those of the `p:` columns, then others as they appear. */
export async function readLabels(file: SourceFile, options: Pick<ReadOptions, 'encoding' | 'delimiter'> = {}): Promise<LabelsRead> {
  const log = new ProblemLog(file.path);
  const rows = new LabelRows();
  try {
    const { header, records } = await readHeader(file, options);
    const layout = columnRoles(header.cells, { item: 'item', label: 'label' }, { probability: 'probability' }, 'other');
    if (typeof layout === 'string') throw new Unreadable({ file: file.path, line: header.line, message: layout });
    const { columns } = layout;
    const posteriors = header.cells.flatMap((title, column) =>
      unguard(title).startsWith('p:') ? [{ column, label: labelId(unguard(title).slice(2)) }] : [],
    );
    rows.open(posteriors.map(({ label }) => label));
    for await (const batch of records) {
      for (const record of batch) {
        const { line } = record;
        if ('problem' in record) {
          log.add(() => ({ line, message: record.problem }));
        } else if (record.cells.length !== columns.length) {
          log.add(() => ({ line, message: `has ${record.cells.length} cells, but the header has ${columns.length} columns` }));
        } else {
          const { cells } = record;
          const fault = rows.add(
            cells[columns.indexOf('item')],
            cells[columns.indexOf('label')],
            cells[columns.indexOf('probability')] ?? '',
            posteriors.map(({ column }) => cells[column]),
          );
          if (fault) log.add(() => ({ line, ...fault }));
        }
      }
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    log.addFatal(error.problem);
  }
  return { ...rows.columns(), problems: log.problems, problemCount: log.count };
}

class LabelRows {
  private readonly items = new Map<ItemId, number>();
  private readonly labels = new Map<LabelId, number>();
  private readonly label: number[] = [];
  private readonly probability: number[] = [];
  private readonly posterior: number[] = [];
  private known = 0;

  open(labels: readonly LabelId[]): void {
    for (const label of labels) this.labels.set(label, this.labels.size);
    this.known = this.labels.size;
  }

  /** @returns what is wrong with the row */
  add(
    itemCell: string,
    labelCell: string,
    probabilityCell: string,
    posteriorCells: readonly string[],
  ): { key: string; message: string } | undefined {
    let item: ItemId;
    let name: LabelId;
    try {
      item = itemId(unguard(itemCell));
      name = labelId(unguard(labelCell));
    } catch (error) {
      return { key: 'label', message: reasonOf(error) };
    }
    if (this.items.has(item)) return { key: 'item', message: `item '${item}' is there already: this row is left out` };
    const probabilities = [probabilityCell, ...posteriorCells].map(confidenceOfText);
    if (probabilities.some((probability) => probability < 0))
      return { key: 'probability', message: 'probabilities must be numbers of 0..1' };
    this.items.set(item, this.items.size);
    const number = this.labels.get(name) ?? this.labels.size;
    this.labels.set(name, number);
    this.label.push(number);
    this.probability.push(probabilities[0]);
    for (let column = 1; column < probabilities.length; column++) this.posterior.push(probabilities[column]);
    return undefined;
  }

  columns(): Omit<LabelsRead, 'problems' | 'problemCount'> {
    const whole = this.known > 0 && this.known === this.labels.size && !this.posterior.some(Number.isNaN);
    return {
      items: [...this.items.keys()],
      labels: [...this.labels.keys()],
      label: Int32Array.from(this.label),
      probability: Float64Array.from(this.probability),
      ...(whole && { posterior: Float64Array.from(this.posterior) }),
    };
  }
}
