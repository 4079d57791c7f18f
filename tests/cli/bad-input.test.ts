import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, jsonOf, labelwright, linesOf, type Outcome } from './run-cli.ts';

const head = 'items: { file: items.csv }\nquestion: { id: q, labels: [a, b] }\naggregator: majority\noutput: out\n';
const rule = (name: string, label: string, word: string): string =>
  `  - { id: ${name}, use: keywords, with: { label: ${label}, words: [${word}] } }\n`;

function runWith(project: string, items: string): Outcome & { folder: string } {
  const folder = folderWith({ 'project.yaml': project, 'items.csv': items });
  return { ...labelwright(['label', 'project.yaml'], folder), folder };
}

function expectNoNaN(folder: string): void {
  for (const name of ['labels.csv', 'votes.csv', 'labels.jsonl', 'report.json', 'report.html']) {
    expect(readFileSync(join(folder, 'out', name), 'utf8'), name).not.toMatch(/NaN|undefined|Infinity/);
  }
}

describe('a project file with faults', () => {
  it('names file, line and key of every fault at once, and what was expected', () => {
    const { status, stderr } = runWith(
      `items: { file: items.csv }
question: { id: q, labels: [a, b] }
targetEror: 0.1
labelers:
  - id: x
    use: regex
    with: { label: a, pattern: '(' }
  - id: y
    use: keywrds
  - id: z
    use: keywords
    with: { label: c, words: [x] }
`,
      'id,text\n1,hello\n',
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/project\.yaml:3 \(targetEror\)/);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  it('faults inside labelers have their lines too', () => {
    const { status, stderr } = runWith(
      `${head}labelers:\n  - id: x\n    use: regex\n    with:\n      label: a\n      pattern: '('\n  - id: y\n    use: keywrds\n  - id: z\n    use: keywords\n    with:\n      label: c\n      words: [x]\n`,
      'id,text\n1,hello\n',
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/project\.yaml:10 \(labelers\.0\.with\.pattern\)/);
    expect(stderr).toMatch(/project\.yaml:12 \(labelers\.1\.use\): there is no technique 'keywrds'/);
    expect(stderr).toMatch(/project\.yaml:16 \(labelers\.2\.with\.label\).*there is no label 'c'/);
  });

  it('is not YAML', () =>
    expect(runWith('items: [', 'id\n')).toMatchObject({ status: 2, stderr: expect.stringMatching(/project\.yaml:\d+: /) as string }));
  it('is not there', () =>
    expect(labelwright(['label', '/nowhere/project.yaml'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^labelwright: \/nowhere\/project\.yaml: cannot be read/) as string,
    }));
  it('points to items that are not there', () =>
    expect(
      labelwright(['label', 'project.yaml'], folderWith({ 'project.yaml': `${head}labelers:\n${rule('x', 'a', 'y')}` })),
    ).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no such file') as string }));
});

describe('odd items and votes have a defined answer', () => {
  it('zero items', () => {
    const { status, folder } = runWith(`${head}labelers:\n${rule('x', 'a', 'y')}`, 'id,text\n');
    expect(status).toBe(0);
    expect(linesOf(join(folder, 'out'), 'labels.csv')).toHaveLength(1);
    expectNoNaN(folder);
  });

  it('no labelers at all: every item waits for people', () => {
    const { status, folder } = runWith(head, 'id,text\n1,hello\n2,you\n');
    expect(status).toBe(0);
    expect(jsonOf(join(folder, 'out'), 'report.json')).toMatchObject({ questions: [{ accepted: 0, waiting: { noVotes: 2 } }] });
    expectNoNaN(folder);
  });

  it('a labeler that never votes, an item without text, a second item of one id', () => {
    const { status, stdout, folder } = runWith(
      `${head}labelers:\n${rule('never', 'a', 'zzz')}${rule('x', 'a', 'hello')}`,
      'id,text\n1,hello\n2,\n1,again\n',
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/1 problems in the input.*item '1' is there already/);
    expect(linesOf(join(folder, 'out'), 'labels.csv')).toHaveLength(3);
    expect(linesOf(join(folder, 'out'), 'votes.csv')).toEqual(['item,labeler,label,confidence', '1,x,a,']);
    expectNoNaN(folder);
  });

  it('one label only', () => {
    const { status, folder } = runWith(
      `items: { file: items.csv }\nquestion: { id: q, labels: [a] }\noutput: out\nlabelers:\n${rule('x', 'a', 'hello')}`,
      'id,text\n1,hello\n2,you\n',
    );
    expect(status).toBe(0);
    expect(linesOf(join(folder, 'out'), 'labels.csv').slice(1)).toEqual(['1,a,1.000000,1.000000', '2,a,1.000000,1.000000']);
    expectNoNaN(folder);
  });

  it('two labelers that contradict each other always', () => {
    const { status, folder } = runWith(
      `${head.replace('majority', 'auto')}labelers:\n${rule('x', 'a', 'hello')}${rule('y', 'b', 'hello')}`,
      'id,text\n1,hello\n2,hello\n3,hello\n',
    );
    expect(status).toBe(0);
    expect(jsonOf(join(folder, 'out'), 'report.json')).toMatchObject({ questions: [{ conflicting: 3, accepted: 0 }] });
    expectNoNaN(folder);
  });

  it('a field that the items do not have', () => {
    expect(runWith(head.replace('items.csv }', 'items.csv, text: body }'), 'id,text\n1,hello\n')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no field 'body'; it has text") as string,
    });
  });

  it('gold that fits no item', () => {
    const folder = folderWith({
      'project.yaml': `${head}gold: { file: gold.csv }\nlabelers:\n${rule('x', 'a', 'y')}`,
      'items.csv': 'id,text\n1,hello\n',
      'gold.csv': 'item,label\n7,a\n',
    });
    expect(labelwright(['label', 'project.yaml'], folder)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no item has a gold label') as string,
    });
  });

  it('item text is never markup in the report', () => {
    const { folder } = runWith(
      `${head}labelers:\n${rule('x', 'a', 'script')}${rule('y', 'b', 'alert')}`,
      'id,text\n1,"<script>alert(1)</script><img src=x onerror=alert(1)>"\n',
    );
    const report = readFileSync(join(folder, 'out/report.html'), 'utf8');
    expect(report).toContain('&lt;');
    expect(report).not.toMatch(/<script|<img/);
  });
});

describe('a file that cannot be read to its end is refused whole, naming the line', () => {
  const latin1 = new Uint8Array([...new TextEncoder().encode('id,text\n1,hello\n2,caf'), 0xe9, 0x0a]);

  it('P17: items in another encoding', () => {
    const folder = folderWith({ 'items.csv': latin1, 'project.yaml': `${head}labelers:\n${rule('x', 'a', 'hello')}` });
    const { status, stderr } = labelwright(['label', 'project.yaml'], folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(/items\.csv:3: .*encoding/);
    expect(existsSync(join(folder, 'out/labels.csv'))).toBe(false);
    const named = folderWith({
      'items.csv': latin1,
      'project.yaml': `${head.replace('items.csv }', 'items.csv, encoding: windows-1252 }')}labelers:\n${rule('x', 'a', 'café')}`,
    });
    expect(labelwright(['label', 'project.yaml'], named).status).toBe(0);
    expect(linesOf(join(named, 'out'), 'votes.csv')).toContain('2,x,a,');
  });

  it('P16: a line that never ends; votes and conversions as well', () => {
    const folder = folderWith({
      'items.jsonl': `{"id":"1","text":"a"}\n{"id":"2","text":"${'x'.repeat(17 << 20)}"}\n`,
      'votes.csv': new Uint8Array([...new TextEncoder().encode('item,labeler,label\n1,x,'), 0xe9, 0x0a]),
    });
    expect(labelwright(['convert', 'items.jsonl', '--out', 'items.csv'], folder)).toMatchObject({
      stderr: expect.stringMatching(/items\.jsonl:2/) as string,
    });
    expect(labelwright(['aggregate', 'votes.csv', '--out', 'labels.csv'], folder)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/votes\.csv:2/) as string,
    });
    expect(existsSync(join(folder, 'labels.csv'))).toBe(false);
  });
});

