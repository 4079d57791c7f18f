import { codePoints, describeValue } from './functions.ts';
import { factsName, itemName, type Scope, textName } from './scope.ts';
import type { Reading } from './syntax-tree.ts';

/** What an expression saw, in words: "text has 31 characters, amount = 250, price is missing". */
export function describeReadings(reads: readonly Reading[], scope: Scope): string {
  const shown = new Set<string>();
  for (const { name, entry } of reads) {
    if (name === textName) shown.add(`text has ${codePoints(scope.get(textName) as string)} characters`);
    else if (entry !== undefined) shown.add(describe(entry, name === itemName ? scope.field(entry) : factOf(scope, entry)));
    else if (name !== itemName && name !== factsName) shown.add(describe(name, valueOf(name, scope)));
  }
  return [...shown].join(', ');
}

function describe(name: string, value: unknown): string {
  return value === undefined ? `${name} is missing` : `${name} = ${describeValue(value)}`;
}

function factOf(scope: Scope, name: string): unknown {
  const facts = scope.get(factsName);
  return facts instanceof Map ? facts.get(name) : undefined;
}

/** A fact may have no value on this item, and the rule hold all the same (`true || broken`). */
function valueOf(name: string, scope: Scope): unknown {
  try {
    return scope.get(name);
  } catch {
    return undefined;
  }
}
