import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatFor } from '@labelwright/core/formats/detect';
import { formats } from '@labelwright/core/formats/index';
import { type Command, Option } from 'commander';
import { databaseOption, dataOption, type PlaceOptions } from '../place-options.ts';

interface Options extends PlaceOptions {
  readonly project?: string;
  readonly question?: string;
  readonly format?: string;
  readonly out: string;
  readonly card?: string;
  readonly include: 'all' | 'accepted' | 'answered';
  readonly votes?: boolean;
  readonly fields: boolean;
}

export function addExport(program: Command): void {
  program
    .command('export')
    .description('a new version of the labels of a project of `serve`')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--project <name>', 'name or number; default the only one')
    .option('--question <id>', 'default the first')
    .option('--format <name>', 'default by the extension of --out')
    .requiredOption('--out <file>', 'the file to write')
    .option('--card <file>', 'the data set card: Markdown')
    .addOption(new Option('--include <which>', 'items').choices(['all', 'accepted', 'answered']).default('all'))
    .option('--votes', 'the votes behind each label as well')
    .option('--no-fields', "without the items' own fields")
    .action(exportLabels);
}

async function exportLabels({ data, database, project, question, format, out, card, include, votes, fields }: Options): Promise<void> {
  const { exportTo, openWork } = await import('@labelwright/server/upkeep/work');
  const name = format ?? formatFor(formats, out).name;
  const work = await openWork({ dataDirectory: resolve(data), database }, project);
  try {
    const row = await exportTo(work, resolve(out), { format: name, question, include, votes: votes ?? false, fields });
    if (card !== undefined) await writeFile(resolve(card), row.card ?? '');
    process.stdout.write(`version ${row.number}: ${row.items.toLocaleString('en')} items → ${out}\n`);
    for (const { what } of row.losses as { what: string }[]) process.stderr.write(`labelwright: note: ${what}\n`);
  } finally {
    await work.close();
  }
}
