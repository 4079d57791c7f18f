import { describe, expect, test } from 'vitest';
import { assignKey, commandOn, commands, keyNames, keysOf, type OwnKeys, removeKey, showKey } from './keymap.ts';

const press = (key: string, code = '', held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  keyNames({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('the name of a key press', () => {
  test.each([
    ['a letter', press('s', 'KeyS'), ['s']],
    ['a letter with caps lock', press('S', 'KeyS'), ['s']],
    ['undo', press('z', 'KeyZ', { ctrlKey: true }), ['Mod+z']],
    ['undo on a Mac', press('z', 'KeyZ', { metaKey: true }), ['Mod+z']],
    ['redo', press('Z', 'KeyZ', { ctrlKey: true, shiftKey: true }), ['Mod+Shift+z']],
    ['what shift types', press('?', 'Slash', { shiftKey: true }), ['?']],
    ['a shifted letter is not the letter', press('S', 'KeyS', { shiftKey: true }), ['Shift+s']],
    ['a Cyrillic keyboard', press('ы', 'KeyS'), ['ы', 's']],
    ['a French keyboard, where 1 needs shift', press('&', 'Digit1'), ['&', '1']],
    ['the number pad', press('4', 'Numpad4'), ['4']],
    ['the space bar', press(' ', 'Space'), ['Space']],
    ['Alt belongs to the system', press('f', 'KeyF', { altKey: true }), []],
    ['a modifier alone', press('Shift', 'ShiftLeft', { shiftKey: true }), []],
  ])('%s', (_, names, expected) => {
    expect(names).toEqual(expected);
  });
});

test('no two commands of a page share a key', () => {
  for (const page of ['label', 'explore'] as const) {
    const keys = commands.filter((command) => command.page === page).flatMap((command) => [...command.keys]);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

test('the keys of labels come before commands', () => {
  expect(commandOn('label', ['s'], {})).toBe('skip');
  expect(commandOn('label', ['s'], {}, new Set(['s']))).toBeUndefined();
  expect(commandOn('explore', ['j'], {})).toBe('next');
});

describe('changing keys', () => {
  const labels = new Map([['h', 'ham']]);

  test('a free key is given, a second time it changes nothing', () => {
    const own = assignKey('flag', 'x', {}, labels) as OwnKeys;
    expect(own).toEqual({ flag: ['f', 'x'] });
    expect(commandOn('label', ['x'], own)).toBe('flag');
    expect(assignKey('flag', 'x', own, labels)).toEqual(own);
  });

  test.each([
    ['a key of another command', 's', 'S is taken by “Skip this item”'],
    ['a key of a label', 'h', 'H chooses the label ham'],
    ['a digit', '3', '3 is kept for labels, the focus or the browser'],
    ['Escape', 'Escape', 'Escape is kept for labels, the focus or the browser'],
    ['the command palette', 'Mod+k', 'Ctrl+K is kept for labels, the focus or the browser'],
  ])('%s is refused, with who has it', (_, key, refusal) => {
    expect(assignKey('flag', key, {}, labels)).toEqual({ refusal });
  });

  test('a key that was taken away is free for another', () => {
    const own = removeKey('skip', 's', {});
    expect(keysOf('skip', own)).toEqual(['Space']);
    expect(assignKey('flag', 's', own, labels)).toEqual({ skip: ['Space'], flag: ['f', 's'] });
  });
});

test('keys are written as on the keyboard', () => {
  expect(showKey('Mod+Shift+z')).toBe('Ctrl+Shift+Z');
  expect(showKey('Mod+z', true)).toBe('⌘ Z');
  expect(showKey('ArrowLeft')).toBe('←');
  expect(showKey('+')).toBe('+');
});
