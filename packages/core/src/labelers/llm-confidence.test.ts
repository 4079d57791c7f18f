import { expect, it } from 'vitest';
import { createRandom, type Random } from '../math/random.ts';
import { tokenConfidence } from './llm-confidence.ts';
import type { LlmReply, LlmToken } from './llm-exchange.ts';
import { placesOfValues } from './llm-label-places.ts';

/** A model that writes labels with known probabilities, in tokens of one to three characters, listing every alternative of the same length. */
function writes(label: string, chances: Readonly<Record<string, number>>, random: Random): LlmToken[] {
  const texts = Object.entries(chances).map(([name, chance]) => ({ text: `"${name}"}`, chance }));
  const wanted = `"${label}"}`;
  const tokens: LlmToken[] = [];
  for (let at = 0; at < wanted.length; ) {
    const length = 1 + random.integer(3);
    const open = texts.filter(({ text }) => text.startsWith(wanted.slice(0, at)));
    const total = open.reduce((sum, { chance }) => sum + chance, 0);
    const next = new Map<string, number>();
    for (const { text, chance } of open)
      next.set(text.slice(at, at + length), (next.get(text.slice(at, at + length)) ?? 0) + chance / total);
    const alternatives = [...next].map(([token, chance]) => ({ token, logProbability: Math.log(chance) }));
    const token = wanted.slice(at, at + length);
    tokens.push({ token, logProbability: Math.log(next.get(token) ?? 0), alternatives });
    at += token.length;
  }
  return [{ token: '{"label":', logProbability: 0 }, ...tokens];
}

const replyOf = (tokens: readonly LlmToken[]): LlmReply => ({ text: tokens.map(({ token }) => token).join(''), finish: 'stop', tokens });

it('finds the probability of a label again, however the text is cut into tokens and whatever labels begin alike', () => {
  // `eggs` is no label: what is lost to it does not count.
  const chances = { spam: 0.3, spammer: 0.2, ham: 0.25, has: 0.05, eggs: 0.2 };
  const labels = ['spam', 'spammer', 'ham', 'has'];
  for (let seed = 0; seed < 200; seed++) {
    const label = labels[seed % 4];
    const found = tokenConfidence(replyOf(writes(label, chances, createRandom(seed))), 'label', 0, labels) as number;
    expect(found).toBeCloseTo(chances[label as keyof typeof chances] / 0.8, 10);
  }
});

it('a list of labels: the probability of the list as written', () => {
  const tokens = ['{"labels":', '["a"', ',"b"', ']', '}'].map((token, i) => ({
    token,
    logProbability: Math.log([1, 0.9, 0.5, 0.8, 1][i]),
  }));
  expect(tokenConfidence(replyOf(tokens), 'labels', 0, ['a', 'b'])).toBeCloseTo(0.36, 12);
});

it('each answer of a batch has its own; what is not there has none', () => {
  const pieces: [string, number][] = [
    ['{"answers":[{"id":"x","label":', 1],
    ['"a"', 0.7],
    ['},{"id":"y","label":', 1],
    ['"b"', 0.6],
    ['}]}', 1],
  ];
  const tokens = pieces.map(([token, chance]) => ({
    token,
    logProbability: Math.log(chance),
    alternatives: [{ token: '"c"', logProbability: Math.log(0.1) }],
  }));
  const labels = ['a', 'b', 'c'];
  expect(tokenConfidence(replyOf(tokens), 'label', 0, labels)).toBeCloseTo(0.7 / 0.8, 10);
  expect(tokenConfidence(replyOf(tokens), 'label', 1, labels)).toBeCloseTo(0.6 / 0.7, 10);
  expect(tokenConfidence(replyOf(tokens), 'label', 2, labels)).toBeUndefined();
  expect(tokenConfidence({ text: '{"label":"a"}', finish: 'stop' }, 'label', 0, labels)).toBeUndefined();
  const broken = tokens.map((token) => ({ ...token, logProbability: Number.NaN }));
  expect(tokenConfidence(replyOf(broken), 'label', 0, labels)).toBeUndefined();
});

it('keys inside of reasons are no keys', () => {
  const text = JSON.stringify({ reasoning: 'it says "label": "ham" and \\', label: 'spam', labels: ['a]', 'b'] });
  const [{ start, end }, ...others] = placesOfValues(text, 'label');
  expect(text.slice(start, end)).toBe('"spam"');
  expect(others).toEqual([]);
  const [list] = placesOfValues(text, 'labels');
  expect(text.slice(list.start, list.end)).toBe('["a]","b"]');
});
