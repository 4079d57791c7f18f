import type { Exported } from '@labelwright/contract/exports';
import type { Format } from '@labelwright/core/formats/format';
import { useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { api, keys, queries } from '../api.ts';

/** What goes into a version. */
export interface ExportChoice {
  readonly format: string;
  readonly question: string;
  readonly include: 'all' | 'accepted' | 'answered';
  readonly votes: boolean;
  readonly fields: boolean;
  /** Why each labeler voted so: with votes, in JSON Lines. */
  readonly reasons: boolean;
}

type Writable = Pick<Format, 'name' | 'title' | 'summary'>;

/** The formats that can be written: the list of core itself, so that a new one needs no edit here. */
export function useWritableFormats() {
  return useQuery({
    queryKey: ['formats'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<readonly Writable[]> => {
      const { formats } = await import('@labelwright/core/formats/index');
      return formats.filter(({ write }) => write !== undefined);
    },
  });
}

/** What a format would lose of this choice. Asks once a person has stopped choosing: each tile is a question to the server. */
export function useExportPreview(project: number, choice: ExportChoice, waitMs: number) {
  const [settled] = useDebouncedValue(choice, waitMs);
  return useQuery({
    queryKey: [...keys.exports(project), 'preview', settled],
    staleTime: 30_000,
    queryFn: () => api.previewExport({ params: { project }, body: settled }),
  });
}

export function isBeingMade({ state }: Pick<Exported, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/** Newest first. */
export function useExports(project: number) {
  return useQuery({
    queryKey: [...keys.exports(project), 'versions'],
    queryFn: () => api.listExports({ params: { project } }),
    refetchInterval: ({ state }) => (state.data?.some(isBeingMade) ? 2_000 : false),
  });
}

/** @throws CallError */
export async function createExport(project: number, choice: ExportChoice): Promise<Exported> {
  const made = await api.createExport({ params: { project }, body: choice });
  const key = [...keys.exports(project), 'versions'];
  queries.setQueryData<Exported[]>(key, (versions) => [made, ...(versions ?? []).filter(({ id }) => id !== made.id)]);
  void queries.invalidateQueries({ queryKey: key });
  return made;
}
