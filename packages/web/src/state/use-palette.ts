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

/** Which labels are on the screen and which keys choose them. In a tree, the digit of a label with children goes down to them. */
export function usePalette(question: Question): Palette {
  const rows = useMemo(() => labelRows(question), [question]);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => firstOpen(rows));
  const [branch, setBranch] = useState<string>();
  const [sought, setSought] = useState('');
  const keys = useMemo(() => labelKeys(rows, branch), [rows, branch]);
  const visible = useMemo(() => visibleRows(rows, open, sought), [rows, open, sought]);

  const toggle = useCallback((label: string, isOpen?: boolean) => {
    setOpen((before) => {
      const next = new Set(before);
      if (isOpen ?? !before.has(label)) next.add(label);
      else next.delete(label);
      return next;
    });
  }, []);
  const reset = useCallback(() => {
    setBranch(undefined);
    setSought('');
  }, []);
  const press = (key: string) => {
    const id = keys.get(key);
    const row = rows.find(({ label }) => label.id === id);
    if (!row?.hasChildren) return id;
    toggle(row.label.id, true);
    setBranch(row.label.id);
    // Of several labels, going through a branch must not choose it on the way.
    return question.multiple ? undefined : id;
  };
  return {
    rows,
    visible,
    keys,
    open,
    sought,
    branch,
    toggle,
    seek: setSought,
    found: () => bestMatch(rows, sought)?.label.id,
    press,
    reset,
  };
}

/** A small tree is open: there is nothing to look for. */
function firstOpen(rows: readonly LabelRow[]): ReadonlySet<string> {
  return new Set(rows.length > 14 ? [] : rows.filter(({ hasChildren }) => hasChildren).map(({ label }) => label.id));
}
