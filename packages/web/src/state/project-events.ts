import { event } from '@labelwright/contract/system';
import { useEffect } from 'react';
import { keys, queries } from '../api.ts';
import { staleKeys } from './stale-keys.ts';

/** Fifty people at work are a hundred events a second: what they touch is read again once in a while. */
const pauseMs = 1_500;

/** Something has happened in the project that is open: for what is not a query. */
export const projectNews = new EventTarget();

/** Live updates of a project: each event makes stale what it touches; the browser reconnects by itself. */
export function useProjectEvents(project: number): void {
  useEffect(() => {
    const stale = staleKeys((queryKey) => {
      void queries.invalidateQueries({ queryKey });
      projectNews.dispatchEvent(new Event('news'));
    }, pauseMs);
    const source = new EventSource(`/api/projects/${project}/events`);
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const parsed = event.safeParse(JSON.parse(data));
      if (!parsed.success) return;
      for (const key of touchedBy(project, parsed.data.kind, 'state' in parsed.data && parsed.data.state === 'done')) stale.add(key);
    });
    return () => {
      source.close();
      stale.stop();
    };
  }, [project]);
}

function touchedBy(project: number, kind: string, done: boolean): (readonly unknown[])[] {
  if (kind === 'run') return done ? [keys.project(project)] : [keys.runs(project)];
  if (kind === 'import') return done ? [keys.project(project)] : [keys.imports(project)];
  if (kind === 'export') return [keys.exports(project)];
  if (kind === 'asking')
    return [keys.askings(project), keys.spending(project), ...(done ? [keys.labelers(project), keys.overview(project)] : [])];
  if (kind === 'labelers') return [keys.labelers(project)];
  if (kind === 'answer') return [keys.overview(project), keys.items(project)];
  if (kind === 'audit') return [keys.audits(project), keys.overview(project), keys.quality(project)];
  if (kind === 'gold') return [keys.gold(project), keys.quality(project), [...keys.items(project), 'one']];
  return [keys.project(project)];
}
