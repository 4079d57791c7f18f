import { aggregators } from '@labelwright/core/aggregators/index';
import { formats } from '@labelwright/core/formats/index';
import { labelers } from '@labelwright/engine/labelers';
import type { Command } from 'commander';

type Listed = { readonly name: string; readonly title: string; readonly summary: string; readonly paper?: string };

const lists: Readonly<Record<string, { readonly description: string; readonly entries: readonly Listed[] }>> = {
  formats: { description: 'list the file formats', entries: formats },
  labelers: { description: 'list the labeler techniques', entries: labelers },
  aggregators: { description: 'list the aggregators', entries: aggregators },
};

export function addLists(program: Command): void {
  for (const [name, { description, entries }] of Object.entries(lists)) {
    program
      .command(name)
      .description(description)
      .option('--json', 'as JSON')
      .action(({ json }: { json?: boolean }) => {
        process.stdout.write(json ? `${JSON.stringify(entries.map(described), null, 2)}\n` : table(entries));
      });
  }
}

function described({ name, title, summary, paper }: Listed): Listed {
  return { name, title, summary, ...(paper !== undefined && { paper }) };
}

function table(entries: readonly Listed[]): string {
  const width = Math.max(...entries.map(({ name }) => name.length)) + 2;
  return entries
    .map(({ name, summary, paper }) => `${name.padEnd(width)}${summary}${paper ? `\n${' '.repeat(width)}${paper}` : ''}\n`)
    .join('');
}
