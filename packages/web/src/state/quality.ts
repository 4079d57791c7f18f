import type { Quality, Suspect } from '@labelwright/contract/quality';
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { api, keys, queries } from '../api.ts';
import { showDone, showFault, showUndo } from '../design/toasts.tsx';
import { newActionId } from './new-action-id.ts';

export type QualityQuery = UseQueryResult<Quality>;

export function useQuality(project: number, question: string, enabled: boolean): QualityQuery {
  return useQuery({
    queryKey: [...keys.quality(project), question],
    queryFn: () => api.getQuality({ params: { project }, query: { question } }),
    placeholderData: keepPreviousData,
    enabled,
  });
}

export function useSuspects(project: number, question: string) {
  return useQuery({
    queryKey: [...keys.quality(project), 'suspects', question],
    queryFn: () => api.listSuspects({ params: { project }, query: { question } }),
  });
}

function refreshQuality(project: number): Promise<unknown> {
  return Promise.all(
    [keys.quality(project), keys.overview(project), keys.items(project)].map((queryKey) => queries.invalidateQueries({ queryKey })),
  );
}

/** Flags them for whoever may review; the message offers the way back. `onMoved` hears when they are in review, and when they no longer are. */
export async function sendToReview(
  project: number,
  question: string,
  rows: readonly Pick<Suspect, 'id' | 'ordinal'>[],
  note = 'suspect: the labelers, asked without people, say otherwise',
  onMoved: (isInReview: boolean) => void = () => undefined,
): Promise<void> {
  const action = newActionId();
  try {
    const ordinals = rows.map(({ ordinal }) => ordinal);
    await api.sendToReview({ params: { project }, body: { action, question, ordinals, note } });
    onMoved(true);
    showUndo(rows.length === 1 ? `${rows[0].id} is sent to review` : `${rows.length} items are sent to review`, async () => {
      await api.undoAnswer({ params: { project, action }, body: { action: newActionId() } });
      onMoved(false);
      await refreshQuality(project);
    });
  } catch (error) {
    showFault(error);
  } finally {
    await refreshQuality(project);
  }
}

const goldPage = 100;

export function useGold(project: number, question: string, page: number) {
  return useQuery({
    queryKey: [...keys.gold(project), question, page],
    queryFn: () => api.listGold({ params: { project }, query: { question, offset: page * goldPage, limit: goldPage } }),
    placeholderData: keepPreviousData,
  });
}

export function pagesOfGold(total: number): number {
  return Math.max(1, Math.ceil(total / goldPage));
}

/** @param labels null: the item has no gold; undefined: what was set is forgotten */
export async function setGold(
  project: number,
  question: string,
  { ordinal, id }: { readonly ordinal: number; readonly id: string },
  labels: readonly string[] | null | undefined,
): Promise<void> {
  const params = { project, ordinal };
  try {
    if (labels === undefined) await api.unsetGold({ params, query: { question } });
    else await api.setGold({ params, body: { question, labels: labels && [...labels] } });
    showDone(
      labels === undefined
        ? `What was set for ${id} is forgotten`
        : labels === null
          ? `${id} has no gold`
          : `Gold of ${id}: ${labels.join(', ') || 'none applies'}`,
    );
  } catch (error) {
    showFault(error);
  } finally {
    await Promise.all(
      [keys.gold(project), keys.quality(project), [...keys.items(project), 'one']].map((queryKey) =>
        queries.invalidateQueries({ queryKey }),
      ),
    );
  }
}

export async function importGold(project: number, question: string, file: File) {
  const read = await api.importGold({ params: { project }, body: { question, fileName: file.name, content: await file.text() } });
  await Promise.all([keys.gold(project), keys.quality(project)].map((queryKey) => queries.invalidateQueries({ queryKey })));
  return read;
}
