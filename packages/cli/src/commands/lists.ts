import type { Command } from 'commander';

type Listed = { readonly name: string; readonly title: string; readonly summary: string; readonly paper?: string };

const lists: Readonly<Record<string, { readonly description: string; readonly entries: () => Promise<readonly Listed[]> }>> = {
  formats: { description: 'list the file formats', entries: async () => (await import('@labelwright/core/formats/index')).formats },
  labelers: {
    description: 'list the labeler techniques',
    entries: async () => [
      ...(await import('@labelwright/engine/labelers')).labelers,
      ...(await import('@labelwright/core/labelers/index')).askedLabelers,
    ],
  },
  aggregators: {
    description: 'list the aggregators',
    entries: async () => (await import('@labelwright/core/aggregators/index')).aggregators,
  },
  planners: {
    description: 'list the planners: who labels what next',
    entries: async () => (await import('@labelwright/core/planners/index')).planners,
  },
};

export function addLists(program: Command): void {
  for (const [name, { description, entries }] of Object.entries(lists)) {
    program
      .command(name)
      .description(description)
      .option('--json', 'as JSON')
      .action(async ({ json }: { json?: boolean }) => {
        const listed = await entries();
        process.stdout.write(json ? `${JSON.stringify(listed.map(described), null, 2)}\n` : table(listed));
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
