import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '@labelwright/server/upkeep/doctor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerProcess, startServerProcess } from '../faults/server-process.ts';
import { labelwright, type Outcome } from './run-cli.ts';

/** One data directory for all: made and used by a server, then by commands beside it, then by commands alone. */
const folder = mkdtempSync(join(tmpdir(), 'labelwright-commands-'));
const data = join(folder, 'data');
const place = (name: string) => join(folder, name);
let server: ServerProcess | undefined;

const call = (...args: string[]): Outcome => labelwright([...args, '--data', data], folder);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(place(name), content);
  return name;
};

/** One line that says what, where and what to do; never a stack. */
function expectRefusal({ status, stdout, stderr }: Outcome, code: 1 | 2, words: RegExp): void {
  expect(stderr).toMatch(words);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/^labelwright: /);
  expect([status, stdout]).toEqual([code, '']);
}

const schema = {
  questions: [{ kind: 'choice' as const, id: 'kind', title: 'Kind', labels: [{ id: 'spam' }, { id: 'ham' }], multiple: false }],
};
const mails = Array.from({ length: 30 }, (_, n) => ({
  id: `mail-${n}`,
  text: n % 3 === 0 ? `Win a free prize ${n}` : `Re: the meeting ${n}`,
}));

beforeAll(async () => {
  server = await startServerProcess(data);
  const { id: project } = await server.client.createProject({ body: { name: 'Mails', schema } });
  await server.client.createProject({ body: { name: 'Other', schema } });
  for (const [name, word, label] of [
    ['prizes', 'free', 'spam'],
    ['meetings', 'meeting', 'ham'],
  ])
    await server.client.createLabeler({ params: { project }, body: { name, use: 'keywords', with: { words: [word], label } } });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

describe('beside a server that runs', () => {
  it('imports into a project by its name; the server has it at once', async () => {
    const file = write('mails.jsonl', mails.map((mail) => JSON.stringify(mail)).join('\n'));
    expect(call('import', file, '--project', 'Mails')).toEqual({
      status: 0,
      stdout: '30 new items, 0 that were there already, 0 problems\n',
      stderr: '',
    });
    expect((await server?.client.listProjects({}))?.map(({ name, items }) => [name, items])).toContainEqual(['Mails', 30]);
  });

  it('P21: the same file again adds nothing', () =>
    expect(call('import', 'mails.jsonl', '--project', '1').stdout).toBe('0 new items, 30 that were there already, 0 problems\n'));

  it('a second server on the same directory is refused, and the first goes on', async () => {
    expectRefusal(call('serve', '--port', '0', '--no-open'), 1, /it is in use .*: stop that one first, or choose another data folder/);
    expect((await server?.client.ready({}))?.ok).toBe(true);
  });

  it('restoring onto what is there is refused, and changes nothing', async () => {
    expect(call('backup', '--out', 'early.tar').status).toBe(0);
    expectRefusal(call('restore', 'early.tar'), 2, /there are people or projects here already: restore into a new directory/);
    expect((await server?.client.listProjects({}))?.length).toBe(2);
  });

  it('doctor finds nothing wrong', () => expect(call('doctor').stdout).not.toContain('BAD'));
});

describe('without one', () => {
  beforeAll(async () => {
    await server?.stop();
    server = undefined;
  });

  it('runs, and says what came of it', () =>
    expect(call('run', '--project', 'Mails')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^run 1, kind: \d+ of 30 items accepted, \d+ waiting for people\n$/) as string,
    }));

  it('exports, with a card, by the extension of the file; each time another version', () => {
    const first = call('export', '--project', 'Mails', '--out', 'labels.csv', '--card', 'card.md');
    expect([first.status, first.stdout]).toEqual([0, 'version 1: 30 items → labels.csv\n']);
    const [head, ...rows] = readFileSync(place('labels.csv'), 'utf8').trimEnd().split('\n');
    expect(head).toContain('id');
    expect(rows).toHaveLength(30);
    expect(rows.find((row) => row.includes('mail-3,'))).toContain('spam');
    expect(readFileSync(place('card.md'), 'utf8')).toMatch(/prizes[\s\S]*meetings/);
    expect(call('export', '--project', 'Mails', '--out', 'labels.jsonl', '--votes').stdout).toBe('version 2: 30 items → labels.jsonl\n');
  });

  it('P77: a backup, restored into a new directory, exports the same; and again is refused', () => {
    expect(call('backup', '--out', 'all.tar').stdout).toMatch(/^[\d,]+ rows of \d+ tables and 2 files → all\.tar\n$/);
    const elsewhere = ['--data', place('restored')];
    expect(labelwright(['restore', 'all.tar', ...elsewhere], folder).status).toBe(0);
    const again = labelwright(['export', '--project', 'Mails', '--out', 'again.csv', ...elsewhere], folder);
    expect(again.stdout).toBe('version 3: 30 items → again.csv\n');
    expect(readFileSync(place('again.csv'), 'utf8')).toBe(readFileSync(place('labels.csv'), 'utf8'));
    const findings = JSON.parse(labelwright(['doctor', '--json', ...elsewhere], folder).stdout) as Finding[];
    expect(findings.filter(({ violations }) => violations > 0)).toEqual([]);
    expectRefusal(labelwright(['restore', 'all.tar', ...elsewhere], folder), 2, /already/);
  });

  it('doctor: what is not as it was promised is said by name, and the exit code is 1', () => {
    writeFileSync(join(data, 'exports', '1'), 'not what was exported');
    const { status, stdout, stderr } = call('doctor');
    expect(status).toBe(1);
    expect(stdout).toMatch(/BAD {2}I6 .*1 violations\n {7}project 1, export 1: the file is another/);
    expect(stderr).toMatch(/^labelwright: doctor: 1 of \d+ checks failed: I6\n$/);
  });
});

