import type { SparseMatrix } from '../math/matrix.ts';
import { createSparseBuilder } from '../math/sparse.ts';
import { CoreError } from '../model/errors.ts';
import type { Item, Part } from '../model/item.ts';
import type { Json } from '../model/json.ts';
import { eachField, type FieldProfile, kindOfField, profileFields } from './field-profile.ts';
import { createTable, type Row, type TableModel, type TableOptions, tableOf } from './table.ts';
import { createTfIdf, fitTfIdf, type TfIdfModel, type TfIdfOptions, type TfIdfVectorizer } from './tf-idf.ts';

export interface ItemFeaturesOptions extends TfIdfOptions, TableOptions {
  /** Fields of the items to look at, text or not. Default: the text and table parts; where an item has neither, all of its fields. */
  readonly fields?: readonly string[] | undefined;
  /** The only part to look at, where `fields` names none. */
  readonly part?: string | undefined;
}

/** Plain JSON. Features are the terms of `tfIdf`, then those of `table`. */
export type ItemFeaturesModel = {
  readonly fields: readonly string[] | null;
  readonly part: string | null;
  /** Table columns and fields that hold free text, read together with the text parts. */
  readonly textFields: readonly string[];
  readonly tfIdf: TfIdfModel;
  readonly table: TableModel;
};

/** Features of items of any kind: tf-idf of all that is free text beside scaled numbers, dates and categories, told apart by their values.
 *  Two passes over `items`, which must be iterable twice (an array is). @throws CoreError 'bad-features' where the second pass is empty */
export function fitItemFeatures(items: Iterable<Item>, options: ItemFeaturesOptions = {}): ItemFeaturesModel {
  const { fields = null, part = null, maxCategories = 50 } = options;
  const scope: Scope = { fields, part };
  let count = 0;
  const ids = new Map<string, number>();
  const rows = function* (): Iterable<Row> {
    for (const item of items) {
      count += 1;
      const row = rowOf(item, scope);
      eachField(row, (name, values) => {
        if (values.length === 1 && String(values[0]) === item.id) ids.set(name, (ids.get(name) ?? 0) + 1);
      });
      yield row;
    }
  };
  const profiles = profileFields(rows()).filter(
    ({ name, present }) => !options.exclude?.includes(name) && (ids.get(name) ?? 0) < Math.max(2, present / 2),
  );
  // A field called text is text even where its values are single words.
  const isText = (profile: FieldProfile): boolean => profile.name === 'text' || kindOfField(profile, maxCategories) === 'text';
  const textFields = profiles.filter(isText).map(({ name }) => name);
  const table = tableOf(
    profiles.filter(({ name }) => !textFields.includes(name)),
    options,
  );
  let texts = 0;
  const tfIdf = fitTfIdf(
    (function* () {
      for (const item of items) {
        texts += 1;
        yield textsOf(item, scope, textFields).join('\n');
      }
    })(),
    options,
  );
  if (texts !== count) throw new CoreError('bad-features', `item features: the items must be iterable twice, got ${count}, then ${texts}`);
  return { fields, part, textFields, tfIdf, table };
}

export function transformItemFeatures(model: ItemFeaturesModel, items: Iterable<Item>): SparseMatrix {
  const reader = createItemFeatures(model);
  const builder = createSparseBuilder();
  for (const item of items) {
    const { indices, values } = reader.read(item);
    builder.addRow(indices, values);
  }
  return builder.build(reader.columns);
}

/** A model made ready to read item after item. */
export interface ItemFeaturesReader {
  readonly columns: number;
  /** Features of an item, in any order; valid until the next `read`. `looked` is false where the item has nothing of what is looked at. */
  readonly read: (item: Item) => { readonly looked: boolean; readonly indices: readonly number[]; readonly values: readonly number[] };
  /** `'free prize'`, `amount`, `colour = red`. */
  readonly nameOf: (feature: number) => string;
  /** Where terms stand in the text parts that are looked at, as UTF-16 places. */
  readonly places: (
    item: Item,
    wanted: ReadonlySet<number>,
  ) => { readonly part: string; readonly feature: number; readonly start: number; readonly end: number }[];
}

/** The text alone makes a row of length 1, for which an inverse regularisation of 10 is right; scaled table values want 1:
 *  1 / √10 lets one setting serve both. */
const tableWeight = Math.sqrt(0.1);

export function createItemFeatures(model: ItemFeaturesModel): ItemFeaturesReader {
  const tfIdf: TfIdfVectorizer = createTfIdf(model.tfIdf);
  const table = createTable(model.table);
  const terms = model.tfIdf.terms.length;
  const indices: number[] = [];
  const values: number[] = [];
  return {
    columns: terms + table.names.length,
    read(item) {
      indices.length = 0;
      values.length = 0;
      const row = rowOf(item, model);
      const texts = textsOf(item, model, model.textFields);
      table.read(row, indices, values);
      for (let at = 0; at < indices.length; at++) {
        indices[at] += terms;
        values[at] *= tableWeight;
      }
      tfIdf.read(texts.join('\n'));
      for (let at = 0; at < tfIdf.count(); at++) {
        indices.push(tfIdf.indices[at]);
        values.push(tfIdf.values[at]);
      }
      return { looked: texts.length > 0 || Object.keys(row).length > 0, indices, values };
    },
    nameOf: (feature) => (feature < terms ? `'${model.tfIdf.terms[feature]}'` : table.names[feature - terms]),
    places(item, wanted) {
      const looked = new Set(textsOf(item, model, model.textFields));
      return Object.entries(item.parts).flatMap(([part, { modality, content }]) =>
        modality === 'text' && looked.has(content) ? tfIdf.places(content, wanted).map((place) => ({ part, ...place })) : [],
      );
    },
  };
}

/** What of an item is looked at. */
interface Scope {
  readonly fields: readonly string[] | null;
  readonly part: string | null;
}

function partsOf(item: Item, { fields, part }: Scope): [string, Part][] {
  return fields ? [] : Object.entries(item.parts).filter(([name]) => part === null || name === part);
}

/** What the table features may see of an item. */
function rowOf(item: Item, scope: Scope): Row {
  if (scope.fields) return pick(item.fields, scope.fields);
  const parts = partsOf(item, scope).map(([, part]) => part);
  const tables = parts.filter((part) => part.modality === 'table');
  if (tables.length > 0) return Object.assign({}, ...tables.map(({ content }) => content)) as Row;
  return scope.part !== null || parts.some(({ modality }) => modality === 'text') ? {} : item.fields;
}

/** Text parts first, then the fields that hold text. */
function textsOf(item: Item, scope: Scope, textFields: readonly string[]): string[] {
  const texts: string[] = [];
  for (const [, part] of partsOf(item, scope)) if (part.modality === 'text') texts.push(part.content);
  if (textFields.length === 0) return texts;
  const wanted = new Set(textFields);
  eachField(rowOf(item, scope), (name, values) => {
    if (wanted.has(name)) texts.push(...values.map(String));
  });
  return texts;
}

function pick(fields: Readonly<Record<string, Json>>, names: readonly string[]): Row {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(fields, name)).map((name) => [name, fields[name]]));
}
