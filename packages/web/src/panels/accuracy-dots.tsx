import type { Labeler } from '@labelwright/contract/labelers';
import { Text } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import { percent } from '../design/numbers.tsx';
import { Chart, type Plot } from './chart.tsx';

const most = 14;
const evidenceWords = { gold: 'on gold', people: 'on what people answered', estimated: 'estimated, nothing checked' } as const;

interface Row {
  readonly name: string;
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  readonly evidence: keyof typeof evidenceWords;
  readonly n: number;
}

/** Fewer checked items than this say next to nothing: shown pale. */
const enough = 5;
const isPale = ({ n, evidence }: Row) => evidence !== 'estimated' && n < enough;

function rowOf({ name, statistics }: Labeler): Row | undefined {
  if (!statistics || statistics.voted === 0) return undefined;
  const checked = statistics.goldAccuracy ?? statistics.peopleAccuracy;
  if (checked && checked.n > 0)
    return {
      name,
      accuracy: checked.estimate,
      low: checked.low,
      high: checked.high,
      n: checked.n,
      evidence: statistics.goldAccuracy ? 'gold' : 'people',
    };
  const { estimatedAccuracy: accuracy } = statistics;
  return { name, accuracy, low: accuracy, high: accuracy, n: 0, evidence: 'estimated' };
}

/** Every labeler's accuracy with its 95 % interval; hollow where nothing was checked. */
export function AccuracyDots({ labelers }: { labelers: readonly Labeler[] }) {
  const rows = useMemo(
    () =>
      labelers
        .map(rowOf)
        .filter((row) => row !== undefined)
        .sort((a, b) => b.accuracy - a.accuracy)
        .slice(0, most),
    [labelers],
  );
  const draw = useCallback(
    (plot: Plot) => {
      const lowest = Math.min(0.5, ...rows.map(({ low }) => low));
      const short = (name: string) => (name.length > 22 ? `${name.slice(0, 21)}…` : name);
      return {
        marginLeft: 150,
        marginBottom: 34,
        x: { domain: [lowest, 1], grid: true, label: 'accuracy, %', tickFormat: (share: number) => `${Math.round(share * 100)}`, ticks: 5 },
        y: { label: null, domain: rows.map(({ name }) => name), tickFormat: short, tickSize: 0 },
        marks: [
          plot.ruleY(rows, {
            y: 'name',
            x1: 'low',
            x2: 'high',
            stroke: 'var(--lw-muted)',
            strokeWidth: 1.5,
            opacity: (row: Row) => (isPale(row) ? 0.45 : 1),
          }),
          plot.dot(rows, {
            y: 'name',
            x: 'accuracy',
            r: 4.5,
            opacity: (row: Row) => (isPale(row) ? 0.45 : 1),
            fill: (row: Row) => (row.evidence === 'estimated' ? 'var(--mantine-color-body)' : 'var(--mantine-color-text)'),
            stroke: 'var(--mantine-color-text)',
            title: (row: Row) =>
              row.n > 0
                ? `${row.name}: ${percent(row.accuracy)}, between ${percent(row.low)} and ${percent(row.high)} (${evidenceWords[row.evidence]}, ${row.n} items)`
                : `${row.name}: about ${percent(row.accuracy)} (${evidenceWords[row.evidence]})`,
          }),
        ],
      };
    },
    [rows],
  );
  if (rows.length === 0) return <Text c="dimmed">Shown after the first run.</Text>;
  const words = rows.map(({ name, accuracy, evidence }) => `${name} ${percent(accuracy)} ${evidenceWords[evidence]}`).join('; ');
  return <Chart title={`Accuracy by labeler: ${words}`} heightPx={52 + rows.length * 24} draw={draw} />;
}
