import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, jsonOf, labelwright, root } from '../cli/run-cli.ts';

test('the example of docs/simulate.md runs as written, and the report has what the page says', () => {
  const page = readFileSync(join(root, 'docs/simulate.md'), 'utf8');
  const [items, votes] = [...page.matchAll(/```csv\n([\s\S]*?)```/g)].map(([, text]) => text);
  const command = /```sh\nlabelwright (simulate items\.csv .*)\n```/.exec(page)?.[1] ?? '';
  const folder = folderWith({ 'items.csv': items, 'votes.csv': votes });
  const { status, stderr } = labelwright(command.split(' '), folder);
  expect({ status, stderr: stderr.replace(/labelwright: note: .*\n/g, '') }).toEqual({ status: 0, stderr: '' });
  const report = jsonOf(folder, 'report.json') as Record<string, unknown>;
  const described = page.slice(page.indexOf('## The report'));
  for (const key of Object.keys(report)) expect(described).toContain(`\`${key}\``);
});
