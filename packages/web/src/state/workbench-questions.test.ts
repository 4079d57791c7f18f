import { expect, test } from 'vitest';
import { chosenFurther } from './further-answers.ts';
import { calm, desk } from './testing-workbench.ts';

const topicsOf = ({ bench }: ReturnType<typeof desk>) => {
  const { bench: now, known } = bench.get();
  const item = now.current === null ? undefined : known.get(now.current)?.item;
  return item && chosenFurther(now, item, 'topics');
};

test('one submit answers all questions, one undo takes all back, and redo says all again', async () => {
  const at = desk({ further: {} });
  const { bench, actions, asked, current } = at;
  await bench.start();
  expect(asked[0].further).toBe(true);
  expect(bench.unanswered()).toEqual(['kind', 'topics']);
  bench.pick('spam');
  bench.pickFurther('topics', 'money');
  bench.pickFurther('topics', 'travel');
  expect(bench.unanswered()).toEqual([]);
  expect(bench.submit()).toBeUndefined();
  const answers = { question: 'kind', ordinal: 1, given: { kind: 'answer', labels: ['spam'] }, base: 0 };
  const also = [{ question: 'topics', labels: ['money', 'travel'], base: 0 }];
  expect(actions).toMatchObject([{ kind: 'submit', ...answers, also }]);
  expect(current()).toBe(2);
  bench.undo();
  expect(actions[1]).toMatchObject({ kind: 'undo', undoes: actions[0].id, of: { question: 'kind', ordinal: 1, also: ['topics'] } });
  expect([current(), topicsOf(at)]).toEqual([1, ['money', 'travel']]);
  bench.redo();
  expect(actions[2]).toMatchObject({ kind: 'submit', ...answers, also });
});

test('a question that nobody has seen to holds the submit; gone past, several labels say that none applies', async () => {
  const { bench, actions } = desk({ further: {} });
  await bench.start();
  bench.pick('spam');
  expect(bench.submit()).toEqual({ question: 'topics' });
  expect(actions).toEqual([]);
  expect(bench.submit(new Set(['topics']))).toBeUndefined();
  expect(actions).toMatchObject([{ also: [{ question: 'topics', labels: [] }] }]);
});

test('each question is answered on the version that was seen of it; confirmed, each moves on', async () => {
  const at = desk({ further: { version: 4 } });
  const { bench, actions, news, current } = at;
  await bench.start();
  bench.pick('spam');
  bench.pickFurther('topics', 'money');
  bench.submit();
  expect(actions[0]).toMatchObject({ base: 0, also: [{ base: 4 }] });
  const versions = [
    { question: 'kind', version: 1 },
    { question: 'topics', version: 5 },
  ];
  news({ kind: 'confirmed', action: actions[0], confirmation: { version: 1, versions } });
  bench.move(-1);
  await calm();
  expect(current()).toBe(1);
  // Only what is changed is said again.
  bench.pickFurther('topics', 'travel');
  bench.submit();
  expect(actions[1]).toMatchObject({ question: 'topics', given: { kind: 'answer', labels: ['money', 'travel'] }, base: 5 });
  expect(actions[1]).not.toHaveProperty('also');
  bench.undo();
  expect(actions[2]).toMatchObject({ kind: 'undo', undoes: actions[1].id, of: { question: 'topics', base: 5 } });
});

test('what was answered before is shown and not asked again; what others have answered is closed', async () => {
  const own = desk({ further: { own: ['travel'] } });
  await own.bench.start();
  expect([topicsOf(own), own.bench.unanswered()]).toEqual([['travel'], ['kind']]);
  own.bench.pick('ham');
  own.bench.submit();
  expect(own.actions[0]).not.toHaveProperty('also');
  const closed = desk({ further: { isOpen: false } });
  await closed.bench.start();
  closed.bench.pickFurther('topics', 'money');
  expect([topicsOf(closed), closed.bench.unanswered()]).toEqual([[], ['kind']]);
});

test('a skip says nothing to any question; a flag says what is chosen for the others', async () => {
  const { bench, actions } = desk({ further: {} });
  await bench.start();
  bench.pickFurther('topics', 'money');
  bench.skip();
  bench.pickFurther('topics', 'travel');
  bench.flag('which kind?');
  expect(actions[0]).toMatchObject({ given: { kind: 'skip' } });
  expect(actions[0]).not.toHaveProperty('also');
  expect(actions[1]).toMatchObject({ given: { kind: 'flag', note: 'which kind?' }, also: [{ labels: ['travel'] }] });
});

test('an unfinished choice is kept on the version of its question, and found again; submitted, it is gone', async () => {
  const { bench, saved } = desk({ further: { version: 4 } });
  await bench.start();
  bench.pickFurther('topics', 'money');
  await calm();
  expect(saved.get('7/1/topics')).toMatchObject({ base: 4, labels: ['money'] });
  const later = desk({ further: { version: 4 }, drafts: Object.fromEntries(saved) });
  await later.bench.start();
  expect([topicsOf(later), later.bench.unanswered()]).toEqual([['money'], ['kind']]);
  later.bench.pick('spam');
  later.bench.submit();
  await calm();
  expect([...later.saved.keys()]).toEqual([]);
  const stale = desk({ further: { version: 5 }, drafts: Object.fromEntries(saved) });
  await stale.bench.start();
  expect(topicsOf(stale)).toEqual([]);
});

test('answers of one breath, from before the page was opened, are taken back together', async () => {
  const row = (action: string, question: string, label: string, set: string | null) => {
    return { action, ordinal: 1, id: 'item-1', question, set, kind: 'answer', labels: [label], createdAt: '2026-01-01T00:00:00Z' };
  };
  const mine = [row('b', 'topics', 'money', 'a'), row('a', 'kind', 'spam', null)];
  const at = desk({ further: { own: ['money'] }, items: [2, 3], mine });
  await at.bench.start();
  expect(at.answered()).toEqual([1]);
  at.bench.undo();
  await calm();
  expect(at.actions).toMatchObject([{ kind: 'undo', undoes: 'a', of: { question: 'kind', also: ['topics'] } }]);
});

test('in a blind project the opinion on other questions is hidden as well', async () => {
  const { bench } = desk({ isBlind: true, further: { posterior: [0.5, 0.5], evidence: [] } });
  await bench.start();
  expect(bench.get().known.get(1)?.item.further).toMatchObject([{ posterior: null, evidence: null }]);
});
