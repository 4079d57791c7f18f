import type { AskingRun } from '@labelwright/contract/llm';
import type { Labeler } from '@labelwright/contract/labelers';
import { useQuery } from '@tanstack/react-query';
import { api, keys, queries } from '../api.ts';
import { showDone, showFault } from '../design/toasts.tsx';
import { refreshLabelers } from './labelers.ts';

export function isAsking({ state }: Pick<AskingRun, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/** It can still go on: nothing new may be started for its labeler. */
export function isOpen({ state }: Pick<AskingRun, 'state'>): boolean {
  return state === 'queued' || state === 'running' || state === 'paused';
}

/** Newest first. Events keep it fresh; while a model is asked it also looks by itself, should they not get through. */
export function useAskings(project: number, enabled = true) {
  return useQuery({
    queryKey: keys.askings(project),
    queryFn: () => api.listAskings({ params: { project } }),
    refetchInterval: ({ state }) => (state.data?.some(isAsking) ? 2_000 : false),
    enabled,
  });
}

export function useSpending(project: number, enabled = true) {
  return useQuery({ queryKey: keys.spending(project), queryFn: () => api.getSpending({ params: { project } }), enabled });
}

/** Of the items that are still to be asked; null before its speed is known. */
export function secondsLeft({ done, total, itemsPerSecond }: AskingRun): number | null {
  return itemsPerSecond > 0 && total > done ? (total - done) / itemsPerSecond : null;
}

function put(project: number, asking: AskingRun): void {
  queries.setQueryData<AskingRun[]>(keys.askings(project), (all) =>
    all?.some(({ id }) => id === asking.id) ? all.map((each) => (each.id === asking.id ? asking : each)) : [asking, ...(all ?? [])],
  );
}

/** @throws CallError */
export async function startAsking(project: number, labeler: Pick<Labeler, 'id'>, budgetUsd: number | null): Promise<void> {
  try {
    put(project, await api.startAsking({ params: { project, labeler: labeler.id }, body: { budgetUsd } }));
  } finally {
    void queries.invalidateQueries({ queryKey: keys.askings(project) });
  }
}

export function pauseAsking(project: number, { id }: AskingRun): Promise<void> {
  return steer(project, () => api.pauseAsking({ params: { project, asking: id } }));
}

/** Goes on; with another budget where one is given. */
export function resumeAsking(project: number, { id }: AskingRun, budgetUsd?: number | null): Promise<void> {
  return steer(project, () => api.resumeAsking({ params: { project, asking: id }, body: budgetUsd === undefined ? {} : { budgetUsd } }));
}

export async function cancelAsking(project: number, { id, labeler }: AskingRun): Promise<void> {
  await steer(project, async () => {
    const asking = await api.cancelAsking({ params: { project, asking: id } });
    showDone(`“${labeler.name}” is not asked any more; the answers that came stay`);
    return asking;
  });
}

async function steer(project: number, call: () => Promise<AskingRun>): Promise<void> {
  try {
    put(project, await call());
  } catch (error) {
    showFault(error);
  } finally {
    void queries.invalidateQueries({ queryKey: keys.askings(project) });
    void queries.invalidateQueries({ queryKey: keys.spending(project) });
  }
}

interface Limits {
  readonly budgetUsd?: number | null;
  readonly labelers?: { readonly id: number; readonly budgetUsd: number | null }[];
}

/** @throws CallError */
export async function setLimits(project: number, limits: Limits): Promise<void> {
  await api.setSpendingLimits({ params: { project }, body: limits });
  await queries.invalidateQueries({ queryKey: keys.spending(project) });
}

/** A proposed prompt becomes the next version.  @throws CallError */
export async function takeTemplate(project: number, { id, version, with: options }: Labeler, template: string): Promise<Labeler> {
  const saved = await api.updateLabeler({ params: { project, labeler: id }, body: { version, with: { ...options, template } } });
  await refreshLabelers(project);
  return saved;
}
