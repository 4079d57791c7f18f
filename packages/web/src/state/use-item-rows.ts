import type { ItemFilter, ItemRow, sort } from '@labelwright/contract/items';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQueries, useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import { api, keys, queries } from '../api.ts';
import { pagesFor } from './tall-scroll.ts';

export type Sort = z.infer<typeof sort>;

/** Which items, in which order. */
export interface RowQuery {
  readonly project: number;
  readonly question: string;
  readonly filter: ItemFilter;
  readonly sort: Sort;
}

export interface ItemRows {
  /** Undefined until its page is here. */
  readonly rowAt: (index: number) => ItemRow | undefined;
  /** The rows are still those of the filter before. */
  readonly isBefore: boolean;
  /** Undefined until the first answer; afterwards the last one that is known. */
  readonly total: number | undefined;
  readonly isCapped: boolean;
  readonly error: unknown;
  readonly retry: () => void;
}

export const pageSize = 100;
/** Pages that a flying scrollbar only passes are not asked for. */
const settleMs = 70;
const keptMs = 60_000;

interface Count {
  readonly total: number;
  readonly isCapped: boolean;
}

const rowsKey = ({ project, ...query }: RowQuery) => [...keys.items(project), 'rows', query] as const;

export function useItemRows(query: RowQuery, first: number, last: number): ItemRows {
  const { project, question, filter } = query;
  const count = useQuery<Count>({
    queryKey: [...keys.items(project), 'count', { question, filter }],
    queryFn: async ({ signal }) => {
      const body = { question, filter, limit: 1, count: true };
      const { total, totalIsCapped } = await api.queryItems({ params: { project }, body }, { signal });
      return { total: total ?? 0, isCapped: totalIsCapped };
    },
    placeholderData: (before) => before,
  });
  const total = count.data?.total;
  const pages = pagesFor(first, last, total ?? pageSize, pageSize);
  const [settled] = useDebouncedValue(pages.join(), settleMs);
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...rowsKey(query), page],
      queryFn: ({ signal }: { signal: AbortSignal }) => pageOf(query, page, signal),
      enabled: settled === pages.join(),
      gcTime: keptMs,
    })),
  });
  const isHere = results.some(({ data }) => data !== undefined);
  // Another filter, another order: what was there stays until something of the new is here.
  const before = useBefore(query, isHere);
  const byPage = new Map(
    pages.map((page, index) => [
      page,
      isHere || !before ? results[index]?.data : queries.getQueryData<ItemRow[]>([...rowsKey(before), page]),
    ]),
  );
  const failed = results.find(({ error }) => error) ?? (count.error ? count : undefined);
  return {
    isBefore: !isHere && before !== undefined,
    rowAt: (index) => byPage.get(Math.floor(index / pageSize))?.[index % pageSize],
    total,
    isCapped: count.data?.isCapped ?? false,
    error: failed?.error,
    retry: () => void queries.refetchQueries({ queryKey: keys.items(project), type: 'active' }),
  };
}

/** The query whose rows were shown last, until there are rows of this one. */
function useBefore(query: RowQuery, isHere: boolean): RowQuery | undefined {
  const [shown, setShown] = useState<RowQuery>();
  if (isHere && shown !== query) setShown(query);
  return shown === query ? undefined : shown;
}

async function pageOf({ project, question, filter, sort }: RowQuery, page: number, signal: AbortSignal): Promise<ItemRow[]> {
  const { rows } = await api.queryItems(
    { params: { project }, body: { question, filter, sort, offset: page * pageSize, limit: pageSize, count: false } },
    { signal },
  );
  return rows;
}

/** The items of some rows, in order, whether they are on the screen or not. */
export async function ordinalsOf(query: RowQuery, from: number, to: number): Promise<number[]> {
  const pages = Array.from(
    { length: Math.floor(to / pageSize) - Math.floor(from / pageSize) + 1 },
    (_, index) => Math.floor(from / pageSize) + index,
  );
  const rows = await Promise.all(
    pages.map((page) =>
      queries.fetchQuery({
        queryKey: [...rowsKey(query), page],
        queryFn: ({ signal }) => pageOf(query, page, signal),
        gcTime: keptMs,
      }),
    ),
  );
  return rows
    .flat()
    .slice(from - pages[0] * pageSize, to - pages[0] * pageSize + 1)
    .map(({ ordinal }) => ordinal);
}

/** What was just answered, on the screen before the server has it. */
export function showAnswered(project: number, isAnswered: (ordinal: number) => boolean, labels: readonly string[] | null): void {
  queries.setQueriesData<ItemRow[]>({ queryKey: [...keys.items(project), 'rows'] }, (rows) =>
    rows?.map((row) =>
      isAnswered(row.ordinal) ? { ...row, answer: labels && [...labels], probability: null, decision: 'answered' } : row,
    ),
  );
}
