import { z } from 'zod';
import { compileExpression, ExpressionFault } from '../expressions/expression.ts';
import { describeValue } from '../expressions/functions.ts';
import { Scope, textName } from '../expressions/scope.ts';
import { type Answer, failed } from '../model/answer.ts';
import { CoreError, reasonOf } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';
import type { Problem } from '../model/problem.ts';
import type { Question } from '../model/schema.ts';
import { covers, passes } from './decision-cell.ts';
import { type Column, type DecisionRows, failing, parseDecisionRows, type Row } from './decision-rows.ts';
import type { Answerer, ComputedLabeler, LabelerTask, Sample } from './labeler.ts';
import { answerPool, labelOption, ruleLabels } from './rule-answers.ts';

const options = z
  .strictObject({
    table: z.string().min(1).optional().describe('The table as CSV text: columns that ask something, then label (and priority, note)'),
    csv: z.string().min(1).optional().describe('The same from a file; project files say `csv: { file: rules.csv }`'),
    hitPolicy: z
      .enum(['first', 'all', 'priority'])
      .default('first')
      .describe('Which of the rows that match answer: the first; all; those of the highest priority'),
    else: labelOption.optional().describe('What to say where no row matches; without it, nothing (abstain)'),
  })
  .refine(({ table, csv }) => (table === undefined) !== (csv === undefined), { message: 'give either `table` or `csv`' });

export type DecisionTableOptions = z.infer<typeof options>;

/** A decision table: each column asks about a field, the text or a CEL expression, each row is a rule. Rows that match and name different labels
 *  (`all`, `priority`) are joined where the question takes several labels; else they contradict each other and the table abstains.
 *  An empty label says nothing: under `first` it makes an exception from the rows below. A field that is not there fails the item. */
const decisionTable: ComputedLabeler<DecisionTableOptions> = {
  kind: 'computed',
  name: 'decision-table',
  title: 'Decision table',
  summary: 'Labels by the rows of a table that match: for many rules of one shape, kept in a spreadsheet.',
  options,
  paper: 'OMG, Decision Model and Notation 1.5 (2024)',
  silence: 'abstained',
  prepare,
};
export default decisionTable;

/** What is odd about a table but no error: rows that can never answer, a priority that is not used.
 *  Looks at pairs of rows: a row that several others cover only together is not found. O(rows² · columns).
 *  @throws CoreError 'bad-options' where the table cannot be read */
export function checkTable(options: DecisionTableOptions): Problem[] {
  const { rows, hasPriority } = read(options).table;
  const problems: Problem[] = [];
  if (hasPriority && options.hitPolicy !== 'priority') {
    problems.push({ line: 1, key: 'priority', message: `priority is not used: hitPolicy is '${options.hitPolicy}'` });
  }
  if (options.hitPolicy === 'all') return problems;
  rows.forEach((row, index) => {
    const before = options.hitPolicy === 'first' ? rows.slice(0, index) : rows.filter(({ priority }) => priority > row.priority);
    const cover = before.find((other) => other.tests.every((test, column) => covers(test, row.tests[column])));
    if (cover) problems.push({ line: row.line, message: `this row never answers: line ${cover.line} matches all that it matches` });
  });
  return problems;
}

interface Outcome {
  readonly row: Row;
  readonly labels: readonly LabelId[];
}

