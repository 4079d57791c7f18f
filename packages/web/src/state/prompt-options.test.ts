import { expect, it } from 'vitest';
import { canAsk, promptOptions, withPrompt } from './prompt-options.ts';

it('keeps what differs from the defaults, and what it does not know', () => {
  const options = { connection: 'OpenAI', model: 'm', parts: ['text'], samples: 3 };
  expect(withPrompt(options, { samples: 1, reasoning: true, temperature: undefined })).toEqual({
    connection: 'OpenAI',
    model: 'm',
    parts: ['text'],
    reasoning: true,
  });
  expect(promptOptions({}).template).toContain('{{labels}}');
});

it('can ask once there is a connection and a model', () => {
  expect(canAsk({ connection: 'OpenAI', model: ' ' })).toBe(false);
  expect(canAsk({ connection: 'OpenAI', model: 'm' })).toBe(true);
});
