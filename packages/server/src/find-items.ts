import { setTimeout as sleep } from 'node:timers/promises';
import type { ItemFilter, ItemRow } from '@labelwright/contract/items';
import { CoreError } from '@labelwright/core/model/errors';
import { keepWarm } from './columns/keep-warm.ts';
import { OrdinalSet } from './columns/ordinal-set.ts';
import type { QuestionView } from './columns/question-view.ts';
import { Recent } from './columns/recent.ts';
import { inOrder, select, type Sort, testsOf } from './columns/selection.ts';
import { findIdOrder, findMatches, knownIdOrder, knownMatches } from './columns/text-matches.ts';
import { viewOf, type Viewed } from './columns/views.ts';
import { votedSet } from './columns/voted-sets.ts';
import type { Context } from './context.ts';
import { notFound } from './errors.ts';
import { presentRow } from './present-item.ts';
import { checkLabels } from './project-question.ts';
import { checkField } from './stores/item-fields.ts';
import { itemRecords } from './stores/item-records.ts';
import { flippedItems, hasEstimates } from './stores/run-changes.ts';
import { findRun } from './stores/runs.ts';
import { fieldCondition, matchesAmong, searchCondition, type TextCondition } from './stores/text-conditions.ts';

export interface FindItems {
  readonly question?: string | undefined;
  readonly filter: ItemFilter;
  readonly sort: Sort;
  readonly offset: number;
  readonly limit: number;
  readonly count: boolean;
}

export interface FoundItems {
  readonly rows: ItemRow[];
  readonly total: number | null;
  /** There are at least `total`: how many exactly is being found out. */
  readonly totalIsCapped: boolean;
}

/** A page of the items that a filter lets through, and how many there are.
 *  @throws CoreError 'bad-request' for a field or a labeler, 'unknown-label' for a label, that there is not */
export async function findItems(context: Context, project: number, { question, count, ...asked }: FindItems): Promise<FoundItems> {
  const viewed = await viewOf(context, project, question);
  // What goes wrong with it is in the log.
  keepWarm(context, project, viewed.view.n).catch(() => undefined);
  const { ordinals, total, isCapped } = await pageOf(context, viewed, asked);
  const records = await itemRecords(context.db, project, ordinals);
  const rows = ordinals.flatMap((ordinal) => {
    const record = records.get(ordinal);
    return record ? [presentRow(viewed.view, record)] : [];
  });
  return { rows, total: count ? total : null, totalIsCapped: isCapped };
}

/** All ordinals that a filter lets through, in their order. */
export async function findAll(context: Context, viewed: Viewed, filter: ItemFilter): Promise<Int32Array> {
  const terms = await termsOf(context, viewed, filter, 'position');
  return selected(viewed.view, terms, await terms.all());
}

type Asked = Pick<FindItems, 'filter' | 'sort' | 'offset' | 'limit'>;

interface Page {
  readonly ordinals: readonly number[];
  readonly total: number;
  readonly isCapped: boolean;
}

/** How long to wait for all items that a text matches, before the first ones are looked for. */
const patienceMs = 60;

async function pageOf(context: Context, viewed: Viewed, asked: Asked): Promise<Page> {
  const { view } = viewed;
  const { filter, sort, offset, limit } = asked;
  if (sort === 'position' && Object.values(filter).every((part) => part === undefined)) {
    const ordinals = Array.from({ length: Math.max(0, Math.min(limit, view.n - offset)) }, (_, place) => offset + place);
    return { ordinals, total: view.n, isCapped: false };
  }
  const terms = await termsOf(context, viewed, filter, sort);
  const all = terms.all();
  const found = terms.known() ?? (await Promise.race([all, sleep(patienceMs, undefined, { ref: false })]));
  const page = found ? undefined : await unlessFound(firstOnes(context, viewed, terms, asked), all);
  if (page) {
    // It goes on, for the next page. What goes wrong will go wrong again when somebody waits for it.
    all.catch(() => undefined);
    return page;
  }
  const matching = await selected(view, terms, found ?? (await all));
  return { ordinals: [...matching.subarray(offset, offset + limit)], total: matching.length, isCapped: false };
}

/** Undefined where all are found first. */
function unlessFound(page: Promise<Page | undefined>, all: Promise<Texts>): Promise<Page | undefined> {
  // Whichever comes last is not waited for.
  page.catch(() => undefined);
  const none = all.then(
    () => undefined,
    () => page,
  );
  return Promise.race([page, none]);
}

