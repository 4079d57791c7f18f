import { exhausted, type Meter, sizeOf } from './meter.ts';
import { Pattern } from './pattern.ts';
import { claimedMark, itemName, Scope, scopeName } from './scope.ts';

/** A node of the library's tree, as far as we rely on it (version 8.0.0, pinned; `expression.test.ts` fails where an update breaks this). */
export interface SyntaxNode {
  op: string;
  args: unknown;
  readonly pos: number;
  readonly meta: Evaluated & { readonly alternate?: SyntaxNode; readonly macro?: Evaluated };
}
interface Evaluated {
  evaluate: (runner: Runner, node: SyntaxNode, context: Context) => unknown;
}
interface Runner {
  run(node: unknown, context: Context): unknown;
}
interface Context {
  getValue(name: string): unknown;
}
interface Loop {
  readonly iterable: SyntaxNode;
}

/** What an expression asks about: a name (`text`, a fact, a field), or one entry of `item` or `facts`. */
export interface Reading {
  readonly name: string;
  readonly entry?: string;
}

export class SyntaxFault extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Makes a parsed expression safe to run on anybody's behalf, in place, and lists what it reads:
 *  – regular expressions are compiled, to run in linear time; the library's native `matches` is never reached;
 *  – loops and what they read are metered;
 *  – names that CEL claims for types (`type`, `google`, `cel`) mean the field of that name;
 *  – `cel.bind` is refused: it doubles a text at every step.
 *  @throws SyntaxFault */
export function prepareTree(root: SyntaxNode): readonly Reading[] {
  const readings = new Map<string, Reading>();
  const read = (name: string, entry?: string): void => {
    readings.set(`${name}.${entry ?? ''}`, entry === undefined ? { name } : { name, entry });
  };

  /** Returns the number of nodes. `bound` are the loop variables in force. */
  const visit = (node: SyntaxNode, bound: ReadonlySet<string>, inLoop: boolean): number => {
    const visitAll = (nodes: readonly SyntaxNode[]): number => nodes.reduce((sum, child) => sum + visit(child, bound, inLoop), 1);
    switch (node.op) {
      case 'value':
        return 1;
      case 'id':
        return visitName(node, bound, inLoop);
      case '.':
      case '.?': {
        const [left, entry] = node.args as [SyntaxNode, string];
        if (inLoop) meterValue(node.meta);
        return visitEntry(left, entry, bound) ? 2 : 1 + visit(left, bound, inLoop);
      }
      case '[]':
      case '[?]': {
        const [left, key] = node.args as [SyntaxNode, SyntaxNode];
        if (inLoop) meterValue(node.meta);
        if (key.op === 'value' && typeof key.args === 'string' && visitEntry(left, key.args, bound)) return 2;
        return visitAll([left, key]);
      }
      case '!_':
      case '-_':
        return visitAll([node.args as SyntaxNode]);
      case 'map':
        return visitAll((node.args as [SyntaxNode, SyntaxNode][]).flat());
      case 'call': {
        const [name, args] = node.args as [string, SyntaxNode[]];
        if (name === 'field') read(itemName, args[0]?.op === 'value' ? String(args[0].args) : undefined);
        if (inLoop && node.meta.macro) meterValue(node.meta.macro);
        return visitAll(args);
      }
      case 'rcall': {
        const [name, receiver, args] = node.args as [string, SyntaxNode, SyntaxNode[]];
        if (name === 'bind') throw new SyntaxFault('cel.bind is not available: give the value a name under `facts`', node.pos);
        if (name === 'matches') compilePattern(args, node.pos);
        const loop = node.meta.alternate;
        if (loop?.op !== 'comprehension') return visitAll([receiver, ...args]);
        const within = new Set(bound).add(args[0].args as string);
        const body = args.slice(1).reduce((sum, child) => sum + visit(child, within, true), 0);
        meterLoop(loop, 1 + (body >> 3));
        return visit(receiver, bound, inLoop) + body;
      }
      default:
        // Operators and lists: an array of nodes. Anything else is new to us and must not pass unseen.
        if (!Array.isArray(node.args)) throw new SyntaxFault(`'${node.op}' is not supported`, node.pos);
        return visitAll(node.args as SyntaxNode[]);
    }
  };

  const visitName = (node: SyntaxNode, bound: ReadonlySet<string>, inLoop: boolean): number => {
    const name = node.args as string;
    if (!bound.has(name)) {
      read(name);
      if (claimed.has(name)) node.args = `${claimedMark}${name}`;
    }
    if (inLoop) meterValue(node.meta);
    return 1;
  };

  /** `item.x`, `item["x"]`, `facts.x`: true where it is one. */
  const visitEntry = (left: SyntaxNode, entry: string, bound: ReadonlySet<string>): boolean => {
    const name = left.args;
    if (left.op !== 'id' || typeof name !== 'string' || bound.has(name) || !entryNames.has(name)) return false;
    read(name, entry);
    return true;
  };

  visit(root, new Set(), false);
  return [...readings.values()];
}

const claimed = new Set(['type', 'google', 'cel']);
const entryNames = new Set([itemName, 'facts']);

/** A pattern must stand in the rule: then its faults show before the first item, and it is compiled once. */
function compilePattern(args: readonly SyntaxNode[], position: number): void {
  const [argument] = args;
  if (args.length !== 1 || argument.op !== 'value' || typeof argument.args !== 'string') {
    throw new SyntaxFault('matches takes one pattern, written out as a text: text.matches("(?i)free money")', position);
  }
  try {
    argument.args = new Pattern(argument.args);
  } catch (cause) {
    throw new SyntaxFault(cause instanceof Error ? cause.message : String(cause), argument.pos);
  }
}

/** The loop of `all`, `exists`, `exists_one`, `map` or `filter` as the library runs it, paid for when it starts. */
function meterLoop(loop: SyntaxNode, weight: number): void {
  loop.meta.evaluate = (runner, node, context) => {
    const items = runner.run((node.args as Loop).iterable, context);
    const steps = Array.isArray(items) ? items.length : items instanceof Map ? items.size : Object.keys(Object(items)).length;
    meterIn(context).spend(steps * weight);
    return (node as SyntaxNode & { handle: (...all: unknown[]) => unknown }).handle(items, node.args, runner, context);
  };
}

/** What a loop's body reads, it may look through: paid for by its size each time. */
function meterValue(evaluated: Evaluated): void {
  const { evaluate } = evaluated;
  evaluated.evaluate = (runner, node, context) => {
    const value = evaluate(runner, node, context);
    meterIn(context).spend(sizeOf(value));
    return value;
  };
}

function meterIn(context: Context): Meter {
  const scope = context.getValue(scopeName);
  if (scope instanceof Scope) return scope.meter;
  throw exhausted;
}
