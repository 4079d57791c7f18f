/** A command that a key can call. Within one page a key calls one thing. */
export interface Command {
  readonly id: string;
  readonly page: 'label' | 'explore';
  readonly title: string;
  readonly keys: readonly string[];
}

export const commands = [
  { id: 'submit', page: 'label', title: 'Submit and go to the next item', keys: ['Enter'] },
  { id: 'skip', page: 'label', title: 'Skip this item', keys: ['s', 'Space'] },
  { id: 'flag', page: 'label', title: 'Flag it for a reviewer', keys: ['f'] },
  { id: 'comment', page: 'label', title: 'Write a comment', keys: ['c'] },
  { id: 'clear', page: 'label', title: 'Choose nothing', keys: ['Backspace'] },
  { id: 'undo', page: 'label', title: 'Undo', keys: ['Mod+z'] },
  { id: 'redo', page: 'label', title: 'Do again', keys: ['Mod+Shift+z', 'Mod+y'] },
  { id: 'back', page: 'label', title: 'Back to the item before', keys: ['ArrowLeft', 'k'] },
  { id: 'forth', page: 'label', title: 'On to the item after', keys: ['ArrowRight', 'j'] },
  { id: 'next-question', page: 'label', title: 'Next question, where there are several', keys: ['ArrowDown'] },
  { id: 'previous-question', page: 'label', title: 'Question before', keys: ['ArrowUp'] },
  { id: 'find', page: 'label', title: 'Find a label by its name', keys: ['/'] },
  { id: 'guidelines', page: 'label', title: 'Guidelines', keys: ['g'] },
  { id: 'evidence', page: 'label', title: 'Show or hide the evidence', keys: ['e'] },
  { id: 'help', page: 'label', title: 'All keys', keys: ['?'] },

  { id: 'search', page: 'explore', title: 'Search the items', keys: ['/'] },
  { id: 'next', page: 'explore', title: 'Next row', keys: ['j', 'ArrowDown'] },
  { id: 'previous', page: 'explore', title: 'Row before', keys: ['k', 'ArrowUp'] },
  { id: 'open', page: 'explore', title: 'Open the row', keys: ['Enter'] },
  { id: 'select', page: 'explore', title: 'Select the row', keys: ['x', 'Space'] },
  { id: 'select-all', page: 'explore', title: 'Select all that match', keys: ['Mod+a'] },
  { id: 'undo-bulk', page: 'explore', title: 'Undo the last labels', keys: ['Mod+z'] },
  { id: 'help-explore', page: 'explore', title: 'All keys', keys: ['?'] },
] as const satisfies readonly Command[];

export type CommandId = (typeof commands)[number]['id'];
/** What the person changed; a command that is not in it keeps its keys. */
export type OwnKeys = Partial<Record<CommandId, readonly string[]>>;

/** Keys that no command may have: labels, leaving, moving the focus, the browser's own. */
const reserved = /^(?:[1-9]|Escape|Tab|Shift\+Tab|Mod\+[krtwnlp]|F\d+)$/;

export function keysOf(id: CommandId, own: OwnKeys): readonly string[] {
  return own[id] ?? commands.find((command) => command.id === id)?.keys ?? [];
}

/** The command of a page that a key calls. `taken` are the keys of labels: they come first. */
export function commandOn(
  page: Command['page'],
  names: readonly string[],
  own: OwnKeys,
  taken: ReadonlySet<string> = new Set(),
): CommandId | undefined {
  const name = names.find((name) => taken.has(name) || holderOf(page, name, own));
  return name === undefined || taken.has(name) ? undefined : holderOf(page, name, own)?.id;
}

/** Gives a command one more key. @returns the new keys, or why not */
export function assignKey(
  id: CommandId,
  key: string,
  own: OwnKeys,
  labelNames: ReadonlyMap<string, string>,
): OwnKeys | { refusal: string } {
  const page = commands.find((command) => command.id === id)?.page;
  const label = page === 'label' ? labelNames.get(key) : undefined;
  if (label !== undefined) return { refusal: `${showKey(key)} chooses the label ${label}` };
  if (reserved.test(key)) return { refusal: `${showKey(key)} is kept for labels, the focus or the browser` };
  const holder = page && holderOf(page, key, own);
  if (holder && holder.id !== id) return { refusal: `${showKey(key)} is taken by “${holder.title}”` };
  return { ...own, [id]: [...new Set([...keysOf(id, own), key])] };
}

function holderOf(page: Command['page'], key: string, own: OwnKeys) {
  return commands.find((command) => command.page === page && keysOf(command.id, own).includes(key));
}

export function removeKey(id: CommandId, key: string, own: OwnKeys): OwnKeys {
  return { ...own, [id]: keysOf(id, own).filter((other) => other !== key) };
}

interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The names of a key press, best first: what it types, then, for keyboards that type other letters (Cyrillic, or digits with shift), the place of
 *  the key. A press with Alt, or of a modifier alone, has none. */
export function keyNames({ key, code, ctrlKey, metaKey, altKey, shiftKey }: KeyPress): string[] {
  if (altKey || ['Control', 'Shift', 'Meta', 'Alt', 'AltGraph', 'Dead', 'Process', 'Unidentified'].includes(key)) return [];
  const typed = key === ' ' ? 'Space' : key.length === 1 ? key.toLowerCase() : key;
  const place = /^(?:Key([A-Z])|Digit(\d)|Numpad(\d))$/.exec(code);
  const placed = (place?.[1] ?? place?.[2] ?? place?.[3])?.toLowerCase();
  const hasMod = ctrlKey || metaKey;
  // What a key types with shift (?, !) says so itself; letters and named keys do not.
  const named = (name: string) =>
    `${hasMod ? 'Mod+' : ''}${shiftKey && (hasMod || name.length > 1 || /\p{L}/u.test(name)) ? 'Shift+' : ''}${name}`;
  const names = [named(typed)];
  const isForeign = typed.length === 1 && !/[a-z0-9]/.test(typed) && (!shiftKey || hasMod);
  if (placed !== undefined && placed !== typed && isForeign) names.push(named(placed));
  return names;
}

const shown: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Backspace: '⌫',
  Enter: 'Enter',
  Space: 'Space',
};

/** As it is written on the keyboard. */
export function showKey(name: string, isMac = false): string {
  return name
    .split(/\+(?=.)/)
    .map((part) => (part === 'Mod' ? (isMac ? '⌘' : 'Ctrl') : (shown[part] ?? (part.length === 1 ? part.toUpperCase() : part))))
    .join(isMac ? ' ' : '+');
}
