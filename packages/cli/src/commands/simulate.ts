import { describeProblem } from '@labelwright/core/model/problem';
import { writeFileAtomic } from '@labelwright/engine/files/write-file';
import type { Command } from 'commander';
import { share, wholeNumber } from '../number-options.ts';

interface Options {
  readonly gold: string;
  readonly fields?: string[];
  readonly votes?: string;
  readonly planner: string;
  readonly budget?: number;
  readonly targetError: number;
  readonly confidence: number;
  readonly seed: number;
  readonly report: string;
}

export function addSimulate(program: Command): void {
  program
    .command('simulate')
    .description('play the whole loop on items whose labels are known: how much would people have to label?')
    .argument('<items>', 'JSON Lines or CSV, one item a line')
    .requiredOption('--gold <field>', 'the field with the true label: it plays the people')
    .option('--fields <names>', 'fields of the items that models see, separated by commas', (text) =>
      text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    )
    .option('--votes <file>', 'what LLMs or other models said: CSV `item,labeler,label[,confidence]`')
    .option('--planner <name>', 'who picks what people label, see `labelwright planners`', 'hybrid')
    .option('--budget <number>', 'labels that people give at most', wholeNumber(0))
    .option('--target-error <share>', 'at most this share of all final labels may be wrong', share, 0.05)
    .option('--confidence <share>', 'probability that the promise holds', share, 0.95)
    .option('--seed <number>', 'seed of everything random', wholeNumber(0), 0)
    .requiredOption('--report <file>', 'where the report goes: JSON')
    .action(simulate);
}

async function simulate(items: string, { report: path, ...options }: Options): Promise<void> {
  const { simulateLoop } = await import('@labelwright/engine/simulate/simulate-loop');
  const { report, problems } = await simulateLoop({ items, ...options });
  await writeFileAtomic(path, `${JSON.stringify(report, null, 2)}\n`);
  for (const problem of problems.slice(0, 10)) process.stderr.write(`labelwright: ${describeProblem(problem)}\n`);
  if (problems.length > 10) process.stderr.write(`labelwright: and ${problems.length - 10} problems more\n`);
  for (const note of report.notes) process.stderr.write(`labelwright: note: ${note}\n`);
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const count = (value: number): string => value.toLocaleString('en');
  const certified = report.certifiedError === null ? 'nothing' : `an error of at most ${percent(report.certifiedError)}`;
  process.stdout.write(
    `people labeled ${count(report.peopleVotes)} of ${count(report.items)} items, ${count(report.accepted)} machine labels were accepted: ${percent(report.saved)} saved\n` +
      `certified: ${certified} with ${Number((100 * report.confidence).toFixed(2))} % confidence; in truth ${percent(report.realisedError)} of the final labels are wrong → ${path} in ${report.seconds.toFixed(2)} s\n`,
  );
}
