/** The name that the user probably meant: the one with the fewest typing errors, where they are few for its length. Capitals count for nothing. */
export function nearestName<Name extends string>(given: string, names: Iterable<Name>): Name | undefined {
  const wanted = given.toLowerCase();
  let nearest: Name | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const errors = typingErrors(wanted, name.toLowerCase());
    if (errors < fewest && errors <= Math.floor(Math.max(given.length, name.length) / 3)) {
      nearest = name;
      fewest = errors;
    }
  }
  return nearest;
}

/** Insertions, deletions, substitutions and swaps of neighbours that lead from one to the other (optimal string alignment).
 *  F. J. Damerau (1964), Communications of the ACM 7(3), doi:10.1145/363958.363994. O(|a|·|b|). */
function typingErrors(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const differs = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + differs);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
