import type { SparseMatrix } from '../math/matrix.ts';
import { createSparseBuilder } from '../math/sparse.ts';
import type { Json } from '../model/json.ts';
import { daysOf, eachField, type FieldProfile, kindOfField, numberOf, profileFields, type Scalar } from './field-profile.ts';

export type Row = Readonly<Record<string, Json>>;

export interface TableOptions {
  /** Values of a category that get a feature of their own, the most frequent first. Default 50. */
  readonly maxCategories?: number;
  /** Fields never to use. */
  readonly exclude?: readonly string[] | undefined;
}

/** One field and the features made of it, in this order: the number, that it is missing, its values, any other value. */
export type TableColumn = {
  readonly name: string;
  /** asinh((number − centre) / scale); dates are days since 1970. */
  readonly number: { readonly of: 'number' | 'date'; readonly centre: number; readonly scale: number } | null;
  readonly missing: boolean;
  readonly values: readonly string[];
  readonly others: boolean;
};

/** Plain JSON. */
export type TableModel = {
  readonly columns: readonly TableColumn[];
};

/** Chooses what the fields are by looking at their values: numbers, dates, categories; ids and free texts are left out. */
export function fitTable(rows: Iterable<Row>, options: TableOptions = {}): TableModel {
  return tableOf(profileFields(rows), options);
}

export function tableOf(profiles: readonly FieldProfile[], options: TableOptions = {}): TableModel {
  const { maxCategories = 50, exclude = [] } = options;
  const columns: TableColumn[] = [];
  for (const profile of profiles) {
    if (exclude.includes(profile.name)) continue;
    const kind = kindOfField(profile, maxCategories);
    if (kind !== 'number' && kind !== 'date' && kind !== 'category') continue;
    // A number of few different values may be a code: it gets both readings.
    const coded = kind === 'category' || (kind === 'number' && profile.distinct <= 12);
    columns.push({
      name: profile.name,
      number: kind === 'category' ? null : { of: kind, ...scaleOf(profile.sample) },
      missing: profile.missing > 0,
      ...(coded ? valuesOf(profile, maxCategories) : { values: [], others: false }),
    });
  }
  return { columns };
}

/** A model made ready; `read` adds the features of one row to the two lists. */
export interface TableReader {
  /** The meaning of each feature: `amount`, `amount is missing`, `colour = red`, `colour = another`. */
  readonly names: readonly string[];
  readonly read: (row: Row, indices: number[], values: number[]) => void;
}

export function createTable({ columns }: TableModel): TableReader {
  const names: string[] = [];
  const byName = new Map<string, { column: TableColumn; first: number; valueAt: ReadonlyMap<string, number> }>();
  for (const column of columns) {
    const first = names.length;
    if (column.number) names.push(column.name);
    if (column.missing) names.push(`${column.name} is missing`);
    const valueAt = new Map(column.values.map((value, at) => [value, names.length + at]));
    names.push(...column.values.map((value) => `${column.name} = ${value}`));
    if (column.others) names.push(`${column.name} = another`);
    byName.set(column.name, { column, first, valueAt });
  }
  const placed = [...byName.values()];
  return {
    names,
    read(row, indices, values) {
      const seen = new Set<string>();
      eachField(row, (name, given) => {
        const place = byName.get(name);
        if (!place) return;
        seen.add(name);
        for (const value of given) readValue(value, place.column, place.first, place.valueAt, indices, values);
      });
      for (const { column, first } of placed) {
        if (!column.missing || seen.has(column.name)) continue;
        indices.push(first + (column.number ? 1 : 0));
        values.push(1);
      }
    },
  };
}

function readValue(
  value: Scalar,
  column: TableColumn,
  first: number,
  valueAt: ReadonlyMap<string, number>,
  indices: number[],
  values: number[],
): void {
  if (column.number) {
    const { of, centre, scale } = column.number;
    const number = of === 'date' ? daysOf(value) : numberOf(value);
    if (!Number.isNaN(number)) {
      indices.push(first);
      values.push(Math.asinh(inRange((inRange(number) - centre) / scale)));
    }
  }
  const at = valueAt.get(String(value));
  if (at !== undefined || column.others) {
    indices.push(at ?? first + (column.number ? 1 : 0) + (column.missing ? 1 : 0) + column.values.length);
    values.push(1);
  }
}

export function transformTable(model: TableModel, rows: Iterable<Row>): SparseMatrix {
  const table = createTable(model);
  const builder = createSparseBuilder();
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    indices.length = 0;
    values.length = 0;
    table.read(row, indices, values);
    builder.addRow(indices, values);
  }
  return builder.build(table.names.length);
}

/** Nothing that a measurement could be, and nothing that could overflow. */
function inRange(number: number): number {
  return Math.max(-1e150, Math.min(1e150, number));
}

/** Median and half the interquartile range; where most values are equal, the mean distance of the others from the median. */
function scaleOf(sorted: Float64Array): { centre: number; scale: number } {
  const quantile = (share: number): number => inRange(sorted[Math.floor(share * (sorted.length - 1))]);
  const centre = quantile(0.5);
  const spread = (quantile(0.75) - quantile(0.25)) / 2;
  if (spread > 1e-150) return { centre, scale: spread };
  const apart = sorted.filter((value) => value !== centre);
  const distance = apart.reduce((sum, value) => sum + Math.abs(inRange(value) - centre) / apart.length, 0);
  return { centre, scale: distance > 1e-150 ? distance : 1 };
}

/** The most frequent values that occur at least twice, in the order of code units. */
function valuesOf({ counts, distinct }: FieldProfile, maxCategories: number): { values: string[]; others: boolean } {
  const repeated = [...counts].filter(([, count]) => count >= 2).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const values = repeated.slice(0, maxCategories).map(([value]) => value);
  return { values: values.sort(), others: values.length > 0 && distinct > values.length };
}
