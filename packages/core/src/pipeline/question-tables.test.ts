import { describe, expect, it } from 'vitest';
import { type AnswerColumn, firstAnswer } from '../model/answer-column.ts';
import { itemId, labelerId, labelId, questionId } from '../model/ids.ts';
import type { Question } from '../model/schema.ts';
import { goldOf, questionTables, voteCounts, voteTableOf } from './question-tables.ts';

const items = ['a', 'b', 'c'].map(itemId);

function question(labels: readonly [string, string?][], multiple = false): Question {
  return {
    kind: 'choice',
    id: questionId('q'),
    title: 'q',
    multiple,
    labels: labels.map(([id, parent]) => ({ id: labelId(id), ...(parent !== undefined && { parent: labelId(parent) }) })),
  };
}

/** `undefined` abstains, `null` failed. */
function column(name: string, given: readonly (readonly string[] | undefined | null)[], complete = false): AnswerColumn {
  const answers: ReturnType<typeof labelId>[][] = [];
  const codes = Uint16Array.from(given, (answer) =>
    answer === undefined ? 0 : answer === null ? 1 : firstAnswer + answers.push(answer.map(labelId)) - 1,
  );
  return { labeler: labelerId(name), silence: 'abstained', complete, codes, answers };
}

describe('a flat choice is one table', () => {
  const [table] = questionTables(question([['ham'], ['spam']]));

  it('abstentions and failures leave no row', () => {
    const votes = voteTableOf(table, items, [column('x', [['spam'], undefined, null]), column('y', [['ham'], ['spam'], undefined])]);
    expect([...votes.item]).toEqual([0, 0, 1]);
    expect([...votes.labeler]).toEqual([0, 1, 1]);
    expect([...votes.label]).toEqual([1, 0, 1]);
    expect(votes.silence).toEqual(['abstained', 'abstained']);
  });

  it('an answer of two labels or of none says nothing where one must hold', () => {
    expect(voteTableOf(table, items, [column('x', [['spam', 'ham'], [], ['ham']])]).item).toEqual(Int32Array.of(2));
  });

  it('keeps confidences beside the votes', () => {
    const sure = { ...column('x', [['spam'], undefined, ['ham']]), confidences: Float32Array.of(0.5, Number.NaN, 0.25) };
    expect([...(voteTableOf(table, items, [sure]).confidence ?? [])]).toEqual([0.5, 0.25]);
  });
});

describe('several labels are a table each', () => {
  const tables = questionTables(question([['refund'], ['bug']], true));

  it('a rule that says one label denies no other; a complete answer does', () => {
    const rule = voteTableOf(tables[1], items, [column('rule', [['refund'], ['bug'], undefined])]);
    expect([[...rule.item], [...rule.label]]).toEqual([[1], [0]]);
    const person = voteTableOf(tables[1], items, [column('person', [['refund'], ['bug'], undefined], true)]);
    expect([[...person.item], [...person.label]]).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('"none applies" denies all, whoever says it', () => {
    expect([...voteTableOf(tables[0], items, [column('rule', [[], undefined, undefined])]).label]).toEqual([1]);
  });

  it('gold is complete', () => {
    const gold = goldOf(tables[1], new Map([[0, [labelId('refund')]]]));
    expect([[...gold.item], [...gold.label]]).toEqual([[0], [1]]);
  });
});

describe('a tree is a table per inner node', () => {
  const tables = questionTables(question([['animal'], ['plant'], ['dog', 'animal'], ['cat', 'animal']]));

  it('an answer speaks at every level above it, and not below', () => {
    expect(tables.map((table) => table.about)).toEqual([undefined, 'animal']);
    const columns = [column('x', [['dog'], ['animal'], ['plant']])];
    expect([...voteTableOf(tables[0], items, columns).label]).toEqual([0, 0, 1]);
    const below = voteTableOf(tables[1], items, columns);
    expect([[...below.item], [...below.label]]).toEqual([[0], [0]]);
  });
});

it('counts votes per item, failures left out', () => {
  expect([...voteCounts(3, [column('x', [['a'], null, undefined]), column('y', [['a'], ['b'], undefined])])]).toEqual([2, 1, 0]);
});
