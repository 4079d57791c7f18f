import { resolve } from 'node:path';
import type { Command } from 'commander';
import { databaseOption, dataOption, type PlaceOptions } from '../place-options.ts';

interface Options extends PlaceOptions {
  readonly project?: string;
}

export function addRun(program: Command): void {
  program
    .command('run')
    .description('runs all labelers of a project of `serve`, then estimates')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--project <name>', 'name or number; default the only one')
    .action(run);
}

async function run({ data, database, project }: Options): Promise<void> {
  const { openWork, runProject } = await import('@labelwright/server/upkeep/work');
  const work = await openWork({ dataDirectory: resolve(data), database }, project);
  try {
    const row = await runProject(work, () => undefined);
    for (const result of row.results as { question: string; items: number; accepted: number; waiting: number; warnings: string[] }[]) {
      process.stdout.write(
        `run ${row.number}, ${result.question}: ${result.accepted.toLocaleString('en')} of ${result.items.toLocaleString('en')} items accepted, ${result.waiting.toLocaleString('en')} waiting for people\n`,
      );
      for (const warning of result.warnings) process.stderr.write(`labelwright: note: ${warning}\n`);
    }
  } finally {
    await work.close();
  }
}
