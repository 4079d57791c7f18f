import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { folderWith, jsonOf, labelwright, linesOf, startLabelwright } from './run-cli.ts';

const mails = [
  'id,text,truth',
  'a,"Win a free prize, click now",spam',
  'b,"Re: the meeting on Monday",ham',
  'c,"free prize inside",spam',
  'd,"lunch tomorrow?",ham',
  'e,"Re: free seats in the train",ham',
].join('\n');

const rules = `
labelers:
  - id: prize
    use: keywords
    with: { label: spam, words: [free, prize] }
  - id: reply
    use: regex
    with: { label: ham, pattern: '^re:' }
`;

const project = `
name: Five mails
items: { file: mails.csv, text: text }
question: { id: kind, title: Spam?, labels: [ham, spam] }
gold: { field: truth }
aggregator: majority
output: out
${rules}`;

describe('labelwright label', () => {
  it('writes labels, votes and a report from one command', () => {
    const folder = folderWith({ 'mails.csv': mails, 'project.yaml': project });
    const { status, stdout, stderr } = labelwright(['label', 'project.yaml'], folder);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('5');
    const labels = linesOf(join(folder, 'out'), 'labels.csv');
    expect(labels[0]).toBe('item,label,probability,p:ham,p:spam');
    expect(labels.slice(1).map((line) => line.split(',').slice(0, 2).join(' '))).toEqual([
      'a spam',
      'b ham',
      'c spam',
      expect.stringMatching(/^d (ham|spam)$/),
      expect.stringMatching(/^e (ham|spam)$/),
    ]);
    expect(linesOf(join(folder, 'out'), 'votes.csv')).toEqual([
      'item,labeler,label,confidence',
      'a,prize,spam,',
      'b,reply,ham,',
      'c,prize,spam,',
      'e,prize,spam,',
      'e,reply,ham,',
    ]);
    const first = JSON.parse(linesOf(join(folder, 'out'), 'labels.jsonl')[0]) as object;
    expect(first).toMatchObject({ item: 'a', label: 'spam', votes: [{ labeler: 'prize', label: 'spam' }] });
    expect(jsonOf(join(folder, 'out'), 'report.json')).toMatchObject({
      project: 'Five mails',
      questions: [{ items: 5, covered: 4, conflicting: 1, waiting: { noVotes: 1 }, gold: { n: 5 }, disputed: [{ id: 'e' }] }],
    });
  });

  it('no labeler sees the gold field', () => {
    const peek = project.replace(rules, 'labelers: [{ id: peek, use: expression, with: { when: "has(item.truth)", label: spam } }]');
    const folder = folderWith({ 'mails.csv': mails, 'project.yaml': peek });
    expect(labelwright(['label', 'project.yaml'], folder).status).toBe(0);
    expect(linesOf(join(folder, 'out'), 'votes.csv')).toHaveLength(1);
  });

  it('the result does not depend on the number of threads', () => {
    const rows = Array.from(
      { length: 5000 },
      (_, i) =>
        `${i},"${i % 3 === 0 ? 'free prize' : 'see you'} ${i % 7 === 0 ? 'on Monday' : 'later'} ${i}",${i % 3 === 0 ? 'spam' : 'ham'}`,
    );
    const learning = project
      .replace('aggregator: majority', 'aggregator: auto')
      .replace(rules, `${rules}  - { id: model, use: classifier }\n`);
    const folder = folderWith({ 'mails.csv': `id,text,truth\n${rows.join('\n')}\n`, 'project.yaml': learning });
    const results = ['1', '2', '3'].map((threads) => {
      const { status, stderr } = labelwright(['label', 'project.yaml', '--threads', threads, '--out', `out-${threads}`], folder);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return ['labels.csv', 'votes.csv', 'labels.jsonl'].map((name) => readFileSync(join(folder, `out-${threads}`, name), 'utf8'));
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
    expect(results[0][1]).toContain(',model,');
  });

  it('Ctrl+C keeps what is done, and --resume ends with the same files', async () => {
    const words = Array.from({ length: 300 }, (_, i) => `word${i}`).join(' ');
    const rows = Array.from({ length: 60_000 }, (_, i) =>
      JSON.stringify({ id: i, text: `${words} ${i % 5 === 0 ? 'free prize' : 'hello'} ${i}` }),
    );
    const text = project.replace('mails.csv', 'items.jsonl').replace('gold: { field: truth }\n', '');
    const folder = folderWith({ 'items.jsonl': rows.join('\n'), 'project.yaml': text });
    const started = startLabelwright(['label', 'project.yaml'], folder);
    const log = join(folder, 'out/.run/rules.answers');
    while (!existsSync(log) || readFileSync(log).length < 20_000) await sleep(10);
    started.kill('SIGINT');
    const stopped = await started.ended;
    expect(stopped.status).toBe(1);
    expect(stopped.stderr).toMatch(/^labelwright: stopped after [\d,]+ items.*--resume/);
    expect(existsSync(join(folder, 'out/labels.csv'))).toBe(false);
    const kept = readFileSync(log).length;
    expect(labelwright(['label', 'project.yaml', '--resume'], folder).status).toBe(0);
    expect(readFileSync(log).length).toBeGreaterThan(kept);
    expect(labelwright(['label', 'project.yaml', '--out', 'fresh'], folder).status).toBe(0);
    for (const name of ['labels.csv', 'votes.csv', 'labels.jsonl'])
      expect(readFileSync(join(folder, 'out', name), 'utf8') === readFileSync(join(folder, 'fresh', name), 'utf8'), name).toBe(true);
  });

  it('a log that was cut in the middle of a frame is taken up to there', () => {
    const folder = folderWith({ 'mails.csv': mails, 'project.yaml': project });
    labelwright(['label', 'project.yaml'], folder);
    const log = readFileSync(join(folder, 'out/.run/rules.answers'));
    const again = folderWith({ 'mails.csv': mails, 'project.yaml': project, 'out/.run/rules.answers': log.subarray(0, log.length - 3) });
    expect(labelwright(['label', 'project.yaml', '--resume'], again).status).toBe(0);
    expect(linesOf(join(again, 'out'), 'votes.csv')).toEqual(linesOf(join(folder, 'out'), 'votes.csv'));
  });

  it('questions with several labels and trees, two in one project', () => {
    const folder = folderWith({
      'items.jsonl': ['{"id":"x","text":"dog and refund and bug"}', '{"id":"y","text":"rose"}', '{"id":"z","text":"some animal"}'].join(
        '\n',
      ),
      'project.yaml': `
items: { file: items.jsonl }
questions:
  - { id: topics, multiple: true, labels: [refund, bug] }
  - { id: kind, labels: [animal, plant, { id: dog, parent: animal }, { id: cat, parent: animal }] }
labelers:
  - { id: refund, use: keywords, with: { label: refund, words: [refund] } }
  - { id: bug, use: keywords, with: { label: bug, words: [bug] } }
  - { id: dog, question: kind, use: keywords, with: { label: dog, words: [dog] } }
  - { id: animal, question: kind, use: keywords, with: { label: animal, words: [animal] } }
  - { id: plant, question: kind, use: keywords, with: { label: plant, words: [rose] } }
aggregator: majority
output: out
`,
    });
    expect(labelwright(['label', 'project.yaml'], folder).stderr).toBe('');
    expect(linesOf(join(folder, 'out'), 'labels.topics.csv')[1]).toMatch(/^x,refund\|bug,/);
    const kinds = linesOf(join(folder, 'out'), 'labels.kind.csv');
    expect(kinds[0]).toBe('item,label,probability,p:plant,p:dog,p:cat');
    expect(kinds[1]).toMatch(/^x,dog,/);
    expect(kinds[2]).toMatch(/^y,plant,/);
    const [plant, dog, cat] = kinds[3].split(',').slice(3).map(Number);
    expect(dog).toBeCloseTo(cat, 6);
    expect(dog + cat).toBeGreaterThan(plant);
  });
});
