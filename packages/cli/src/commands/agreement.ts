import type { Agreement } from '@labelwright/core/agreement/agreement-measure';
import { createRandom } from '@labelwright/core/math/random';
import { CoreError } from '@labelwright/core/model/errors';
import { describeProblem, refuseFatal } from '@labelwright/core/model/problem';
import { openSource } from '@labelwright/engine/files/source-file';
import { writeFileAtomic } from '@labelwright/engine/files/write-file';
import { type Command, Option } from 'commander';
import { wholeNumber } from '../number-options.ts';

interface Options {
  readonly scale: string;
  readonly seed: number;
  readonly report?: string;
}

export function addAgreement(program: Command): void {
  program
    .command('agreement')
    .description('how far labelers agree beyond chance, with intervals')
    .argument('<votes>', 'CSV `item,labeler,label`, or JSON Lines with the same keys')
    .addOption(new Option('--scale <kind>', 'what the labels are').choices(['nominal', 'ordinal', 'interval']).default('nominal'))
    .option('--seed <number>', 'seed of the bootstrap', wholeNumber(0), 0)
    .option('--report <file>', 'where the report goes: JSON')
    .action(agreement);
}

async function agreement(path: string, { scale, seed, report: reportPath }: Options): Promise<void> {
  const started = performance.now();
  const { agreementReport } = await import('@labelwright/core/agreement/agreement-report');
  const { readVotes } = await import('@labelwright/core/formats/votes');
  const { votes, problems, problemCount } = await readVotes(await openSource(path));
  refuseFatal(problems);
  for (const problem of problems.slice(0, 10)) process.stderr.write(`labelwright: ${describeProblem(problem)}\n`);
  if (votes.item.length === 0) throw new CoreError('no-votes', `${path}: there is no vote that could be read`);
  const report = agreementReport(votes, createRandom(seed), { scale });
  if (reportPath !== undefined) {
    const costs = {
      problems: problemCount,
      seconds: (performance.now() - started) / 1000,
      peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    await writeFileAtomic(reportPath, `${JSON.stringify({ ...report, ...costs }, null, 2)}\n`);
  }
  const measures = Object.entries(report.overall).map(([name, value]) => `  ${name.padEnd(22)}${described(value)}\n`);
  process.stdout.write(
    `${report.labelers} labelers, ${report.votes.toLocaleString('en')} votes; ${report.overlaps.toLocaleString('en')} of ${report.items.toLocaleString('en')} items have two or more\n${measures.join('')}`,
  );
}

function described(agreement: Agreement): string {
  if (agreement.kind === 'measured')
    return `${agreement.value.toFixed(3)} (${agreement.low.toFixed(3)} to ${agreement.high.toFixed(3)}, 95 %)`;
  if (agreement.kind === 'too-few') return `too few overlaps to say: ${agreement.overlaps} of at least ${agreement.needed}`;
  return agreement.reason;
}