describe('labelwright aggregate', () => {
  const votes = 'item,labeler,label\n1,x,a\n1,y,a\n2,x,b\n2,y,a\n3,y,b\n';

  it('every item once, in order, with a probability per label', () => {
    const folder = folderWith({ 'votes.csv': votes });
    expect(labelwright(['aggregate', 'votes.csv', '--out', 'labels.csv', '--report', 'report.json'], folder).status).toBe(0);
    const lines = linesOf(folder, 'labels.csv');
    expect(lines[0]).toBe('item,label,probability,p:a,p:b');
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['1', '2', '3']);
    for (const line of lines.slice(1)) {
      const [, , probability, a, b] = line.split(',');
      expect(Number(a) + Number(b)).toBeCloseTo(1, 5);
      expect(Number(probability)).toBe(Math.max(Number(a), Number(b)));
    }
    const report = jsonOf(folder, 'report.json') as { labelers: object[]; seconds: number; peakMegabytes: number };
    expect(report.labelers).toHaveLength(2);
    expect(report.seconds).toBeGreaterThan(0);
    expect(report.peakMegabytes).toBeGreaterThan(0);
  });

  it('with items, the ones without a vote are there as well', () => {
    const folder = folderWith({
      'votes.csv': votes,
      'items.jsonl': '{"id":"9","text":"new"}\n{"id":"1","text":"one"}\n{"id":"2","text":"two"}\n{"id":"3","text":"three"}\n',
    });
    expect(labelwright(['aggregate', 'votes.csv', '--items', 'items.jsonl', '--out', 'labels.csv'], folder).status).toBe(0);
    expect(
      linesOf(folder, 'labels.csv')
        .slice(1)
        .map((line) => line.split(',')[0]),
    ).toEqual(['9', '1', '2', '3']);
  });

  it('shares are held, and faults of use are told', () => {
    const folder = folderWith({
      'votes.csv': votes,
      'empty.csv': '',
      'header.csv': 'item,labeler,label\n',
      'bad.csv': 'item,who,label\n1,x,a\n',
    });
    const run = (...args: string[]): Outcome => labelwright(['aggregate', ...args, '--out', 'labels.csv'], folder);
    expect(run('votes.csv', '--shares', 'a=0.9,b=0.1', '--method', 'majority').status).toBe(0);
    expect(run('votes.csv', '--shares', 'a=0.9,b=0.3')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('must sum to 1') as string,
    });
    expect(run('votes.csv', '--shares', 'a=0.9')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("no share for 'b'") as string,
    });
    expect(run('votes.csv', '--method', 'majorty')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("did you mean 'majority'") as string,
    });
    expect(run('nowhere.csv')).toMatchObject({ status: 2, stderr: expect.stringContaining('there is no such file') as string });
    for (const file of ['empty.csv', 'header.csv', 'bad.csv']) {
      const { status, stderr } = run(file);
      expect(status, file).toBe(1);
      expect(stderr, file).toMatch(/^labelwright: /);
      expect(stderr, file).not.toMatch(/ {4}at /);
    }
  });

  it('a bad row is a problem with its line; the others count', () => {
    const folder = folderWith({ 'votes.csv': 'item,labeler,label,confidence\n1,x,a,0.9\n2,x,a,7\n,x,a,\n3,x,b,\n1,x,b,\n' });
    const { status, stderr } = labelwright(['aggregate', 'votes.csv', '--method', 'majority', '--out', 'labels.csv'], folder);
    expect(status).toBe(0);
    for (const line of [3, 4, 6]) expect(stderr).toContain(`votes.csv:${line}`);
    expect(linesOf(folder, 'labels.csv').map((row) => row.split(',')[0])).toContain('3');
  });
});

