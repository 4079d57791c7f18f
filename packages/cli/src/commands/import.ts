import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { databaseOption, dataOption, type PlaceOptions } from '../place-options.ts';

interface Options extends PlaceOptions {
  readonly project?: string;
  readonly format?: string;
  readonly encoding?: string;
  readonly id?: string;
  readonly onProblem: 'skip' | 'all-or-nothing';
}

export function addImport(program: Command): void {
  program
    .command('import')
    .description('reads a file into a project of `serve`, also while it runs')
    .argument('<file>', 'CSV, TSV, JSON Lines, JSON, XLSX, Label Studio; .gz is fine')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--project <name>', 'name or number; default the only one')
    .option('--format <name>', 'default: by extension and content')
    .option('--encoding <name>', 'default UTF-8, or what its byte order mark says')
    .option('--id <field>', 'the field that holds the id')
    .addOption(new Option('--on-problem <what>', 'where a record cannot be read').choices(['skip', 'all-or-nothing']).default('skip'))
    .action(importFile);
}

async function importFile(file: string, { data, database, project, format, encoding, id, onProblem }: Options): Promise<void> {
  const { importInto, openWork } = await import('@labelwright/server/upkeep/work');
  const work = await openWork({ dataDirectory: resolve(data), database }, project);
  try {
    const row = await importInto(work, resolve(file), { format, encoding, idField: id, onProblem }, () => undefined);
    process.stdout.write(
      `${row.items.toLocaleString('en')} new items, ${row.duplicates.toLocaleString('en')} that were there already, ${row.problems.toLocaleString('en')} problems\n`,
    );
    for (const problem of row.first_problems.slice(0, 10) as { line?: number; message: string }[])
      process.stderr.write(`labelwright: ${problem.line === undefined ? '' : `line ${problem.line}: `}${problem.message}\n`);
  } finally {
    await work.close();
  }
}
