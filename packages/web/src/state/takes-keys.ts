/** Whether a key belongs to what has the focus: a field, a menu, an open dialog, or a button that Enter and Space press. */
export function takesKeys({ target, key }: Pick<KeyboardEvent, 'target' | 'key'>): boolean {
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return true;
  if (!(target instanceof Element)) return false;
  if (target.closest('input, textarea, select, [contenteditable], [role="menu"], [role="listbox"], [role="combobox"]')) return true;
  return (key === 'Enter' || key === ' ') && target.closest('button, a, summary') !== null;
}