describe('labelwright convert', () => {
  it('prints what is lost, and --strict writes nothing then', () => {
    const folder = folderWith({ 'items.jsonl': '{"id":"1","text":"hello","meta":{"a":[1]}}\n' });
    const { status, stdout } = labelwright(['convert', 'items.jsonl', '--to', 'csv', '--out', 'items.csv'], folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(/Lost:|Nothing is lost/);
    const bad = folderWith({ 'items.jsonl': '{"id":"1","text":"hello"}\n{"id":\n' });
    expect(labelwright(['convert', 'items.jsonl', '--out', 'items.csv', '--strict'], bad)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('items.jsonl:2') as string,
    });
    expect(existsSync(join(bad, 'items.csv'))).toBe(false);
  });

  it('an unknown format lists the formats', () => {
    const folder = folderWith({ 'x.csv': 'id,text\n1,a\n' });
    expect(labelwright(['convert', 'x.csv', '--to', 'cvs', '--out', 'y'], folder)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("did you mean 'csv'") as string,
    });
  });
});

describe('use', () => {
  it.each([
    [['labl']],
    [['label']],
    [['aggregate', 'x.csv']],
    [['agreement', 'x.csv', '--scale', 'odd']],
    [['label', 'x.yaml', '--seed', '-1']],
  ])('%j is wrong use: exit code 2, one line', (args) => {
    const { status, stderr } = labelwright(args);
    expect(status).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^labelwright: /);
  });

  it('lists', () => {
    for (const list of ['formats', 'labelers', 'aggregators', 'planners']) {
      expect(labelwright([list]).stdout.split('\n').length).toBeGreaterThan(3);
      expect(JSON.parse(labelwright([list, '--json']).stdout)).toEqual(
        expect.arrayContaining([expect.objectContaining({ name: expect.any(String) as string, summary: expect.any(String) as string })]),
      );
    }
  });
});
