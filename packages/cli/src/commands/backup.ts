import { resolve } from 'node:path';
import type { Command } from 'commander';
import { databaseOption, dataOption, type PlaceOptions } from '../place-options.ts';

interface Options extends PlaceOptions {
  readonly out: string;
}

export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('everything as of one moment in one file, also while people work')
    .addOption(dataOption())
    .addOption(databaseOption())
    .requiredOption('--out <file>', 'the file to write: .tar')
    .action(backup);
}

async function backup({ data, database, out }: Options): Promise<void> {
  const [{ openData, ownVersion }, { backUp }] = await Promise.all([
    import('@labelwright/server/upkeep/open-data'),
    import('@labelwright/server/upkeep/backup'),
  ]);
  const dataDirectory = resolve(data);
  const opened = await openData({ dataDirectory, database });
  try {
    const { tables, rows, files } = await backUp(opened.pool, dataDirectory, resolve(out), await ownVersion());
    process.stdout.write(`${rows.toLocaleString('en')} rows of ${tables} tables and ${files.toLocaleString('en')} files → ${out}\n`);
  } finally {
    await opened.close();
  }
}
