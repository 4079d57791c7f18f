import type { Entry } from '@labelwright/core/formats/format';
import { personPrefix } from '@labelwright/core/formats/label-studio-task';
import { freeName } from '@labelwright/core/formats/table-writing';
import { answerOf } from '@labelwright/core/model/answer';
import type { ItemId, LabelerId, LabelId } from '@labelwright/core/model/ids';
import type { Json } from '@labelwright/core/model/json';
import type { Question } from '@labelwright/core/model/schema';
import type { Explanation, Vote } from '@labelwright/core/model/vote';
import { isMade } from '@labelwright/core/model/made';
import { sql } from 'kysely';
import type { Db } from '../context.ts';
import { type MachineVote, votesAt } from '../stores/evidence.ts';
import type { ExportOptions } from '../stores/exports.ts';
import type { ItemRecord } from '../stores/item-records.ts';
import { type Decided, decide, type EstimateRow, isIncluded, type SaidRow } from './decided.ts';

/** Formats of cells: results and votes are columns. */
const tables = new Set(['csv', 'tsv', 'xlsx']);

export interface ExportScope {
  readonly project: number;
  readonly question: Question;
  readonly run: number | null;
  /** Items of the project. */
  readonly n: number;
  readonly options: ExportOptions;
  readonly format: string;
}

/** What was exported, counted as it goes by. */
export interface Tally {
  items: number;
  readonly labels: Map<string, number>;
  readonly decided: { person: number; machine: number; nobody: number };
}

export function newTally(): Tally {
  return { items: 0, labels: new Map(), decided: { person: 0, machine: 0, nobody: 0 } };
}

/** The columns of a table, or the keys of an object: the items' own and ours, under names that no field has. */
export interface Names {
  readonly fields: readonly string[];
  readonly label: string;
  readonly probability: string;
  readonly decision: string;
  readonly decidedBy: string;
  readonly votes: ReadonlyMap<string, string>;
}

/** @param sampled only so many of the first items are looked at for their fields */
export async function namesFor(db: Db, scope: ExportScope, sampled?: number): Promise<Names> {
  const fields = await fieldsOf(db, scope.project, sampled ?? scope.n);
  const taken = new Set(['id', ...fields]);
  const own = (name: string) => {
    const free = taken.has(name) ? freeName(name, taken) : name;
    taken.add(free);
    return free;
  };
  const [label, probability, decision, decidedBy] = ['label', 'probability', 'decision', 'decided_by'].map(own);
  const labelers = scope.options.votes && tables.has(scope.format) ? await votersOf(db, scope) : [];
  const votes = new Map(labelers.map((name) => [name, own(`vote: ${name}`)]));
  return { fields, label, probability, decision, decidedBy, votes };
}

/** The order of the columns; none for formats of objects, which need none. */
export function columnsOf({ fields, label, probability, decision, decidedBy, votes }: Names, { options }: ExportScope): string[] {
  return [...(options.fields ? fields : []), label, probability, decision, decidedBy, ...votes.values()];
}

const batch = 500;

/** Why labelers voted as they did on an item, in the order of the votes; null where there is nothing to say. */
export type Why = (item: ItemRecord, votes: readonly MachineVote[]) => Promise<readonly (Explanation | null)[]>;

/** The items to be exported, in their order, a batch in memory at a time. In one transaction they are of one moment. */
export async function* entriesOf(
  db: Db,
  scope: ExportScope,
  names: Names,
  tally: Tally,
  { signal, why = () => Promise.resolve([]) }: { readonly signal?: AbortSignal; readonly why?: Why } = {},
): AsyncGenerator<Entry> {
  const hasReasons = scope.options.reasons === true && scope.format === 'jsonl';
  for (let from = 0; from < scope.n; from += batch) {
    signal?.throwIfAborted();
    const ordinals = Array.from({ length: Math.min(batch, scope.n - from) }, (_, place) => from + place);
    const items = await itemsIn(db, scope, from);
    const estimates = new Map((await estimatesIn(db, scope, from)).map((row) => [row.ordinal, row]));
    const said = byOrdinal(await saidIn(db, scope, from));
    const machine =
      scope.options.votes && scope.run !== null ? byOrdinal(await votesAt(db, scope.run, scope.question.id, ordinals)) : undefined;
    const reasons = new Map(
      await Promise.all(
        items.map(async (item) => [item.ordinal, hasReasons ? await why(item, machine?.get(item.ordinal) ?? []) : []] as const),
      ),
    );
    for (const item of items) {
      if (scope.options.made === false && isMade(item)) continue;
      const people = said.get(item.ordinal) ?? [];
      const estimate = estimates.get(item.ordinal);
      const decided = decide(scope.question, estimate, people);
      if (!isIncluded(decided, scope.options.include)) continue;
      count(tally, decided);
      const votes = machine?.get(item.ordinal) ?? [];
      yield entryOf(scope, names, item, decided, people, votes, reasons.get(item.ordinal) ?? []);
    }
  }
}

function count(tally: Tally, { labels, by }: Decided): void {
  tally.items += 1;
  tally.decided[by ?? 'nobody'] += 1;
  for (const label of labels ?? []) tally.labels.set(label, (tally.labels.get(label) ?? 0) + 1);
}

