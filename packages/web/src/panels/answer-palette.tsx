import { Kbd } from '@mantine/core';
import { IconCheck, IconChevronRight } from '@tabler/icons-react';
import { type CSSProperties, type KeyboardEvent, type Ref, useRef, useState } from 'react';
import { labelStyle } from '../design/label-chip.tsx';
import { roundPercent } from '../design/numbers.tsx';
import { showKey } from '../state/keymap.ts';
import type { LabelRow, Question } from '../state/label-tree.ts';
import type { Palette } from '../state/use-palette.ts';
import classes from './answer-palette.module.css';

interface AnswerPaletteProps {
  readonly question: Question;
  readonly palette: Palette;
  readonly chosen: readonly string[];
  /** The machine's opinion, by label; null where it is hidden or not there. */
  readonly posterior: ReadonlyMap<string, number> | null;
  readonly onPick: (label: string) => void;
  readonly disabled?: boolean;
  /** Whether the keys work just now. */
  readonly hasKeys?: boolean;
  readonly seekRef?: Ref<HTMLInputElement>;
}

const manyLabels = 12;

/** The labels to choose from: one, several or a tree of them. Nothing in it moves when something is chosen. */
export function AnswerPalette({
  question,
  palette,
  chosen,
  posterior,
  onPick,
  disabled = false,
  hasKeys = true,
  seekRef,
}: AnswerPaletteProps) {
  const { rows, visible } = palette;
  const list = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string>();
  const isTree = rows.some(({ depth }) => depth > 0);
  const stop = visible.find(({ label }) => label.id === focused) ?? visible.find(({ label }) => chosen.includes(label.id)) ?? visible[0];
  const keyOf = new Map(hasKeys ? [...palette.keys].map(([key, label]) => [label, key]) : []);

  const focusOn = (row: LabelRow | undefined) => {
    if (!row) return;
    setFocused(row.label.id);
    list.current?.querySelector<HTMLElement>(`[data-label="${CSS.escape(row.label.id)}"]`)?.focus();
  };
  const walk = (event: KeyboardEvent) => {
    const at = visible.findIndex(({ label }) => label.id === stop?.label.id);
    const row = visible[at];
    const isOpen = row && palette.open.has(row.label.id);
    const moves: Record<string, () => void> = {
      ArrowDown: () => focusOn(visible[at + 1]),
      ArrowUp: () => focusOn(visible[at - 1]),
      Home: () => focusOn(visible[0]),
      End: () => focusOn(visible.at(-1)),
      ' ': () => row && onPick(row.label.id),
      ...(isTree && {
        ArrowRight: () => row?.hasChildren && (isOpen ? focusOn(visible[at + 1]) : palette.toggle(row.label.id, true)),
        ArrowLeft: () =>
          row?.hasChildren && isOpen
            ? palette.toggle(row.label.id, false)
            : focusOn(visible.find(({ label }) => label.id === row?.label.parent)),
      }),
    };
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  };

  return (
    <div className={classes.palette}>
      {rows.length > manyLabels && (
        <input
          ref={seekRef}
          className={classes.seek}
          type="search"
          placeholder={hasKeys ? 'Find a label  /' : 'Find a label'}
          aria-label="Find a label"
          value={palette.sought}
          onChange={(event) => palette.seek(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') {
              const found = palette.found();
              if (found !== undefined) onPick(found);
            }
            if (event.key === 'ArrowDown') focusOn(visible[0]);
            if (event.key !== 'Enter' && event.key !== 'Escape') return;
            event.preventDefault();
            event.stopPropagation();
            palette.seek('');
            event.currentTarget.blur();
          }}
        />
      )}
      {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its rows take the focus, one at a time */}
      <div
        ref={list}
        className={classes.list}
        role={isTree ? 'tree' : question.multiple ? 'group' : 'radiogroup'}
        aria-label={question.title}
        aria-multiselectable={isTree ? question.multiple : undefined}
        onKeyDown={walk}
        data-many={rows.length > manyLabels || undefined}
      >
        {visible.map((row) => (
          <PaletteRow
            key={row.label.id}
            row={row}
            question={question}
            role={isTree ? 'treeitem' : question.multiple ? 'checkbox' : 'radio'}
            hotkey={keyOf.get(row.label.id)}
            isChosen={chosen.includes(row.label.id)}
            isOpen={palette.open.has(row.label.id) || palette.sought !== ''}
            isStop={row === stop}
            share={posterior?.get(row.label.id)}
            onPick={() => !disabled && onPick(row.label.id)}
            onToggle={() => palette.toggle(row.label.id)}
            disabled={disabled}
          />
        ))}
        {visible.length === 0 && <p className={classes.none}>No label of that name.</p>}
      </div>
    </div>
  );
}

interface PaletteRowProps {
  readonly row: LabelRow;
  readonly question: Question;
  readonly role: 'treeitem' | 'checkbox' | 'radio';
  readonly hotkey: string | undefined;
  readonly isChosen: boolean;
  readonly isOpen: boolean;
  readonly isStop: boolean;
  readonly share: number | undefined;
  readonly disabled: boolean;
  readonly onPick: () => void;
  readonly onToggle: () => void;
}

function PaletteRow({ row, question, role, hotkey, isChosen, isOpen, isStop, share, disabled, onPick, onToggle }: PaletteRowProps) {
  const { label, depth, hasChildren } = row;
  const title = label.title ?? label.id;
  return (
    <div
      className={classes.row}
      style={{ ...labelStyle(question, label.id), paddingInlineStart: 8 + depth * 18 }}
      role={role}
      data-label={label.id}
      aria-label={title}
      aria-checked={isChosen}
      aria-disabled={disabled || undefined}
      aria-keyshortcuts={hotkey}
      {...(role === 'treeitem' && { 'aria-level': depth + 1, 'aria-selected': isChosen, ...(hasChildren && { 'aria-expanded': isOpen }) })}
      tabIndex={isStop ? 0 : -1}
      title={label.description ?? title}
      // A click leaves the focus where it was: Enter still submits, Space still skips.
      onMouseDown={(event) => event.preventDefault()}
      onClick={onPick}
    >
      {share !== undefined && <span className={classes.bar} style={{ '--share': share } as CSSProperties} />}
      {role === 'treeitem' && (
        <span
          className={classes.toggle}
          data-open={isOpen || undefined}
          data-none={!hasChildren || undefined}
          aria-hidden
          onClick={(event) => {
            if (!hasChildren) return;
            event.stopPropagation();
            onToggle();
          }}
        >
          <IconChevronRight size={14} />
        </span>
      )}
      <Kbd size="xs" className={classes.key} aria-hidden data-none={hotkey === undefined || undefined}>
        {hotkey === undefined ? '' : showKey(hotkey)}
      </Kbd>
      <span className={classes.box} data-round={!question.multiple || undefined} aria-hidden>
        {isChosen && <IconCheck size={12} stroke={3} />}
      </span>
      <span className={classes.title} dir="auto">
        {title}
      </span>
      <span className={classes.share} aria-hidden>
        {share === undefined ? '' : roundPercent(share)}
      </span>
    </div>
  );
}
