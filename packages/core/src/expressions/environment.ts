import { Environment } from '@marcbachmann/cel-js';
import { dateIn, numberIn, occurrences, readNumber, wordsOf } from './functions.ts';
import { Pattern } from './pattern.ts';
import { factsName, itemName, Scope, scopeName, textName } from './scope.ts';

const synchronous = { async: false };

/** CEL (https://github.com/google/cel-spec) as our expressions speak it: the language, and what CSV files and texts need on top. In a CSV file
 *  everything is a text: compared with a number it is read as one (`amount > 100` works on "250"); for arithmetic `num(amount)` says it. */
export const environment = createEnvironment();

/** What can be called: tells a misspelt function from wrong arguments. */
export const functionNames: ReadonlySet<string> = new Set(environment.getDefinitions().functions.map(({ name }) => name));

/** `field(name)` on an item without it. */
export class MissingField extends Error {
  readonly field: string;

  constructor(field: string) {
    super(`there is no field '${field}'`);
    this.field = field;
  }
}

function createEnvironment(): Environment {
  const created = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 500, maxDepth: 32, maxListElements: 250, maxMapEntries: 50, maxCallArguments: 8 },
  })
    .registerVariable(textName, 'string')
    .registerVariable(itemName, 'map<string, dyn>')
    .registerVariable(factsName, 'map<string, dyn>')
    .registerType('Pattern', Pattern)
    // The library's own `matches(string)` runs the native, exponential engine: `syntax-tree.ts` leaves no call of it in.
    .registerFunction('string.matches(Pattern): bool', (text: string, pattern: Pattern) => pattern.found(text), synchronous)
    .registerFunction('num(dyn): double', numberIn, synchronous)
    .registerFunction('num(dyn, dyn): dyn', (value: unknown, otherwise: unknown) => readNumber(value) ?? otherwise, synchronous)
    .registerFunction('lower(string): string', (text: string) => text.toLowerCase(), synchronous)
    .registerFunction('words(string): list<string>', wordsOf, synchronous)
    .registerFunction('count(string, string): int', (text: string, part: string) => BigInt(occurrences(text, part)), synchronous)
    .registerFunction('date(string): google.protobuf.Timestamp', dateIn, synchronous)
    .registerFunction('field(ast): dyn', fieldMacro, synchronous)
    .registerFunction('field(ast, ast): dyn', fieldMacro, synchronous);
  calculateAcrossNumberTypes(created);
  compareTextsAsNumbers(created);
  return created;
}

/** Strict CEL has neither `double * int` nor `double == int`, and JSON numbers are doubles: `price * 2` would fail. */
function calculateAcrossNumberTypes(created: Environment): void {
  for (const [left, right] of [
    ['int', 'double'],
    ['double', 'int'],
  ]) {
    for (const [sign, result] of [
      ['+', (a: number, b: number) => a + b],
      ['-', (a: number, b: number) => a - b],
      ['*', (a: number, b: number) => a * b],
      ['/', (a: number, b: number) => a / b],
    ] as const) {
      created.registerOperator(`${left} ${sign} ${right}: double`, (a: number | bigint, b: number | bigint) =>
        result(Number(a), Number(b)),
      );
    }
  }
  created.registerOperator('int == double', (a: bigint, b: number) => Number(a) === b);
}

/** A text that is no number equals none; asking whether it is more or less is a fault. */
function compareTextsAsNumbers(created: Environment): void {
  for (const number of ['int', 'double']) {
    for (const [sign, holds] of [
      ['<', (a: number, b: number) => a < b],
      ['<=', (a: number, b: number) => a <= b],
      ['>', (a: number, b: number) => a > b],
      ['>=', (a: number, b: number) => a >= b],
    ] as const) {
      created.registerOperator(`string ${sign} ${number}`, (a: string, b: number | bigint) => holds(numberIn(a), Number(b)));
      created.registerOperator(`${number} ${sign} string`, (a: number | bigint, b: string) => holds(Number(a), numberIn(b)));
    }
    created.registerOperator(`string == ${number}`, (a: string, b: number | bigint) => readNumber(a) === Number(b));
  }
  created.registerOperator('string == bool', (a: string, b: boolean) => a.trim().toLowerCase() === String(b));
}

/** The parts of the library that a macro meets. */
interface Checker {
  check(node: unknown, context: unknown): unknown;
  getType(name: string): unknown;
}
interface Runner {
  run(node: unknown, context: unknown): unknown;
}

/** `field(name)`: a field of any name; `field(name, otherwise)`: also where the item has none. A macro, for functions do not see the item. */
function fieldMacro({ args }: { args: readonly unknown[] }) {
  return {
    async: false,
    typeCheck(checker: Checker, _macro: unknown, context: unknown) {
      for (const argument of args) checker.check(argument, context);
      return checker.getType('dyn');
    },
    evaluate(runner: Runner, _macro: unknown, context: { getValue(name: string): unknown }) {
      const scope = context.getValue(scopeName);
      const name = String(runner.run(args[0], context));
      const value = scope instanceof Scope ? scope.field(name) : undefined;
      if (value !== undefined) return value;
      if (args.length > 1) return runner.run(args[1], context);
      throw new MissingField(name);
    },
  };
}
