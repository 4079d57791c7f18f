/* oxlint-disable unicorn/no-thenable -- `then` is what rules have: data, never a function */
import { describe, expect, test } from 'vitest';
import { checkOptions } from '../model/about.ts';
import { abstain, type Answer, answerOf } from '../model/answer.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Question } from '../model/schema.ts';
import { type Answerer, Sample } from './labeler.ts';
import ruleSet, { checkRules } from './rule-set.ts';

const question = (multiple = false): Question => ({
  kind: 'choice',
  id: questionId('kind'),
  title: 'Kind',
  labels: ['spam', 'ham', 'ads'].map((id) => ({ id: labelId(id) })),
  multiple,
});
const checked = (options: unknown) => checkOptions(ruleSet, options);
const prepared = (options: unknown, multiple = false): Answerer =>
  ruleSet.prepare({ question: question(multiple), options: checked(options), model: null }) as Answerer;
const sample = (fields: Record<string, Json>, text = ''): Sample =>
  new Sample({ id: itemId('1'), parts: { text: { modality: 'text', content: text } }, fields });
const said = (...labels: string[]): Answer => answerOf(labels.map((label) => labelId(label)));

const scored = {
  facts: { risk: 0 },
  rules: [
    { name: 'decide', when: 'risk >= 3', then: { label: 'spam' } },
    { name: 'money', when: 'num(amount, 0) > 100', then: { fact: { risk: 'risk + 2' } } },
    { name: 'link', when: ['text.contains("http")', 'size(text) < 30'], then: { fact: { risk: 'risk + 1' } } },
    { name: 'calm', when: 'risk == 0', then: { label: 'ham' } },
  ],
};

describe('chaining', () => {
  const rules = prepared(scored);

  test('rules build on what others set, whatever the order they are written in', () => {
    expect(rules.answer(sample({ amount: '250' }, 'http://x.yz'))).toEqual(said('spam'));
    expect(rules.answer(sample({ amount: '250' }, 'hello'))).toBe(abstain);
    expect(rules.answer(sample({ amount: '' }, 'hello'))).toEqual(said('ham'));
  });

  test('says which rules fired in what order, on what, and what they did', () => {
    expect(rules.explain?.(sample({ amount: '250' }, 'http://x.yz'))).toEqual({
      reason: `'money' (amount = "250") sets risk = 2; 'link' (text has 11 characters) sets risk = 3; 'decide' (risk = 3) says spam`,
    });
    expect(rules.explain?.(sample({ amount: '250' }, 'hello'))).toBeUndefined();
  });

  test('the answers of one item leave nothing behind for the next', () => {
    const [a, b] = [sample({ amount: '250' }, 'http://x.yz'), sample({ amount: '' }, 'hello')];
    expect([a, b, a, b].map((each) => rules.answer(each))).toEqual([said('spam'), said('ham'), said('spam'), said('ham')]);
  });
});

describe('facts', () => {
  test('a chain of three, a text constant, a list, a retracted fact', () => {
    const rules = prepared({
      rules: [
        { name: 'last', when: 'tier == "gold" && !has(facts.draft)', then: { label: 'ads' } },
        { name: 'clean', when: 'has(facts.draft) && vip', then: { retract: 'draft', fact: { tier: "'gold'" } } },
        { name: 'who', when: 'name in friends', then: { fact: { vip: true } } },
        { name: 'start', when: 'true', then: { fact: { friends: ['Ada', 'Bob'], draft: true } } },
      ],
    });
    expect(rules.answer(sample({ name: 'Ada' }))).toEqual(said('ads'));
    expect(rules.answer(sample({ name: 'Eve' }))).toBe(abstain);
    expect(rules.explain?.(sample({ name: 'Ada' }))?.reason).toContain(
      `'clean' (draft = true, vip = true) sets tier = "gold", draft retracted; 'last' (tier = "gold", draft is missing) says ads`,
    );
  });

  test('"nobody set it" is asked after all that may set it', () => {
    const rules = prepared({
      rules: [
        { name: 'default', when: '!has(facts.known)', then: { label: 'ham' }, priority: 100 },
        { name: 'known', when: 'n > 1', then: { fact: { known: true }, label: 'spam' } },
      ],
    });
    expect(rules.answer(sample({ n: 2 }))).toEqual(said('spam'));
    expect(rules.answer(sample({ n: 1 }))).toEqual(said('ham'));
  });

  test('a fact goes before the field of its name, which it may be made of', () => {
    const rules = prepared({
      facts: { amount: 'num(amount, 0)' },
      rules: [{ name: 'a', when: 'amount * 2 > 10', then: { label: 'spam' } }],
    });
    expect(rules.answer(sample({ amount: '6' }))).toEqual(said('spam'));
    expect(rules.answer(sample({ amount: 'none' }))).toBe(abstain);
  });

  test('of rules that set one fact the last to fire decides', () => {
    const rules = prepared({
      rules: [
        { name: 'low', when: 'true', then: { fact: { x: 1 } } },
        { name: 'high', when: 'true', then: { fact: { x: 2 } }, priority: 5 },
        { name: 'one', when: 'x == 1', then: { label: 'ham' } },
        { name: 'two', when: 'x == 2', then: { label: 'spam' } },
      ],
    });
    expect(rules.answer(sample({}))).toEqual(said('ham'));
  });
});

