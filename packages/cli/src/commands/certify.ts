import { CoreError } from '@labelwright/core/model/errors';
import { describeProblem, refuseFatal } from '@labelwright/core/model/problem';
import { openSource } from '@labelwright/engine/files/source-file';
import { writeFileAtomic } from '@labelwright/engine/files/write-file';
import type { Command } from 'commander';
import { share, wholeNumber } from '../number-options.ts';

interface Options {
  readonly gold: string;
  readonly targetError: number;
  readonly confidence: number;
  readonly look?: number;
  readonly perLabel?: true;
  readonly report?: string;
}

export function addCertify(program: Command): void {
  program
    .command('certify')
    .description('prove how many labels can be accepted, from a random sample that people checked')
    .argument('<labels>', 'what `aggregate` or `label` wrote: CSV `item,label,probability…`, frozen before the audit was drawn')
    .requiredOption('--gold <file>', 'the audit: CSV `item,label` of a uniform random sample of the items')
    .option('--target-error <share>', 'at most this share of the accepted labels may be wrong', share, 0.05)
    .option('--confidence <share>', 'probability that the promise holds', share, 0.95)
    .option(
      '--look <number>',
      'you look again and again as audits come in: this is look number …; spends a part of the risk',
      wholeNumber(1),
    )
    .option('--per-label', 'also promise the target error within each label; needs more audits')
    .option('--report <file>', 'where the report goes: JSON')
    .action(certify);
}

async function certify(path: string, { gold, targetError, confidence, look, perLabel, report: reportPath }: Options): Promise<void> {
  const started = performance.now();
  const [{ certify: prove }, { readLabels }, { readGold }] = await Promise.all([
    import('@labelwright/core/audits/certificate'),
    import('@labelwright/core/formats/labels'),
    import('@labelwright/core/formats/gold'),
  ]);
  const labels = await readLabels(await openSource(path));
  const audit = await readGold(await openSource(gold));
  refuseFatal([...labels.problems, ...audit.problems]);
  if (labels.items.length === 0) throw new CoreError('no-labels', `${path}: there is no label to certify`);
  const unscored = labels.items.findIndex((_, row) => Number.isNaN(labels.probability[row]));
  if (unscored >= 0)
    throw new CoreError(
      'no-probability',
      `${path}: item '${labels.items[unscored]}' has no probability; certificates accept the surest labels first`,
    );
  const pool = { items: labels.items, labels: Array.from(labels.label, (label) => labels.labels[label]), probability: labels.probability };
  const proven = prove(pool, audit.rows, {
    targetError,
    confidence,
    ...(look === undefined ? { plannedLooks: 1 } : { look }),
    ...(perLabel && { perLabel }),
  });
  for (const problem of [...labels.problems, ...audit.problems, ...proven.problems].slice(0, 10))
    process.stderr.write(`labelwright: ${describeProblem(problem)}\n`);
  if (reportPath !== undefined) {
    const costs = { seconds: (performance.now() - started) / 1000, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) };
    await writeFileAtomic(reportPath, `${JSON.stringify({ ...proven, ...costs }, null, 2)}\n`);
  }
  const { estimate, low, high } = proven.accuracy;
  process.stdout.write(
    `${proven.text}\n${proven.audited.toLocaleString('en')} of ${proven.items.toLocaleString('en')} labels audited: ${(estimate * 100).toFixed(1)} % right (${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)}), exact for this pool\n`,
  );
  for (const { label, items, audited, wrong, certificate } of proven.byLabel ?? []) {
    const accepted = certificate.kind === 'certified' ? `${certificate.accepted.toLocaleString('en')} certified` : 'not certified';
    process.stdout.write(`  ${label}: ${accepted} of ${items.toLocaleString('en')}, ${audited} audited, ${wrong} wrong\n`);
  }
}
