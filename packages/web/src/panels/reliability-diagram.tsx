import type { ReliabilityFigure } from '@labelwright/contract/quality';
import { useCallback } from 'react';
import { count, percent } from '../design/numbers.tsx';
import { Chart, type Plot } from './chart.tsx';

/** Fewer items than this say next to nothing: shown pale. */
const enough = 5;

interface ReliabilityDiagramProps {
  readonly reliability: Pick<ReliabilityFigure, 'bins' | 'n' | 'expectedCalibrationError'>;
}

/** Of the answers that were given 80 %, are 80 % right? */
export function ReliabilityDiagram({ reliability: { bins, n, expectedCalibrationError } }: ReliabilityDiagramProps) {
  const draw = useCallback(
    (plot: Plot) => {
      const lowest = Math.min(0.5, ...bins.map(({ from }) => from));
      // What few items say does not squeeze what many say.
      const firm = bins.filter(({ count: items }) => items >= enough);
      const floor = Math.min(0.5, ...firm.map(({ accuracy }) => Math.floor(accuracy * 10) / 10));
      const most = Math.max(...bins.map(({ count: items }) => items));
      type Bin = (typeof bins)[number];
      const pale = (bin: Bin) => (bin.count < enough ? 0.45 : 1);
      return {
        marginLeft: 44,
        marginBottom: 34,
        x: {
          domain: [lowest, 1],
          label: 'probability of the answer, %',
          tickFormat: (share: number) => `${Math.round(share * 100)}`,
          ticks: 5,
        },
        y: { domain: [floor, 1], grid: true, label: 'right, %', tickFormat: (share: number) => `${Math.round(share * 100)}`, ticks: 5 },
        marks: [
          plot.line(
            [
              { p: Math.max(lowest, floor), q: Math.max(lowest, floor) },
              { p: 1, q: 1 },
            ],
            { x: 'p', y: 'q', stroke: 'var(--lw-muted)', strokeDasharray: '3,4' },
          ),
          plot.ruleX(bins, {
            x: 'meanProbability',
            y1: (bin: Bin) => Math.max(floor, bin.interval.low),
            y2: (bin: Bin) => Math.max(floor, bin.interval.high),
            stroke: 'var(--lw-accepted)',
            strokeWidth: 1.5,
            opacity: pale,
          }),
          plot.dot(bins, {
            x: 'meanProbability',
            y: (bin: Bin) => Math.max(floor, bin.accuracy),
            r: (bin: Bin) => 3 + 5 * Math.sqrt(bin.count / most),
            fill: 'var(--lw-accepted)',
            opacity: pale,
            title: (bin: Bin) =>
              `${Math.round(bin.from * 100)} to ${Math.round(bin.to * 100)} %: ${percent(bin.accuracy)} of ${count(bin.count)} right, promised ${percent(bin.meanProbability)}`,
          }),
        ],
        r: { type: 'identity' as const },
      };
    },
    [bins],
  );
  const words = bins.map(({ meanProbability, accuracy }) => `${percent(meanProbability)} promised, ${percent(accuracy)} right`).join('; ');
  return (
    <Chart title={`Reliability on ${count(n)} items, error ${percent(expectedCalibrationError)}: ${words}`} heightPx={280} draw={draw} />
  );
}