describe('labels that contradict', () => {
  const rules = (priorities: number[]) => ({
    rules: [
      { name: 'a', when: 'n > 1', then: { label: 'spam' }, priority: priorities[0] },
      { name: 'b', when: 'n > 2', then: { label: 'ham' }, priority: priorities[1] },
    ],
  });

  test('the highest priority wins, a tie abstains, several labels are joined', () => {
    expect(prepared(rules([1, 2])).answer(sample({ n: 3 }))).toEqual(said('ham'));
    expect(prepared(rules([2, 1])).answer(sample({ n: 3 }))).toEqual(said('spam'));
    expect(prepared(rules([1, 1])).answer(sample({ n: 3 }))).toBe(abstain);
    expect(prepared(rules([1, 1])).answer(sample({ n: 2 }))).toEqual(said('spam'));
    expect(prepared(rules([1, 1]), true).answer(sample({ n: 3 }))).toEqual(said('spam', 'ham'));
  });

  test('`else` where no rule says a label', () => {
    const withElse = prepared({ ...rules([1, 1]), else: 'ads' });
    expect(withElse.answer(sample({ n: 0 }))).toEqual(said('ads'));
    expect(withElse.explain?.(sample({ n: 0 }))).toEqual({ reason: 'no rule fired' });
  });
});

describe('firing', () => {
  test('of a group the first that can, once', () => {
    const rules = prepared(
      {
        rules: [
          { name: 'a', when: 'n > 5', then: { label: 'spam' }, group: 'size' },
          { name: 'b', when: 'n > 3', then: { label: 'ham' }, group: 'size' },
          { name: 'c', when: 'n > 1', then: { label: 'ads' } },
        ],
      },
      true,
    );
    expect(rules.answer(sample({ n: 9 }))).toEqual(said('spam', 'ads'));
    expect(rules.answer(sample({ n: 4 }))).toEqual(said('ham', 'ads'));
  });

  test('`once` stops a counter; a rule that does not read what it counts fires once anyway', () => {
    const rules = prepared({
      facts: { count: 0, other: 0 },
      rules: [
        { name: 'count', when: 'count >= 0', then: { fact: { count: 'count + 1' } }, once: true },
        { name: 'other', when: 'true', then: { fact: { other: 'other + 1' } } },
        { name: 'end', when: 'count == 1 && other == 1', then: { label: 'spam' } },
      ],
    });
    expect(rules.answer(sample({}))).toEqual(said('spam'));
  });

  test('a loop that ends by itself is fine', () => {
    const rules = prepared({
      facts: { n: 0 },
      rules: [
        { name: 'up', when: 'n < 10', then: { fact: { n: 'n + 1' } } },
        { name: 'end', when: 'n == 10', then: { label: 'spam' } },
      ],
    });
    expect(rules.answer(sample({}))).toEqual(said('spam'));
  });

  test.each([
    [
      'a pair that undo each other',
      [
        { name: 'a', when: 'x == 1', then: { fact: { x: 2 } } },
        { name: 'b', when: 'x == 2', then: { fact: { x: 1 } } },
        { name: 'by the way', when: 'x > 0', then: { fact: { y: 1 } } },
      ],
      "rules 'a' → 'b' → 'a' keep changing fact 'x' (stopped after 1,000 firings)",
    ],
    [
      'a counter',
      [{ name: 'a', when: 'x > 0', then: { fact: { x: 'x + 1' } } }],
      "rule 'a' → 'a' keeps changing fact 'x' (stopped after 1,000 firings)",
    ],
    [
      'through two facts',
      [
        { name: 'a', when: 'x > 0', then: { fact: { y: 'x + 1' } } },
        { name: 'b', when: 'y > 0', then: { fact: { x: 'y + 1' } } },
      ],
      "rules 'a' → 'b' → 'a' keep changing facts 'y', 'x' (stopped after 1,000 firings)",
    ],
  ])('%s: the item fails and the loop is named (P50)', (_, rules, reason) => {
    expect(prepared({ facts: { x: 1 }, rules }).answer(sample({}))).toEqual({ kind: 'failed', reason });
  });

  test('a text that doubles without end is stopped (P50)', () => {
    const rules = prepared({ facts: { x: 'text' }, rules: [{ name: 'grow', when: 'x != ""', then: { fact: { x: 'x + x' } } }] });
    expect(rules.answer(sample({}, 'abcd'))).toMatchObject({
      reason: expect.stringMatching(/^rule 'grow', fact 'x' \(x \+ x\): .*more than 10,000,000 characters$/),
    });
  });
});

