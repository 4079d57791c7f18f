import type { PlotOptions } from '@observablehq/plot';
import { Skeleton } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { Later } from '../design/later.tsx';
import classes from './chart.module.css';

export type Plot = typeof import('@observablehq/plot');

interface ChartProps {
  /** What it shows, in words: for those who cannot see it. */
  readonly title: string;
  readonly heightPx: number;
  readonly draw: (plot: Plot) => PlotOptions;
}

/** A chart, as wide as its place. The library comes when the first one is drawn. */
export function Chart({ title, heightPx, draw }: ChartProps) {
  const { ref: measured, width } = useElementSize<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  const [plot, setPlot] = useState<Plot>();
  useEffect(() => {
    void import('@observablehq/plot').then(setPlot);
  }, []);
  useEffect(() => {
    if (!plot || !place.current || width === 0) return;
    const figure = plot.plot({ width, height: heightPx, ...draw(plot) });
    // Its own style tag is not let in by the content security policy: chart.module.css says the same.
    figure.querySelector('style')?.remove();
    // It is one picture with one description; the names of its parts would be read as noise.
    for (const part of figure.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
    figure.setAttribute('role', 'img');
    figure.setAttribute('aria-label', title);
    place.current.replaceChildren(figure);
  }, [plot, width, heightPx, draw, title]);
  return (
    <div ref={measured} style={{ minHeight: heightPx }}>
      <div ref={place} className={classes.chart} />
      {!plot && (
        <Later>
          <Skeleton h={heightPx} />
        </Later>
      )}
    </div>
  );
}
