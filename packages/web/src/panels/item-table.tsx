import type { ItemRow } from '@labelwright/contract/items';
import { useVirtualizer } from '@tanstack/react-virtual';
import { IconArrowDown, IconArrowUp, IconFlag3 } from '@tabler/icons-react';
import { type CSSProperties, type MouseEvent, type RefObject, memo, useEffect, useMemo, useRef, useState } from 'react';
import { asText, shortTime } from '../design/item-content.tsx';
import { LabelChip, labelStyle } from '../design/label-chip.tsx';
import { roundPercent } from '../design/numbers.tsx';
import { Later } from '../design/later.tsx';
import { decisionWords } from '../state/item-filter.ts';
import type { Question } from '../state/label-tree.ts';
import { tallestElement, tallScroll } from '../state/tall-scroll.ts';
import type { Sort } from '../state/use-item-rows.ts';
import classes from './item-table.module.css';

export interface Column {
  readonly id: string;
  readonly title: string;
  readonly widthPx: number;
  /** Its share of the room that is left. */
  readonly grows?: number;
  readonly sorts?: { readonly first: Sort; readonly second?: Sort };
  readonly isNumber?: boolean;
}

interface ItemTableProps {
  readonly columns: readonly Column[];
  readonly question: Question;
  readonly total: number;
  readonly rowAt: (index: number) => ItemRow | undefined;
  /** The rows are those of the filter before: the new ones are on their way. */
  readonly isBefore: boolean;
  readonly sort: Sort;
  readonly active: number | null;
  readonly isSelected: (ordinal: number) => boolean;
  readonly onRange: (first: number, last: number) => void;
  readonly onSort: (sort: Sort) => void;
  readonly onOpen: (index: number) => void;
  readonly onSelect: (index: number, event: Pick<MouseEvent, 'shiftKey'>) => void;
  /** Brings a row into view. */
  readonly scroller: RefObject<((index: number) => void) | null>;
}

const rowHeight = 32;
const headHeight = 32;
const checkPx = 36;

