import type { Json } from '../model/json.ts';
import { Meter } from './meter.ts';

/** The names that every expression can use, beside facts and fields. */
export const textName = 'text';
export const itemName = 'item';
/** Where there are rule-set facts: all of them as a map. */
export const factsName = 'facts';
/** No identifier can be spelled so: how our own parts of an expression find the scope, past any loop variable. */
export const scopeName = ' scope';
/** Marks a field whose name CEL itself claims: for the field `type` the syntax tree says ` type`. */
export const claimedMark = ' ';

export interface ScopeSources {
  readonly fields: Readonly<Record<string, Json>>;
  /** What the question is about. */
  readonly text: () => string;
  /** The value of a fact; undefined where the name is none. May throw an ExpressionFault. */
  readonly fact?: (name: string) => unknown;
  /** The facts as a map, where expressions may say `facts.x` and `has(facts.x)`. */
  readonly facts?: ReadonlyMap<string, unknown>;
}

/** What the expressions of one labeler see of one item, read as they ask for it. A name is `text`, `item`, `facts`, else a fact, else a field.
 *  A Map because CEL reads Maps by `get` alone: no prototype, nothing of the host is in reach. */
export class Scope extends Map<string, unknown> {
  readonly meter = new Meter();
  readonly #sources: ScopeSources;
  #item?: Map<string, Json>;

  constructor(sources: ScopeSources) {
    super();
    this.#sources = sources;
  }

  override get(name: string): unknown {
    switch (name) {
      case textName:
        return this.#sources.text();
      case itemName:
        return (this.#item ??= new Map(Object.entries(this.#sources.fields)));
      case factsName:
        return this.#sources.facts;
      case scopeName:
        return this;
    }
    if (name.startsWith(claimedMark)) return this.field(name.slice(claimedMark.length));
    const fact = this.#sources.fact?.(name);
    return fact === undefined ? this.field(name) : fact;
  }

  /** Undefined where the item has no such field. */
  field(name: string): Json | undefined {
    return Object.hasOwn(this.#sources.fields, name) ? this.#sources.fields[name] : undefined;
  }

  fieldNames(): string[] {
    return Object.keys(this.#sources.fields);
  }
}
