export interface Piece {
  readonly kind: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Longer texts are compared by lines: the table has a cell for each pair of pieces. */
const mostWords = 2_000;

/** What was changed from one text to another, word by word: the longest common subsequence stays. */
export function wordDiff(before: string, after: string): Piece[] {
  const words = (text: string) => text.split(/(?<=\s)(?=\S)|(?=\n)/);
  const lines = (text: string) => text.split(/(?<=\n)/);
  const [a, b] = words(before).length + words(after).length > 2 * mostWords ? [lines(before), lines(after)] : [words(before), words(after)];
  const pieces: Piece[] = [];
  const add = (kind: Piece['kind'], text: string) => {
    const last = pieces.at(-1);
    if (last?.kind === kind) pieces[pieces.length - 1] = { kind, text: last.text + text };
    else if (text !== '') pieces.push({ kind, text });
  };
  const common = commonSuffixes(a, b);
  const width = b.length + 1;
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add('same', a[i++]);
      j += 1;
    } else if (i < a.length && (j === b.length || common[(i + 1) * width + j] >= common[i * width + j + 1])) add('removed', a[i++]);
    else add('added', b[j++]);
  }
  return pieces;
}

/** Cell (i, j): how long the longest common subsequence of a from i and b from j is. */
function commonSuffixes(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  return longest;
}
