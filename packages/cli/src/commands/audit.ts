import { csvLine } from '@labelwright/core/formats/csv-line';
import { describeProblem } from '@labelwright/core/model/problem';
import type { AuditReport } from '@labelwright/engine/audits/audit-file';
import { writeFileAtomic } from '@labelwright/engine/files/write-file';
import type { Command } from 'commander';
import { wholeNumber } from '../number-options.ts';

interface Options {
  readonly items?: string;
  readonly fields?: string[];
  readonly seed: number;
  readonly out?: string;
  readonly report?: string;
}

export function addAudit(program: Command): void {
  program
    .command('audit')
    .description('what is doubtful about labels: probable errors, duplicates, outliers, drift')
    .argument('<labels>', 'CSV `item,label`, with columns `p:<label>` of a model that did not see these labels, where there is one')
    .option('--items <file>', 'what was labeled: a classifier of them judges the labels; near-duplicates and outliers are looked for')
    .option('--fields <names>', 'fields of the items to look at, separated by commas', (text) => text.split(',').map((name) => name.trim()))
    .option('--seed <number>', 'seed of everything random', wholeNumber(0), 0)
    .option('--out <file>', 'where the doubtful items go: CSV `item,problem,label,suggested,score`')
    .option('--report <file>', 'where the report goes: JSON')
    .action(audit);
}

async function audit(labels: string, { out, report: reportPath, ...options }: Options): Promise<void> {
  const started = performance.now();
  const { auditFile } = await import('@labelwright/engine/audits/audit-file');
  const { report, problems } = await auditFile({ labels, ...options });
  for (const problem of problems.slice(0, 10)) process.stderr.write(`labelwright: ${describeProblem(problem)}\n`);
  for (const note of report.notes) process.stderr.write(`labelwright: note: ${note}\n`);
  if (out !== undefined) await writeFileAtomic(out, doubtful(report));
  if (reportPath !== undefined) {
    const costs = { seconds: (performance.now() - started) / 1000, peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) };
    await writeFileAtomic(reportPath, `${JSON.stringify({ ...report, ...costs }, null, 2)}\n`);
  }
  process.stdout.write(`${summary(report).join('\n')}\n`);
}

/** One line per doubt, the most suspicious first within each kind. */
function doubtful({ labelErrors, duplicates, outliers }: AuditReport): string {
  const rows = [
    ...(labelErrors?.flagged ?? []).map(({ item, label, suggested, probability }) => [
      item,
      'label error',
      label,
      suggested,
      probability.toFixed(4),
    ]),
    ...(duplicates ?? []).flatMap(({ items, labels, similarity, contradicting }) =>
      items.map((item, at) => [item, contradicting ? 'duplicate, other label' : 'duplicate', labels[at], '', similarity.toFixed(4)]),
    ),
    ...(outliers ?? []).map(({ item, score }) => [item, 'outlier', '', '', score.toFixed(2)]),
  ];
  return [['item', 'problem', 'label', 'suggested', 'score'], ...rows].map(csvLine).join('');
}

const shown = 5;

function listed(names: readonly string[]): string {
  return names.length <= shown ? names.join(', ') : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}

function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}

function summary({ items, labelErrors, duplicates, outliers, drift }: AuditReport): string[] {
  const lines = [`${items.toLocaleString('en')} labels`];
  if (labelErrors) {
    const { flagged, estimatedErrorRate, source } = labelErrors;
    lines.push(`  probably wrong: ${flagged.length} flagged, about ${(100 * estimatedErrorRate).toFixed(1)} % of all by the ${source}`);
    for (const { item, label, suggested, suggestedProbability } of flagged.slice(0, shown))
      lines.push(`    ${item}: ${label}, rather ${suggested} (${suggestedProbability.toFixed(2)})`);
  }
  if (duplicates) {
    const contradicting = duplicates.filter((group) => group.contradicting);
    lines.push(`  duplicates: ${counted(duplicates.length, 'group')}, ${contradicting.length} with different labels`);
    for (const group of contradicting.slice(0, shown))
      lines.push(`    ${listed(group.items.map((item, at) => `${item}: ${group.labels[at]}`))}`);
  }
  if (outliers) lines.push(`  unlike all others: ${outliers.length}${outliers.length > 0 ? `, ${outliers[0].item} most` : ''}`);
  if (drift)
    lines.push(
      drift.drifted.length === 0
        ? '  drift: none between the first and the second half'
        : `  drift: ${listed(drift.drifted)} changed between the first and the second half (${(100 * drift.totalVariation).toFixed(1)} % of the labels)`,
    );
  return lines;
}
