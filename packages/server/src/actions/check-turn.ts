import type { Submit } from '@labelwright/contract/queue';
import { CoreError } from '@labelwright/core/model/errors';
import type { OwnStanding } from '../stores/answers.ts';

export interface Turn {
  readonly question: string;
  readonly kind: Submit['kind'];
  readonly base: number;
  /** With this submit counted. */
  readonly version: number;
  readonly own: OwnStanding;
  readonly answered: number;
  readonly overlap: number;
  readonly mayReview: boolean;
}

/** Whether it is this person's turn to answer. @returns whether the answer goes beyond the number of people who were to answer: by somebody who may
 *  review, and who knew
 *  @throws CoreError 'stale-version' where the person or, on an item that wants no more answers, somebody else was there since `base`; 'conflict' where
 *  the item has all the answers that it wants */
export function checkTurn({ question, kind, base, version, own, answered, overlap, mayReview }: Turn): boolean {
  const details = { question, version: version - 1 };
  const now = details.version;
  if (base > now) throw new CoreError('stale-version', 'This item is not what you saw: look at it again', details);
  if (own.version > base)
    throw new CoreError('stale-version', 'You changed your answer to this item elsewhere meanwhile: look at it again', details);
  if (kind !== 'answer' || own.kind === 'answer' || answered < overlap) return false;
  if (base < now) throw new CoreError('stale-version', 'Somebody else answered this item meanwhile', details);
  if (mayReview) return true;
  const people = overlap === 1 ? 'somebody else' : `${overlap} people`;
  throw new CoreError('conflict', `This item has been answered by ${people}: that is as many as the project asks for`, details);
}
