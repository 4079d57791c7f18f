import { RE2JS, RE2JSSyntaxException } from 're2js';

/** What is wrong with a pattern, in one line: re2js's words, the place, and what to write instead where we know. Undefined: nothing. */
export function patternFault(source: string, longest: number): string | undefined {
  if (source.length > longest) return `the pattern must have at most ${longest} characters, got ${source.length}`;
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof RE2JSSyntaxException)) throw thrown;
    const fragment = thrown.getPattern() ?? '';
    const quoted = fragment === '' ? '' : ` '${fragment}'`;
    return `${thrown.getDescription()}${quoted}${placeOf(fragment, source)}${hintFor(fragment)}`;
  }
}

/** Where the fragment is the only one like it. Characters are counted from 1. */
function placeOf(fragment: string, source: string): string {
  const at = fragment === '' ? source.length - 1 : source.indexOf(fragment);
  if (at < 0 || (fragment !== '' && source.indexOf(fragment, at + 1) >= 0)) return '';
  return ` at character ${Array.from(source.slice(0, at)).length + 1}`;
}

const hints: readonly (readonly [RegExp, string])[] = [
  [
    /^\(\?<?[=!]/,
    'RE2 has no look-around (that keeps matching linear in time): match the characters around it as well, or give the exception a rule of its own above this one',
  ],
  [/^\\[1-9]/, 'RE2 has no back-references (that keeps matching linear in time): write out what may repeat'],
  [/^\\k/, 'RE2 has no back-references (that keeps matching linear in time): write out what may repeat'],
  [/^\(\?>/, 'RE2 has no atomic groups and needs none: write (?:'],
  [/^[*+?}][+]$/, 'RE2 has no possessive repeats and needs none: write one sign'],
  [/^\\u/, 'write \\x{41} for the character U+0041'],
  [/^\\Z/, 'write \\z for the end of the text'],
  [/^\{\d+/, 'a repeat counts to at most 1000'],
];

function hintFor(fragment: string): string {
  const hint = hints.find(([shape]) => shape.test(fragment));
  return hint === undefined ? '' : `: ${hint[1]}`;
}
