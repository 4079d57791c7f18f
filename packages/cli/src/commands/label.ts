import { resolve } from 'node:path';
import type { Command } from 'commander';
import { wholeNumber } from '../number-options.ts';
import { ProgressLine } from '../progress-line.ts';
import { summarizeEstimate } from '../estimate-summary.ts';
import { summarizeRun } from '../run-summary.ts';

interface Options {
  readonly out?: string;
  readonly seed?: number;
  readonly threads?: number;
  readonly resume?: boolean;
  readonly estimate?: boolean;
}

export function addLabel(program: Command): void {
  program
    .command('label')
    .description('label a project: items → labelers → posterior → decisions, with a report')
    .argument('<project>', 'project file (YAML)')
    .option('--out <dir>', 'where the results go; default what the project says')
    .option('--seed <number>', 'seed of everything random', wholeNumber(0))
    .option('--threads <number>', 'worker threads; default one per core', wholeNumber(1))
    .option('--resume', 'go on where a stopped run left off')
    .option('--estimate', 'only say what the language models would cost; nobody is asked')
    .action(label);
}

async function label(path: string, options: Options): Promise<void> {
  const started = performance.now();
  const [{ loadProject }, { labelProject }, { reportRun }, { writeOutputs }] = await Promise.all([
    import('@labelwright/engine/project/load-project'),
    import('@labelwright/engine/runs/label-project'),
    import('@labelwright/engine/report/run-report'),
    import('@labelwright/engine/report/write-outputs'),
  ]);
  const loaded = await loadProject(path);
  const project = {
    ...loaded,
    ...(options.out !== undefined && { output: resolve(options.out) }),
    ...(options.seed !== undefined && { seed: options.seed }),
  };
  if (options.estimate) {
    const { estimateAsking } = await import('@labelwright/engine/runs/estimate-asking');
    process.stdout.write(summarizeEstimate(await estimateAsking(project), project.budgetUsd));
    return;
  }
  const progress = new ProgressLine();
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    const run = await labelProject(project, {
      signal: stop.signal,
      resume: options.resume ?? false,
      onProgress: progress.update,
      ...(options.threads !== undefined && { threads: options.threads }),
    });
    progress.clear();
    const report = await reportRun(run, (performance.now() - started) / 1000);
    const written = await writeOutputs(run, report);
    process.stdout.write(summarizeRun(report, written));
  } finally {
    progress.clear();
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}
