import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { type FakeLlm, type FakeOptions, startFakeLlm } from '../../packages/engine/src/providers/testing/fake-llm.ts';
import { folderWith, jsonOf, linesOf, type Outcome, startLabelwright } from './run-cli.ts';

const key = 'sk-canary-5d1e8f20a7b94c63';

async function faked(options: FakeOptions = {}): Promise<FakeLlm> {
  const fake = await startFakeLlm({ label: (text) => (text.includes('free') ? 'spam' : 'ham'), ...options });
  onTestFinished(fake.close);
  return fake;
}

interface Shape {
  readonly n?: number;
  readonly more?: string;
  readonly with?: string;
  readonly connection?: string;
}

/** Mails 0, 1, 2 …: every third is spam by the fake's opinion; a rule sees half of those. */
function project(fake: FakeLlm, { n = 12, more = '', with: options = '', connection = '' }: Shape = {}): string {
  const rows = Array.from({ length: n }, (_, i) => `m${i},"mail ${i} ${i % 3 === 0 ? 'free' : 'meeting'} ${i % 6 === 0 ? 'prize' : ''}"`);
  return folderWith({
    'mails.csv': `id,text\n${rows.join('\n')}\n`,
    'project.yaml': `
name: Mails
items: { file: mails.csv, text: text }
question: { id: kind, title: Spam?, labels: [ham, spam] }
aggregator: majority
output: out
connections:
  local:
    provider: openai-compatible
    baseUrl: ${fake.url}/v1
    allowPrivate: true
    keyFrom: env FAKE_KEY
    prices: { '*': { inputUsd: 1, outputUsd: 4 } }
    ${connection}
labelers:
  - { id: prize, use: keywords, with: { label: spam, words: [prize] } }
  - { id: model, use: llm-prompt, with: { connection: local, model: fake-1${options} } }
${more}`,
  });
}

process.env.FAKE_KEY = key;
afterEach(() => void (process.env.FAKE_KEY = key));

function run(folder: string, ...args: string[]): Promise<Outcome> {
  return startLabelwright(['label', 'project.yaml', ...args], folder).ended;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile());
}

/** What the fake billed, in USD. */
const truth = ({ billed }: FakeLlm): number => (billed.input + 4 * billed.output) / 1e6;

/** What a ledger counts: bills, and reservations without one. */
function counted(folder: string): number {
  const open = new Map<string, number>();
  let usd = 0;
  for (const line of readFileSync(join(folder, 'out/.llm/ledger'), 'utf8').split('\n').filter(Boolean)) {
    const entry = JSON.parse(line.slice(9)) as { reserved?: { id: string; usd: number }; settled?: string; usd?: number };
    if (entry.reserved) open.set(entry.reserved.id, entry.reserved.usd);
    else {
      open.delete(entry.settled as string);
      usd += entry.usd as number;
    }
  }
  return usd + [...open.values()].reduce((sum, each) => sum + each, 0);
}

