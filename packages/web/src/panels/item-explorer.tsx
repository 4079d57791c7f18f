import type { ItemFilter, ItemRow } from '@labelwright/contract/items';
import { Button } from '@mantine/core';
import { lazy, type MouseEvent, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { titleOf } from '../design/label-chip.tsx';
import { EmptyState, ErrorNotice } from '../design/notices.tsx';
import { count } from '../design/numbers.tsx';
import { showDone, showFault } from '../design/toasts.tsx';
import { isEmpty } from '../state/item-filter.ts';
import { commandOn, type CommandId, keyNames } from '../state/keymap.ts';
import { isPlain } from '../state/label-tree.ts';
import { ownKeys } from '../state/own-keys.ts';
import { useProject, useQuestion } from '../state/project.ts';
import {
  countSelected,
  everythingSelected,
  extended,
  isSelected,
  mostSelected,
  nothingSelected,
  rangeTo,
  type RowSelection,
  toggled,
} from '../state/row-selection.ts';
import { useBulkAnswers } from '../state/use-bulk-answers.ts';
import { ordinalsOf, pageSize, type Sort, useItemRows } from '../state/use-item-rows.ts';
import { usePageKeys } from '../state/use-page-keys.ts';
import { useStored } from '../state/use-stored.ts';
import { BulkBar } from './bulk-bar.tsx';
import { ColumnChooser } from './column-chooser.tsx';
import { FilterBar } from './filter-bar.tsx';
import classes from './item-explorer.module.css';
import { ItemPanel } from './item-panel.tsx';
import { type Column, ItemTable } from './item-table.tsx';
import { QuestionPicker } from './question-picker.tsx';

const KeysDialog = lazy(() => import('./keys-dialog.tsx'));

/** What the URL holds. */
export interface ExploreSearch {
  readonly filter: ItemFilter | undefined;
  readonly sort: Sort | undefined;
  readonly item: number | undefined;
}

interface ItemExplorerProps {
  readonly filter: ItemFilter;
  readonly sort: Sort;
  readonly item: number | undefined;
  readonly onChange: (part: Partial<ExploreSearch>) => void;
}

/** The table with its filter above, the item beside it and, with a selection, what to do with it below. */
export function ItemExplorer({ filter, sort, item, onChange }: ItemExplorerProps) {
  const { id: project, items } = useProject();
  const question = useQuestion();
  const query = useMemo(() => ({ project, question: question.id, filter, sort }), [project, question.id, filter, sort]);
  const [range, setRange] = useState({ first: 0, last: 0 });
  const rows = useItemRows(query, range.first, range.last);
  const [active, setActive] = useState<number | null>(() => (item !== undefined && isEmpty(filter) && sort === 'position' ? item : null));
  const [selection, setSelection] = useState<RowSelection>(nothingSelected);
  const [showsKeys, setShowsKeys] = useState(false);
  const { answerMany, answerOne, undo } = useBulkAnswers(project, question.id);
  const { columns, hidden, setHidden, all } = useColumns(rows.rowAt(range.first));
  const search = useRef<HTMLInputElement>(null);
  const pressInPanel = useRef<((key: string) => boolean) | null>(null);
  const scroller = useRef<((index: number) => void) | null>(null);
  const total = rows.total ?? (isEmpty(filter) ? items : 0);
  const selected = countSelected(selection, total);

  // Another filter or order: rows are other rows.
  const asked = JSON.stringify(query);
  const lastAsked = useRef(asked);
  useEffect(() => {
    if (lastAsked.current === asked) return;
    lastAsked.current = asked;
    setSelection(nothingSelected);
    setActive(null);
    scroller.current?.(0);
  }, [asked]);
  useEffect(() => {
    if (active !== null) scroller.current?.(active);
  }, [active]);

  const open = useCallback(
    (index: number) => {
      setActive(index);
      const row = rows.rowAt(index);
      if (row) onChange({ item: row.ordinal });
      else
        ordinalsOf(query, index, index).then(([ordinal]) => {
          if (ordinal !== undefined) onChange({ item: ordinal });
        }, showFault);
    },
    [rows, query, onChange],
  );
  const select = (index: number, { shiftKey }: Pick<MouseEvent, 'shiftKey'>) => {
    const row = rows.rowAt(index);
    if (!row) return;
    if (shiftKey) void selectTo(index).catch(showFault);
    else setSelection(toggled(selection, row.ordinal, index));
  };
  const selectTo = async (index: number) => {
    const { from, to } = rangeTo(selection, index);
    const next = to - from < mostSelected ? extended(selection, await ordinalsOf(query, from, to)) : undefined;
    if (next) setSelection(next);
    else showDone(`At most ${count(mostSelected)} rows can be selected one by one. Filter, then select all that match.`);
  };
  const label = (labels: readonly string[]) => {
    if (selected === 0) return;
    const words = labels.map((each) => titleOf(question, each)).join(', ') || 'none applies';
    answerMany(selection.kind === 'all' ? filter : { ordinals: [...selection.ordinals] }, labels, selected, words);
    setSelection(nothingSelected);
  };
  const move = (step: 1 | -1, isExtending: boolean) => {
    const next = Math.min(Math.max(0, (active ?? (step === 1 ? -1 : 0)) + step), total - 1);
    if (item !== undefined) open(next);
    else setActive(next);
    if (isExtending) void selectTo(next).catch(showFault);
  };

  const acts: Partial<Record<CommandId, (isShift: boolean) => void>> = {
    search: () => search.current?.focus(),
    next: (isShift) => move(1, isShift),
    previous: (isShift) => move(-1, isShift),
    open: () => open(active ?? 0),
    select: () => active !== null && select(active, { shiftKey: false }),
    'select-all': () => setSelection(everythingSelected),
    'undo-bulk': () => void undo().catch(showFault),
    'help-explore': () => setShowsKeys(true),
  };
  usePageKeys((event) => {
    const names = keyNames(event);
    const digit = /^[1-9]$/.test(names[0] ?? '') ? Number(names[0]) : 0;
    const chosen = question.labels[digit - 1];
    if (chosen && isPlain(question) && selected > 0) {
      label([chosen.id]);
      return true;
    }
    if (selected === 0 && names.some((name) => pressInPanel.current?.(name))) return true;
    if (names[0] === 'Escape') {
      if (item !== undefined) onChange({ item: undefined });
      else setSelection(nothingSelected);
      return true;
    }
    // Shift with an arrow extends: it is the same key.
    const command = commandOn('explore', [...names, ...names.map((name) => name.replace('Shift+', ''))], ownKeys.get());
    if (command) acts[command]?.(event.shiftKey);
    return command !== undefined;
  });

  const pick = useCallback((ordinal: number) => isSelected(selection, ordinal), [selection]);
  const follow = useCallback((first: number, last: number) => {
    const [from, to] = [Math.floor(first / pageSize), Math.floor(last / pageSize)];
    // As long as the same pages are in view, there is nothing to ask for.
    setRange((before) =>
      Math.floor(before.first / pageSize) === from && Math.floor(before.last / pageSize) === to ? before : { first, last },
    );
  }, []);
  const setFilter = useCallback((next: ItemFilter) => onChange({ filter: isEmpty(next) ? undefined : next }), [onChange]);
  return (
    <div className={`lw-full ${classes.page}`} data-panel={item !== undefined || undefined}>
      <div className={classes.main}>
        <h1 className="lw-hidden">Explore</h1>
        <div className={classes.top}>
          <FilterBar filter={filter} question={question} fields={all.fields} onChange={setFilter} searchRef={search} />
          <div className={classes.right}>
            <QuestionPicker />
            <span role="status" className={classes.total}>
              {totalInWords(rows.total, rows.isCapped, items)}
            </span>
            <ColumnChooser columns={all.columns} hidden={hidden} onChange={setHidden} />
          </div>
        </div>
        {rows.error !== undefined && rows.error !== null && <ErrorNotice error={rows.error} retry={rows.retry} />}
        {rows.total === 0 ? (
          <EmptyState
            title="No item matches"
            action={
              <Button variant="default" onClick={() => onChange({ filter: undefined })}>
                Clear the filter
              </Button>
            }
          >
            All conditions must hold at once. Take one away, or look for fewer words.
          </EmptyState>
        ) : (
          <ItemTable
            columns={columns}
            question={question}
            total={total}
            rowAt={rows.rowAt}
            isBefore={rows.isBefore}
            sort={sort}
            active={active}
            isSelected={pick}
            onRange={follow}
            onSort={(next) => onChange({ sort: next === 'position' ? undefined : next })}
            onOpen={open}
            onSelect={select}
            scroller={scroller}
          />
        )}
        {selected > 0 && (
          <BulkBar
            selected={selected}
            isAll={selection.kind === 'all'}
            total={total}
            isCapped={rows.isCapped}
            question={question}
            onLabel={label}
            onAll={() => setSelection(everythingSelected)}
            onClear={() => setSelection(nothingSelected)}
          />
        )}
      </div>
      {item !== undefined && (
        <ItemPanel
          ordinal={item}
          question={question}
          onAnswer={(detail, given, words) => answerOne(detail, given, words)}
          close={() => onChange({ item: undefined })}
          hasKeys={selected === 0}
          press={pressInPanel}
        />
      )}
      {showsKeys && (
        <Suspense>
          <KeysDialog page="explore" labels={new Map()} close={() => setShowsKeys(false)} />
        </Suspense>
      )}
    </div>
  );
}

function totalInWords(total: number | undefined, isCapped: boolean, items: number): string {
  if (total === undefined) return '';
  if (isCapped) return `more than ${count(total)} of ${count(items)}`;
  return total === items ? `${count(items)} items` : `${count(total)} of ${count(items)}`;
}

/** The item itself first, then what is believed of it, then what came with it. A row that is here tells which fields there are. */
function useColumns(row: ItemRow | undefined) {
  const { id, settings } = useProject();
  const [hidden, setHidden] = useStored<readonly string[]>(`labelwright-columns-${id}`, []);
  const seen = useRef<readonly string[]>([]);
  const known = row ? [...new Set([...seen.current, ...Object.keys(row.fields)])] : seen.current;
  if (known.length > seen.current.length) seen.current = known;
  const fields = seen.current;
  return useMemo(() => {
    const texts = textFieldsOf(settings.textFields, fields);
    const others = [...new Set([...settings.metadataFields, ...fields])].filter((name) => !texts.includes(name));
    const columns: Column[] = [
      { id: 'id', title: 'Item', widthPx: 112, sorts: { first: 'id' } },
      ...texts.map((name, index) => ({
        id: `field ${name}`,
        title: name,
        widthPx: index === texts.length - 1 ? 220 : 150,
        grows: index === texts.length - 1 ? 3 : 1.5,
      })),
      { id: 'answer', title: 'Answer', widthPx: 184, sorts: { first: 'probability', second: '-probability' } },
      { id: 'decision', title: 'Decision', widthPx: 92 },
      { id: 'votes', title: 'Votes', widthPx: 54, sorts: { first: '-votes' }, isNumber: true },
      { id: 'disagreement', title: 'Differ', widthPx: 58 },
      { id: 'flagged', title: 'Flag', widthPx: 80 },
      ...others.map((name) => ({ id: `field ${name}`, title: name, widthPx: 110, grows: 0.35 })),
    ];
    return {
      columns: columns.filter((column) => !hidden.includes(column.id)),
      hidden,
      setHidden,
      all: { columns, fields: [...new Set([...texts, ...others])] },
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- setHidden is the same in all that matters
  }, [settings, fields, hidden]);
}

function textFieldsOf(set: readonly string[], fields: readonly string[]): readonly string[] {
  if (set.length > 0) return set;
  return fields.includes('text') ? ['text'] : fields.slice(0, 1);
}