test('a field that is not there fails the item; a fact that nobody has set does not', () => {
  const rules = prepared({
    rules: [
      { name: 'a', when: 'score > 1', then: { label: 'spam' } },
      { name: 'b', when: 'amuont > 1', then: { fact: { score: 5 } } },
    ],
  });
  expect(rules.answer(sample({ amount: 1 }))).toEqual({
    kind: 'failed',
    reason: "rule 'b' (amuont > 1): the item has no field 'amuont'; did you mean 'amount'?",
  });
  expect(rules.answer(sample({ amuont: 0 }))).toBe(abstain);
  expect(rules.answer(sample({ amuont: 2 }))).toEqual(said('spam'));
});

test('conditions are asked again only where a fact that they read has changed', () => {
  let reads = 0;
  const counting = Object.defineProperty({ step: 0 }, 'slow', { enumerable: true, get: () => (reads++, 1) });
  const rules = prepared({
    facts: { n: 0 },
    rules: [
      { name: 'up', when: 'n < 100', then: { fact: { n: 'n + 1' } } },
      { name: 'slow one', when: 'slow == 1', then: { label: 'spam' } },
      { name: 'slow too', when: ['slow == 1', 'n >= 50'], then: { label: 'spam' } },
    ],
  });
  expect(rules.answer(sample(counting))).toEqual(said('spam'));
  // hasOwn does not read; one evaluation of `slow == 1` does, once.
  expect(reads).toBe(1);
});

test.each([
  [{ rules: [] }, 'rules: Too small'],
  [{ rules: [{ name: 'a', when: 'true', then: {} }] }, 'rule-set: rules.0.then: give a label, a fact or something to retract'],
  [
    { rules: [{ name: 'a', when: 'true', then: { label: 'spma' } }] },
    "rule-set: rules.0.then.label: there is no label 'spma', did you mean 'spam'?",
  ],
  [
    { rules: ['a', 'a'].map((name) => ({ name, when: 'true', then: { label: 'spam' } })) },
    "rule-set: rules.1.name: there is a rule 'a' already, at rules.0",
  ],
  [{ rules: [{ name: 'a', when: ['true', 'size('], then: { label: 'spam' } }] }, 'rule-set: rules.0.when.1: the expression ends too early'],
  [
    { facts: { score: 0 }, rules: [{ name: 'a', when: 'facts.scroe > 1', then: { label: 'spam' } }] },
    "rule-set: rules.0.when: no rule sets the fact 'scroe'; did you mean 'score'?",
  ],
  [
    { rules: [{ name: 'a', when: 'true', then: { fact: { y: 'facts.x' } } }] },
    "rule-set: rules.0.then.fact.y: no rule sets the fact 'x'; the facts are y",
  ],
  [{ rules: [{ name: 'a', when: 'true', then: { retract: 'x' } }] }, "rule-set: rules.0.then.retract: no rule sets the fact 'x'"],
  [
    { rules: [{ name: 'a', when: 'true', then: { fact: { item: 1 } } }] },
    "rule-set: rules.0.then.fact.item: a fact cannot be called 'item'",
  ],
  [
    { rules: [{ name: 'a', when: 'true', then: { fact: { x: 'gold(' } } }] },
    'rule-set: rules.0.then.fact.x: the expression ends too early',
  ],
])('refuses %j', (options, message) => {
  expect(() => prepared(options)).toThrow(expect.objectContaining({ code: 'bad-options', message: expect.stringContaining(message) }));
});

test('checkRules: circles, names like a fact, facts that nobody reads', () => {
  const options = checked({
    facts: { x: 1, unused: 1 },
    rules: [
      { name: 'a', when: 'x == 1', then: { fact: { y: 2 } } },
      { name: 'b', when: 'y == 2', then: { fact: { x: 'z' } } },
      { name: 'c', when: 'y == 2 && isLonge', then: { fact: { isLong: true, z: 1 } } },
      { name: 'd', when: 'isLong', then: { label: 'spam' }, once: true },
    ],
  });
  expect(checkRules(options)).toEqual([
    { key: 'rules.0', message: "rules 'a' → 'b' → 'a' may go in circles through facts 'y', 'x'" },
    { key: 'rules.2.when', message: "rule 'c' reads 'isLonge', a field, as no rule sets such a fact; did you mean 'isLong'?" },
    { key: 'unused', message: "fact 'unused' is set, but no rule reads it" },
  ]);
  expect(checkRules(checked(scored))).toEqual([]);
});