describe('labelwright label with a language model', () => {
  it('its votes with confidence stand beside the others, its price in the report, its key nowhere', async () => {
    const fake = await faked();
    const folder = project(fake);
    const { status, stdout, stderr } = await run(folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(fake.calls).toHaveLength(12);
    expect(fake.calls[0].headers.authorization).toBe(`Bearer ${key}`);
    expect(linesOf(join(folder, 'out'), 'votes.csv').slice(0, 4)).toEqual([
      'item,labeler,label,confidence',
      'm0,prize,spam,',
      'm0,model,spam,1.000000',
      'm1,model,ham,1.000000',
    ]);
    expect(linesOf(join(folder, 'out'), 'labels.csv').filter((line) => line.includes(',spam,'))).toHaveLength(4);
    const report = jsonOf(join(folder, 'out'), 'report.json') as { questions: { ran: { asked?: { usd: number } }[] }[] };
    expect(report.questions[0].ran).toMatchObject([
      { labeler: 'prize' },
      {
        labeler: 'model',
        title: 'Language model',
        asked: {
          model: 'fake-1',
          calls: 12,
          openUsd: 0,
          inputTokens: fake.billed.input,
          outputTokens: fake.billed.output,
          kept: 0,
          failed: {},
        },
      },
    ]);
    expect(report.questions[0].ran[1].asked?.usd).toBeCloseTo(truth(fake), 9);
    expect(stdout).toMatch(/paid +model: \$0\.00\d+ for 12 calls of fake-1, \$0\.000\d+ a vote/);
    expect(readFileSync(join(folder, 'out/report.html'), 'utf8')).toContain('Language models');
    for (const name of filesIn(folder)) expect(readFileSync(join(folder, name), 'latin1'), name).not.toContain('canary');
    expect(`${stdout}${stderr}`).not.toContain('canary');
  });

  it('a second run asks nobody; new items are asked alone', async () => {
    const fake = await faked();
    const folder = project(fake);
    await run(folder);
    const votes = readFileSync(join(folder, 'out/votes.csv'), 'utf8');
    const { stdout } = await run(folder);
    expect(stdout).toContain('12 answers kept');
    expect(fake.calls).toHaveLength(12);
    expect(readFileSync(join(folder, 'out/votes.csv'), 'utf8')).toBe(votes);
  });

  it('a classifier learns from what the model said', async () => {
    const fake = await faked();
    const folder = project(fake, { n: 60, more: '  - { id: pupil, use: classifier }\n' });
    expect((await run(folder)).stderr).toBe('');
    expect(linesOf(join(folder, 'out'), 'votes.csv').filter((line) => line.includes(',pupil,'))).toHaveLength(60);
  });

  it('--estimate says the price, asks nobody and needs no key', async () => {
    const fake = await faked();
    const folder = project(fake, { n: 500 });
    delete process.env.FAKE_KEY;
    const { status, stdout, stderr } = await run(folder, '--estimate');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('model (fake-1)');
    expect(stdout).toMatch(/items +500, of them 0 answered already, 0 with nothing to show/);
    expect(fake.calls).toHaveLength(0);
    process.env.FAKE_KEY = key;
    await run(folder);
    const [, low, high] = /cost +about \$[\d.]+ \(\$([\d.]+) to \$([\d.]+)\)/.exec(stdout) ?? [];
    // The fake counts four characters a token, which is not what a tokenizer does: the right order of size is what can be asked.
    expect(truth(fake)).toBeGreaterThan(Number(low) / 2);
    expect(truth(fake)).toBeLessThan(Number(high) * 2);
    expect((await run(folder, '--estimate')).stdout).toMatch(/500, of them 500 answered already/);
  });

  it('P60: a budget stops it and says so; what was answered counts; raised, it goes on', async () => {
    const fake = await faked();
    const folder = project(fake, { n: 200, more: 'budgetUsd: 0.02\n' });
    const { status, stdout } = await run(folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(/the budget of the project, 0\.02 USD, is used up after \d+ of 200 items/);
    expect(truth(fake)).toBeLessThanOrEqual(0.02);
    const calls = fake.calls.length;
    expect(calls).toBeGreaterThan(20);
    expect(calls).toBeLessThan(200);
    const text = readFileSync(join(folder, 'project.yaml'), 'utf8').replace('budgetUsd: 0.02', 'budgetUsd: 1');
    writeFileSync(join(folder, 'project.yaml'), text);
    expect((await run(folder)).status).toBe(0);
    expect(fake.calls).toHaveLength(200);
  });

  it('P64: kill -9 in the middle, again and again: no recorded answer is asked for twice, and the ledger is never below the truth', async () => {
    const n = 600;
    const fake = await faked({ latencyMs: 20 });
    const folder = project(fake, { n, with: ', batchSize: 2' });
    const ledger = join(folder, 'out/.llm/ledger');
    const recordedAnswers = (): number => (existsSync(ledger) ? readFileSync(ledger, 'utf8').split('"key":').length - 1 : 0);
    for (const until of [1, 150, 400]) {
      const started = startLabelwright(['label', 'project.yaml'], folder);
      while (recordedAnswers() < until) await sleep(2);
      started.kill('SIGKILL');
      await started.ended;
      expect(counted(folder)).toBeGreaterThanOrEqual(truth(fake) - 1e-12);
    }
    const recorded = recordedAnswers();
    const callsBefore = fake.calls.length;
    expect((await run(folder)).status).toBe(0);
    expect(fake.calls.length - callsBefore).toBeLessThanOrEqual(Math.ceil((n - recorded) / 2) + 1);
    expect(linesOf(join(folder, 'out'), 'votes.csv').filter((line) => line.includes(',model,'))).toHaveLength(n);
    expect(counted(folder)).toBeGreaterThanOrEqual(truth(fake) - 1e-12);
    const twice = [...fake.answered.values()].reduce((sum, count) => sum + count - 1, 0);
    // At each kill some requests of two items are under way, and some replies on their way to the disk.
    expect(twice).toBeLessThanOrEqual(3 * 12 * 32 * 2);
  });

  it('Ctrl+C keeps what was answered', async () => {
    const fake = await faked({ latencyMs: 20 });
    const folder = project(fake, { n: 400 });
    const started = startLabelwright(['label', 'project.yaml'], folder);
    while (fake.calls.length < 50) await sleep(2);
    started.kill('SIGINT');
    const { status, stderr } = await started.ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^labelwright: stopped after [\d,]+ answers of model; they are kept/);
    expect((await run(folder)).status).toBe(0);
    expect(fake.calls).toHaveLength(400);
  });
});

describe('what is wrong is said', () => {
  const refused = { status: 401, body: { error: { message: `Incorrect API key: ${key}` } } };
  it.each<[string, (text: string) => string, FakeOptions, RegExp]>([
    [
      'a key that is not there',
      (text) => text.replace('FAKE_KEY', 'NO_SUCH_KEY'),
      {},
      /^labelwright: connection 'local': the environment variable NO_SUCH_KEY is not set; it holds the key\n$/,
    ],
    ['a key that is refused', (text) => text, { fault: () => refused }, /^labelwright: llm: the key was refused \(HTTP 401\)\n$/],
    [
      'an unknown connection',
      (text) => text.replace('connection: local', 'connection: remote'),
      {},
      /project\.yaml:\d+ \(labelers\.1\.with\.connection\): there is no connection 'remote'; there is local/,
    ],
    ['an address of this machine', (text) => text.replace('allowPrivate: true', ''), {}, /an address of this machine.*set allowPrivate/],
    [
      'a key in the file',
      (text) => text.replace('keyFrom: env FAKE_KEY', `key: ${key}`),
      {},
      /connections\.local\.key\): there is no such key here/,
    ],
    [
      'a price that is not known',
      (text) => text.replace(/ +prices:.*/, '').replace('allowPrivate: true', ''),
      {},
      /what 'fake-1' costs is not known/,
    ],
    ['an option that is misspelt', (text) => text.replace('model: fake-1', 'model: fake-1, batchsize: 3'), {}, /batchsize/],
  ])('%s', async (_, change, options, message) => {
    const fake = await faked(options);
    const folder = project(fake);
    const text = change(readFileSync(join(folder, 'project.yaml'), 'utf8'));
    writeFileSync(join(folder, 'project.yaml'), text);
    const { status, stdout, stderr } = await run(folder);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(`${stdout}${stderr}`).not.toContain('canary');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
