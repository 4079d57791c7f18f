import type { Api } from '@labelwright/contract/api';
import type { Labeler } from '@labelwright/contract/labelers';
import type { BodyOf, ReplyOf } from '@labelwright/contract/route';
import { useQuery } from '@tanstack/react-query';
import { api, keys, queries } from '../api.ts';
import { showFault, showUndo } from '../design/toasts.tsx';
import { useAskedQuestion } from './project.ts';

export type LabelerList = ReplyOf<Api['listLabelers']>;
export type Technique = ReplyOf<Api['listTechniques']>['labelers'][number];
export type Suggestion = ReplyOf<Api['suggestRules']>[number];
export type NewLabeler = BodyOf<Api['createLabeler']>;

const listKey = (project: number, question?: string) =>
  question === undefined ? keys.labelers(project) : [...listsKey(project), question];
const listsKey = (project: number) => [...keys.labelers(project), 'of'] as const;

/** Those of the question that the page is about. */
export function useLabelers(project: number) {
  const question = useAskedQuestion();
  return useQuery({
    queryKey: listKey(project, question),
    queryFn: () => api.listLabelers({ params: { project }, query: { question } }),
  });
}

export function useTechniques() {
  return useQuery({ queryKey: ['techniques'], queryFn: () => api.listTechniques({}), staleTime: Number.POSITIVE_INFINITY });
}

function changeList(project: number, change: (labelers: readonly Labeler[]) => Labeler[]): void {
  const changed = (list: LabelerList | undefined) => list && { ...list, labelers: change(list.labelers) };
  queries.setQueryData<LabelerList>(listKey(project), changed);
  queries.setQueriesData<LabelerList>({ queryKey: listsKey(project) }, changed);
}

/** Labelers, and what the overview says of them. */
export function refreshLabelers(project: number): Promise<unknown> {
  return Promise.all([
    queries.invalidateQueries({ queryKey: keys.labelers(project) }),
    queries.invalidateQueries({ queryKey: keys.overview(project) }),
  ]);
}

/** On or off at once; back where it was if the server does not take it. */
export async function switchLabeler(project: number, { id, version }: Labeler, enabled: boolean): Promise<void> {
  const put = (to: Partial<Labeler>) => changeList(project, (all) => all.map((each) => (each.id === id ? { ...each, ...to } : each)));
  put({ enabled });
  try {
    const { statistics: _, ...changed } = await api.updateLabeler({ params: { project, labeler: id }, body: { version, enabled } });
    put(changed);
  } catch (error) {
    put({ enabled: !enabled });
    showFault(error);
    await refreshLabelers(project);
  }
}

/** Gone at once, with a way back. */
export async function deleteLabeler(project: number, { id, name }: Pick<Labeler, 'id' | 'name'>): Promise<void> {
  const params = { project, labeler: id };
  changeList(project, (all) => all.filter((each) => each.id !== id));
  try {
    await api.deleteLabeler({ params });
    showUndo(`“${name}” is deleted`, () => api.restoreLabeler({ params }).then(() => refreshLabelers(project)));
  } catch (error) {
    showFault(error);
  } finally {
    await refreshLabelers(project);
  }
}

/** One click makes a rule of a suggested term, one more takes it back. */
export async function addSuggestion(
  project: number,
  question: string,
  { term, label }: Suggestion,
  taken: ReadonlySet<string>,
): Promise<void> {
  const body = { name: freeName(`${term} → ${label}`, taken), use: 'keywords', with: { words: [term], label }, question };
  const { id, name } = await api.createLabeler({ params: { project }, body });
  await refreshLabelers(project);
  showUndo(`“${name}” is a rule now`, async () => {
    await api.deleteLabeler({ params: { project, labeler: id } });
    await refreshLabelers(project);
  });
}

/** `name`, or `name 2`, `name 3` … where others have it. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let number = 1;
  while (taken.has(number === 1 ? name : `${name} ${number}`)) number += 1;
  return number === 1 ? name : `${name} ${number}`;
}
