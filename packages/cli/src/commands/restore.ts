import { resolve } from 'node:path';
import type { Command } from 'commander';
import { databaseOption, dataOption, type PlaceOptions } from '../place-options.ts';

export function addRestore(program: Command): void {
  program
    .command('restore')
    .description('a backup into a new data directory, or an empty database')
    .argument('<backup>', 'what `backup` wrote')
    .addOption(dataOption())
    .addOption(databaseOption())
    .action(restoreFrom);
}

async function restoreFrom(backup: string, { data, database }: PlaceOptions): Promise<void> {
  const [{ openData }, { checkBackup, restore }] = await Promise.all([
    import('@labelwright/server/upkeep/open-data'),
    import('@labelwright/server/upkeep/restore'),
  ]);
  const dataDirectory = resolve(data);
  // Before anything is made.
  const checked = await checkBackup(resolve(backup));
  const opened = await openData({ dataDirectory, database }, { mayBeNew: true });
  try {
    const { createdAt, tables, rows, files } = await restore(opened.pool, dataDirectory, checked);
    process.stdout.write(
      `${rows.toLocaleString('en')} rows of ${tables} tables and ${files.toLocaleString('en')} files of ${createdAt.slice(0, 16).replace('T', ' ')} UTC → ${data}\n`,
    );
  } finally {
    await opened.close();
  }
}
