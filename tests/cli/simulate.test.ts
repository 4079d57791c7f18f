import { expect, it } from 'vitest';
import { folderWith, jsonOf, labelwright } from './run-cli.ts';

/** 400 short texts of two kinds, and what a model said of them: wrong where it is unsure. */
function files(): Record<string, string> {
  const words = { spam: ['prize', 'free', 'winner', 'cash'], ham: ['meeting', 'lunch', 'report', 'tomorrow'] };
  const items: string[] = [];
  const votes = ['item,labeler,label,confidence'];
  for (let i = 0; i < 400; i++) {
    const kind = (i * 7) % 3 === 0 ? 'spam' : 'ham';
    const pick = (at: number): string => words[kind][(i * at + at) % 4];
    items.push(JSON.stringify({ id: `m${i}`, text: `${pick(3)} ${pick(5)} number ${i % 40}`, kind, pages: i % 5 }));
    const unsure = i % 10 === 0;
    const said = unsure && i % 20 === 0 ? (kind === 'spam' ? 'ham' : 'spam') : kind;
    votes.push(`m${i},gpt,${said},${unsure ? 0.55 : 0.97}`);
  }
  return { 'items.jsonl': `${items.join('\n')}\n`, 'votes.csv': `${votes.join('\n')}\n` };
}

const keys =
  'items peopleVotes accepted saved realisedError certifiedError confidence curve seconds peakMegabytes planner method seed'.split(' ');

it('plays the people with gold: what a model said is used, checked and certified', () => {
  const folder = folderWith(files());
  const { status, stdout, stderr } = labelwright(
    ['simulate', 'items.jsonl', '--gold', 'kind', '--votes', 'votes.csv', '--seed', '3', '--report', 'report.json'],
    folder,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/people labeled \d+ of 400 items, \d+ machine labels were accepted: [\d.]+ % saved/);
  const report = jsonOf(folder, 'report.json') as Record<string, number> & { curve: { peopleVotes: number; accuracy: number }[] };
  for (const key of keys) expect(report).toHaveProperty(key);
  expect(report.saved).toBeGreaterThan(0.4);
  expect(report.realisedError).toBeLessThanOrEqual(0.05);
  expect(report.peopleVotes + report.accepted).toBe(400);
  expect(report.curve.at(-1)?.peopleVotes).toBe(report.peopleVotes);
});

it('a budget too small for any certificate: nothing is accepted beyond what people labeled, and that is said', () => {
  const folder = folderWith(files());
  const { status, stderr } = labelwright(
    ['simulate', 'items.jsonl', '--gold', 'kind', '--budget', '6', '--planner', 'random', '--report', 'report.json'],
    folder,
  );
  expect(status).toBe(0);
  expect(stderr).toMatch(/a budget of 6 is too small for any certificate/);
  expect(jsonOf(folder, 'report.json')).toMatchObject({ peopleVotes: 6, accepted: 0, planner: 'random' });
});

it('says what is wrong and what was probably meant', () => {
  const folder = folderWith({ ...files(), 'other.csv': 'item,labeler,label\nzzz,gpt,spam\n', 'bare.csv': 'id,kind\n1,a\n2,b\n3,a\n' });
  const refused = (...args: string[]): string => {
    const { status, stderr } = labelwright(['simulate', ...args, '--report', 'report.json'], folder);
    expect(status).toBeGreaterThan(0);
    return stderr;
  };
  expect(refused('items.jsonl', '--gold', 'kynd')).toMatch(/no field 'kynd'.*did you mean 'kind'\?/);
  expect(refused('items.jsonl', '--gold', 'kind', '--fields', 'txt')).toMatch(/no field 'txt'.*did you mean 'text'\?/);
  expect(refused('items.jsonl', '--gold', 'kind', '--planner', 'hybird')).toMatch(/no planner 'hybird', did you mean 'hybrid'\?/);
  expect(refused('items.jsonl', '--gold', 'kind', '--votes', 'other.csv')).toMatch(/other\.csv: there is no vote on these items/);
  expect(refused('bare.csv', '--gold', 'kind')).toMatch(/nothing that labels could be learned from: neither votes nor features/);
  expect(refused('items.jsonl', '--gold', 'kind', '--budget', '-1')).toMatch(/whole number/);
});
