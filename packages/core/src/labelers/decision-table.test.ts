import { describe, expect, test } from 'vitest';
import { checkOptions } from '../model/about.ts';
import { abstain, type Answer, answerOf } from '../model/answer.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Question } from '../model/schema.ts';
import decisionTable, { checkTable } from './decision-table.ts';
import { type Answerer, Sample } from './labeler.ts';

const question = (multiple = false): Question => ({
  kind: 'choice',
  id: questionId('kind'),
  title: 'Kind',
  labels: ['spam', 'ham', 'ads', 'a|b'].map((id) => ({ id: labelId(id) })),
  multiple,
});
const checked = (options: unknown) => checkOptions(decisionTable, options);
const prepared = (options: unknown, multiple = false): Answerer =>
  decisionTable.prepare({ question: question(multiple), options: checked(options), model: null }) as Answerer;
const sample = (fields: Record<string, Json>, text = ''): Sample =>
  new Sample({ id: itemId('1'), parts: { text: { modality: 'text', content: text } }, fields });
const said = (...labels: string[]): Answer => answerOf(labels.map((label) => labelId(label)));

const transfers = `amount,country,size(text),label,note
> 100,"NG, RU",< 20,spam,short and far away
> 100,-,-,ads,
,not(NG),,ham,
`;

describe('first', () => {
  const table = prepared({ table: transfers });

  test.each([
    [{ amount: '250', country: 'NG' }, 'pay now', 'spam'],
    [{ amount: '250', country: 'NG' }, 'a text of some length', 'ads'],
    [{ amount: '', country: 'FR' }, '', 'ham'],
  ])('%j %s: %s', (fields, text, label) => {
    expect(table.answer(sample(fields, text))).toEqual(said(label));
  });

  test('no row matches: abstains, or says `else`', () => {
    expect(table.answer(sample({ amount: '', country: 'NG' }))).toBe(abstain);
    expect(prepared({ table: transfers, else: 'spam' }).answer(sample({ amount: '', country: 'NG' }))).toEqual(said('spam'));
  });

  test('says which line and what it saw', () => {
    expect(table.explain?.(sample({ amount: '250', country: 'NG' }, 'pay now'))).toEqual({
      reason: 'line 2: amount > 100 (is "250"), country NG, RU (is "NG"), size(text) < 20 (is 7) — short and far away',
    });
    expect(table.explain?.(sample({ amount: '', country: 'NG' }))).toBeUndefined();
  });

  test('a field that is not there, or is no number, fails the item with the place', () => {
    expect(table.answer(sample({ amuont: '1' }))).toEqual({
      kind: 'failed',
      reason: "line 2, column 'amount': the item has no field 'amount'",
    });
    expect(table.answer(sample({ amount: 'many', country: '' }))).toMatchObject({
      reason: expect.stringMatching(/^line 2, column 'amount': "many" is not a number/),
    });
  });

  test('an empty label makes an exception', () => {
    const except = prepared({ table: 'who,label\nboss,\n-,spam\n' });
    expect(except.answer(sample({ who: 'boss' }))).toBe(abstain);
    expect(except.answer(sample({ who: 'you' }))).toEqual(said('spam'));
  });
});

describe('all', () => {
  const rows = 'text,n,label\ncontains buy,-,ads\ncontains free,-,spam\n-,> 5,spam\n';

  test('several labels: those of all rows that match', () => {
    const table = prepared({ table: rows, hitPolicy: 'all' }, true);
    expect(table.answer(sample({ n: 9 }, 'buy'))).toEqual(said('spam', 'ads'));
    expect(table.explain?.(sample({ n: 9 }, 'buy'))?.reason).toBe('line 2: text contains buy (is "buy"); line 4: n > 5 (is 9)');
  });

  test('one label: the rows must agree', () => {
    const table = prepared({ table: rows, hitPolicy: 'all' });
    expect(table.answer(sample({ n: 9 }, 'free'))).toEqual(said('spam'));
    expect(table.answer(sample({ n: 9 }, 'buy'))).toBe(abstain);
  });
});