/** A table of any length: only the rows in view exist, the scrollbar is over all of them. */
export function ItemTable({ columns, total, onRange, scroller, ...rest }: ItemTableProps) {
  const view = useRef<HTMLDivElement>(null);
  const offset = useRef(0);
  const [viewHeight, setViewHeight] = useState(600);
  const { barHeight, scale } = useMemo(() => tallScroll(total * rowHeight, viewHeight - headHeight, tallestElement()), [total, viewHeight]);
  // The same functions for the life of the table, so that rows that stay as they are need no new drawing.
  const latest = useRef(rest);
  latest.current = rest;
  const [acts] = useState(() => ({
    open: (index: number) => latest.current.onOpen(index),
    select: (index: number, event: Pick<MouseEvent, 'shiftKey'>) => latest.current.onSelect(index, event),
  }));
  const geometry = useRef({ scale, total });
  geometry.current = { scale, total };
  const moveTo = useRef<(rowsPx: number) => void>(() => undefined);
  const virtualizer = useVirtualizer({
    count: total,
    getScrollElement: () => view.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    observeElementOffset: (_, tell) => {
      const element = view.current;
      if (!element) return undefined;
      const follow = () => {
        const { scale } = geometry.current;
        const byBar = element.scrollTop * scale;
        // A small step of the rows is less than the bar can show: then the bar has nothing new to say.
        if (Math.abs(byBar - offset.current) > scale * 1.5) offset.current = byBar;
        tell(scale === 1 ? byBar : offset.current, false);
      };
      moveTo.current = (rowsPx) => {
        const { scale, total } = geometry.current;
        offset.current = Math.min(Math.max(0, rowsPx), total * rowHeight - (element.clientHeight - headHeight));
        element.scrollTop = offset.current / scale;
        tell(offset.current, true);
      };
      const turn = (event: WheelEvent) => {
        if (geometry.current.scale === 1 || event.ctrlKey || event.deltaY === 0) return;
        event.preventDefault();
        moveTo.current(offset.current + pixelsOf(event));
      };
      follow();
      element.addEventListener('scroll', follow, { passive: true });
      element.addEventListener('wheel', turn, { passive: false });
      return () => {
        element.removeEventListener('scroll', follow);
        element.removeEventListener('wheel', turn);
      };
    },
  });
  useEffect(() => {
    scroller.current = (index) => {
      const at = virtualizer.scrollOffset ?? 0;
      const [top, room] = [index * rowHeight, viewHeight - headHeight - rowHeight];
      if (top < at) moveTo.current(top);
      else if (top + rowHeight > at + room) moveTo.current(top + rowHeight - room);
    };
  }, [scroller, virtualizer, viewHeight]);
  useEffect(() => {
    const element = view.current;
    const observer = new ResizeObserver(() => element && setViewHeight(element.clientHeight));
    if (element) observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const rows = virtualizer.getVirtualItems();
  const [first, last] = [rows[0]?.index ?? 0, rows.at(-1)?.index ?? 0];
  useEffect(() => onRange(first, last), [first, last, onRange]);
  // The rows stand where the bar is, so that they move with it by themselves.
  const shift = (view.current?.scrollTop ?? 0) - (virtualizer.scrollOffset ?? 0);
  const template = columns
    .map(({ widthPx, grows }) => (grows === undefined ? `${widthPx}px` : `minmax(${widthPx}px, ${grows}fr)`))
    .join(' ');
  const leastPx = columns.reduce((sum, { widthPx }) => sum + widthPx, checkPx);
  return (
    <div
      ref={view}
      className={classes.view}
      style={{ '--columns': `${checkPx}px ${template}`, '--least': `${leastPx}px` } as CSSProperties}
      role="grid"
      aria-label="Items"
      aria-rowcount={total + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable
      aria-busy={rest.isBefore || undefined}
      tabIndex={0}
      aria-activedescendant={rest.active === null ? undefined : `row-${rest.active}`}
    >
      <Head columns={columns} sort={rest.sort} onSort={rest.onSort} />
      <div className={classes.rows} style={{ height: barHeight }} role="rowgroup">
        {rows.map(({ index, start }) => (
          <Row
            key={index}
            index={index}
            top={scale === 1 ? start : start + shift}
            row={rest.rowAt(index)}
            columns={columns}
            question={rest.question}
            isActive={rest.active === index}
            isSelected={isPicked(rest.rowAt(index), rest.isSelected)}
            onOpen={acts.open}
            onSelect={acts.select}
          />
        ))}
      </div>
    </div>
  );
}

function isPicked(row: ItemRow | undefined, isSelected: (ordinal: number) => boolean): boolean {
  return row !== undefined && isSelected(row.ordinal);
}

function pixelsOf({ deltaY, deltaMode }: WheelEvent): number {
  return deltaMode === WheelEvent.DOM_DELTA_LINE ? deltaY * rowHeight : deltaY;
}

function Head({ columns, sort, onSort }: Pick<ItemTableProps, 'columns' | 'sort' | 'onSort'>) {
  return (
    <div className={classes.head} role="row" aria-rowindex={1}>
      <span role="columnheader" aria-label="Selected" />
      {columns.map(({ id, title, sorts, isNumber }) => {
        const isSorted = sorts && (sort === sorts.first || sort === sorts.second);
        const isDown = sort.startsWith('-');
        const next = sorts && (sort === sorts.first ? (sorts.second ?? 'position') : sort === sorts.second ? 'position' : sorts.first);
        return (
          <span
            key={id}
            role="columnheader"
            data-number={isNumber || undefined}
            aria-sort={isSorted ? (isDown ? 'descending' : 'ascending') : undefined}
          >
            {next ? (
              <button type="button" onClick={() => onSort(next)}>
                {title}
                {isSorted && (isDown ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
              </button>
            ) : (
              title
            )}
          </span>
        );
      })}
    </div>
  );
}

interface RowProps extends Pick<ItemTableProps, 'columns' | 'question' | 'onOpen' | 'onSelect'> {
  readonly index: number;
  readonly top: number;
  readonly row: ItemRow | undefined;
  readonly isActive: boolean;
  readonly isSelected: boolean;
}

const Row = memo(function Row({ index, top, row, columns, question, isActive, isSelected, onOpen, onSelect }: RowProps) {
  const click = (event: MouseEvent) => {
    if (event.shiftKey || event.ctrlKey || event.metaKey) onSelect(index, event);
    else onOpen(index);
  };
  return (
    <div
      id={`row-${index}`}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-active={isActive || undefined}
      // Shift extends the selection of rows, not of letters.
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      onClick={click}
    >
      <span role="gridcell" className={classes.check}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${row?.id ?? `row ${index + 1}`}`}
          checked={isSelected}
          disabled={!row}
          onChange={() => undefined}
          onClick={(event) => {
            event.stopPropagation();
            onSelect(index, event);
          }}
        />
      </span>
      {columns.map((column) => (
        <span key={column.id} role="gridcell" data-number={column.isNumber || undefined}>
          {row ? <Cell column={column.id} row={row} question={question} /> : <Placeholder />}
        </span>
      ))}
    </div>
  );
});

function Placeholder() {
  return (
    <Later>
      <span className={classes.placeholder} />
    </Later>
  );
}

function Cell({ column, row, question }: { column: string; row: ItemRow; question: Question }) {
  if (column === 'id') return <span className={classes.id}>{row.id}</span>;
  if (column === 'answer') return <AnswerCell row={row} question={question} />;
  if (column === 'decision') return <span data-decision={row.decision}>{decisionWords[row.decision]}</span>;
  if (column === 'votes') return row.votes;
  if (column === 'disagreement') return row.disagreement ? 'yes' : '';
  if (column === 'flagged')
    return row.flagged ? (
      <>
        <IconFlag3 size={13} aria-hidden /> flagged
      </>
    ) : null;
  return <span dir="auto">{firstLine(shortTime(asText(row.fields[column.slice('field '.length)])))}</span>;
}

function AnswerCell({ row: { answer, probability }, question }: { row: ItemRow; question: Question }) {
  if (!answer) return <span className={classes.none}>–</span>;
  return (
    <span className={classes.answer}>
      <span className={classes.chips}>
        {answer.length === 0 ? (
          <span className={classes.none}>none applies</span>
        ) : (
          answer.map((label) => <LabelChip key={label} question={question} label={label} />)
        )}
      </span>
      {probability !== null && (
        <>
          <span className={classes.track} style={labelStyle(question, answer[0])} aria-hidden>
            <span className={classes.bar} style={{ width: `${probability * 100}%` }} />
          </span>
          <span className={classes.share}>{roundPercent(probability)}</span>
        </>
      )}
    </span>
  );
}

/** The table shows one line; what it does not show is not laid out. */
function firstLine(text: string): string {
  return text.slice(0, 400).replace(/\s+/g, ' ').trimStart();
}