function prepare({ question, options }: LabelerTask<DecisionTableOptions>): Answerer {
  const { table, path } = read(options);
  const pool = answerPool(question);
  const labelsOf = ruleLabels(decisionTable.name, question);
  const outcomes = table.rows.map((row): Outcome => ({ row, labels: rowLabels(row, question, path) }));
  const otherwise = pool(options.else === undefined ? [] : labelsOf(options.else, 'else'));
  const askers = table.columns.map((column) => askerOf(column, path));

  /** The rows that match and count. */
  const matching = (scope: Scope): Outcome[] => {
    const values: unknown[] = [];
    const matches = ({ row }: Outcome): boolean =>
      row.tests.every((test, column) => test.kind === 'any' || passesCell(row, column, scope, values));
    if (options.hitPolicy === 'first') {
      const first = outcomes.find(matches);
      return first ? [first] : [];
    }
    const matched = outcomes.filter(matches);
    if (options.hitPolicy === 'all') return matched;
    const highest = matched.reduce((most, { row }) => Math.max(most, row.priority), Number.NEGATIVE_INFINITY);
    return matched.filter(({ row }) => row.priority === highest);
  };
  const passesCell = (row: Row, column: number, scope: Scope, values: unknown[]): boolean => {
    try {
      if (!(column in values)) values[column] = askers[column](scope);
      return passes(row.tests[column], values[column]);
    } catch (error) {
      throw new Error(`line ${row.line}, column '${table.columns[column].header}': ${reasonOf(error)}`, { cause: error });
    }
  };
  const scopeOf = (sample: Sample): Scope => new Scope({ fields: sample.item.fields, text: () => sample.text(question.part) });

  return {
    answer: (sample) => {
      try {
        const matched = matching(scopeOf(sample));
        return matched.length === 0 ? otherwise : agreed(matched, question, pool);
      } catch (error) {
        return failed(reasonOf(error));
      }
    },
    explain: (sample) => {
      try {
        const scope = scopeOf(sample);
        const matched = matching(scope);
        const answer = matched.length === 0 ? otherwise : agreed(matched, question, pool);
        if (answer.kind !== 'labels') return undefined;
        const reasons = matched.filter(({ labels }) => labels.length > 0).map(({ row }) => reasonFor(row, table.columns, askers, scope));
        return { reason: reasons.join('; ') || 'no row matches' };
      } catch {
        return undefined;
      }
    },
  };
}

function agreed(matched: readonly Outcome[], question: Question, pool: (labels: Iterable<LabelId>) => Answer): Answer {
  const labels = new Set(matched.flatMap((outcome) => outcome.labels));
  return question.multiple || labels.size === 1 ? pool(labels) : pool([]);
}

function read(options: DecisionTableOptions): { table: DecisionRows; path: string } {
  const path = options.table === undefined ? 'csv' : 'table';
  return { table: parseDecisionRows(options.table ?? options.csv ?? '', decisionTable.name, path), path };
}

/** A label by its name, or several joined by `|`. @throws CoreError 'bad-options' naming the line */
function rowLabels(row: Row, question: Question, path: string): readonly LabelId[] {
  if (row.label === '') return [];
  const known = question.labels.find(({ id }) => id === row.label);
  if (known) return [known.id];
  const parts = row.label.split('|').map((part) => part.trim());
  return ruleLabels(decisionTable.name, question)(parts.length === 1 ? parts[0] : parts, `${path}: line ${row.line}, column label`);
}

const expressionSigns = /[()[\]"'<>=!&|+*?:{}]/;

/** A header with one of the signs of an expression is one; `text` is the text; anything else is the field of that name, spaces and all. */
function askerOf(column: Column, path: string): (scope: Scope) => unknown {
  const { header } = column;
  if (expressionSigns.test(header)) {
    try {
      return compileExpression(header, decisionTable.name, path).evaluate;
    } catch (error) {
      const fault = error instanceof CoreError ? error.details.message : undefined;
      throw failing(decisionTable.name, path)(1, column, typeof fault === 'string' ? fault : reasonOf(error));
    }
  }
  if (header === textName) return (scope) => scope.get(textName);
  return (scope) => {
    const value = scope.field(header);
    if (value === undefined) throw new ExpressionFault(`the item has no field '${header}'`, header);
    return value;
  };
}

function reasonFor(row: Row, columns: readonly Column[], askers: readonly ((scope: Scope) => unknown)[], scope: Scope): string {
  const asked = columns.flatMap(({ header }, column) =>
    row.tests[column].kind === 'any' ? [] : [`${header} ${row.cells[column]} (is ${describeValue(askers[column](scope))})`],
  );
  return `line ${row.line}: ${asked.join(', ') || 'matches everything'}${row.note === '' ? '' : ` — ${row.note}`}`;
}
