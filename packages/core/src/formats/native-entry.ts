import type { Json, JsonObject } from '../model/json.ts';
import type { Draft } from './entry-gate.ts';
import type { Entry, ReadOptions } from './format.ts';
import type { Losses } from './losses.ts';
import { isObject } from './json-values.ts';
import { looksLikeVotes, votesFromJson, voteToJson } from './native-votes.ts';
import { freeName, renamedLoss } from './table-writing.ts';

/** An entry as one JSON object: `{ id, …fields, votes }`. Nothing of an entry is lost; a field that is called `id` or `votes` gets another name. */
export function entryToJson(entry: Entry, losses: Losses): JsonObject {
  const { fields } = entry;
  const clashes = Object.hasOwn(fields, 'id') || Object.hasOwn(fields, 'votes');
  const written = clashes ? renamed(fields, losses) : fields;
  return { id: entry.id, ...written, ...(entry.votes.length > 0 && { votes: entry.votes.map(voteToJson) }) };
}

function renamed(fields: JsonObject, losses: Losses): JsonObject {
  const taken = new Set([...Object.keys(fields), 'id', 'votes']);
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => {
      if (field !== 'id' && field !== 'votes') return [field, value];
      const name = freeName(field, taken);
      taken.add(name);
      losses.add(renamedLoss(field, name));
      return [name, value];
    }),
  );
}

/** The draft of an entry from such an object, or what is wrong with the value. */
export function draftOf(value: Json, line: number, options: ReadOptions): Draft | string {
  if (!isObject(value)) return `must be an object { … }, got ${Array.isArray(value) ? 'a list' : typeof value}`;
  const { [options.idField ?? 'id']: id, ...rest } = value;
  if (!looksLikeVotes(rest.votes)) return { id, fields: rest, line };
  const { votes, ...fields } = rest;
  return { id, fields, line, votes: (item, report) => votesFromJson(votes, item, report) };
}
