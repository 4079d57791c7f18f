import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { Html } from './html.ts';
import type { QuestionReport } from './run-report.ts';

/** Items by how sure their answer is, the accepted apart. SVG, drawn here: the page needs no script. */
export function confidenceChart({ confidence }: QuestionReport): Html {
  const bins = confidence.accepted.length;
  const bars = (['accepted', 'waiting'] as const).flatMap((kind) =>
    confidence[kind].map((count, bin) => ({ kind, count, from: bin / bins, to: (bin + 1) / bins })),
  );
  const first = bars.filter(({ count }) => count > 0).reduce((least, { from }) => Math.min(least, from), 1);
  return svg('Items by the probability of their answer, the accepted apart', {
    height: 240,
    marginBottom: 44,
    x: { label: 'probability of the answer', domain: [Math.min(first, 0.5), 1], percent: false },
    y: { label: 'items', grid: true },
    color: { domain: ['accepted', 'waiting'], range: ['var(--accepted)', 'var(--waiting)'] },
    marks: [
      Plot.rectY(
        bars.filter(({ from }) => from >= Math.min(first, 0.5)),
        Plot.stackY({ x1: 'from', x2: 'to', y: 'count', fill: 'kind', inset: 0.5, order: ['accepted', 'waiting'] }),
      ),
      Plot.ruleY([0]),
    ],
  });
}

/** Accuracy of each labeler: on gold with its interval, and what the posterior believes. */
export function accuracyChart({ labelers }: QuestionReport): Html {
  const voted = labelers.filter((labeler) => labeler.voted > 0);
  const gold = voted.flatMap(({ labeler, goldAccuracy }) => (goldAccuracy ? [{ labeler, ...goldAccuracy }] : []));
  const least = Math.min(0.95, ...gold.map(({ low }) => low), ...voted.map(({ estimatedAccuracy }) => estimatedAccuracy));
  const longest = Math.max(0, ...voted.map(({ labeler }) => labeler.length));
  return svg('Accuracy of each labeler: on gold with its interval, and as the votes suggest; the table above has the figures', {
    height: 56 + voted.length * 24,
    marginBottom: 44,
    marginLeft: Math.min(240, 24 + longest * 7),
    x: {
      label: 'accuracy',
      grid: true,
      domain: [Math.max(0, Math.floor(least * 20 - 0.2) / 20), 1],
    },
    y: { label: null, domain: voted.map(({ labeler }) => labeler) },
    marks: [
      Plot.ruleY(gold, { y: 'labeler', x1: 'low', x2: 'high', stroke: 'var(--accent)', strokeWidth: 2 }),
      Plot.dot(gold, { y: 'labeler', x: 'estimate', fill: 'var(--accent)', r: 4 }),
      Plot.dot(voted, { y: 'labeler', x: 'estimatedAccuracy', stroke: 'var(--muted)', r: 4, strokeWidth: 1.5 }),
    ],
  });
}

/** One picture to a screen reader, with what it shows in words: Plot's labels of single marks say nothing. */
function svg(label: string, options: Plot.PlotOptions): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const figure = Plot.plot({
    width: 720,
    style: { background: 'transparent', fontFamily: 'inherit', fontSize: '12px' },
    ...options,
    document,
  });
  for (const part of figure.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  figure.setAttribute('role', 'img');
  figure.setAttribute('aria-label', label);
  return new Html(figure.outerHTML);
}
