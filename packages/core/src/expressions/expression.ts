import { CoreError, reasonOf } from '../model/errors.ts';
import { nearestName } from '../model/nearest-name.ts';
import { environment, functionNames, MissingField } from './environment.ts';
import { describeValue, NotANumber } from './functions.ts';
import { exhausted } from './meter.ts';
import { factsName, itemName, type Scope, textName } from './scope.ts';
import { prepareTree, type Reading, SyntaxFault, type SyntaxNode } from './syntax-tree.ts';

/** A compiled CEL expression. */
export interface Expression {
  readonly source: string;
  /** What it may ask about; fields of an item cannot be known before the item. */
  readonly reads: readonly Reading[];
  /** @throws ExpressionFault: a field that is not there, a text where a number is needed, too much work */
  readonly evaluate: (scope: Scope) => unknown;
}

export interface Condition extends Expression {
  /** @throws ExpressionFault, also where the value is neither true nor false */
  readonly holds: (scope: Scope) => boolean;
}

/** Why an expression has no value on an item. */
export class ExpressionFault extends Error {
  /** The name that the item has not, where that is why. */
  readonly missing: string | undefined;

  constructor(message: string, missing?: string) {
    super(message);
    this.missing = missing;
  }
}

export const longestExpression = 1_000;

/** @param who the labeler, @param path the key of its options (`rules.0.when`): for the message
 *  @throws CoreError 'bad-options' with the fault and its line and column; `details`: path, line, column (1-based, in UTF-16 units) */
export function compileExpression(source: string, who: string, path: string): Expression {
  return compile(source, who, path).expression;
}

/** An expression that must give true or false. @throws CoreError as `compileExpression` */
export function compileCondition(source: string, who: string, path: string): Condition {
  const { expression, type } = compile(source, who, path);
  if (type !== 'bool' && type !== 'dyn')
    throw badExpression(who, path, source, `it gives a value of type ${type}, but must be true or false`, 0);
  return {
    ...expression,
    holds: (scope) => {
      const value = expression.evaluate(scope);
      if (typeof value === 'boolean') return value;
      throw new ExpressionFault(`it gives ${describeValue(value)}, but must be true or false`);
    },
  };
}

function compile(source: string, who: string, path: string): { expression: Expression; type: string } {
  if (source.length > longestExpression) {
    const message = `an expression has at most ${longestExpression.toLocaleString('en-US')} characters, got ${source.length.toLocaleString('en-US')}`;
    throw new CoreError('bad-options', `${who}: ${path}: ${message}`, { path });
  }
  try {
    const parsed = environment.parse(source);
    const reads = prepareTree(parsed.ast as unknown as SyntaxNode);
    const checked = parsed.check();
    if (!checked.valid) throw checked.error ?? new Error('it does not fit together');
    const evaluate = (scope: Scope): unknown => {
      try {
        const value: unknown = parsed(scope);
        if (scope.meter.left < 0) throw exhausted;
        return value;
      } catch (error) {
        throw faultOf(error, scope);
      }
    };
    return { expression: { source, reads, evaluate }, type: checked.type ?? 'dyn' };
  } catch (error) {
    const cel = error as Partial<CelError>;
    const position = error instanceof SyntaxFault ? error.position : (cel.range?.start ?? 0);
    throw badExpression(who, path, source, checkMessage(cel.summary ?? reasonOf(error)), position);
  }
}

/** What the library's errors carry. */
interface CelError {
  readonly code: string;
  readonly summary: string;
  readonly range: { readonly start: number };
  readonly node: { readonly op?: string; readonly args?: unknown };
}

/** Without a cause: the library's error holds its whole syntax tree and says no more than its summary. */
function badExpression(who: string, path: string, source: string, message: string, position: number): CoreError {
  const before = source.slice(0, position).split('\n');
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  const place = source.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`;
  const text = excerpt(source.split('\n')[line - 1] ?? '', column - 1);
  return new CoreError('bad-options', `${who}: ${path}: ${message} (${place} of '${text}')`, { path, line, column, message });
}

/** A long line, cut to what is around the fault. */
function excerpt(line: string, at: number): string {
  const start = Math.max(0, at - 30);
  const end = Math.max(start + 60, at + 30);
  return `${start > 0 ? '…' : ''}${line.slice(start, end).trim()}${end < line.length ? '…' : ''}`;
}

function checkMessage(message: string): string {
  const call = /^found no matching overload for '(?:[^'(]*\.)?(\w+)\(/.exec(message)?.[1];
  if (call !== undefined && !functionNames.has(call)) {
    const near = nearestName(call, functionNames);
    return `there is no function '${call}'${near === undefined ? '' : `, did you mean '${near}'?`}`;
  }
  if (/\btype\b/.test(message)) return `${plain(message)} (a field named like a type of CEL is item.map, item.list …)`;
  return plain(message);
}

function faultOf(error: unknown, scope: Scope): ExpressionFault {
  if (error instanceof ExpressionFault) return error;
  if (error instanceof NotANumber) return new ExpressionFault(`${error.message} (num(x, 0) would take 0 instead)`);
  if (error instanceof MissingField) return missingField(error.field, scope);
  const { code, node, summary } = error as Partial<CelError>;
  if (code === 'unknown_variable' && typeof node?.args === 'string') return missingField(node.args.trim(), scope);
  if (code === 'no_such_key') return missingKey(node, summary ?? '', scope);
  const message = plain(summary ?? reasonOf(error));
  const needsNumber = code === 'no_such_overload' && /string [-+*/%]|[-+*/%] string/.test(message) && /int|double/.test(message);
  return new ExpressionFault(needsNumber ? `${message} (num(x) makes a number of a text)` : message);
}

function missingKey(node: CelError['node'] | undefined, summary: string, scope: Scope): ExpressionFault {
  const left = Array.isArray(node?.args) ? (node.args[0] as SyntaxNode) : undefined;
  const key = summary.replace('No such key: ', '');
  if (left?.op === 'id' && left.args === itemName) return missingField(key, scope);
  if (left?.op === 'id' && left.args === factsName) return new ExpressionFault(`the fact '${key}' is not set`, key);
  return new ExpressionFault(plain(summary));
}

function missingField(name: string, scope: Scope): ExpressionFault {
  const fields = scope.fieldNames();
  const near = nearestName(name, [textName, ...fields]);
  const shown = fields.length > 8 ? `${fields.slice(0, 8).join(', ')} …` : fields.join(', ');
  const known = near === undefined ? `the fields are ${shown || '(none)'}` : `did you mean '${near}'?`;
  return new ExpressionFault(`the item has no field '${name}'; ${known}`, name);
}

/** The library's words without its internals. */
function plain(message: string): string {
  return message
    .replace(/dyn<([^<>]*)>/g, '$1')
    .replace('matches(Pattern)', 'matches(string)')
    .replace('Unexpected token: EOF', 'the expression ends too early')
    .replace(/, got EOF$/, ', got the end of the expression');
}
