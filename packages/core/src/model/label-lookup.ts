import { CoreError } from './errors.ts';
import type { LabelId } from './ids.ts';
import { nearestName } from './nearest-name.ts';
import { labelIds, type Question } from './schema.ts';

/** Checks the labels that options name against the question, at prepare. Returns a function from what the user wrote and where
 *  (`rules.0.label`) to the label; `who` is the labeler.
 *  @throws CoreError 'bad-options' `keywords: rules.0.label: there is no label 'spm', did you mean 'spam'? The labels are spam, ham` */
export function labelLookup(who: string, question: Question): (given: string, path: string) => LabelId {
  const known = labelIds(question);
  const labels = new Map<string, LabelId>(known.map((label) => [label, label]));
  return (given, path) => {
    const label = labels.get(given);
    if (label !== undefined) return label;
    const near = nearestName(given, known);
    const guess = near === undefined ? '.' : `, did you mean '${near}'?`;
    throw new CoreError('bad-options', `${who}: ${path}: there is no label '${given}'${guess} The labels are ${known.join(', ')}`, {
      path,
      given,
    });
  };
}
