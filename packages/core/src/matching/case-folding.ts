import { RE2JS } from 're2js';
import { instructionsOf } from './re2-instructions.ts';

const variants = new Map<number, readonly number[]>();
const caseless = 0x10ffff;

/** The code points that are one letter when case does not count (simple case folding, CaseFolding.txt C and S): k → K, k, K (kelvin sign).
 *  Ascending, the given one among them. re2js keeps these tables to itself, so we ask its parser: a class of the code point and of one
 *  that has no case comes back with the variants written out. */
export function caseVariants(codePoint: number): readonly number[] {
  if (isCaseless(codePoint)) return [codePoint];
  let found = variants.get(codePoint);
  if (found === undefined) {
    found = askParser(codePoint);
    variants.set(codePoint, found);
  }
  return found;
}

/** Where no letter has case: from Chinese to Yi, Hangul, and all past the second plane. Dictionaries have thousands of these. */
function isCaseless(codePoint: number): boolean {
  return (codePoint >= 0x2e80 && codePoint < 0xa640) || (codePoint >= 0xac00 && codePoint <= 0xdfff) || codePoint >= 0x20000;
}

function askParser(codePoint: number): number[] {
  const compiled = RE2JS.compile(`(?i)[\\x{${codePoint.toString(16)}}\\x{${caseless.toString(16)}}]`);
  const ranges = instructionsOf(compiled).find((instruction) => instruction.runes.length > 0)?.runes ?? [];
  const found: number[] = [];
  for (let r = 0; r < ranges.length; r += 2) {
    for (let member = ranges[r]; member <= ranges[r + 1]; member++) if (member !== caseless) found.push(member);
  }
  return found;
}