describe('wrong use', () => {
  it('which of several projects is asked for, and the ones there are are named', () => {
    const refused = call('run');
    expect(refused.status).toBe(2);
    expectRefusal(refused, 2, /say which project by --project; there are: 1 \(Mails\), 2 \(Other\)/);
    expectRefusal(call('run', '--project', 'Mials'), 2, /there is no project 'Mials'; there are: 1 \(Mails\), 2 \(Other\)/);
  });

  it('a file that is not there, is empty, or is no data', () => {
    const refused = call('import', 'nowhere.csv', '--project', 'Mails');
    expect(refused.status).toBe(2);
    expectRefusal(refused, 2, /nowhere\.csv: there is no such file/);
    expectRefusal(call('import', write('empty.csv', ''), '--project', 'Mails'), 1, /empty\.csv: /);
    const bytes = Uint8Array.from({ length: 5_000 }, (_, n) => (n * 7919) % 256);
    expectRefusal(call('import', write('noise.csv', bytes), '--project', 'Mails', '--on-problem', 'all-or-nothing'), 1, /noise\.csv: /);
  });

  it('a broken line: told by its number; with all-or-nothing nothing is stored', () => {
    const file = write('broken.jsonl', '{"id":"new-1","text":"a"}\n{"id":\n{"id":"new-2","text":"b"}\n');
    const refused = call('import', file, '--project', 'Other', '--on-problem', 'all-or-nothing');
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/1 problem, so nothing of it was stored/);
    const { status, stdout, stderr } = call('import', file, '--project', 'Other');
    expect([status, stdout]).toEqual([0, '2 new items, 0 that were there already, 1 problems\n']);
    expect(stderr).toMatch(/^labelwright: line 2: /);
  });

  it('a format that there is not', () => {
    expectRefusal(call('export', '--project', 'Mails', '--out', 'labels.xyz'), 2, /labels\.xyz|format/);
    expectRefusal(call('import', 'mails.jsonl', '--project', 'Mails', '--format', 'xyz'), 2, /xyz/);
    expect(existsSync(place('labels.xyz'))).toBe(false);
  });

  it('a directory without data', () => {
    for (const args of [['doctor'], ['run'], ['backup', '--out', 'x.tar'], ['export', '--out', 'x.csv']])
      expectRefusal(
        labelwright([...args, '--data', place('nothing')], folder),
        2,
        /nothing: there is no Labelwright data; name its directory by --data/,
      );
    expect(existsSync(place('nothing'))).toBe(false);
  });

  it('a backup that is none, or not whole', () => {
    const whole = readFileSync(place('all.tar'));
    const into = ['--data', place('never')];
    expectRefusal(labelwright(['restore', 'mails.jsonl', ...into], folder), 1, /this is no backup of Labelwright/);
    write('half.tar', whole.subarray(0, whole.length / 2));
    expectRefusal(labelwright(['restore', 'half.tar', ...into], folder), 1, /half\.tar/);
    expectRefusal(labelwright(['restore', 'nowhere.tar', ...into], folder), 2, /nowhere\.tar: there is no such file/);
    expect(existsSync(place('never'))).toBe(false);
  });
});
