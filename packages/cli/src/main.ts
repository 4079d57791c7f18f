import { CoreError, reasonOf } from '@labelwright/core/model/errors';
import { Command, CommanderError } from 'commander';
import { addAggregate } from './commands/aggregate.ts';
import { addAgreement } from './commands/agreement.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addCertify } from './commands/certify.ts';
import { addConvert } from './commands/convert.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExport } from './commands/export.ts';
import { addImport } from './commands/import.ts';
import { addLabel } from './commands/label.ts';
import { addLists } from './commands/lists.ts';
import { addRestore } from './commands/restore.ts';
import { addRun } from './commands/run.ts';
import { addServe } from './commands/serve.ts';
import { addSimulate } from './commands/simulate.ts';

/** Runs one command. @returns the exit code: 0 done, 1 failed, 2 wrong use (DESIGN §5) */
export async function main(args: readonly string[]): Promise<number> {
  const debug = args.includes('--debug');
  const program = new Command('labelwright')
    .description('Every label with its evidence, its price and an error bound.')
    .version('0.1.0')
    .option('--debug', 'show stack traces')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const product = [addServe, addImport, addRun, addExport, addDoctor, addBackup, addRestore];
  for (const add of [...product, addLabel, addAggregate, addSimulate, addAgreement, addAudit, addCertify, addConvert, addLists])
    add(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined });
  try {
    if (args.length === 0) {
      process.stdout.write(program.helpInformation());
      return 2;
    }
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, debug);
  }
}

/** What a user can mend by calling the command differently. */
const wrongUse = new Set([
  'wrong-use',
  'no-file',
  'bad-options',
  'bad-project',
  'unknown-format',
  'unknown-aggregator',
  'unknown-technique',
  'no-field',
  'no-project',
  'not-empty',
  'nothing-to-compare',
]);

function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    process.stderr.write(`labelwright: ${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; see labelwright --help\n`);
    return 2;
  }
  for (const line of reasonOf(error).split('\n')) process.stderr.write(`labelwright: ${line}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof CoreError && wrongUse.has(error.code) ? 2 : 1;
}
