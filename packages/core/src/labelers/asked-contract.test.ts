import { describe, expect, it } from 'vitest';
import { checkOptions } from '../model/about.ts';
import { itemId, labelId, questionId } from '../model/ids.ts';
import type { Item } from '../model/item.ts';
import type { Question } from '../model/schema.ts';
import { askedLabelers, labelers } from './index.ts';
import type { AnyAskedLabeler } from './labeler.ts';

/** The least options that a labeler takes. */
const least: Record<string, unknown> = { 'llm-prompt': { connection: 'local', model: 'fake', batchSize: 3 } };

const question: Question = {
  kind: 'choice',
  id: questionId('q'),
  title: 'Which?',
  labels: [{ id: labelId('a') }, { id: labelId('b') }],
  multiple: false,
};
const item = (id: string, content: string): Item => ({ id: itemId(id), parts: { text: { modality: 'text', content } }, fields: { id } });
const items = [item('1', 'first text'), item('2', 'second text'), item('3', 'third text')];

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

it('no asked labeler has the name of a computed one', () => {
  const names = [...askedLabelers, ...labelers].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(askedLabelers.map((labeler) => [labeler.name, labeler] as const))(
  '%s keeps the promises of asked labelers',
  (name, given) => {
    const labeler: AnyAskedLabeler = given;
    const options: unknown = frozen(checkOptions(labeler, least[name]));
    const asking = frozen({ items, question, guidelines: 'Look twice.' });

    it('the request is plain JSON, the same every time, and leaves what it was given alone', () => {
      const request: unknown = labeler.ask(asking, options);
      expect(JSON.parse(JSON.stringify(request))).toEqual(request);
      expect(labeler.ask(asking, options)).toEqual(request);
    });

    it('ids and fields of items stay at home: only the parts are asked about', () => {
      const secret = { ...item('customer 4711', 'text'), fields: { salary: 'top secret' } };
      expect(JSON.stringify(labeler.ask({ items: [secret], question }, options))).not.toMatch(/4711|secret/);
    });

    it('gives one answer per item whatever comes back, and never throws for a reply', () => {
      for (const text of [
        '',
        'null',
        '[]',
        '{}',
        '{"answers":[{}]}',
        '{"answers":{"length":3}}',
        '"'.repeat(1000),
        '{"answers":[null,7]}',
      ]) {
        const answers = labeler.read([{ text, finish: 'stop' }], asking, options);
        expect(answers.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'failed']);
      }
      expect(labeler.read([], asking, options)).toHaveLength(3);
    });

    it('refuses to ask about nothing', () => {
      expect(() => labeler.ask({ items: [], question }, options)).toThrow(name);
      const empty = item('4', '  ');
      expect(labeler.obstacle(empty, question, options)).toBeTypeOf('string');
      expect(() => labeler.ask({ items: [empty], question }, options)).toThrow(name);
    });

    it('says what every option is', () => {
      const { shape } = labeler.options as unknown as { shape: Record<string, { description?: string }> };
      for (const [option, { description }] of Object.entries(shape)) expect(description, option).toBeTypeOf('string');
    });
  },
);
