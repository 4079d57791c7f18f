import type { LabelId } from '@labelwright/core/model/ids';
import { isTree, type Question } from '@labelwright/core/model/schema';
import { ancestry } from '@labelwright/core/pipeline/question-tables';

/** The labels that a posterior has a number for: of a tree its leaves. */
export function posteriorLabels(question: Question): LabelId[] {
  const all = question.labels.map(({ id }) => id);
  if (question.multiple || !isTree(question)) return all;
  const inner = new Set(question.labels.map(({ parent }) => parent));
  return all.filter((label) => !inner.has(label));
}

export interface PeoplesAnswer {
  readonly labels: readonly string[];
  /** As many people say one thing as another: the machine's posterior decides among them, and without one the order of the labels. */
  readonly tied: boolean;
}

/** What people say of an item, taken together: the answer of most; of several labels, each that most of them give.
 *  @param said one answer per person, at least one  @param posterior over `posteriorLabels` */
export function peoplesAnswer(
  question: Question,
  said: readonly (readonly string[])[],
  posterior: readonly number[] | null = null,
): PeoplesAnswer {
  return question.multiple ? mostOfEach(question, said, posterior) : mostCommon(question, said, posterior);
}

function mostOfEach(question: Question, said: readonly (readonly string[])[], posterior: readonly number[] | null): PeoplesAnswer {
  let tied = false;
  const labels = question.labels.filter(({ id }, place) => {
    const count = said.filter((labels) => labels.includes(id)).length;
    if (count * 2 !== said.length) return count * 2 > said.length;
    tied = true;
    return (posterior?.[place] ?? 0) > 0.5;
  });
  return { labels: labels.map(({ id }) => id), tied };
}

function mostCommon(question: Question, said: readonly (readonly string[])[], posterior: readonly number[] | null): PeoplesAnswer {
  const counts = new Map<string | undefined, number>();
  for (const [label] of said) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const first = question.labels.map(({ id }) => id as string).filter((id) => counts.get(id) === most);
  const candidates = counts.get(undefined) === most ? [...first, undefined] : first;
  const probability = probabilityBy(question, posterior);
  let best = candidates[0];
  for (const label of candidates) if (probability(label) > probability(best)) best = label;
  return { labels: best === undefined ? [] : [best], tied: candidates.length > 1 };
}

/** Of a label, or of all leaves below it. */
function probabilityBy(question: Question, posterior: readonly number[] | null): (label: string | undefined) => number {
  if (!posterior) return () => 0;
  const leaves = posteriorLabels(question);
  const above = ancestry(question);
  return (label) => {
    if (label === undefined) return 0;
    let sum = 0;
    leaves.forEach((leaf, c) => {
      if (leaf === label || above(leaf).includes(label as LabelId)) sum += posterior[c] ?? 0;
    });
    return sum;
  };
}
