import { describeProblem } from '@labelwright/core/model/problem';
import type { Command } from 'commander';

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly out: string;
  readonly encoding?: string;
  readonly strict?: boolean;
}

export function addConvert(program: Command): void {
  program
    .command('convert')
    .description('one file format to another, with a report of what is lost')
    .argument('<in>', 'the file to read; .gz is fine')
    .option('--from <format>', 'default: by extension and content')
    .option('--to <format>', 'default: by the extension of --out')
    .requiredOption('--out <file>', 'the file to write')
    .option('--encoding <name>', 'of the file to read; default UTF-8, or what its byte order mark says')
    .option('--strict', 'fail on any loss and any problem, and write nothing')
    .action(convert);
}

async function convert(input: string, { out, ...options }: Options): Promise<void> {
  const { convertFile } = await import('@labelwright/engine/files/convert-file');
  const { from, to, entries, problems, problemCount, losses } = await convertFile(input, out, options);
  for (const problem of problems.slice(0, 20)) process.stderr.write(`labelwright: ${describeProblem(problem)}\n`);
  if (problemCount > 20) process.stderr.write(`labelwright: and ${problemCount - 20} problems more\n`);
  process.stdout.write(`${entries.toLocaleString('en')} items, ${from} → ${to}: ${out}\n`);
  process.stdout.write(losses.length === 0 ? 'Nothing is lost.\n' : `Lost:\n${losses.map(({ what }) => `  ${what}\n`).join('')}`);
}
