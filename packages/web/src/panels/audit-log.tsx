import type { Api } from '@labelwright/contract/api';
import type { ReplyOf } from '@labelwright/contract/route';
import { Skeleton, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { api } from '../api.ts';
import { Later } from '../design/later.tsx';
import { Moment } from '../design/moment.tsx';
import { ErrorNotice } from '../design/notices.tsx';
import classes from './audit-log.module.css';

type Entry = ReplyOf<Api['listAudit']>[number];

const pageSize = 200;
const rowHeightPx = 32;

/** Who did what, newest first. Only the rows in view are drawn; older ones are fetched on the way down. */
export function AuditLog() {
  const log = useInfiniteQuery({
    queryKey: ['audit'],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => api.listAudit({ query: { limit: pageSize, ...(pageParam !== undefined && { before: pageParam }) } }),
    getNextPageParam: (last) => (last.length < pageSize ? undefined : last.at(-1)?.id),
  });
  const entries = log.data?.pages.flat() ?? [];
  if (log.error && entries.length === 0) return <ErrorNotice error={log.error} retry={() => void log.refetch()} />;
  if (log.isPending) {
    return (
      <Later>
        <Skeleton h={280} aria-label="Loading" />
      </Later>
    );
  }
  return (
    <>
      <Text c="dimmed" mb="md">
        Each entry holds the hash of the one before: an entry that is changed or taken out shows.
      </Text>
      <Entries entries={entries} onEnd={() => log.hasNextPage && !log.isFetching && void log.fetchNextPage()} />
      {log.isFetchNextPageError && <ErrorNotice error={log.error} retry={() => void log.fetchNextPage()} />}
    </>
  );
}

function Entries({ entries, onEnd }: { entries: readonly Entry[]; onEnd: () => void }) {
  const view = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => view.current,
    estimateSize: () => rowHeightPx,
    getItemKey: (index) => entries[index].id,
    overscan: 12,
  });
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= entries.length - 1) onEnd();
  });
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <div className={classes.view} ref={view} role="table" aria-label="Audit log" aria-rowcount={entries.length + 1} tabIndex={0}>
      <div role="rowgroup" className={classes.head}>
        <div role="row" aria-rowindex={1} className={classes.row}>
          {['Time', 'Person', 'Action', 'Project', 'Details'].map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{ height: rows.getTotalSize() }}>
        {shown.map(({ index, key, start }) => (
          <div
            key={key}
            role="row"
            aria-rowindex={index + 2}
            data-index={index}
            ref={rows.measureElement}
            className={classes.row}
            style={{ transform: `translateY(${start}px)` }}
          >
            <EntryCells entry={entries[index]} />
          </div>
        ))}
      </div>
    </div>
  );
}

function EntryCells({ entry: { time, person, action, project, details } }: { entry: Entry }) {
  return (
    <>
      <span role="cell">
        <Moment time={time} />
      </span>
      <span role="cell">{person ?? 'nobody'}</span>
      <span role="cell">{action}</span>
      <span role="cell">{project ?? ''}</span>
      <span role="cell" className={classes.details}>
        {inWords(details)}
      </span>
    </>
  );
}

function inWords(details: Readonly<Record<string, unknown>>): string {
  return Object.entries(details)
    .map(
      ([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join(' · ');
}
