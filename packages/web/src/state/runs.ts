import type { Run } from '@labelwright/contract/runs';
import { useQuery } from '@tanstack/react-query';
import { api, keys, queries } from '../api.ts';
import { showDone, showFault } from '../design/toasts.tsx';

export function isUnderWay({ state }: Pick<Run, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/** Newest first. Events keep it fresh; while something runs it also asks by itself, should they not get through. */
export function useRuns(project: number) {
  return useQuery({
    queryKey: keys.runs(project),
    queryFn: () => api.listRuns({ params: { project } }),
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? 3_000 : false),
  });
}

/** Of this phase; null before its speed is known. */
export function secondsLeft({ done, total, itemsPerSecond }: Run): number | null {
  return itemsPerSecond > 0 && total > done ? (total - done) / itemsPerSecond : null;
}

/** How long it took, or null while it has not ended. */
export function secondsTaken({ startedAt, finishedAt }: Run): number | null {
  return startedAt && finishedAt ? (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 : null;
}

/** What a run can be compared with: those that came through before it, newest first. */
export function comparable(runs: readonly Run[], run: Run): Run[] {
  return runs.filter(({ number, state }) => number < run.number && state === 'done');
}

/** @returns the run, or undefined where the server did not take it (which is said on the screen) */
export async function startRun(project: number, labeler?: number): Promise<Run | undefined> {
  try {
    const run = await api.startRun({ params: { project }, body: labeler === undefined ? {} : { labeler } });
    queries.setQueryData<Run[]>(keys.runs(project), (runs) => runs && [run, ...runs.filter(({ id }) => id !== run.id)]);
    return run;
  } catch (error) {
    showFault(error);
    return undefined;
  } finally {
    void queries.invalidateQueries({ queryKey: keys.runs(project) });
  }
}

export async function cancelRun(project: number, { id, number }: Run): Promise<void> {
  try {
    const run = await api.cancelRun({ params: { project, run: id } });
    queries.setQueryData<Run[]>(keys.runs(project), (runs) => runs?.map((each) => (each.id === id ? run : each)));
    showDone(`Run ${number} is cancelled; the results from before it stay`);
  } catch (error) {
    showFault(error);
  } finally {
    void queries.invalidateQueries({ queryKey: keys.runs(project) });
  }
}
