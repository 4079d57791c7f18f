import { CoreError } from '../model/errors.ts';
import { compileExpression, type Expression, ExpressionFault } from './expression.ts';
import { factsName, itemName, type Scope, textName } from './scope.ts';

const reserved = new Set([textName, itemName, factsName]);

/** A fact is asked for by its bare name. @throws CoreError 'bad-options' */
export function checkFactName(name: string, who: string, path: string): void {
  const fault = reserved.has(name) ? 'that name is taken' : /^[A-Za-z_]\w*$/.test(name) ? '' : 'a name is letters, digits and _';
  if (fault !== '') throw new CoreError('bad-options', `${who}: ${path}: a fact cannot be called '${name}': ${fault}`, { path });
}

const mostCharacters = 10_000_000;
const mostEntries = 100_000;

/** Facts feed facts: without a bound, each could be twice the one before. @throws ExpressionFault */
export function checkFactSize(name: string, value: unknown): unknown {
  const tooLarge = (typeof value === 'string' && value.length > mostCharacters) || (Array.isArray(value) && value.length > mostEntries);
  if (!tooLarge) return value;
  const most =
    typeof value === 'string' ? `${mostCharacters.toLocaleString('en-US')} characters` : `${mostEntries.toLocaleString('en-US')} entries`;
  throw new ExpressionFault(`fact '${name}': more than ${most}`);
}

/** Named expressions over items: each is computed when first asked for, once per item, and may use the others, in any order. */
export interface NamedExpressions {
  /** The values for one item, and what it is read by. */
  readonly on: (scopeOf: (fact: (name: string) => unknown) => Scope) => Scope;
}

/** @throws CoreError 'bad-options' for a bad name or expression, and for facts that need each other */
export function compileFacts(sources: Readonly<Record<string, string>>, who: string, path: string): NamedExpressions {
  const facts = new Map<string, Expression>();
  for (const [name, source] of Object.entries(sources)) {
    checkFactName(name, who, `${path}.${name}`);
    facts.set(name, compileExpression(source, who, `${path}.${name}`));
  }
  refuseCircles(facts, who, path);
  return {
    on: (scopeOf) => {
      const known = new Map<string, unknown>();
      const scope = scopeOf((name) => {
        if (known.has(name)) return known.get(name);
        const fact = facts.get(name);
        if (!fact) return undefined;
        const value = valueOf(name, fact, scope);
        known.set(name, value);
        return value;
      });
      return scope;
    },
  };
}

function valueOf(name: string, fact: Expression, scope: Scope): unknown {
  try {
    return checkFactSize(name, fact.evaluate(scope));
  } catch (error) {
    if (error instanceof ExpressionFault && !error.message.startsWith('fact ')) {
      throw new ExpressionFault(`fact '${name}': ${error.message}`, error.missing);
    }
    throw error;
  }
}

function refuseCircles(facts: ReadonlyMap<string, Expression>, who: string, path: string): void {
  const settled = new Set<string>();
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name)) {
      const circle = [...trail.slice(trail.indexOf(name)), name].map((each) => `'${each}'`).join(' → ');
      throw new CoreError('bad-options', `${who}: ${path}: facts need each other: ${circle}`, { path });
    }
    if (settled.has(name)) return;
    for (const { name: read } of facts.get(name)?.reads ?? []) if (facts.has(read)) visit(read, [...trail, name]);
    settled.add(name);
  };
  for (const name of facts.keys()) visit(name, []);
}