function entryOf(
  scope: ExportScope,
  names: Names,
  { id, fields }: ItemRecord,
  decided: Decided,
  said: readonly SaidRow[],
  machine: readonly MachineVote[],
  reasons: readonly (Explanation | null)[],
): Entry {
  const { question, options, format } = scope;
  const isTable = tables.has(format);
  const isTask = format === 'label-studio';
  const labels = decided.labels && labelsAs(decided.labels, question.multiple, isTable);
  const results: Record<string, Json> = {
    [names.label]: labels,
    [names.probability]: decided.probability,
    [names.decision]: decided.decision,
    [names.decidedBy]: decided.by,
  };
  const entry = { id: id as ItemId, fields: { ...(options.fields && fields), ...(!isTask && withoutNulls(results, isTable)) } };
  if (isTable) {
    const voted = new Map<string, string>();
    for (const vote of machine) voted.set(vote.name, vote.labels.join('|'));
    for (const { person, labels: given } of options.votes ? said : []) voted.set(person, given.join('|'));
    for (const [name, column] of names.votes) entry.fields[column] = voted.get(name) ?? '';
    return { ...entry, votes: [] };
  }
  const persons = said.map((row) => personsVote(scope, entry.id, row));
  const own = isTask && decided.by === 'machine' ? [machineVote(scope, entry.id, decided)] : [];
  const votes = options.votes
    ? [...own, ...machine.map((vote, at) => labelersVote(scope, entry.id, vote, reasons[at] ?? null)), ...persons]
    : isTask
      ? [...own, ...persons]
      : [];
  return { ...entry, votes };
}

function labelsAs(labels: readonly string[], isMultiple: boolean, isTable: boolean): Json {
  if (!isMultiple) return labels[0] ?? '';
  return isTable ? labels.join('|') : labels;
}

/** Objects say null, tables leave the cell empty. */
function withoutNulls(results: Readonly<Record<string, Json>>, isTable: boolean): Record<string, Json> {
  return isTable
    ? Object.fromEntries(Object.entries(results).map(([name, value]) => [name, value === null ? '' : String(value as string | number)]))
    : { ...results };
}

function vote({ question }: ExportScope, item: ItemId, labeler: string, labels: readonly string[], confidence: number | null): Vote {
  return { item, labeler: labeler as LabelerId, question: question.id, answer: answerOf(labels as LabelId[], confidence ?? undefined) };
}

function personsVote(scope: ExportScope, item: ItemId, { person, labels, seconds, time }: SaidRow): Vote {
  return { ...vote(scope, item, `${personPrefix}${person}`, labels, null), seconds, time };
}

function labelersVote(scope: ExportScope, item: ItemId, { name, labels, confidence }: MachineVote, explanation: Explanation | null): Vote {
  return { ...vote(scope, item, name, labels, confidence), ...(explanation && { explanation }) };
}

const machineVote = (scope: ExportScope, item: ItemId, { labels, probability }: Decided): Vote =>
  vote(scope, item, 'labelwright', labels ?? [], probability);

async function itemsIn(db: Db, { project }: ExportScope, from: number): Promise<ItemRecord[]> {
  const { rows } = await sql<ItemRecord>`
    select ordinal, id, fields from items where project_id = ${project} and ordinal >= ${from} and ordinal < ${from + batch} order by ordinal`.execute(
    db,
  );
  return rows;
}

async function estimatesIn(db: Db, { run, question }: ExportScope, from: number): Promise<EstimateRow[]> {
  if (run === null) return [];
  const { rows } = await sql<EstimateRow>`
    select ordinal, answer, probability, posterior, decision from estimates
    where run_id = ${run} and question = ${question.id} and ordinal >= ${from} and ordinal < ${from + batch}`.execute(db);
  return rows;
}

async function saidIn(db: Db, { project, question }: ExportScope, from: number): Promise<SaidRow[]> {
  const { rows } = await sql<Omit<SaidRow, 'time'> & { time: Date }>`
    select c.ordinal, p.email as person, coalesce(c.labels, '[]') as labels, a.seconds, c.created_at as time
    from current_answers c join people p on p.id = c.person_id join answers a on a.action = c.action
    where c.project_id = ${project} and c.question = ${question.id} and c.kind = 'answer' and c.ordinal >= ${from} and c.ordinal < ${from + batch}
    order by c.ordinal, c.version`.execute(db);
  return rows.map((row) => ({ ...row, time: row.time.toISOString() }));
}

async function fieldsOf(db: Db, project: number, below: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from items cross join lateral jsonb_object_keys(fields) as name
    where project_id = ${project} and ordinal < ${below} group by name order by min(ordinal), name`.execute(db);
  return rows.map(({ name }) => name);
}

async function votersOf(db: Db, { project, question, run }: ExportScope): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select r.name from runs u cross join jsonb_to_recordset(u.labelers) as r (id int, name text) join labelers l on l.id = r.id and l.question = ${question.id}
      where u.id = ${run}
    union all
    (select distinct p.email from current_answers c join people p on p.id = c.person_id
      where c.project_id = ${project} and c.question = ${question.id} and c.kind = 'answer' order by p.email)`.execute(db);
  return rows.map(({ name }) => name);
}

function byOrdinal<Row extends { readonly ordinal: number }>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.ordinal);
    if (group) group.push(row);
    else groups.set(row.ordinal, [row]);
  }
  return groups;
}
