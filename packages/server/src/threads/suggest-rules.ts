import type { labelerRoutes } from '@labelwright/contract/labelers';
import type { ReplyOf } from '@labelwright/contract/route';
import { tellingTerms } from '@labelwright/core/features/telling-terms';
import { KeywordFinder } from '@labelwright/core/matching/keyword-finder';
import type { QuestionId } from '@labelwright/core/model/ids';
import { type Question, questionOf } from '@labelwright/core/model/schema';
import { posteriorLabels } from '../present-answer.ts';
import type { LabelerRow } from '../stores/labelers.ts';
import type { ProjectSample, QuestionSample } from './project-sample.ts';

export type Suggestions = ReplyOf<(typeof labelerRoutes)['suggestRules']>;

const shown = 40;
/** A term that stands together in the text but that a keywords rule seldom finds ("money-back" is two words) is no rule. */
const leastFound = 0.6;

/** Terms that best separate what is believed at present, each as a keywords rule would find it. None before the first run. */
export async function suggestRules(sample: ProjectSample, questionId: string | undefined): Promise<Suggestions> {
  const question = questionOf(sample.schema, questionId as QuestionId | undefined);
  const known = await sample.of(question);
  const labels = posteriorLabels(question);
  const k = labels.length;
  // An item without a vote says what all items say.
  const rows = known.posterior ? sample.items.map((_, at) => at).filter((at) => known.votes[at] > 0) : [];
  const texts = rows.map((at) => sample.items[at].sample.text(question.part));
  const posterior = new Float64Array(rows.length * k);
  rows.forEach((at, row) => posterior.set((known.posterior as Float64Array).subarray(at * k, (at + 1) * k), row * k));
  const taken = takenWords(sample.labelers, question);
  const terms = tellingTerms(texts, posterior, k, { limit: 4 * shown }).filter(
    ({ term, label }) => !taken.has(`${labels[label]}\n${term}`),
  );
  const found = findTerms(
    terms.map(({ term }) => term),
    { sample, known, question, k },
  );
  return terms
    .flatMap(({ term, label, documents }, at) => {
      const { items, voted, mass } = found[at];
      if (voted < leastFound * documents) return [];
      return [{ term, label: labels[label], coverage: items / sample.items.length, precision: mass[label] / voted, n: items }];
    })
    .slice(0, shown);
}

/** How often a keywords rule of each term would vote, on all items and on those with votes, and how right it would be on these by the posterior. */
function findTerms(
  terms: readonly string[],
  { sample, known, question, k }: { sample: ProjectSample; known: QuestionSample; question: Question; k: number },
): { items: number; voted: number; mass: Float64Array }[] {
  const found = terms.map(() => ({ items: 0, voted: 0, mass: new Float64Array(k), last: -1 }));
  if (terms.length === 0) return found;
  const finder = new KeywordFinder(terms, { caseSensitive: false, wholeWords: true, ignoreAccents: false });
  sample.items.forEach((item, at) => {
    finder.visit(item.sample.text(question.part), (keyword) => {
      const counts = found[keyword];
      if (counts.last === at) return true;
      counts.last = at;
      counts.items += 1;
      if (known.votes[at] === 0) return true;
      counts.voted += 1;
      for (let c = 0; c < k; c++) counts.mass[c] += known.posterior?.[at * k + c] ?? 0;
      return true;
    });
  });
  return found;
}

/** Words that a keywords rule has already, with the label that they say. */
function takenWords(labelers: readonly LabelerRow[], question: Question): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const { use, options, question: asked } of labelers) {
    if (use !== 'keywords' || asked !== question.id) continue;
    const { words, label, dictionary } = options as { words?: string[]; label?: string; dictionary?: Record<string, string[]> };
    for (const [said, list] of Object.entries(dictionary ?? (label === undefined ? {} : { [label]: words ?? [] })))
      for (const word of list) taken.add(`${said}\n${word.toLowerCase()}`);
  }
  return taken;
}
