import { describe, expect, test } from 'vitest';
import { checkOptions } from '../model/about.ts';
import { abstain, type Answer, answerOf } from '../model/answer.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Question } from '../model/schema.ts';
import expression from './expression.ts';
import { type Answerer, Sample } from './labeler.ts';

const question = (multiple = false): Question => ({
  kind: 'choice',
  id: questionId('kind'),
  title: 'Kind',
  labels: ['spam', 'ham', 'ads'].map((id) => ({ id: labelId(id) })),
  multiple,
});
const prepared = (options: unknown, multiple = false): Answerer =>
  expression.prepare({ question: question(multiple), options: checkOptions(expression, options), model: null }) as Answerer;
const sample = (text: string, fields: Record<string, Json> = {}): Sample =>
  new Sample({ id: itemId('1'), parts: { text: { modality: 'text', content: text } }, fields: { text, ...fields } });
const said = (...labels: string[]): Answer => answerOf(labels.map((label) => labelId(label)));

describe('one label', () => {
  const rules = prepared({
    facts: { hasUrl: 'text.matches("https?://")', short: 'size(text) < 40' },
    rules: [
      { when: 'short && hasUrl', label: 'spam' },
      { when: 'num(amount, 0) > 100', label: 'ads' },
    ],
    else: 'ham',
  });

  test('the first rule that holds answers', () => {
    expect(rules.answer(sample('win at http://x.yz', { amount: '250' }))).toEqual(said('spam'));
    expect(rules.answer(sample('buy now', { amount: '250' }))).toEqual(said('ads'));
    expect(rules.answer(sample('hello', { amount: '' }))).toEqual(said('ham'));
  });

  test('says why: the rule and the values that it saw', () => {
    expect(rules.explain?.(sample('win at http://x.yz', { amount: '250' }))).toEqual({
      reason: 'rule 1: short && hasUrl — short = true, hasUrl = true',
    });
    expect(rules.explain?.(sample('buy now', { amount: '250' }))).toEqual({ reason: 'rule 2: num(amount, 0) > 100 — amount = "250"' });
    expect(rules.explain?.(sample('hello', { amount: '' }))).toEqual({ reason: 'no rule holds' });
  });

  test('the same labels are the same frozen answer', () => {
    const [first, second] = [rules.answer(sample('a', { amount: '1' })), rules.answer(sample('b', { amount: '2' }))];
    expect(first).toBe(second);
    expect(Object.isFrozen(first)).toBe(true);
  });

  test('the short form is one rule; where it does not hold it abstains', () => {
    const one = prepared({ when: 'text.contains("free")', label: 'spam' });
    expect(one.answer(sample('free money'))).toEqual(said('spam'));
    expect(one.answer(sample('lunch?'))).toBe(abstain);
    expect(one.explain?.(sample('lunch?'))).toBeUndefined();
    expect(one.explain?.(sample('free money'))).toEqual({ reason: 'rule 1: text.contains("free") — text has 10 characters' });
  });
});

test('several labels: all rules that hold, each label once, in the order of the question', () => {
  const rules = prepared(
    {
      rules: [
        { when: 'text.contains("buy")', label: ['ads', 'spam'] },
        { when: 'text.contains("free")', label: 'spam' },
      ],
    },
    true,
  );
  expect(rules.answer(sample('buy, free'))).toEqual(said('spam', 'ads'));
  expect(rules.answer(sample('free'))).toEqual(said('spam'));
  expect(rules.answer(sample('hello'))).toBe(abstain);
  expect(rules.explain?.(sample('buy, free'))?.reason).toContain('; rule 2: text.contains("free")');
});

test('a rule without a value fails the item, naming the rule, unless an earlier one held', () => {
  const rules = prepared({
    rules: [
      { when: 'text == "known"', label: 'ham' },
      { when: 'amuont > 1', label: 'spam' },
    ],
  });
  expect(rules.answer(sample('known'))).toEqual(said('ham'));
  expect(rules.answer(sample('other', { amount: 1 }))).toEqual({
    kind: 'failed',
    reason: "rule 2 (amuont > 1): the item has no field 'amuont'; did you mean 'amount'?",
  });
  expect(rules.explain?.(sample('other', { amount: 1 }))).toBeUndefined();
});

test('facts use each other in any order; a broken one breaks only the rules that ask for it', () => {
  const rules = prepared({
    facts: { total: 'num(price) * times', times: 'num(count)', broken: 'nowhere + 1' },
    rules: [
      { when: 'total >= 30', label: 'spam' },
      { when: 'broken > 1', label: 'ham' },
    ],
  });
  expect(rules.answer(sample('', { price: '10', count: '3' }))).toEqual(said('spam'));
  expect(rules.answer(sample('', { price: '1', count: '1' }))).toMatchObject({
    reason: expect.stringMatching(/^rule 2 \(broken > 1\): fact 'broken': the item has no field 'nowhere'/),
  });
});

test('the text is that of the part that the question is about', () => {
  const about: Question = { ...question(), part: 'title' };
  const one = expression.prepare({
    question: about,
    options: checkOptions(expression, { when: 'text == "a"', label: 'spam' }),
    model: null,
  }) as Answerer;
  const item = {
    id: itemId('1'),
    parts: { title: { modality: 'text', content: 'a' }, body: { modality: 'text', content: 'b' } },
    fields: {},
  } as const;
  expect(one.answer(new Sample(item))).toEqual(said('spam'));
});

test.each([
  [{}, 'expression: give either `rules`, or `when` with `label`'],
  [{ when: 'true' }, 'give either `rules`, or `when` with `label`'],
  [{ rules: [{ when: 'true', label: 'spam' }], when: 'true', label: 'ham' }, 'give either `rules`, or `when` with `label`'],
  [{ rules: [{ when: 'true', lable: 'spam' }] }, 'Unrecognized key: "lable"'],
  [{ rules: [{ when: 'true', label: 'spm' }] }, "expression: rules.0.label: there is no label 'spm', did you mean 'spam'?"],
  [{ when: 'true', label: 'spam', else: 'hma' }, "expression: else: there is no label 'hma', did you mean 'ham'?"],
  [{ when: 'true', label: ['spam', 'ham'] }, "expression: label: the question 'kind' takes one label, got 2"],
  [{ rules: [{ when: 'size(text) <', label: 'spam' }] }, 'expression: rules.0.when: the expression ends too early (column 13 of'],
  [{ when: 'size(text)', label: 'spam' }, 'expression: when: it gives a value of type int, but must be true or false'],
  [{ facts: { a: 'b', b: 'a' }, when: 'a', label: 'spam' }, "expression: facts: facts need each other: 'a' → 'b' → 'a'"],
  [{ facts: { text: '1' }, when: 'true', label: 'spam' }, "expression: facts.text: a fact cannot be called 'text': that name is taken"],
  [{ facts: { 'odd name': '1' }, when: 'true', label: 'spam' }, 'a name is letters, digits and _'],
])('refuses %j', (options, message) => {
  expect(() => prepared(options)).toThrow(expect.objectContaining({ code: 'bad-options', message: expect.stringContaining(message) }));
});

test('facts that grow without bound are stopped (P50)', () => {
  const facts: Record<string, string> = { f0: 'text' };
  for (let index = 1; index < 60; index++) facts[`f${index}`] = `f${index - 1} + f${index - 1}`;
  const rules = prepared({ facts, when: 'size(f59) > 1', label: 'spam' });
  expect(rules.answer(sample('x'.repeat(1_000)))).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('more than 10,000,000 characters'),
  });
});
