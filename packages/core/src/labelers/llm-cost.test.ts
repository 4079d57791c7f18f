import { expect, it } from 'vitest';
import { costOf, estimateCost, type ForeseenRequest } from './llm-cost.ts';
import { listPrices, pricesOf } from './llm-prices.ts';
import { estimateTokens, tokenError } from './llm-tokens.ts';

const prices = { inputUsd: 2, cachedInputUsd: 0.5, outputUsd: 8 };
const foreseen = (text: string, system = 'Label the item.'): ForeseenRequest => ({
  request: {
    system,
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    outputSchema: { name: 'labels', schema: { type: 'object' } },
    samples: 1,
    maxOutputTokens: 100,
    logProbabilities: false,
  },
  outputTokens: 20,
});

it('counts about as o200k does', () => {
  for (const [text, counted] of [
    ['The quick brown fox jumps over the dog', 8],
    ['{"id": "a1", "label": "spam"}', 13],
    ['Alarming levels of sea level rise are predicted.', 10],
    ['2024-10-05 13:45', 10],
    ['', 0],
  ] as const) {
    expect(Math.abs(estimateTokens(text) - counted)).toBeLessThanOrEqual(0.2 * counted);
  }
  expect(tokenError('plain')).toBe(0.1);
  expect(tokenError('Привет')).toBeCloseTo(0.35, 10);
});

it('by hand: cached input is cheaper, the batch API half', () => {
  const usage = { input: 1_000_000, cachedInput: 400_000, output: 100_000 };
  expect(costOf(usage, prices)).toBeCloseTo(0.6 * 2 + 0.4 * 0.5 + 0.1 * 8, 12);
  expect(costOf(usage, prices, true)).toBeCloseTo(1.1, 12);
});

it('a run is the mean of its sample; the interval holds what the counts may be off', () => {
  const sample = ['one two three', 'a longer text of some more words than the first'].map((text) => foreseen(text));
  const estimate = estimateCost({ sample, requests: 10_000, prices });
  expect(estimate.outputTokens).toBe(200_000);
  expect(estimate.usd).toBeCloseTo((estimate.inputTokens * 2 + 200_000 * 8) / 1e6, 4);
  expect(estimate.lowUsd).toBeLessThan(estimate.usd);
  expect(estimate.highUsd).toBeGreaterThan(estimate.usd);
  expect(estimate.maximumUsd).toBeGreaterThan((10_000 * 100 * 8) / 1e6);
  expect(estimateCost({ sample, requests: 10_000, prices, batchApi: true }).usd).toBeCloseTo(estimate.usd / 2, 12);
  expect(() => estimateCost({ sample: [], requests: 1, prices })).toThrow('at least one request');
});

it('real usage corrects the count and narrows the interval', () => {
  const sample = [foreseen('one two three four five six')];
  const guessed = estimateCost({ sample, requests: 1000, prices });
  const usage = { input: (2 * guessed.inputTokens) / 1000, cachedInput: 0, output: 15 };
  const observed = Array.from({ length: 5 }, () => ({ ...sample[0], usage }));
  const measured = estimateCost({ sample, requests: 1000, prices, observed });
  expect(measured.inputTokens / guessed.inputTokens).toBeCloseTo(2, 1);
  expect(measured.outputTokens).toBe(15_000);
  expect((measured.highUsd - measured.lowUsd) / measured.usd).toBeLessThan((guessed.highUsd - guessed.lowUsd) / guessed.usd);
  expect(measured.measured).toBe(true);
});

it('long instructions may come from the cache: the low end counts on it', () => {
  const sample = [foreseen('a', 'word '.repeat(2000))];
  const { usd, lowUsd, highUsd } = estimateCost({ sample, requests: 100, prices });
  expect(usd - lowUsd).toBeGreaterThan(2 * (highUsd - usd));
});

it('prices by name, with a date behind it or not; never those of another model', () => {
  expect(pricesOf('gpt-4o-mini-2024-07-18')).toEqual({ inputUsd: 0.15, cachedInputUsd: 0.075, outputUsd: 0.6 });
  expect(pricesOf('models/gemini-2.5-flash')).toEqual(pricesOf('gemini-2.5-flash'));
  expect(pricesOf('claude-haiku-4-5-20251001')).toEqual(pricesOf('claude-haiku-4-5'));
  expect(pricesOf('gpt-5.4')).toBeUndefined();
  expect(pricesOf('llama3.2')).toBeUndefined();
  for (const { model, inputUsd, cachedInputUsd, outputUsd } of listPrices) {
    expect(cachedInputUsd < inputUsd && inputUsd < outputUsd, model).toBe(true);
  }
});