test('priority: the highest that matches; a tie of different labels abstains', () => {
  const table = prepared({ table: 'n,label,priority\n> 1,ham,\n> 5,spam,10\n> 7,ads,10\n', hitPolicy: 'priority' });
  expect(table.answer(sample({ n: 3 }))).toEqual(said('ham'));
  expect(table.answer(sample({ n: 6 }))).toEqual(said('spam'));
  expect(table.answer(sample({ n: 8 }))).toBe(abstain);
});

test('headers: fields with odd names, expressions, several labels in a cell, a file with ; and \\r\\n', () => {
  const csv = '\uFEFFtotal-amount (EUR);is it new?;label\r\n';
  expect(() => prepared({ csv: `${csv}1;2;ham\r\n` })).toThrow('csv: line 1, column 1 (total-amount (EUR))');
  const table = prepared({ csv: 'total-amount EUR;"field(""is it new?"")";label\r\n\r\n1;yes;spam|ads\r\n2;-;a|b\r\n' }, true);
  expect(table.answer(sample({ 'total-amount EUR': '1', 'is it new?': 'yes' }))).toEqual(said('spam', 'ads'));
  expect(table.answer(sample({ 'total-amount EUR': '2', 'is it new?': 'yes' }))).toEqual(said('a|b'));
});

test.each([
  [{}, 'decision-table: give either `table` or `csv`'],
  [{ table: 'a,b\n1,2\n' }, "decision-table: table: line 1: a column 'label' is needed, got a, b"],
  [{ table: 'a,label\n' }, 'table: line 1: a header and at least one row are needed, got a header'],
  [{ table: 'label,note\nspam,x\n' }, 'a column that asks something is needed'],
  [{ table: 'a,a,label\n1,2,spam\n' }, 'table: line 1, column 2 (a): there is a column of this name already'],
  [{ table: 'a,label\n1,spam\n> x,ham\n' }, "table: line 3, column 1 (a): '>' compares with a number, got 'x'"],
  [{ table: 'a,b,label\n"x\ny",1,spam\n1,[2..1],ham\n' }, "table: line 4, column 2 (b): the range '[2..1]' is empty"],
  [{ table: 'a,label\n1,spm\n' }, "table: line 2, column label: there is no label 'spm', did you mean 'spam'?"],
  [{ table: 'a,label\n1,spam|ads\n' }, "the question 'kind' takes one label, got 2"],
  [{ table: 'a,label\n1, "x, y",spam\n' }, 'table: line 2: 4 cells, but the header has 2: a cell with a comma in it is quoted'],
  [{ table: 'a,label\n"1,spam\n' }, 'table: line 2: a quote that opens is never closed'],
  [{ table: 'a,label,priority\n1,spam,high\n' }, "table: line 2, column 3 (priority): a priority is a number, got 'high'"],
  [{ table: 'size(txt,label\n1,spam\n' }, 'table: line 1, column 1 (size(txt): Expected RPAREN, got the end of the expression'],
  [{ table: 'a,label\n1,spam\n', hitPolicy: 'frist' }, 'hitPolicy: Invalid option'],
])('refuses %j', (options, message) => {
  expect(() => prepared(options)).toThrow(expect.objectContaining({ code: 'bad-options', message: expect.stringContaining(message) }));
});

describe('checkTable', () => {
  test('rows that never answer', () => {
    const table = 'n,c,label\n> 5,-,spam\n[6..7],NG,ham\n< 5,NG,ham\n"1, 2",NG,ads\n';
    expect(checkTable(checked({ table }))).toEqual([
      { line: 3, message: 'this row never answers: line 2 matches all that it matches' },
      { line: 5, message: 'this row never answers: line 4 matches all that it matches' },
    ]);
    expect(checkTable(checked({ table, hitPolicy: 'all' }))).toEqual([]);
  });

  test('by priority, wherever they stand', () => {
    const table = 'n,label,priority\n> 6,spam,1\n> 5,ham,2\n> 7,ads,2\n';
    expect(checkTable(checked({ table, hitPolicy: 'priority' }))).toMatchObject([{ line: 2 }]);
  });

  test('a priority that is not used', () => {
    expect(checkTable(checked({ table: 'n,label,priority\n1,spam,1\n' }))).toMatchObject([
      { key: 'priority', message: "priority is not used: hitPolicy is 'first'" },
    ]);
  });
});
