import { expect, it } from 'vitest';
import type { LlmReply, LlmRequest } from './llm-exchange.ts';
import { repairRequest } from './llm-repair.ts';

const request: LlmRequest = {
  system: 'Label.',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'the item' }] }],
  outputSchema: { name: 'labels', schema: {} },
  samples: 3,
  maxOutputTokens: 100,
  logProbabilities: false,
};
const reply = (text: string): LlmReply => ({ text, finish: 'stop' });

it('shows a spoiled reply back once, as the turn of the assistant', () => {
  const repaired = repairRequest(request, reply('It is spam.'), 'malformed: the reply is not JSON');
  expect(repaired?.system).toBe('Label.');
  expect(repaired?.samples).toBe(1);
  expect(repaired?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  expect(repaired?.messages[1].content).toEqual([{ type: 'text', text: 'It is spam.' }]);
});

it('gives more room to what was cut off, and leaves refusals and faults of the network alone', () => {
  expect(repairRequest(request, reply('{"la'), 'cut off: the reply was longer than allowed')).toEqual({
    ...request,
    samples: 1,
    maxOutputTokens: 200,
  });
  expect(repairRequest(request, reply(''), 'refused: the model would not answer')).toBeUndefined();
  expect(repairRequest(request, reply(''), 'the provider is down')).toBeUndefined();
});