/** What a filter and an order come to. */
interface Terms {
  readonly filter: ItemFilter;
  readonly sort: Sort;
  /** Items of the project at that time. */
  readonly n: number;
  /** What was given or voted on. */
  readonly sets: readonly OrdinalSet[];
  readonly conditions: readonly TextCondition[];
  /** What takes the database its time, where it is known already. */
  known(): Texts | undefined;
  all(): Promise<Texts>;
}

interface Texts {
  readonly sets: readonly OrdinalSet[];
  /** For that order only. */
  readonly byId: Int32Array | undefined;
}

async function termsOf(context: Context, viewed: Viewed, filter: ItemFilter, sort: Sort): Promise<Terms> {
  const { project, view } = viewed;
  const { n } = view;
  const { answer, search, field, voted, flipped, ordinals } = filter;
  checkLabels(view.question, [...(answer ?? []), ...(voted?.label === undefined ? [] : [voted.label])]);
  for (const { name } of field ?? []) await checkField(context, project.id, name);
  const conditions: TextCondition[] = [];
  if (search !== undefined && search.trim() !== '') conditions.push(searchCondition(search));
  for (const each of field ?? []) conditions.push(await fieldCondition(context.db, each));
  const sets: OrdinalSet[] = [];
  if (ordinals) sets.push(OrdinalSet.of(n, ordinals));
  if (voted) sets.push(await votedSet(context, viewed, voted));
  if (flipped) sets.push(OrdinalSet.of(n, await flippedIn(context, viewed, flipped)));
  return {
    filter,
    sort,
    n,
    sets,
    conditions,
    known: () => {
      const byId = sort === 'id' ? knownIdOrder(context, project.id, n) : undefined;
      const matches = conditions.flatMap((condition) => knownMatches(context, project.id, condition, n) ?? []);
      return matches.length === conditions.length && (sort !== 'id' || byId) ? { sets: matches, byId } : undefined;
    },
    all: async () => {
      const byId = sort === 'id' ? await findIdOrder(context, project.id, n) : undefined;
      const matches: OrdinalSet[] = [];
      for (const condition of conditions) matches.push(await findMatches(context, project.id, condition, n));
      return { sets: matches, byId };
    },
  };
}

/** @throws CoreError 'not-found' for runs of other projects, 'conflict' where their results are gone */
async function flippedIn({ db }: Context, { project, view }: Viewed, given: NonNullable<ItemFilter['flipped']>): Promise<number[]> {
  for (const run of [given.before, given.after]) {
    if (!(await findRun(db, project.id, run))) throw notFound('run');
    if (!(await hasEstimates(db, run)))
      throw new CoreError('conflict', 'The results of one of these runs are no longer kept: compare newer ones');
  }
  return flippedItems(db, { before: given.before, after: given.after, question: view.question.id }, given);
}

const recentOf = new WeakMap<QuestionView, Recent<Int32Array>>();

/** All that match, in order; remembered, since people scroll. */
async function selected(view: QuestionView, { filter, sort, n, sets }: Terms, texts: Texts): Promise<Int32Array> {
  const recent = recentOf.get(view) ?? new Recent<Int32Array>(4);
  recentOf.set(view, recent);
  const { revision } = view;
  const key = JSON.stringify([revision, filter, sort]);
  const matching = recent.get(key) ?? (await select(view, testsOf(view, filter, [...sets, ...texts.sets]), sort, texts.byId));
  // Items that came while texts were searched are not in the sets.
  if (view.n === n && view.revision === revision) recent.set(key, matching);
  return matching;
}

const quickMs = 90;
const farthestOffset = 5_000;

/** A page near the beginning, by looking at one item after the other: quick where many match. Undefined where it is not. */
async function firstOnes(context: Context, { project, view }: Viewed, terms: Terms, { offset, limit }: Asked): Promise<Page | undefined> {
  if (terms.sort === 'id' || offset > farthestOffset) return undefined;
  const started = performance.now();
  const candidates = inOrder(view, testsOf(view, terms.filter, terms.sets), terms.sort, undefined);
  const found: number[] = [];
  for (let length = 250; found.length < offset + limit; length = Math.min(8_000, length * 2)) {
    if (performance.now() - started > quickMs) return undefined;
    const block: number[] = [];
    for (let next = candidates.next(); !next.done; next = candidates.next()) if (block.push(next.value) === length) break;
    const matching = await matchesAmong(context.db, project.id, terms.conditions, block);
    for (const ordinal of block) if (matching.has(ordinal)) found.push(ordinal);
    if (block.length < length) return { ordinals: found.slice(offset, offset + limit), total: found.length, isCapped: false };
  }
  return { ordinals: found.slice(offset, offset + limit), total: found.length, isCapped: true };
}
