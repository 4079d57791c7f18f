import { useCallback } from 'react';
import { count } from '../design/numbers.tsx';
import { Chart, type Plot } from './chart.tsx';

interface PosteriorHistogramProps {
  readonly accepted: readonly number[];
  readonly waiting: readonly number[];
}

/** How sure the machine is of its answers: items per bin of the highest probability, accepted ones below those that wait. */
export function PosteriorHistogram({ accepted, waiting }: PosteriorHistogramProps) {
  const draw = useCallback(
    (plot: Plot) => {
      const bins = accepted.length;
      const rowsOf = (items: readonly number[], state: string) =>
        items.map((items, bin) => ({ from: bin / bins, to: (bin + 1) / bins, items, state }));
      const rows = [...rowsOf(accepted, 'accepted'), ...rowsOf(waiting, 'waiting')].filter(({ items }) => items > 0);
      // Nothing is below chance: what is empty at the left is left out.
      const lowest = Math.min(0.5, ...rows.map(({ from }) => from));
      return {
        marginLeft: 44,
        marginBottom: 34,
        x: {
          domain: [lowest, 1],
          label: 'probability of the answer',
          percent: false,
          tickFormat: (share: number) => `${Math.round(share * 100)}`,
        },
        y: { grid: true, label: 'items', ticks: 4 },
        color: { domain: ['accepted', 'waiting'], range: ['var(--lw-accepted)', 'var(--lw-waiting)'] },
        marks: [
          plot.rectY(rows, {
            x1: 'from',
            x2: 'to',
            y: 'items',
            fill: 'state',
            insetLeft: 1,
            insetRight: 1,
            title: (row: (typeof rows)[number]) =>
              `${Math.round(row.from * 100)} to ${Math.round(row.to * 100)} %: ${count(row.items)} ${row.state}`,
          }),
          plot.ruleY([0], { stroke: 'var(--lw-line)' }),
        ],
      };
    },
    [accepted, waiting],
  );
  const sum = (items: readonly number[]) => count(items.reduce((total, each) => total + each, 0));
  return <Chart title={`How probable the answers are: ${sum(accepted)} accepted, ${sum(waiting)} waiting`} heightPx={200} draw={draw} />;
}
