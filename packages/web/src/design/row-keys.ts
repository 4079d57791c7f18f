import { useEffect, useRef } from 'react';

const steps: Readonly<Record<string, 1 | -1>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** j/k and the arrows walk along what a list marks with `data-row`, wherever the focus is, unless somebody types. */
export function useRowKeys<Container extends HTMLElement>() {
  const container = useRef<Container>(null);
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      const step = steps[event.key];
      const focused = document.activeElement as HTMLElement | null;
      if (step === undefined || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesKeys(focused)) return;
      const rows = [...(container.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
      const at = rows.findIndex((row) => row === focused || row.closest('tr, li')?.contains(focused));
      // The arrows scroll the page until somebody is in the list.
      if (at < 0 && event.key.startsWith('Arrow')) return;
      const next = rows[at < 0 ? 0 : at + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    };
    window.addEventListener('keydown', walk);
    return () => window.removeEventListener('keydown', walk);
  }, []);
  return container;
}

function takesKeys(element: HTMLElement | null): boolean {
  return element?.closest('input, textarea, select, [contenteditable], [role="menu"], [role="dialog"], [role="listbox"], pre') != null;
}
