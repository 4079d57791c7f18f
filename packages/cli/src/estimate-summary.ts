import { styleText } from 'node:util';
import { usd } from '@labelwright/engine/report/usd';
import type { AskingEstimate } from '@labelwright/engine/runs/estimate-asking';

/** What the language models of a project would cost, for the terminal. */
export function summarizeEstimate(estimates: readonly AskingEstimate[], budgetUsd: number | undefined): string {
  if (estimates.length === 0) return 'No language model is asked: nothing to pay.\n';
  const blocks = estimates.map((estimate) =>
    [`${styleText('bold', estimate.labeler)} (${estimate.model})`, ...linesOf(estimate)].join('\n'),
  );
  const total = estimates.reduce((sum, { cost }) => sum + (cost?.usd ?? 0), 0);
  const most = estimates.reduce((sum, { cost }) => sum + (cost?.maximumUsd ?? 0), 0);
  const over = budgetUsd !== undefined && most > budgetUsd ? `; the budget of the project is ${usd(budgetUsd)}` : '';
  return `${blocks.join('\n')}\n${styleText('bold', `In all about ${usd(total)}, at most ${usd(most)}`)}${over}\n`;
}

function linesOf({ items, kept, unshowable, spentUsd, cost, prices, budgetUsd }: AskingEstimate): string[] {
  const count = (value: number): string => value.toLocaleString('en');
  const lines = [row('items', `${count(items)}, of them ${count(kept)} answered already, ${count(unshowable)} with nothing to show`)];
  if (cost) {
    const { inputUsd, outputUsd } = prices;
    lines.push(
      row('requests', `${count(cost.requests)} with about ${count(cost.inputTokens)} tokens in and ${count(cost.outputTokens)} out`),
      row('prices', `${inputUsd} in, ${outputUsd} out, USD per million tokens`),
      row('cost', `about ${usd(cost.usd)} (${usd(cost.lowUsd)} to ${usd(cost.highUsd)}), at most ${usd(cost.maximumUsd)}`),
    );
  }
  if (spentUsd > 0) lines.push(row('spent already', usd(spentUsd)));
  if (budgetUsd !== undefined) lines.push(row('budget', usd(budgetUsd)));
  return lines;
}

const row = (name: string, value: string): string => `  ${name.padEnd(20)}${value}`;
