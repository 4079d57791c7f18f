import { resolve } from 'node:path';
import { CoreError } from '@labelwright/core/model/errors';
import type { Command } from 'commander';
import { databaseOption, dataOption, type PlaceOptions } from '../place-options.ts';

interface Options extends PlaceOptions {
  readonly json?: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('checks that what is stored is what was promised; exit code 1 where it is not')
    .addOption(dataOption())
    .addOption(databaseOption())
    .option('--json', 'as JSON')
    .action(doctor);
}

async function doctor({ data, database, json }: Options): Promise<void> {
  const [{ openData }, { examine }] = await Promise.all([
    import('@labelwright/server/upkeep/open-data'),
    import('@labelwright/server/upkeep/doctor'),
  ]);
  const dataDirectory = resolve(data);
  const opened = await openData({ dataDirectory, database });
  const findings = await examine(opened.db, dataDirectory).finally(() => opened.close());
  if (json) process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  else
    for (const { check, title, violations, examples } of findings) {
      process.stdout.write(
        `${violations === 0 ? 'ok  ' : 'BAD '} ${check.padEnd(10)}${title}${violations === 0 ? '' : `: ${violations} violations`}\n`,
      );
      for (const example of examples) process.stdout.write(`       ${example}\n`);
    }
  const bad = findings.filter(({ violations }) => violations > 0);
  if (bad.length > 0)
    throw new CoreError(
      'unhealthy',
      `doctor: ${bad.length} of ${findings.length} checks failed: ${bad.map(({ check }) => check).join(', ')}`,
    );
}
