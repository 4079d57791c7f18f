import type { ImportPreview } from '@labelwright/contract/imports';
import type { Entry } from '@labelwright/core/formats/format';
import { CoreError } from '@labelwright/core/model/errors';
import type { Json } from '@labelwright/core/model/json';
import type { Problem } from '@labelwright/core/model/problem';
import { openUpload } from './open-upload.ts';

export interface PreviewRequest {
  readonly path: string;
  readonly fileName: string;
  readonly format: string | undefined;
  readonly encoding: string | undefined;
  /** The upload is under way: what is there ends anywhere. */
  readonly isPartial: boolean;
  /** Of the project's questions: a field whose values are these holds the gold answers. */
  readonly labels: readonly string[];
}

const looked = 1000;
const lookedCharacters = 4_000_000;
const shownRows = 50;
const shownProblems = 20;
const shownCharacters = 2000;
/** No id of a file begins so by chance: found again, it tells that the file has none. */
const positional = 'position:';

/** The first rows of a file, and what its fields look like. @throws CoreError 'conflict', 'unknown-format', 'bad-options' */
export async function previewUpload(request: PreviewRequest): Promise<ImportPreview> {
  const { format, source } = await openUpload(request.path, request.fileName, request.format);
  if (request.isPartial && !['csv', 'tsv', 'jsonl'].includes(format.name))
    throw new CoreError('conflict', 'This format can be looked at when all of the file is here');
  const entries: Entry[] = [];
  const problems: Problem[] = [];
  let characters = 0;
  const options = { positionPrefix: positional, ...(request.encoding !== undefined && { encoding: request.encoding }) };
  for await (const event of format.read(source, options)) {
    if (event.kind === 'problem') {
      if (!(request.isPartial && event.problem.fatal) && problems.length < shownProblems) problems.push(event.problem);
      continue;
    }
    entries.push(event.entry);
    characters += JSON.stringify(event.entry.fields).length;
    if (entries.length >= looked || characters > lookedCharacters) break;
  }
  const fields = profile(entries);
  return {
    format: format.name,
    fields: fields.map(({ name, kind, example, filled, distinct }) => ({ name, kind, example, filled, distinct })),
    rows: entries
      .slice(0, shownRows)
      .map(({ id, fields: row }) => ({ id: id.replace(positional, ''), fields: shortened(row) as Record<string, Json> })),
    problems,
    suggestion: suggest(entries, fields, request.labels),
  };
}

type Kind = ImportPreview['fields'][number]['kind'];

interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly example: string;
  /** 0..1 of the rows. */
  readonly filled: number;
  readonly distinct: number;
  readonly meanLength: number;
  readonly values: ReadonlySet<string>;
}

function profile(entries: readonly Entry[]): Field[] {
  const names = new Set(entries.flatMap(({ fields }) => Object.keys(fields)));
  return [...names].map((name) => {
    const given = entries.map(({ fields }) => fields[name]).filter((value) => value !== undefined && value !== null && value !== '');
    const texts = given.map(textOf);
    const values = new Set(texts);
    const meanLength = texts.reduce((sum, text) => sum + text.length, 0) / Math.max(1, texts.length);
    return {
      name,
      kind: kindOf(given, values.size, meanLength),
      example: (texts[0] ?? '').slice(0, 200),
      filled: entries.length === 0 ? 0 : given.length / entries.length,
      distinct: values.size,
      meanLength,
      values,
    };
  });
}

function kindOf(values: readonly Json[], distinct: number, meanLength: number): Kind {
  const most = (is: (value: Json) => boolean): boolean => values.length > 0 && values.filter(is).length >= 0.95 * values.length;
  if (most((value) => typeof value === 'object')) return 'other';
  if (most((value) => typeof value === 'boolean' || /^(true|false)$/i.test(textOf(value)))) return 'boolean';
  if (most((value) => typeof value === 'number' || /^[-+]?\d+([.,]\d+)?(e[-+]?\d+)?$/i.test(textOf(value)))) return 'number';
  return distinct <= 50 && distinct * 2 <= values.length && meanLength <= 60 ? 'category' : 'text';
}

const textNames =
  /^(text|body|content|message|comment|description|review|title|subject|headline|sentence|document|question|tweet|summary)$/i;
const titleNames = /^(title|subject|headline)$/i;
const goldNames = /^(label|labels|class|category|target|gold|truth|answer|sentiment|intent|topic)$/i;
const idNames = /(^|[_\W])(id|key|uuid|guid|nr|no|number)$|[a-z](Id|ID|Key|Uuid)$/;

function suggest(entries: readonly Entry[], fields: readonly Field[], labels: readonly string[]): ImportPreview['suggestion'] {
  const hasIds = entries.length > 0 && !entries[0].id.startsWith(positional);
  const ids = fields.filter(({ name, distinct, filled }) => idNames.test(name) && filled === 1 && distinct === entries.length);
  const known = new Set(labels);
  const gold =
    fields.find(({ distinct, values }) => distinct > 0 && [...values].every((value) => known.has(value))) ??
    fields.find(({ name, kind, distinct }) => goldNames.test(name) && (kind === 'category' || kind === 'boolean') && distinct >= 2);
  const candidates = fields.filter((field) => field !== gold && field.kind === 'text' && !ids.includes(field));
  const named = candidates.filter(({ name }) => textNames.test(name));
  const long = candidates.filter(({ meanLength }) => meanLength >= 40);
  const chosen = new Set(named.length > 0 ? named : long.length > 0 ? long : candidates.slice(0, 1));
  const texts = [...chosen].sort((a, b) => Number(titleNames.test(b.name)) - Number(titleNames.test(a.name)));
  return {
    idField: hasIds ? 'id' : (ids[0]?.name ?? null),
    textFields: texts.map(({ name }) => name),
    metadataFields: fields.filter((field) => !chosen.has(field) && field !== gold && field.kind !== 'other').map(({ name }) => name),
    goldField: gold?.name ?? null,
  };
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Long texts are shown by their beginning. */
function shortened(value: Json): Json {
  if (typeof value === 'string') return value.length > shownCharacters ? `${value.slice(0, shownCharacters)}…` : value;
  if (Array.isArray(value)) return value.slice(0, 100).map(shortened);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shortened(inner)]));
}
