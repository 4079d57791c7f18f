/** What lies beside a place between two characters, as bits: the edge of the text, a line feed, an ASCII word character. */
export const edge = 1;
export const newline = 2;
export const word = 4;

const beginsLine = 1;
const endsLine = 2;
const beginsText = 4;
const endsText = 8;
const atWordEdge = 16;
const notAtWordEdge = 32;

/** Every assertion at once: what might hold somewhere. */
export const anyAssertion = 63;
/** All but `\A`: what might hold anywhere past the start of the text. */
export const anyAssertionLater = anyAssertion & ~beginsText;

/** The assertions of RE2 (`^ $ \A \z \b \B`, as its bits) that hold between what comes before and what comes after. */
export function assertionsBetween(before: number, after: number): number {
  let holds = ((before & word) === 0) === ((after & word) === 0) ? notAtWordEdge : atWordEdge;
  if ((before & edge) !== 0) holds |= beginsText | beginsLine;
  if ((before & newline) !== 0) holds |= beginsLine;
  if ((after & edge) !== 0) holds |= endsText | endsLine;
  if ((after & newline) !== 0) holds |= endsLine;
  return holds;
}

/** Which bits of the side before a place can matter to a program that demands these assertions. */
export function sidesThatMatter(demanded: number): number {
  let sides = 0;
  if ((demanded & (beginsText | beginsLine)) !== 0) sides |= edge;
  if ((demanded & (beginsLine | endsLine)) !== 0) sides |= newline;
  if ((demanded & (atWordEdge | notAtWordEdge)) !== 0) sides |= word;
  return sides;
}

/** The side that a character makes: word characters are ASCII's, as in RE2. */
export function sideOf(codePoint: number): number {
  if (codePoint === 10) return newline;
  const isWord =
    (codePoint >= 97 && codePoint <= 122) ||
    (codePoint >= 65 && codePoint <= 90) ||
    (codePoint >= 48 && codePoint <= 57) ||
    codePoint === 95;
  return isWord ? word : 0;
}

/** The characters that make these sides, as sets of ranges: an alphabet must tell them apart where they matter. */
export function setsOfSides(sides: number): Int32Array[] {
  const sets: Int32Array[] = [];
  if ((sides & newline) !== 0) sets.push(Int32Array.of(10, 10));
  if ((sides & word) !== 0) sets.push(Int32Array.of(48, 57, 65, 90, 95, 95, 97, 122));
  return sets;
}
