import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, labelwright, root } from '../cli/run-cli.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

interface Step {
  readonly kind: 'file' | 'run';
  readonly name: string;
  readonly content: string;
}

/** `<!-- file: NAME -->` before a block writes it, `<!-- run -->` runs its lines: the tutorial as a newcomer would follow it. */
const steps: Step[] = [...readme.matchAll(/<!-- (file|run)(?:: (\S+))? -->\n```\w+\n([\s\S]*?)```/g)].map(
  ([, kind, name = '', content]) => ({
    kind: kind as Step['kind'],
    name,
    content,
  }),
);

describe('the README', () => {
  it('runs as written, from top to bottom', () => {
    const folder = folderWith(Object.fromEntries(steps.filter(({ kind }) => kind === 'file').map(({ name, content }) => [name, content])));
    const commands = steps.filter(({ kind }) => kind === 'run').flatMap(({ content }) => content.trim().split('\n'));
    expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) {
      expect(command).toMatch(/^npx labelwright /);
      const { status, stderr } = labelwright(command.split(' ').slice(2), folder);
      expect({ command, status, stderr: stderr.replace(/^labelwright: note: .*\n/gm, '') }).toEqual({ command, status: 0, stderr: '' });
    }
    for (const file of ['out/report.html', 'out/labels.csv', 'out/labels.jsonl', 'labels.csv', 'report.json', 'tickets.jsonl'])
      expect(existsSync(join(folder, file)), file).toBe(true);
    expect(readFileSync(join(folder, 'out/labels.csv'), 'utf8')).toMatch(/^5,bug,/m);
  });

  it('every other sh block is an npm script that exists', () => {
    const scripts = Object.keys((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts);
    const marked = new Set(steps.map(({ content }) => content));
    const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
      .filter(([, content]) => !marked.has(content))
      .flatMap(([, content]) => content.trim().split('\n'));
    for (const line of lines) expect(scripts).toContain(/^npm (?:run )?(\S+)/.exec(line)?.[1]);
  });
});

it('links and pictures of the documentation lead somewhere', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...[...readme.matchAll(/\]\((docs\/[^)#]+\.md)\)/g)].map(([, path]) => path)];
  for (const page of pages) {
    for (const [, target] of readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
      expect(existsSync(join(root, dirname(page), target)), `${page} → ${target}`).toBe(true);
    }
  }
});
