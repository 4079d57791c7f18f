import { describe, expect, it } from 'vitest';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import { isMade, madeField, madeOf } from '../model/made.ts';
import type { Question } from '../model/schema.ts';
import { isVerified, type Making, makingRequest, readMade } from './llm-augment.ts';
import type { LlmReply } from './llm-exchange.ts';

const [good, bad] = ['good', 'bad'].map(labelId);
const question: Question = { kind: 'choice', id: questionId('q'), title: 'How?', labels: [{ id: good }, { id: bad }], multiple: false };
const parent: Item = {
  id: itemId('7'),
  parts: { text: { modality: 'text', content: 'The food was great and the staff friendly' }, photo: { modality: 'image', content: 'sha' } },
  fields: { stars: 5 },
};
const making = (given: Partial<Making> = {}): Making => ({
  kind: 'paraphrase',
  parents: [{ item: parent, labels: [good] }],
  question,
  part: 'text',
  count: 5,
  ...given,
});
const reply = (...texts: string[]): LlmReply => ({ text: JSON.stringify({ texts }), finish: 'stop' });
const by = 'model-1';

describe('what is made', () => {
  it('carries its mark and its parents label, an id of its own, and none of the parents facts', () => {
    const { made } = readMade(reply('We loved the meal; waiters were kind'), making(), { by });
    expect(made).toHaveLength(1);
    const [{ item, intended }] = made;
    expect(item.id).toMatch(/^made-[0-9a-f]{16}$/);
    expect(item.parts['text'].content).toBe('We loved the meal; waiters were kind');
    expect(item.parts['photo']).toEqual(parent.parts['photo']);
    expect(item.fields).not.toHaveProperty('stars');
    expect(isMade(item)).toBe(true);
    expect(madeOf(item)).toMatchObject({ kind: 'paraphrase', parents: ['7'], by });
    expect(intended).toEqual([good]);
    expect(readMade(reply('We loved the meal; waiters were kind'), making(), { by }).made).toEqual(made);
  });

  it('blanks, endless texts, copies and near-duplicates are dropped, and counted', () => {
    const { made, dropped } = readMade(
      reply(' ', 'the FOOD was great, and the staff friendly!', 'Lovely dinner', 'lovely dinner!', 'x '.repeat(500)),
      making(),
      { by, existing: ['An old text'] },
    );
    expect(made.map(({ item }) => item.parts['text'].content)).toEqual(['Lovely dinner']);
    expect(dropped.map(({ reason }) => reason)).toEqual(['blank', 'same as its parent', 'near-duplicate', 'too long']);
    expect(readMade(reply('an old text'), making(), { by, existing: ['An old text'] }).dropped).toHaveLength(1);
  });

  it('a counterfactual is near its parent, has the other label, and may not be a new text', () => {
    const flip = making({ kind: 'counterfactual', label: bad });
    const { made, dropped } = readMade(reply('The food was awful and the staff friendly', 'Never again'), flip, { by });
    expect(made[0].intended).toEqual([bad]);
    expect(dropped).toEqual([{ text: 'Never again', reason: 'not a minimal edit' }]);
    expect(makingRequest(flip).system).toContain('so that the label "bad" holds instead');
  });

  it('new items of a rare label come from several examples; more than asked for is cut', () => {
    const more = making({
      kind: 'new',
      label: bad,
      count: 1,
      parents: [
        { item: parent, labels: [bad] },
        { item: { ...parent, id: itemId('8') }, labels: [bad] },
      ],
    });
    const { made } = readMade(reply('A cold soup', 'A rude waiter'), more, { by });
    expect(made).toHaveLength(1);
    expect(madeOf(made[0].item)?.parents).toEqual(['7', '8']);
    expect(made[0].item.parts).not.toHaveProperty('photo');
  });

  it('broken replies make nothing', () => {
    expect(readMade({ text: 'no', finish: 'stop' }, making(), { by })).toMatchObject({
      made: [],
      failed: expect.stringContaining('malformed') as string,
    });
    expect(readMade({ text: '', finish: 'refused' }, making(), { by }).failed).toContain('refused');
  });
});

it('items stand in the user message only', () => {
  const request = makingRequest(making({ kind: 'variant', style: 'Scottish English' }));
  expect(request.system).toContain('Scottish English');
  expect(request.system).not.toContain('staff friendly');
  expect(JSON.stringify(request.messages)).toContain('staff friendly');
  expect(JSON.stringify(request.messages)).not.toContain('sha');
});

it('what does not fit the kind is refused', () => {
  const copy: Item = { ...parent, fields: { [madeField]: 'yes' } };
  for (const [given, message] of [
    [{ count: 21 }, 'count must be 1..20, got 21'],
    [{ parents: [] }, 'needs one parent, got 0'],
    [{ parents: [{ item: copy, labels: [good] }] }, "item '7' was made itself"],
    [{ kind: 'variant' }, 'a variant needs a style'],
    [{ kind: 'counterfactual' }, 'needs a label'],
    [{ kind: 'counterfactual', label: good }, "has the label 'good' already"],
    [{ kind: 'new', label: labelId('odd') }, "there is no label 'odd'"],
    [{ part: 'photo' }, "has no text in part 'photo'"],
  ] as const) {
    expect(() => makingRequest(making(given as Partial<Making>)), message).toThrow(message);
  }
});

it('is used only where others, who have an opinion, all say what was intended', () => {
  const [made] = readMade(reply('Lovely dinner'), making(), { by }).made;
  expect(isVerified(made, [[good], undefined])).toBe(true);
  expect(isVerified(made, [[good], [bad]])).toBe(false);
  expect(isVerified(made, [[good, bad]])).toBe(false);
  expect(isVerified(made, [undefined])).toBe(false);
  expect(isVerified(made, [])).toBe(false);
});
