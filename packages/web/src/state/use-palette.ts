import { useCallback, useMemo, useState } from 'react';
import { bestMatch, labelKeys, labelRows, type LabelRow, type Question, visibleRows } from './label-tree.ts';

export interface Palette {
  readonly rows: readonly LabelRow[];
  readonly visible: readonly LabelRow[];
  /** Key → label, as things stand. */
  readonly keys: ReadonlyMap<string, string>;
  readonly open: ReadonlySet<string>;
  readonly sought: string;
  /** The label whose children the digits choose. */
  readonly branch: string | undefined;
  readonly toggle: (label: string, isOpen?: boolean) => void;
  readonly seek: (text: string) => void;
  /** The best match of what is sought. */
  readonly found: () => string | undefined;
  /** What a key chooses; undefined where it only opens a branch, or is no label's. */
  readonly press: (key: string) => string | undefined;
  /** Back to the top of the tree. */
  readonly reset: () => void;
}

/** What a person unfolded and looks for, of one question. */
interface PaletteState {
  readonly open: ReadonlySet<string>;
  readonly branch: string | undefined;
  readonly sought: string;
}

/** Which labels are on the screen and which keys choose them. In a tree, the digit of a label with children goes down to them. */
export function usePalette(question: Question): Palette {
  const questions = useMemo(() => [question], [question]);
  return usePalettes(questions)[0];
}

/** The same for several questions, in their order. A reset is one of all. */
export function usePalettes(questions: readonly Question[]): readonly Palette[] {
  const rowsOf = useMemo(() => new Map(questions.map((question) => [question.id, labelRows(question)])), [questions]);
  const [states, setStates] = useState<ReadonlyMap<string, PaletteState>>(new Map());
  const reset = useCallback(
    () => setStates((before) => new Map([...before].map(([id, state]) => [id, { ...state, branch: undefined, sought: '' }]))),
    [],
  );
  return useMemo(
    () =>
      questions.map((question) => {
        const rows = rowsOf.get(question.id) ?? [];
        const first = { open: firstOpen(rows), branch: undefined, sought: '' };
        const change = (to: (state: PaletteState) => PaletteState) =>
          setStates((before) => new Map(before).set(question.id, to(before.get(question.id) ?? first)));
        return paletteOf(question, rows, states.get(question.id) ?? first, change, reset);
      }),
    [questions, rowsOf, states, reset],
  );
}

function paletteOf(
  question: Question,
  rows: readonly LabelRow[],
  { open, branch, sought }: PaletteState,
  change: (to: (state: PaletteState) => PaletteState) => void,
  reset: () => void,
): Palette {
  const keys = labelKeys(rows, branch);
  const toggle = (label: string, isOpen?: boolean) =>
    change((state) => {
      const next = new Set(state.open);
      if (isOpen ?? !state.open.has(label)) next.add(label);
      else next.delete(label);
      return { ...state, open: next };
    });
  const press = (key: string) => {
    const id = keys.get(key);
    const row = rows.find(({ label }) => label.id === id);
    if (!row?.hasChildren) return id;
    toggle(row.label.id, true);
    change((state) => ({ ...state, branch: row.label.id }));
    // Of several labels, going through a branch must not choose it on the way.
    return question.multiple ? undefined : id;
  };
  return {
    rows,
    visible: visibleRows(rows, open, sought),
    keys,
    open,
    sought,
    branch,
    toggle,
    seek: (text) => change((state) => ({ ...state, sought: text })),
    found: () => bestMatch(rows, sought)?.label.id,
    press,
    reset,
  };
}

/** A small tree is open: there is nothing to look for. */
function firstOpen(rows: readonly LabelRow[]): ReadonlySet<string> {
  return new Set(rows.length > 14 ? [] : rows.filter(({ hasChildren }) => hasChildren).map(({ label }) => label.id));
}
