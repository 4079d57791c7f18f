import { writeLabels } from '@labelwright/core/formats/labels';
import { describeProblem } from '@labelwright/core/model/problem';
import { writeFileAtomic } from '@labelwright/engine/files/write-file';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from '../number-options.ts';

interface Options {
  readonly method: string;
  readonly items?: string;
  readonly fields?: string[];
  readonly gold?: string;
  readonly shares?: Record<string, number>;
  readonly silence: 'abstained' | 'unasked' | 'auto';
  readonly seed: number;
  readonly out: string;
  readonly report?: string;
}

export function addAggregate(program: Command): void {
  program
    .command('aggregate')
    .description('votes → posterior: one label with its probability per item')
    .argument('<votes>', 'CSV `item,labeler,label[,confidence]`, or JSON Lines with the same keys')
    .option('--method <name>', 'see `labelwright aggregators`', 'auto')
    .option('--items <file>', 'items that labels are wanted for, voted on or not; their features may help')
    .option('--fields <names>', 'fields of the items that models see, separated by commas', (text) =>
      text.split(',').map((name) => name.trim()),
    )
    .option('--gold <file>', 'trusted labels: CSV `item,label`')
    .option('--shares <list>', 'class shares that you know: a=0.7,b=0.3', sharesIn)
    .addOption(new Option('--silence <meaning>', 'what no vote means').choices(['abstained', 'unasked', 'auto']).default('auto'))
    .option('--seed <number>', 'seed of everything random', wholeNumber(0), 0)
    .requiredOption('--out <file>', 'where the labels go: CSV')
    .option('--report <file>', 'where the report goes: JSON')
    .action(aggregate);
}

async function aggregate(votes: string, { out, report: reportPath, ...options }: Options): Promise<void> {
  const { aggregateVotes } = await import('@labelwright/engine/votes/aggregate-votes');
  const { estimate, report, problems } = await aggregateVotes({ votes, ...options });
  await writeFileAtomic(out, asyncOf(writeLabels(estimate)));
  if (reportPath !== undefined) await writeFileAtomic(reportPath, `${JSON.stringify(report, null, 2)}\n`);
  for (const problem of problems.slice(0, 10)) process.stderr.write(`labelwright: ${describeProblem(problem)}\n`);
  if (report.problems > 10) process.stderr.write(`labelwright: and ${report.problems - 10} problems more\n`);
  for (const warning of report.warnings) process.stderr.write(`labelwright: note: ${warning}\n`);
  process.stdout.write(
    `${report.votes.toLocaleString('en')} votes of ${report.labelers.length} labelers on ${report.items.toLocaleString('en')} items → ${out} by ${report.method} in ${report.seconds.toFixed(2)} s\n`,
  );
}

async function* asyncOf(chunks: Iterable<string>): AsyncGenerator<string> {
  yield* chunks;
}

function sharesIn(text: string): Record<string, number> {
  const shares: Record<string, number> = {};
  for (const part of text.split(',')) {
    const at = part.lastIndexOf('=');
    const value = Number(part.slice(at + 1));
    if (at <= 0 || !(value >= 0 && value <= 1)) throw new InvalidArgumentError(`must look like a=0.7,b=0.3, got '${part}'.`);
    shares[part.slice(0, at).trim()] = value;
  }
  return shares;
}
