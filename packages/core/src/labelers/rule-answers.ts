import { z } from 'zod';
import { type Answer, abstain } from '../model/answer.ts';
import { CoreError } from '../model/errors.ts';
import type { LabelId } from '../model/ids.ts';
import { labelLookup } from '../model/label-lookup.ts';
import type { Question } from '../model/schema.ts';

/** The option with which a rule names what it says. */
export const labelOption = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
export type LabelOption = z.infer<typeof labelOption>;

/** Checks what rules say against the question. @throws CoreError 'bad-options' for an unknown label, or several where one is asked for */
export function ruleLabels(who: string, question: Question): (given: LabelOption, path: string) => readonly LabelId[] {
  const lookUp = labelLookup(who, question);
  return (given, path) => {
    if (typeof given === 'string') return [lookUp(given, path)];
    if (given.length > 1 && !question.multiple) {
      throw new CoreError('bad-options', `${who}: ${path}: the question '${question.id}' takes one label, got ${given.length}`, { path });
    }
    return given.map((label, index) => lookUp(label, `${path}.${index}`));
  };
}

/** Makes answers of labels, each set of labels one shared frozen answer, in the order of the question. No labels: abstains. */
export function answerPool(question: Question): (labels: Iterable<LabelId>) => Answer {
  const order = new Map(question.labels.map(({ id }, index) => [id, index]));
  const pool = new Map<string, Answer>();
  return (labels) => {
    const said = [...new Set(labels)].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    if (said.length === 0) return abstain;
    const key = said.join('\n');
    const shared = pool.get(key);
    if (shared) return shared;
    const annotations = Object.freeze(said.map((label) => Object.freeze({ label })));
    const answer: Answer = Object.freeze({ kind: 'labels', annotations });
    if (pool.size < mostShared) pool.set(key, answer);
    return answer;
  };
}

/** k labels have 2^k sets: sharing stops where it would fill memory. */
const mostShared = 4_096;
